"""An intermediary network as dated data: its boards, their regions, and which places each serves."""

from datetime import date
from typing import Literal

from msgspec import Struct, field

Review = Literal["verified", "second_hand", "recalled"]


class NetworkBoard(Struct, frozen=True, kw_only=True):
    """A local board. `code` is ours and stable; `public_name` is how the board calls itself."""

    code: str
    name: str
    public_name: str
    region: str
    url: str = ""
    source: str = ""
    review_status: Review = "verified"


class Territory(Struct, frozen=True, kw_only=True):
    """A place that a board serves, from a day on. `board` is the board's code."""

    kind: Literal["municipality", "county", "zip"]
    name: str
    board: str
    valid_from: date
    county: str = ""
    valid_to: date | None = None
    source: str = ""
    review_status: Review = "verified"


class Network(Struct, frozen=True, kw_only=True):
    """`aliases` maps another spelling of a place to its official name."""

    id: str
    name: str
    state: str
    description: str
    source: str
    valid_from: date
    boards: list[NetworkBoard]
    territories: list[Territory]
    aliases: dict[str, str] = field(default_factory=dict)


def problem_of(network: Network) -> str:
    """What is wrong with a network's data as a whole; nothing when all is well."""
    codes = {board.code for board in network.boards}
    served: dict[tuple[str, str], list[Territory]] = {}
    for place in network.territories:
        if place.board not in codes:
            return f"{place.name} belongs to the board '{place.board}', which the network '{network.id}' does not have."
        if place.valid_to is not None and place.valid_to < place.valid_from:
            return f"{place.name} is served until {place.valid_to}, before its first day {place.valid_from}."
        for other in served.setdefault((place.kind, place.name.casefold()), []):
            if place.valid_from <= (other.valid_to or date.max) and other.valid_from <= (place.valid_to or date.max):
                return f"{place.name} is served twice on some days: by '{other.board}' and by '{place.board}'. End one first."
        served[place.kind, place.name.casefold()].append(place)
    return ""

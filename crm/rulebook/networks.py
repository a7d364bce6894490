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

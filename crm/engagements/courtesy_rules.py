"""May a board get in touch with an employer now? Plain functions: facts in, findings out."""

from datetime import date
from typing import Literal

from msgspec import Struct

Channel = Literal["email", "phone", "text", "letter", "visit"]


class Stop(Struct, frozen=True):
    """A wish not to be contacted, as it stands: of the person or the employer, by this channel or any ("")."""

    whose: Literal["person", "employer"]
    channel: str
    board: str  # whose wish it concerns; empty for every board
    reason: str
    until: date | None


class Claim(Struct, frozen=True):
    """Another board leads the conversation until that day."""

    board: str
    by: str
    until: date


class ApproachFacts(Struct, frozen=True, kw_only=True):
    """What is known when a board is about to get in touch."""

    channel: Channel
    many: bool = False  # one of many in a mailing, not a person's own call or letter
    stops: tuple[Stop, ...] = ()
    claim: Claim | None = None  # of another board
    known: bool = False  # the board was in touch within a year: this is no first approach
    others_first: int = 0  # first approaches of other boards this month
    budget: int = 2
    bounced: date | None = None  # since when mail to this person's address comes back, or they complained of it
    consent: bool | None = None  # the newest word of the person on this channel; None when there is none


class CourtesyFinding(Struct, frozen=True):
    """What stands against it. `stops` is True where it must not happen, False where it is a warning to a person."""

    code: str
    stops: bool
    values: dict[str, object] = {}


NEEDS_CONSENT = frozenset({"text"})  # a text message needs a yes; for the others a no is honoured


def check_approach(facts: ApproachFacts) -> list[CourtesyFinding]:
    """A stop holds for everyone; a claim and the month's budget stop mailings, and warn a person who calls."""
    found = [
        CourtesyFinding(f"{stop.whose}-stop", True, {"reason": stop.reason, "until": stop.until, "channel": stop.channel})
        for stop in facts.stops
        if stop.channel in ("", facts.channel)
    ]
    if facts.bounced is not None and facts.channel == "email":
        found.append(CourtesyFinding("bounced", True, {"day": facts.bounced}))
    if facts.consent is False:
        found.append(CourtesyFinding("refused", True, {"channel": facts.channel}))
    elif facts.consent is None and facts.channel in NEEDS_CONSENT:
        found.append(CourtesyFinding("no-consent", True, {"channel": facts.channel}))
    if facts.claim is not None:
        found.append(CourtesyFinding("claimed", facts.many, {"board": facts.claim.board, "by": facts.claim.by, "until": facts.claim.until}))
    if not facts.known and facts.others_first >= facts.budget:
        found.append(CourtesyFinding("budget", facts.many, {"count": facts.others_first, "budget": facts.budget}))
    return found

"""When a sequence ends for a person by itself, and how sequences may follow each other. Plain functions: facts in, findings out."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct

CHANNELS = {"email": "email", "call": "phone", "visit": "visit", "letter": "letter"}  # by which a step gets in touch
WITH_WORDS = frozenset({"email", "letter"})
BARS = frozenset({"person-stop", "employer-stop", "refused"})  # findings of courtesy that say no by the person's or employer's own wish


class Since(Struct, frozen=True, kw_only=True):
    """What happened since a person was put on a sequence."""

    replied: bool = False  # a mail came in, from them or their employer
    met: bool = False  # a meeting or a visit was held
    moved: bool = False  # the employer stands in another stage of the pipeline, or on none
    others: bool = False  # another board got in touch
    undeliverable: bool = False  # a mail of it came back
    gone: bool = False  # they are no longer at the employer, or one of both was put away


def why_stop(since: Since) -> str:
    """Why it ends, by a name of ours; empty while it goes on. What they did themselves comes first."""
    for reason in ("replied", "met", "moved", "others", "undeliverable", "gone"):
        if getattr(since, reason):
            return reason
    return ""


def leads_back(follows: Mapping[UUID, UUID | None], sequence_id: UUID, then_id: UUID | None) -> bool:
    """Would it come back to itself, if it went on in that one? `follows`: in which each other goes on."""
    seen = {sequence_id}
    while then_id is not None:
        if then_id in seen:
            return True
        seen.add(then_id)
        then_id = follows.get(then_id)
    return False

"""What becomes of a message. Plain functions: what is known of it in, a decision with its reason out.

An address in a message is a hint, never a proof: what decides is whose own dropbox address it came to, what a trusted server
says of the sender, and which mail of ours it answers.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from crm.correspondence.messages import Content, Outcome

State = Literal["filed", "waiting", "ignored", "automatic", "bounce", "complaint", "duplicate", "quarantined"]
MOST_FILINGS = 20


class Workplace(Struct, frozen=True):
    """An employer at which someone is now, and the boards that are in touch with it."""

    employer_id: UUID
    board_ids: tuple[UUID, ...] = ()


class Known(Struct, frozen=True):
    """Someone with an address that the directory knows."""

    contact_id: UUID
    address: str
    places: tuple[Workplace, ...]
    left: str = ""  # the employer that they left last, by name


class Answered(Struct, frozen=True):
    """The mail of ours that it answers: its Message-ID is known to whoever got that mail alone."""

    contact_id: UUID
    employer_id: UUID
    board_id: UUID
    account_id: UUID | None
    address: str
    left: str = ""  # that employer's name, where they work for it no more
    now: UUID | None = None  # and the one employer at which they are instead


class Facts(Struct, frozen=True, kw_only=True):
    owner: UUID | None = None  # whose own dropbox address it came to
    writer: UUID | None = None  # the colleague whose address it says it is from
    proved: bool = False  # a trusted server says that it is from there
    board_id: UUID | None = None  # where the owner, or the writer, works
    ours: bool = False  # a mail of ours that came back
    seen_as: UUID | None = None  # the message that says the same and came before
    answered: Answered | None = None
    known: tuple[Known, ...] = ()  # people of the directory among all whom it names


class Filing(Struct, frozen=True):
    employer_id: UUID
    contact_id: UUID | None
    board_id: UUID


class Decision(Struct, frozen=True):
    state: State
    reason: str
    values: dict[str, Any] = {}
    direction: Literal["", "in", "out"] = ""
    board_id: UUID | None = None
    filings: tuple[Filing, ...] = ()


def decide(content: Content, facts: Facts) -> Decision:
    """The first reason that holds. Nothing here is ever answered by the program."""
    if content.problem:
        return Decision("quarantined", "unreadable", {"problem": content.problem})
    if facts.seen_as is not None:
        return Decision("duplicate", "seen")
    if facts.ours:
        return Decision("ignored", "ours")
    if content.report is not None:
        return Decision("bounce" if content.report.kind == "bounce" else "complaint", "report")
    if content.automatic:
        return Decision("automatic", "automatic", board_id=facts.answered.board_id if facts.answered else facts.board_id)
    if content.mass:
        return Decision("ignored", "mass", board_id=facts.board_id)
    if facts.writer is None:
        return _from_outside(content, facts)
    if facts.writer != facts.owner and not facts.proved:
        return Decision("waiting", "perhaps_you", direction="out", board_id=facts.board_id)
    return _from_us(content, facts)


def _from_us(content: Content, facts: Facts) -> Decision:
    addressed = {party.address for party in content.to}
    people = [each for each in facts.known if each.address in addressed]
    if people:
        return _placed(people, facts, "out", "to_known")
    forwarded = [each for each in facts.known if each.address in content.named]
    if forwarded:
        return _placed(forwarded, facts, "in", "forwarded")
    return Decision("waiting", "no_one_known", direction="in" if content.named else "out", board_id=facts.board_id)


def _from_outside(content: Content, facts: Facts) -> Decision:
    people = [each for each in facts.known if each.address == content.sender.address]
    answered = facts.answered
    if answered is not None:
        if answered.now is not None:
            moved = Filing(answered.now, answered.contact_id, answered.board_id)
            return Decision("filed", "answers_moved", {"address": answered.address, "left": answered.left}, "in", answered.board_id, (moved,))
        filing = Filing(answered.employer_id, answered.contact_id, answered.board_id)
        reason = "answers" if content.sender.address == answered.address else "answers_from_elsewhere"
        return Decision("filed", reason, {"address": answered.address}, "in", answered.board_id, (filing,))
    if people:
        return _placed(people[:1] if _same_places(people) else people, facts, "in", "from_known")
    return Decision("waiting", "no_one_known", direction="in", board_id=facts.board_id)


def _same_places(people: Sequence[Known]) -> bool:
    return len({place.employer_id for each in people for place in each.places}) == 1


def _placed(people: Sequence[Known], facts: Facts, direction: Literal["in", "out"], reason: str) -> Decision:
    """At the one employer of each, or the one among several that our board works with; else a person chooses."""
    found: dict[UUID, Filing] = {}
    for person in people[:MOST_FILINGS]:
        places = [place for place in person.places if facts.board_id in place.board_ids] if len(person.places) > 1 else person.places
        if len(places) != 1:
            return Decision("waiting", "several_places" if person.places else "no_place", {"address": person.address}, direction, facts.board_id)
        board = facts.board_id or (places[0].board_ids[0] if len(places[0].board_ids) == 1 else None)
        if board is None:
            return Decision("waiting", "which_board", {"address": person.address}, direction)
        found.setdefault(places[0].employer_id, Filing(places[0].employer_id, person.contact_id, board))
    filings = tuple(found.values())
    if direction == "in" and len(filings) > 1:
        return Decision("waiting", "several_people", {"address": people[0].address}, direction, facts.board_id)
    if reason == "from_known" and people[0].left:
        return Decision("filed", "from_moved", {"address": people[0].address, "left": people[0].left}, direction, filings[0].board_id, filings)
    return Decision("filed", reason, {"address": people[0].address}, direction, filings[0].board_id, filings)


# ── proof of a sender ──

_AUTHORITY = re.compile(r"^\s*([^\s;]+)(?:\s+\d+)?\s*;(.*)$", re.DOTALL)


def proof(header: str, sender: str, authority: str) -> str:
    """What the trusted server's own line (RFC 8601) says for this sender: dmarc, dkim or spf; empty where nothing does.

    The topmost line is the last server's; one that names another server was written by who knows whom.
    """
    found = _AUTHORITY.match(re.sub(r"\([^()]*\)", " ", header))
    domain = sender.rpartition("@")[2]
    if not authority or not domain or found is None or found[1].lower() != authority.lower():
        return ""
    results = [_result(part) for part in found[2].split(";")]
    for method, named in (("dmarc", ("header.from",)), ("dkim", ("header.d", "header.i")), ("spf", ("smtp.mailfrom", "smtp.from"))):
        for said, properties in results:
            if said == f"{method}=pass" and any(_domain(properties[name]) == domain for name in named if name in properties):
                return method
    return ""


def _result(part: str) -> tuple[str, Mapping[str, str]]:
    words = part.lower().split()
    return words[0] if words else "", dict(word.partition("=")[::2] for word in words[1:] if "=" in word)


def _domain(value: str) -> str:
    return value.strip('"').rpartition("@")[2]


# ── addresses that do not take mail ──


def is_lasting(outcome: Outcome) -> bool:
    return outcome.action in ("failed", "") and outcome.status.startswith("5")


def came_back(outcome: Outcome) -> bool:
    """Given up, for good or for now; a delay alone is no end."""
    return outcome.action == "failed" or (not outcome.action and outcome.status[:1] in ("4", "5"))

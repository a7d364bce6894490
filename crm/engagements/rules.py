"""What a move along a pipeline needs. Plain functions: facts in, findings out."""

from typing import Any

from msgspec import Struct


class StageMoveFacts(Struct, frozen=True, kw_only=True):
    """What a check sees of a move: pipeline and stages by code, what the stage needs, and what is on file for the employer."""

    pipeline: str = "recruit"
    from_stage: str
    to_stage: str
    to_kind: str
    reason: str
    state: str
    needs: tuple[str, ...] = ()
    has_contact: bool
    has_address: bool
    has_email: bool = False
    slots: int = 0
    has_owner: bool = False


class StageFinding(Struct, frozen=True):
    """Why a move cannot be made yet: a code, and values for the sentence."""

    code: str
    values: dict[str, Any] = {}


# what a stage may declare that it needs, and the finding while it is missing
NEEDS = {"contact": "contact-missing", "email": "email-missing", "worksite": "address-missing", "slots": "slots-missing",
         "owner": "owner-missing"}  # fmt: skip
NO_REASON = frozenset({"open", "done"})


def check_stage_move(move: StageMoveFacts) -> list[StageFinding]:
    """A pause or a refusal says why; a stage that declares a need is entered only when that is on file."""
    met = {"contact": move.has_contact, "email": move.has_email, "worksite": move.has_address, "slots": move.slots > 0,
           "owner": move.has_owner}  # fmt: skip
    findings = []
    if move.to_kind not in NO_REASON and not move.reason.strip():
        findings.append(StageFinding("reason-missing"))
    return findings + [StageFinding(NEEDS[need]) for need in NEEDS if need in move.needs and not met[need]]

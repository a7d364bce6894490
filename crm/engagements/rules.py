"""What a move along the pipeline needs. Plain functions: facts in, findings out."""

from typing import Any

from msgspec import Struct


class StageMoveFacts(Struct, frozen=True, kw_only=True):
    """What a check sees of a move: the stages by code and what is on file for the employer."""

    from_stage: str
    to_stage: str
    to_kind: str
    reason: str
    state: str
    has_contact: bool
    has_address: bool


class StageFinding(Struct, frozen=True):
    """Why a move cannot be made yet: a code, and values for the sentence."""

    code: str
    values: dict[str, Any] = {}


READY_STAGES = frozenset({"ready", "hosting"})


def check_stage_move(move: StageMoveFacts) -> list[StageFinding]:
    """A pause or a refusal says why; an employer is ready when someone can be reached and a place is known."""
    findings = []
    if move.to_kind != "open" and not move.reason.strip():
        findings.append(StageFinding("reason-missing"))
    if move.to_stage in READY_STAGES and not move.has_contact:
        findings.append(StageFinding("contact-missing"))
    if move.to_stage in READY_STAGES and not move.has_address:
        findings.append(StageFinding("address-missing"))
    return findings

"""Ask every check whether a move may be made, ours and those of plugins."""

from typing import Any

from crm.access import Actor
from crm.database import Record, fetch_one
from crm.engagements.rules import StageMoveFacts
from crm.errors import Invalid
from crm.plugins import active
from crm.translation import _


async def check_move(actor: Actor, engagement: dict[str, Any], target: Record, reason: str) -> None:
    """Raises `Invalid` with all that is missing for the stage."""
    known = await fetch_one(
        "select e.state, s.code as from_stage, "
        "exists (select from affiliation f where f.employer_id = e.id and (f.valid_to is null or f.valid_to >= now())) "
        "as has_contact, exists (select from establishment b where b.employer_id = e.id and b.archived_at is null "
        "and b.city <> '') as has_address from employer e, stage s where e.id = $1 and s.id = $2",
        engagement["employer_id"], engagement["stage_id"],
    )  # fmt: skip
    assert known is not None
    facts = StageMoveFacts(
        from_stage=known["from_stage"], to_stage=target["code"], to_kind=target["kind"], reason=reason,
        state=known["state"], has_contact=known["has_contact"], has_address=known["has_address"],
    )  # fmt: skip
    findings = await active().ask("check_stage_move", move=facts)
    if findings:
        raise Invalid(" ".join(sentence(finding.code, finding.values) for finding in findings))


def sentence(code: str, values: dict[str, Any]) -> str:
    """What a finding says to a person; a plugin's finding brings its own sentence."""
    told = {
        "reason-missing": _("Say why: a pause or a refusal needs a reason."),
        "contact-missing": _("Add a contact first: someone must be reachable."),
        "address-missing": _("Add a worksite with its address first."),
    }
    return told.get(code) or str(values.get("sentence", code))

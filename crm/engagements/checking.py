"""Ask every check whether a move may be made, ours and those of plugins."""

from collections.abc import Mapping
from typing import Any

from crm.access import Actor
from crm.contacts.present import works
from crm.database import Record, fetch_one
from crm.engagements.rules import StageMoveFacts
from crm.errors import Invalid
from crm.plugins import active
from crm.sql import Sql
from crm.translation import _


async def check_move(actor: Actor, engagement: Mapping[str, Any], target: Record, reason: str) -> None:
    """Raises `Invalid` with all that is missing for the stage."""
    findings = await missing_for(engagement, target, reason)
    if findings:
        raise Invalid(" ".join(findings))


async def missing_for(engagement: Mapping[str, Any], target: Record, reason: str) -> list[str]:
    """Why the engagement cannot stand in the stage yet, in sentences; empty when it can."""
    known = await fetch_one(Sql(
        "select e.state, s.code as from_stage, p.code as pipeline, "
        "exists (select from affiliation f where f.employer_id = e.id and {}) as has_contact, "
        "exists (select from affiliation f join contact c on c.id = f.contact_id where f.employer_id = e.id "
        "and {} and c.email <> '' and c.archived_at is null) as has_email, "
        "exists (select from establishment b where b.employer_id = e.id and b.archived_at is null and b.city <> '') as has_address "
        "from employer e, stage s join pipeline p on p.id = s.pipeline_id where e.id = {} and s.id = {}",
        works("f"), works("f"), engagement["employer_id"], engagement["stage_id"],
    ))  # fmt: skip
    assert known is not None
    facts = StageMoveFacts(
        pipeline=known["pipeline"], from_stage=known["from_stage"], to_stage=target["code"], to_kind=target["kind"], reason=reason,
        state=known["state"], needs=tuple(target["needs"]), has_contact=known["has_contact"], has_address=known["has_address"],
        has_email=known["has_email"], slots=engagement["slots"], has_owner=engagement["owner_id"] is not None,
    )  # fmt: skip
    findings = await active().ask("check_stage_move", move=facts)
    return [sentence(finding.code, finding.values) for finding in findings]


def sentence(code: str, values: dict[str, Any]) -> str:
    """What a finding says to a person; a plugin's finding brings its own sentence."""
    told = {
        "reason-missing": _("Say why: a pause or a refusal needs a reason."),
        "contact-missing": _("Add a contact first: someone must be reachable."),
        "email-missing": _("Add an email address of a contact first."),
        "address-missing": _("Add a worksite with its address first."),
        "slots-missing": _("Write down how many slots they may offer first."),
        "owner-missing": _("Say who looks after them first."),
    }
    return told.get(code) or str(values.get("sentence", code))

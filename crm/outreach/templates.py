"""Words to write with: the state's for every board, and a board's own."""

from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, Role, load, may_work_for, require, visible
from crm.actions import acting
from crm.database import Record, execute, fetch, fetch_value
from crm.errors import Conflict, Denied, Invalid
from crm.outreach.forms import StepForm, TemplateForm
from crm.outreach.rules import EVENT_FIELDS, FIELDS, unknown_fields
from crm.sql import Sql
from crm.translation import _

TEXTS = ("subject_en", "body_en", "subject_es", "body_es")


async def listed(actor: Actor) -> list[Record]:
    return await fetch(
        Sql("select t.*, b.name as board from email_template t left join board b on b.id = t.board_id "
            "where t.archived_at is null and {} order by t.board_id is null, t.name limit 200", visible(actor, "email_template", "t"))  # fmt: skip
    )


async def add(actor: Actor, form: TemplateForm) -> UUID:
    """The state's, where the state office writes it; otherwise one's board's. Raises `Invalid` for a field that is none."""
    require(actor, Permission.WORK_PIPELINE)
    check_words(form)
    async with acting(actor, "email_template.added") as act:
        template_id: UUID = await fetch_value(
            "insert into email_template (board_id, name, subject_en, body_en, subject_es, body_es) values ($1, $2, $3, $4, $5, $6) returning id",
            actor.home_board, form.name, *(getattr(form, name) for name in TEXTS),
        )  # fmt: skip
        act.record("email_template", template_id, board_id=actor.home_board, after={"name": form.name})
    return template_id


async def change(actor: Actor, template_id: UUID, form: TemplateForm) -> None:
    """Raises `Conflict` when someone changed it meanwhile."""
    check_words(form)
    async with acting(actor, "email_template.changed") as act:
        old = await _own(actor, template_id)
        if old["version"] != form.version:
            raise Conflict(_("Someone changed these words meanwhile. Look at them again."))
        after = {name: getattr(form, name) for name in ("name", *TEXTS)}
        changed = [name for name in after if old[name] != after[name]]
        if not changed:
            act.unchanged()
            return
        await execute(
            "update email_template set name = $2, subject_en = $3, body_en = $4, subject_es = $5, body_es = $6, updated_at = now(), "
            "version = version + 1 where id = $1", template_id, *after.values(),
        )  # fmt: skip
        act.record("email_template", template_id, board_id=old["board_id"], before={name: old[name] for name in changed},
                   after={name: after[name] for name in changed})  # fmt: skip


async def put_away(actor: Actor, template_id: UUID, *, restore: bool = False) -> None:
    async with acting(actor, "email_template.restored" if restore else "email_template.put_away") as act:
        old = await _own(actor, template_id)
        await execute("update email_template set archived_at = case when $2 then null else now() end where id = $1", template_id, restore)
        act.record("email_template", template_id, board_id=old["board_id"])


async def _own(actor: Actor, template_id: UUID) -> dict[str, Any]:
    require(actor, Permission.WORK_PIPELINE)
    old = await load(actor, "email_template", template_id, for_update=True)
    if not (may_work_for(actor, old["board_id"]) if old["board_id"] else Role.STATE_ADMIN in actor.roles):
        raise Denied(_("These words are the state's. Copy them into words of your board's own."))
    return old


def check_words(form: TemplateForm | StepForm) -> None:
    """Raises `Invalid` for a field that is none, and for half of the words in Spanish."""
    known = FIELDS if isinstance(form, StepForm) else (*FIELDS, *EVENT_FIELDS)  # a sequence is of no event
    wrong = {}
    for name in TEXTS:
        if unknown := unknown_fields(getattr(form, name), known=known):
            wrong[name] = _("{%(field)s} is no field. There are %(fields)s.") % {
                "field": unknown[0], "fields": ", ".join(f"{{{each}}}" for each in FIELDS)}  # fmt: skip
    if bool(form.subject_es) != bool(form.body_es):
        wrong["body_es" if form.subject_es else "subject_es"] = _("Subject and text in Spanish go together.")
    if wrong:
        raise Invalid(" ".join(wrong.values()), fields=wrong)

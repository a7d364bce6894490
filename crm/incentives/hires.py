"""The verbs of a hire: record, change, put away, tell what is known of it, and take an answer back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from crm import sealing
from crm.access import Actor, Permission, load, may_work_for, require, visible
from crm.actions import Act, acting
from crm.database import Record, execute, fetch, fetch_one, fetch_value, insert_many, update_row
from crm.errors import Conflict, Denied, Invalid, NotFound
from crm.incentives import installed, told
from crm.incentives.claims import duties
from crm.incentives.forms import HireForm
from crm.incentives.secrecy import employer_may_know, holds_number, is_secret
from crm.rulebook.facts import FactError
from crm.sql import Sql
from crm.states import state_code
from crm.translation import _

GONE = "This page does not exist, or it is not yours to see."


async def one(actor: Actor, hire_id: UUID, *, held: bool = False) -> Record:
    """A hire with its employer, board and worksite, as `told.of` reads it; `held`, until the action ends. Raises `NotFound`."""
    lock = Sql("for update of h" if held else "")
    found = await fetch_one(Sql(f"{told.HIRES} where h.id = {{}} and {{}} {{}}", hire_id, visible(actor, "hire", "h"), lock))
    if found is None:
        raise NotFound(_(GONE))
    return found


async def of_employer(actor: Actor, employer_id: UUID, most: int = 10) -> list[Record]:
    """An employer's hires, newest first."""
    return await fetch(
        Sql(f"{told.HIRES} where h.employer_id = {{}} and h.archived_at is null and {{}} order by h.made_at desc limit {{}}",
            employer_id, visible(actor, "hire", "h"), most)  # fmt: skip
    )


async def add(actor: Actor, employer_id: UUID, form: HireForm, given: Mapping[str, str] | None = None) -> UUID:
    """`given`: answers as typed that are kept with it. Raises `Invalid` as `tell` does."""
    require(actor, Permission.ESTIMATE)
    async with acting(actor, "hire.added") as act:
        employer = await load(actor, "employer", employer_id)
        board_id = actor.home_board or employer.get("board_id")
        if board_id is None:
            raise Invalid(_("A hire is kept by a board, and neither you nor this employer has one."))
        if not may_work_for(actor, board_id):
            raise Denied(_("Only a board keeps hires, and you work for none."))
        values = await _checked(employer_id, form)
        hire_id = uuid4()
        await insert_many("hire", ("id", "employer_id", "board_id", "made_by", *values), [(hire_id, employer_id, board_id, actor.account_id, *values.values())])
        act.record("hire", hire_id, board_id=board_id, employer_id=employer_id, after={"label": form.label})
        act.event("hire_added", hire_id=hire_id, employer_id=employer_id)
        if given:
            await _keep_new(act, await own(actor, hire_id), given)
    return hire_id


async def change(actor: Actor, hire_id: UUID, form: HireForm) -> None:
    """Raises `Conflict` when someone changed it meanwhile."""
    async with acting(actor, "hire.changed") as act:
        old = await own(actor, hire_id)
        if old["version"] != form.version:
            raise Conflict(_("Someone changed this hire meanwhile. Look at it again."))
        values = await _checked(old["employer_id"], form)
        after = {name: value for name, value in values.items() if old[name] != value}
        if not after:
            act.unchanged()
            return
        await update_row("hire", hire_id, after)
        act.record("hire", hire_id, board_id=old["board_id"], employer_id=old["employer_id"], before={name: old[name] for name in after}, after=after)
        act.event("hire_changed", hire_id=hire_id, employer_id=old["employer_id"])
        await duties.refresh(act, hire_id)


async def put_away(actor: Actor, hire_id: UUID, *, restore: bool = False) -> UUID:
    """Out of the lists, or back in them; the employer's id. What was told of it stays."""
    async with acting(actor, "hire.restored" if restore else "hire.put_away") as act:
        old = await own(actor, hire_id)
        if (old["archived_at"] is None) is restore:
            act.unchanged()
        else:
            await execute("update hire set archived_at = case when $2 then null else now() end, version = version + 1, updated_at = now() where id = $1",
                          hire_id, restore)  # fmt: skip
            act.record("hire", hire_id, board_id=old["board_id"], employer_id=old["employer_id"])
    return UUID(str(old["employer_id"]))


async def tell(actor: Actor, hire_id: UUID, given: Mapping[str, str]) -> list[str]:
    """Keep the answers; the keys of those that are new. Raises `Invalid` with what is wrong beside each key, and then keeps none."""
    async with acting(actor, "hire.told") as act:
        changed = await _keep_new(act, await own(actor, hire_id), given)
        if not changed:
            act.unchanged()
    return changed


async def _keep_new(act: Act, hire: Record, given: Mapping[str, str]) -> list[str]:
    known = await told.of(hire)
    facts = answers(given)
    try:
        installed.library().completed(told.values_of(known) | facts)
    except FactError as problem:
        raise Invalid(str(problem), fields={problem.key: str(problem)}) from problem
    changed = {key: value for key, value in facts.items() if key not in known or (known[key].source != "record" and known[key].value != value)}
    if changed:
        await keep(act, hire, {key: told.as_text(value) for key, value in changed.items()})
    return list(changed)


async def forget(actor: Actor, hire_id: UUID, key: str) -> None:
    """An answer is not known any more."""
    async with acting(actor, "hire.told") as act:
        hire = await own(actor, hire_id)
        if not await fetch_value("select exists (select from hire_fact where hire_id = $1 and key = $2 and replaced_at is null)", hire_id, key):
            act.unchanged()
            return
        await keep(act, hire, {key: None})


async def take_back(actor: Actor, hire_id: UUID, key: str) -> None:
    """The answer before the last one stands again; taken back twice, the last one."""
    async with acting(actor, "hire.told") as act:
        hire = await own(actor, hire_id)
        rows = await fetch("select * from hire_fact where hire_id = $1 and key = $2 order by replaced_at desc nulls first limit 2", hire_id, key)
        if not rows or rows[0]["replaced_at"] is not None:
            act.unchanged()
            return
        before = rows[1] if len(rows) > 1 else None
        await keep(act, hire, {key: told.opened(before) if before else None}, source=before["source"] if before else "")


def answers(given: Mapping[str, str]) -> dict[str, Any]:
    """What was told, as values; what was left open is not among it. Raises `Invalid` with what is wrong beside each key."""
    facts, problems = told.read(given)
    if problems:
        raise Invalid(" ".join(problems.values()), fields=problems)
    return facts


async def keep(
    act: Act, hire: Mapping[str, Any], texts: Mapping[str, str | None], *, source: str = "", by: UUID | None = None, beside: Mapping[str, Any] | None = None
) -> None:
    """Each answer in the place of the one before, with where it comes from (left out, staff asked) and who told it (left out, who acts).

    The record names the keys, and what is told `beside`; what is secret stands in no record.
    """
    facts = installed.library().facts
    await execute("update hire_fact set replaced_at = clock_timestamp() where hire_id = $1 and key = any($2) and replaced_at is null", hire["id"], list(texts))
    rows, said = [], {}
    for key, text in texts.items():
        row_id, fact = uuid4(), facts.get(key)
        secret = fact is None or is_secret(fact)
        hidden = sealing.seal(text, "hire_fact", "value", row_id) if secret and text is not None else None
        asked = "learner" if fact is not None and fact.known_by == "learner" else "questionnaire"
        sees = fact is not None and employer_may_know(fact)
        rows.append((row_id, hire["id"], hire["board_id"], key, None if secret else text, hidden, source or asked, by or act.actor.account_id, sees))
        said[key] = "taken back" if text is None else "told, sealed" if secret else text
    await insert_many("hire_fact", ("id", "hire_id", "board_id", "key", "value", "value_sealed", "source", "told_by", "employer_sees"), rows)
    act.record("hire", hire["id"], board_id=hire["board_id"], employer_id=hire["employer_id"], after=said | dict(beside or {}))
    act.event("hire_told", hire_id=hire["id"], employer_id=hire["employer_id"])
    await duties.refresh(act, hire["id"])


async def own(actor: Actor, hire_id: UUID) -> Record:
    """The hire as `told.of` reads it, held until the action ends. Raises `Denied` for another board's, and `NotFound`."""
    require(actor, Permission.ESTIMATE)
    hire = await one(actor, hire_id, held=True)
    if not may_work_for(actor, hire["board_id"]):
        raise Denied(_("This hire belongs to another board."))
    return hire


async def _checked(employer_id: UUID, form: HireForm) -> dict[str, Any]:
    """The columns of a hire. Raises `Invalid` for what does not fit."""
    wrong: dict[str, str] = {}
    for name in ("label", "job_title"):
        if holds_number(getattr(form, name)):
            wrong[name] = _("This looks like a Social Security number. It is never kept here: write initials.")
    state = state_code(form.state) if form.state else ""
    if form.state and not state:
        wrong["state"] = _("There is no such state. Write its name or its two letters, as MA.")
    site = form.establishment_id
    if site and not await fetch_value("select exists (select from establishment where employer_id = $1 and id = $2)", employer_id, site):
        wrong["establishment_id"] = _("This worksite is not one of this employer's.")
    if wrong:
        raise Invalid(" ".join(wrong.values()), fields=wrong)
    return {"label": form.label, "job_title": form.job_title, "establishment_id": site, "starts_on": form.starts_on, "state": state}

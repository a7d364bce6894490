"""What is known of a hire: what records say, and what was told, each with its source and the day. Secret answers are opened here alone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from crm import sealing
from crm.access import Actor, hidden_fields, visible
from crm.database import Record, fetch, fetch_one
from crm.incentives import installed
from crm.incentives.secrecy import is_secret
from crm.incentives.wording import told as said
from crm.rulebook.facts import UNKNOWN, Fact, FactError, parse
from crm.sql import FALSE, TRUE, Sql
from crm.translation import _

# what a hire is read with, for `of` and `of_many`
HIRES = ("select h.*, e.name as employer, e.state as employer_state, e.employee_count, e.size_band, e.sector, e.updated_at as employer_updated_at, b.name as board, b.phone as board_phone, "
         "s.state as site_state, coalesce(nullif(s.name, ''), s.line1, s.city) as site, a.name as made_by_name from hire h "
         "join employer e on e.id = h.employer_id join board b on b.id = h.board_id "
         "left join establishment s on s.id = h.establishment_id left join account a on a.id = h.made_by")  # fmt: skip


class Known(Struct, frozen=True):
    """An answer: the fact, its value, where it comes from and when it was told; `edit` leads to the record that says it."""

    fact: Fact
    value: Any
    source: str
    told_at: datetime
    by: str = ""
    edit: str = ""

    @property
    def said(self) -> str:
        return said(self.fact, self.value)

    @property
    def is_secret(self) -> bool:
        return is_secret(self.fact)


def place_of(hire: Mapping[str, Any]) -> str:
    """The state whose law counts: as told, of the worksite, or of the employer."""
    return str(hire["state"] or hire["site_state"] or hire["employer_state"] or "")


def values_of(known: Mapping[str, Known]) -> dict[str, Any]:
    return {key: each.value for key, each in known.items()}


def as_text(value: Any) -> str:
    """A value as it is kept, and as `facts.parse` reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)


async def row(hire_id: UUID) -> Record:
    """A hire as `of` reads it, within an action that holds it."""
    found = await fetch_one(f"{HIRES} where h.id = $1", hire_id)
    assert found is not None
    return found


def read(given: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Answers as typed, as values, and what is wrong beside the key of an answer; what was left open is in neither."""
    values, problems, known = {}, {}, installed.library().facts
    for key, typed in given.items():
        if key not in known:
            problems[key] = _("No rule asks this. A plugin may have been switched off.")
            continue
        try:
            value = parse(known[key], typed)
        except FactError as problem:
            problems[key] = str(problem)
            continue
        if value is not UNKNOWN:
            values[key] = value
    return values, problems


async def of(hire: Mapping[str, Any]) -> dict[str, Known]:
    """All that is known of a hire (a row of `HIRES`), by the key of the fact, in the order in which it was told."""
    return (await of_many([hire]))[hire["id"]]


async def of_many(hires: Sequence[Mapping[str, Any]], *, but_sealed: bool = False) -> dict[UUID, dict[str, Known]]:
    """The same of several; `but_sealed`: without the answers that are sealed, which stay closed."""
    rows = await fetch(
        Sql("select f.*, a.name as by from hire_fact f left join account a on a.id = f.told_by where f.hire_id = any({}) and f.replaced_at is null and {} "
            "order by f.told_at, f.key", [hire["id"] for hire in hires], Sql("f.value_sealed is null") if but_sealed else TRUE)  # fmt: skip
    )
    return put_together(hires, rows)


def put_together(hires: Sequence[Mapping[str, Any]], rows: Iterable[Mapping[str, Any]]) -> dict[UUID, dict[str, Known]]:
    """What records know of these hires, and what these rows of hire_fact tell (with `by`, the name of who told it)."""
    found = {hire["id"]: _recorded(hire) for hire in hires}
    facts = installed.library().facts
    for each in rows:
        fact, known = facts.get(each["key"]), found[each["hire_id"]]
        if fact is None or fact.key in known:  # a plugin that is switched off; or a record says it now
            continue
        try:
            value = parse(fact, opened(each))
        except FactError:  # the rule has narrowed what it takes since; then it is asked again
            continue
        if value is not UNKNOWN:
            known[fact.key] = Known(fact, value, each["source"], each["told_at"], each["by"] or "")
    return found


def opened(kept: Mapping[str, Any]) -> str | None:
    """The answer of a row of hire_fact; None where it was taken back."""
    if kept["value_sealed"] is not None:
        return sealing.open_sealed(kept["value_sealed"], "hire_fact", "value", kept["id"])
    found: str | None = kept["value"]
    return found


def _recorded(hire: Mapping[str, Any]) -> dict[str, Known]:
    """What records know, so that no one is asked for it."""
    facts = installed.library().facts
    recorded = (
        ("work_start", hire["starts_on"], hire["updated_at"], f"/hires/{hire['id']}/edit"),
        ("employee_count", hire["employee_count"], hire["employer_updated_at"], f"/employers/{hire['employer_id']}/edit"),
    )
    return {key: Known(facts[key], parse(facts[key], value), "record", at, edit=edit) for key, value, at, edit in recorded if value is not None}


def texts_of(known: Mapping[str, Known]) -> dict[str, str]:
    """All that is known, as an estimate keeps it."""
    return {key: as_text(each.value) for key, each in known.items()}


def sees_secrets(actor: Actor) -> bool:
    """Whether someone sees what is sealed of a hire; others see what may leave the board."""
    return visible(actor, "hire_fact") is not FALSE and "value_sealed" not in hidden_fields(actor, "hire_fact")


def keys_of(known: Iterable[Known], *, secret: bool) -> list[str]:
    return [each.fact.key for each in known if each.is_secret is secret]

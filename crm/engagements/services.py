"""Codes of services to employers: what plugins declare and the state adds, and the one that an activity gets."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from crm.access import Actor, load, may_manage
from crm.actions import acting
from crm.database import fetch, fetch_value, update_row
from crm.engagements.forms import NewServiceForm, ServiceForm
from crm.errors import Conflict, Denied, Invalid
from crm.plugins import active
from crm.rulebook.services import KINDS, ServiceCode, default_code, in_force, problem_of
from crm.translation import _, language

NONE = "-"  # chosen where an activity is no service, whatever its kind


class Known(Struct, frozen=True):
    """A code, and the row where the state keeps it; without one it is a plugin's."""

    service: ServiceCode
    id: UUID | None = None

    @property
    def name(self) -> str:
        return self.service.name_es if language() == "es" else self.service.name_en


async def known() -> list[Known]:
    """Every code that there is or was, in order."""
    rows = await fetch("select * from service_code order by code")
    own = [Known(_service(row), row["id"]) for row in rows]
    taken = {each.service.code for each in own}
    return sorted([*own, *(Known(each) for each in active().service_codes() if each.code not in taken)], key=lambda each: each.service.code)


def _service(row: Any) -> ServiceCode:
    return ServiceCode(**{field.name: row[field.name] for field in structs.fields(ServiceCode) if field.name not in ("kinds", "review_status")},
                       kinds=tuple(row["kinds"]), review_status="entered")  # fmt: skip


def names(listed: Iterable[Known]) -> dict[str, str]:
    return {each.service.code: each.name for each in listed}


def choices(listed: Iterable[Known], day: date, kept: str = "") -> list[tuple[str, str]]:
    """What can be chosen for a day, and what was chosen already."""
    usable = [(each.service.code, f"{each.service.code}: {each.name}") for each in listed if in_force(each.service, day) or each.service.code == kept]
    return [*usable, (NONE, _("No service"))] if usable else []


async def code_for(wanted: str, kind: str, day: date, kept: str = "") -> str:
    """The code of an activity: as chosen, or by its kind. Raises `Invalid` for one that does not count on the day."""
    if wanted == NONE:
        return ""
    services = [each.service for each in await known()]
    if not wanted:
        return default_code(services, kind, day)
    if wanted != kept and not any(each.code == wanted and in_force(each, day) for each in services):
        message = _("This service does not count on that day. Choose another.")
        raise Invalid(message, fields={"service_code": message})
    return wanted


async def add_code(actor: Actor, form: NewServiceForm) -> UUID:
    """A code of the state's own. Raises `Conflict` for one that is there."""
    require_state(actor)
    service = _checked(form.code, form)
    async with acting(actor, "service_code.added") as act:
        if any(each.code == service.code for each in active().service_codes()):
            raise Conflict(_("A plugin brings the code %(code)s already.") % {"code": service.code})
        code_id: UUID | None = await fetch_value(
            "insert into service_code (code, name_en, name_es, citation, source, first_day, last_day, kinds, made_by) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (code) do nothing returning id",
            service.code, service.name_en, service.name_es, service.citation, service.source, service.first_day, service.last_day,
            list(service.kinds), actor.account_id,
        )  # fmt: skip
        if code_id is None:
            raise Conflict(_("The code %(code)s is there already.") % {"code": service.code})
        act.record("service_code", code_id, after={"code": service.code})
    return code_id


async def change_code(actor: Actor, code_id: UUID, form: ServiceForm) -> None:
    """All but the code itself, which stands in what was logged. Raises `Conflict` when someone changed it meanwhile."""
    require_state(actor)
    async with acting(actor, "service_code.changed") as act:
        old = await load(actor, "service_code", code_id, for_update=True)
        service = _checked(old["code"], form)
        if old["version"] != form.version:
            raise Conflict(_("Someone changed this meanwhile. Look at it again."))
        wanted = {"name_en": service.name_en, "name_es": service.name_es, "citation": service.citation, "source": service.source,
                  "first_day": service.first_day, "last_day": service.last_day, "kinds": list(service.kinds)}  # fmt: skip
        after = {name: value for name, value in wanted.items() if old[name] != value}
        if not after:
            act.unchanged()
            return
        await update_row("service_code", code_id, after)
        act.record("service_code", code_id, before={name: old[name] for name in after}, after=after)


def _checked(code: str, form: ServiceForm) -> ServiceCode:
    service = ServiceCode(code=code, name_en=form.name_en, name_es=form.name_es, citation=form.citation, source=form.source, first_day=form.first_day,
                          last_day=form.last_day, kinds=tuple(kind for kind in KINDS if getattr(form, f"for_{kind}")), review_status="entered")  # fmt: skip
    if form.last_day is not None and form.last_day < form.first_day:
        message = _("The last day comes before the first.")
        raise Invalid(message, fields={"last_day": message})
    if problem := problem_of(service):
        raise Invalid(problem, fields={"code": _("Use letters, digits and signs, without blanks around them.")})
    return service


def require_state(actor: Actor) -> None:
    if not may_manage(actor, None):
        raise Denied(_("The state office keeps the list of services."))

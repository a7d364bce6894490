"""The fields that are there: the state's, and those of the plugins that are on."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec import structs

from crm.access import Actor, visible
from crm.custom_fields import SUBJECTS, Choice, CustomField
from crm.database import fetch
from crm.plugins import active
from crm.sql import TRUE, Sql, both
from crm.translation import _, language

PREFIX = "x_"  # before the key, so that no field of ours and none of theirs are ever called the same
_COLUMNS = {field.name for field in structs.fields(CustomField)}


class Defined(CustomField, frozen=True, kw_only=True):
    """A field with its row. `owner` is the plugin that declares it, or empty."""

    id: UUID
    owner: str = ""
    position: int = 0
    version: int = 1

    @property
    def name(self) -> str:
        """What it is called in forms, lists, views and the record."""
        return PREFIX + self.key

    @property
    def label(self) -> str:
        return self.label_es if language() == "es" else self.label_en

    @property
    def purpose(self) -> str:
        return self.purpose_es if language() == "es" else self.purpose_en

    @property
    def help(self) -> str:
        return self.help_es if language() == "es" else self.help_en

    @property
    def hint(self) -> str:
        """What stands beside it in a form: how to fill it in, why it is asked, who sees it."""
        who = {"staff": _("Staff alone see it."), "sealed": _("Managers alone see it. Kept encrypted.")}.get(self.sensitivity, "")
        parts = (self.help, _("Why we ask: %(purpose)s") % {"purpose": self.purpose}, who)
        return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)

    @property
    def is_sealed(self) -> bool:
        return self.sensitivity == "sealed"

    @property
    def is_untold(self) -> bool:
        """Its values are no part of the record, which keeps everything: they are sealed, or they are to go one day."""
        return self.is_sealed or self.keep_months is not None


def defined(row: Mapping[str, Any]) -> Defined:
    """Out of a row of the table."""
    values = {name: row[name] for name in (*_COLUMNS, "id", "owner", "position", "version")}
    return Defined(**values | {"choices": tuple(Choice(**choice) for choice in row["choices"])})


def declared() -> dict[tuple[str, str], tuple[str, CustomField]]:
    """What the plugins that are on declare, by subject and key, each with its plugin."""
    return {(field.subject, field.key): (plugin, field) for plugin, field in active().fields()}


def in_force(actor: Actor, alias: str) -> Sql:
    """The fields that the actor sees and that are used: not put away, and not of a plugin that is off."""
    owned = [f"{plugin}:{subject}:{key}" for (subject, key), (plugin, _field) in declared().items()]
    return both([
        visible(actor, "custom_field", alias), Sql(f"{alias}.archived_at is null"),
        Sql(f"({alias}.owner = '' or {alias}.owner || ':' || {alias}.subject || ':' || {alias}.key = any({{}}))", owned),
    ])  # fmt: skip


async def fields(actor: Actor, subject: str = "") -> list[Defined]:
    """Those that the actor sees, of one subject or of all, employers' first, in the order of the state office."""
    of = Sql("d.subject = {}", subject) if subject else TRUE
    rows = await fetch(Sql("select d.* from custom_field d where {} and {} order by array_position({}::text[], d.subject), d.position, d.key",
                           in_force(actor, "d"), of, SUBJECTS))  # fmt: skip
    return [defined(row) for row in rows]

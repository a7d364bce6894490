"""Added fields and their values."""

from piccolo.columns import JSONB, UUID, Array, Boolean, Bytea, ForeignKey, Integer, Numeric, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from crm.access import Actor, Role, Scope, Sight, everything, own_employer, see
from crm.database import DB
from crm.sealed_columns import SealedColumn, sealed
from crm.sql import Sql


class CustomField(Table, db=DB, tablename="custom_field"):
    id = UUID(primary_key=True)
    subject = Text()
    key = Text()
    owner = Text()
    kind = Text()
    label_en = Text()
    label_es = Text()
    purpose_en = Text()
    purpose_es = Text()
    help_en = Text()
    help_es = Text()
    sensitivity = Text()
    required = Boolean()
    choices = JSONB()
    unit = Text()
    lowest = Numeric(null=True)
    highest = Numeric(null=True)
    longest = Integer(null=True)
    keep_months = Integer(null=True)
    portal = Text()
    position = Integer()
    made_by = UUID(null=True)
    made_at = Timestamptz()
    updated_at = Timestamptz()
    archived_at = Timestamptz(null=True)
    version = Integer()


class CustomValue(Table, db=DB, tablename="custom_value"):
    id = UUID(primary_key=True)
    field_id = ForeignKey(CustomField, on_delete=OnDelete.restrict, null=False)
    employer_id = UUID(null=True)
    establishment_id = UUID(null=True)
    contact_id = UUID(null=True)
    value = JSONB(null=True)
    sealed = Bytea(null=True)
    marks = Array(Text())
    changed_at = Timestamptz()
    changed_by = UUID(null=True)
    aside_at = Timestamptz(null=True)


def _open_to(*sensitivities: str) -> Scope:
    def scope(actor: Actor, alias: str) -> Sql:
        return Sql(f"{alias}.sensitivity = any({{}})", list(sensitivities))

    return scope


def _directory(actor: Actor, alias: str) -> Sql:
    """Partners see the directory, and no people."""
    return Sql(f"{alias}.sensitivity = 'record' and {alias}.subject <> 'contact'")


def _in_portal(actor: Actor, alias: str) -> Sql:
    """What the state shows an employer's own people; the database says so again (0044)."""
    return Sql(f"{alias}.portal <> 'hidden' and {alias}.subject = 'employer' and {alias}.sensitivity = 'record'")


_FIELDS = (
    dict.fromkeys((Role.STATE_ADMIN, Role.BOARD_MANAGER), everything)
    | dict.fromkeys((Role.STATE_ANALYST, Role.AUDITOR, Role.BOARD_STAFF), _open_to("record", "staff"))
    | {Role.PARTNER: _directory}
)
_OWN = (Role.EMPLOYER_OWNER, Role.EMPLOYER_MEMBER)


def _as_its_field(scope: Scope) -> Scope:
    def of_value(actor: Actor, alias: str) -> Sql:
        return Sql(f"exists (select from custom_field d where d.id = {alias}.field_id and {{}})", scope(actor, "d"))

    return everything if scope is everything else of_value


def _own_in_portal(actor: Actor, alias: str) -> Sql:
    return Sql("({} and {})", own_employer()(actor, alias), _as_its_field(_in_portal)(actor, alias))


see(Sight("custom_field", scopes=_FIELDS | dict.fromkeys(_OWN, _in_portal)))
see(Sight("custom_value", scopes={role: _as_its_field(scope) for role, scope in _FIELDS.items()} | dict.fromkeys(_OWN, _own_in_portal)))
sealed(SealedColumn("custom_value", "sealed", "sealed"))

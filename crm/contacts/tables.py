"""People at employers, and their affiliations: which employer, in which role, from when to when."""

from piccolo.columns import JSONB, UUID, Boolean, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from crm.access import Actor, Role, Sight, everything, own_employer, see
from crm.database import DB
from crm.employers.tables import Employer
from crm.sql import Sql


class Contact(Table, db=DB, tablename="contact"):
    id = UUID(primary_key=True)
    given_name = Text()
    family_name = Text()
    search_text = Text()
    email = Text()
    phone = Text()
    phone_extension = Text()
    language = Text()
    channel = Text()
    do_not_contact = Boolean()
    note = Text()
    account_id = UUID(null=True)
    created_at = Timestamptz()
    updated_at = Timestamptz()
    archived_at = Timestamptz(null=True)
    version = Integer()
    merged_into = UUID(null=True)


class Affiliation(Table, db=DB, tablename="affiliation"):
    id = UUID(primary_key=True)
    contact_id = ForeignKey(Contact, on_delete=OnDelete.restrict, null=False)
    employer_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=False)
    establishment_id = UUID(null=True)
    role = Text()
    is_primary = Boolean()
    may_sign = Boolean()
    supervises_minors = Boolean()
    valid_from = Date(null=True)
    valid_to = Date(null=True)
    created_at = Timestamptz()
    version = Integer()
    updated_at = Timestamptz()


class Consent(Table, db=DB, tablename="consent"):
    id = UUID(primary_key=True)
    contact_id = ForeignKey(Contact, on_delete=OnDelete.restrict, null=False)
    channel = Text()
    purpose = Text()
    given = Boolean()
    how = Text()
    words = Text()
    at = Timestamptz()
    recorded_by = UUID(null=True)
    board_id = UUID(null=True)


class ContactMerge(Table, db=DB, tablename="contact_merge"):
    id = UUID(primary_key=True)
    kept_id = UUID()
    gone_id = UUID()
    before = JSONB()
    after = JSONB()
    moved = JSONB()
    made_by = UUID(null=True)
    made_at = Timestamptz()
    undone_at = Timestamptz(null=True)
    undone_by = UUID(null=True)


class ContactApart(Table, db=DB, tablename="contact_apart"):
    id = UUID(primary_key=True)
    left_id = UUID()
    right_id = UUID()
    decided_at = Timestamptz()
    decided_by = UUID(null=True)


class JobChange(Table, db=DB, tablename="job_change"):
    id = UUID(primary_key=True)
    contact_id = ForeignKey(Contact, on_delete=OnDelete.restrict, null=False)
    left_id = UUID()
    left_on = Date()
    begun_id = UUID(null=True)
    rows = JSONB()
    made_by = UUID(null=True)
    made_at = Timestamptz()
    undone_at = Timestamptz(null=True)
    undone_by = UUID(null=True)


class AddressMark(Table, db=DB, tablename="address_mark"):
    id = UUID(primary_key=True)
    address = Text()
    kind = Text()
    lasting = Boolean()
    reason = Text()
    at = Timestamptz()
    email_id = UUID(null=True)
    cleared_at = Timestamptz(null=True)
    cleared_by = UUID(null=True)


def _at_own_employer(actor: Actor, alias: str) -> Sql:
    return Sql(
        f"exists (select from affiliation f where f.contact_id = {alias}.id and f.employer_id = any({{}}))",
        sorted(actor.employer_ids, key=str),
    )


_STAFF = (Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR, Role.BOARD_MANAGER, Role.BOARD_STAFF)
_OWN = (Role.EMPLOYER_OWNER, Role.EMPLOYER_MEMBER)

see(
    Sight(
        "contact", scopes=dict.fromkeys(_STAFF, everything) | dict.fromkeys(_OWN, _at_own_employer),
        hidden=dict.fromkeys(_OWN, frozenset({"note", "search_text", "account_id"})),
    )  # fmt: skip
)
see(Sight("affiliation", scopes=dict.fromkeys(_STAFF, everything) | dict.fromkeys(_OWN, own_employer())))
see(Sight("consent", scopes=dict.fromkeys(_STAFF, everything)))
for _of_people in ("contact_merge", "contact_apart", "job_change"):
    see(Sight(_of_people, scopes=dict.fromkeys(_STAFF, everything)))
see(Sight("address_mark", scopes=dict.fromkeys(_STAFF, everything)))

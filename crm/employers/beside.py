"""The worksites and people of the employers of a list, as sheets beside it; their columns are named so that an import finds them again."""

from collections.abc import Sequence
from uuid import UUID

from crm.access import Actor, Permission, may, visible
from crm.contacts.present import works
from crm.database import Record, fetch
from crm.fields.definitions import Defined
from crm.fields.listing import value_column
from crm.listings import Beside, Column, shown
from crm.phones import display_phone
from crm.sql import Sql
from crm.templating import label
from crm.translation import lazy_

EMPLOYER = Column("name", lazy_("Employer"), lambda row, words: row["name"])
WORKSITES = (
    EMPLOYER,
    Column("site_name", lazy_("Name of the worksite"), lambda row, words: row["site_name"]),
    Column("line1", lazy_("Street address"), lambda row, words: row["line1"]),
    Column("line2", lazy_("Suite, floor, unit"), lambda row, words: row["line2"]),
    Column("city", lazy_("City or town"), lambda row, words: row["city"]),
    Column("state", lazy_("State"), lambda row, words: row["state"]),
    Column("zip", lazy_("ZIP code"), lambda row, words: row["zip"]),
    Column("board", lazy_("Area of board"), lambda row, words: words.board(row["board_id"])),
)
PEOPLE = (
    EMPLOYER,
    Column("city", lazy_("City or town"), lambda row, words: row["city"]),
    Column("state", lazy_("State"), lambda row, words: row["state"]),
    Column("given_name", lazy_("Contact: first name"), lambda row, words: row["given_name"]),
    Column("family_name", lazy_("Contact: last name"), lambda row, words: row["family_name"]),
    Column("role", lazy_("Contact: job title"), lambda row, words: row["role"]),
    Column("email", lazy_("Contact: email"), lambda row, words: row["email"]),
    Column("phone", lazy_("Contact: phone"), lambda row, words: display_phone(row["phone"], row["phone_extension"])),
    Column("do_not_contact", lazy_("Does not want to be contacted"), lambda row, words: label("yes") if row["do_not_contact"] else ""),
)


# of people who work there today each stands once, whatever their roles
_WORKSITES = """
select e.name, s.name as site_name, s.line1, s.line2, s.city, s.state, s.zip, s.board_id{}
  from unnest({}::uuid[]) with ordinality i (id, at) join employer e on e.id = i.id
  join establishment s on s.employer_id = e.id and s.archived_at is null and {}
 order by i.at, s.is_primary desc, s.city, s.id
"""
_PEOPLE = """
select e.name, e.city, e.state, o.role, c.given_name, c.family_name, c.email, c.phone, c.phone_extension, c.do_not_contact{}
  from unnest({}::uuid[]) with ordinality i (id, at) join employer e on e.id = i.id
 cross join lateral (select distinct on (f.contact_id) f.contact_id, f.role, f.is_primary from affiliation f where f.employer_id = e.id and {} and {}
                      order by f.contact_id, f.is_primary desc, f.created_at, f.id) o
  join contact c on c.id = o.contact_id and c.archived_at is null and {}
 order by i.at, o.is_primary desc, c.family_name, c.given_name, c.id
"""


def sheets(actor: Actor, fields: Sequence[Defined]) -> list[Beside]:
    """What a workbook can hold beside a list of employers, for someone who sees it."""
    sites = _added(fields, "establishment", "s.id")

    async def worksites(ids: Sequence[UUID]) -> list[Record]:
        return await fetch(Sql(_WORKSITES, _more(sites), ids, visible(actor, "establishment", "s")))

    found = [Beside(lazy_("Worksites"), shown(actor, "establishment", [*WORKSITES, *sites], [each.key for each in (*WORKSITES, *sites)]), worksites)]
    if not may(actor, Permission.SEE_CONTACTS):
        return found
    persons = _added(fields, "contact", "c.id")

    async def people(ids: Sequence[UUID]) -> list[Record]:
        return await fetch(Sql(_PEOPLE, _more(persons), ids, works("f"), visible(actor, "affiliation", "f"), visible(actor, "contact", "c")))

    return [*found, Beside(lazy_("People"), shown(actor, "contact", [*PEOPLE, *persons], [each.key for each in (*PEOPLE, *persons)]), people)]


def _added(fields: Sequence[Defined], subject: str, of_id: str) -> list[Column]:
    return [value_column(field, subject, of_id) for field in fields if field.subject == subject and not field.is_sealed]


def _more(columns: Sequence[Column]) -> Sql:
    return Sql("".join(f", {each.needs}" for each in columns))

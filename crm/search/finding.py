"""Find by what was typed, each kind through its own gate. A hot path: beside the employers one statement for all else."""

from uuid import UUID

from msgspec import Struct

from crm.access import Actor, Permission, may, visible
from crm.contacts.present import works
from crm.database import fetch
from crm.employers import searching
from crm.folding import fold
from crm.plugins import active
from crm.search.places import places
from crm.sql import Sql, joined, like
from crm.translation import _

MOST = 6  # of each kind, as one types
MOST_ON_A_PAGE = 25


class Hit(Struct, frozen=True):
    title: str
    url: str
    more: str = ""


class Group(Struct, frozen=True):
    """What was found of one kind."""

    kind: str
    title: str
    hits: list[Hit]


async def find(actor: Actor, typed: str, *, most: int = MOST) -> list[Group]:
    """What fits, by kind; kinds without any are left out. Where nothing is typed, the pages to go to."""
    words = " ".join(typed.split())
    pages = [Hit(name, url) for name, url in places(actor, active().navigation, words, most=most if words else 30)]
    found = {"place": pages, "employer": [], "call": [], "person": [], "task": [], "view": []}
    if len(words) > 1:
        employers = await searching.suggest(actor, words, most=most)
        found["employer"] = [Hit(row["name"], f"/employers/{row['id']}", " · ".join(filter(None, (row["city"], ", ".join(row["dbas"]))))) for row in employers]
        if employers and may(actor, Permission.WORK_PIPELINE):
            found["call"] = [Hit(_("Log a call: %(name)s") % {"name": employers[0]["name"]}, f"/employers/{employers[0]['id']}#log")]
        for row in await fetch(_others(actor, fold(words), most)):
            found[row["kind"]].append(Hit(row["title"], _address(row["kind"], row["id"]), row["more"] or ""))
    titles = {"place": _("Go to"), "employer": _("Employers"), "call": _("Do"), "person": _("People"), "task": _("Tasks"), "view": _("Views")}
    return [Group(kind, titles[kind], hits) for kind, hits in found.items() if hits]


def _address(kind: str, row_id: UUID) -> str:
    return {"person": f"/contacts/{row_id}", "task": f"/tasks/{row_id}/edit", "view": f"/views/{row_id}"}[kind]


def _others(actor: Actor, folded: str, most: int) -> Sql:
    """People, tasks and views, in one statement, planned for these words: after the search of employers, whose settings still hold."""
    pattern = f"%{like(folded)}%" if len(folded) >= searching.SHORT else f"{like(folded)}%"
    parts = [
        Sql("(select 'view' as kind, v.id, v.name as title, '' as more from saved_view v where fold(v.name) like {} and v.archived_at is null "
            "and {} order by v.name limit {})", pattern, visible(actor, "saved_view", "v"), most)  # fmt: skip
    ]
    if may(actor, Permission.SEE_CONTACTS):
        parts.append(_people(actor, folded, pattern, most))
    if may(actor, Permission.WORK_PIPELINE):
        parts.append(
            Sql("(select 'task', t.id, t.title, coalesce(e.name, '') from task t left join employer e on e.id = t.employer_id and {} "
                "where fold(t.title) like {} and t.done_at is null and t.dropped_at is null and {} order by t.due nulls last, t.title limit {})",
                visible(actor, "employer", "e"), pattern, visible(actor, "task", "t"), most)  # fmt: skip
        )
    return Sql("{}", joined(" union all ", parts))


def _people(actor: Actor, folded: str, pattern: str, most: int) -> Sql:
    """Under three letters the beginning of a name; then any part of it. Those who left an employer are found where they are now."""
    fits = Sql("c.search_text like {}", pattern)
    if len(folded) < searching.SHORT:
        fits = Sql("(c.search_text like {} or fold(c.family_name) like {})", pattern, pattern)
    return Sql(
        "(select 'person', c.id, btrim(c.given_name || ' ' || c.family_name), string_agg(concat_ws(' · ', nullif(f.role, ''), e.name), '; ' order by e.name) "
        # all ids first: with a limit the planner hopes to meet some early, and walks through everyone where there is no one
        "from (with fit as materialized (select c.id from contact c where {} and c.archived_at is null and {}) "
        "select c.* from (select id from fit limit 50) f join contact c on c.id = f.id) c "
        "join affiliation f on f.contact_id = c.id and {} and {} "
        "join employer e on e.id = f.employer_id and e.archived_at is null and {} group by c.id, c.given_name, c.family_name order by c.family_name, c.given_name, c.id limit {})",
        fits, visible(actor, "contact", "c"), works("f"), visible(actor, "affiliation", "f"), visible(actor, "employer", "e"), most,
    )  # fmt: skip

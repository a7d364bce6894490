"""A logged visit that carries a service code is a row of the report."""

import io
import zipfile
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from crm.database import fetch, fetch_value, transaction
from crm.engagements import activities, services
from crm.engagements.forms import ActivityForm, NewServiceForm, ServiceForm
from crm.errors import Conflict, Denied, Invalid
from crm.rulebook.services import ServiceCode, default_code, problem_of

TODAY = date(2026, 11, 23)
ZONE = "America/New_York"
VISIT = ServiceCode(code="S-1", name_en="Site visit", name_es="Visita", citation="Manual, p. 4", first_day=date(2026, 7, 1), kinds=("visit",))


def replaced(**fields):
    from msgspec import structs

    return structs.replace(VISIT, **fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"code": ""}, "1 to 40"), ({"code": " x"}, "1 to 40"), ({"code": "-"}, "1 to 40"), ({"name_es": " "}, "Spanish"), ({"citation": ""}, "citation"),
     ({"last_day": date(2026, 1, 1)}, "before its first day"), ({"kinds": ("dance",)}, "no kind of activity"), ({"source": "javascript:x"}, "https://")],
)  # fmt: skip
def test_a_code_that_cannot_be_is_told(fields, said):
    assert said in problem_of(replaced(**fields))
    assert problem_of(VISIT) == ""


def test_a_kind_stands_for_its_one_code_on_its_days():
    other = replaced(code="S-2", first_day=date(2026, 9, 1))
    assert default_code([VISIT], "visit", TODAY) == "S-1"
    assert default_code([VISIT], "visit", date(2026, 6, 30)) == ""
    assert default_code([VISIT], "call", TODAY) == ""
    assert default_code([VISIT, other], "visit", date(2026, 8, 1)) == "S-1"
    assert default_code([VISIT, other], "visit", TODAY) == ""  # of two, someone must choose


def form(**fields):
    given = {"code": "S-1", "name_en": "Site visit", "name_es": "Visita al lugar", "citation": "Manual, p. 4", "first_day": date(2026, 7, 1), "for_visit": True}
    return NewServiceForm(**given | fields)


async def log(actor, employer_id, kind="visit", **fields):
    given = ActivityForm(**{"kind": kind, "summary": "Saw them", "on": TODAY, **fields})
    return await activities.log_activity(actor, employer_id, given, zone=ZONE, today=TODAY)


async def code_of(activity_id):
    async with transaction(read_only=True):
        return await fetch_value("select service_code from activity where id = $1", activity_id)


async def test_the_state_keeps_the_list_and_no_code_stands_twice(people):
    with pytest.raises(Denied):
        await services.add_code(people.bob, form())
    made = await services.add_code(people.sam, form())
    with pytest.raises(Conflict):
        await services.add_code(people.sam, form())
    change = ServiceForm(name_en="Visit", name_es="Visita", citation="Manual, p. 5", first_day=date(2026, 7, 1), last_day=date(2026, 9, 30), version=1)
    await services.change_code(people.sam, made, change)
    with pytest.raises(Conflict):
        await services.change_code(people.sam, made, change)
    async with transaction(read_only=True):
        [known] = await services.known()
    assert (known.service.code, known.service.name_en, known.service.kinds, known.service.last_day) == ("S-1", "Visit", (), date(2026, 9, 30))


async def test_a_visit_gets_its_code_by_itself_another_by_choice_and_none_by_choice(people, employers):
    await services.add_code(people.sam, form())
    await services.add_code(people.sam, form(code="S-2", for_visit=False))
    assert await code_of(await log(people.alice, employers.erins)) == "S-1"
    assert await code_of(await log(people.alice, employers.erins, service_code="S-2")) == "S-2"
    assert await code_of(await log(people.alice, employers.erins, service_code="-")) == ""
    assert await code_of(await log(people.alice, employers.erins, "call")) == ""
    assert await code_of(await log(people.alice, employers.erins, on=date(2026, 6, 1))) == ""


async def test_a_code_counts_on_its_days_only(people, employers):
    await services.add_code(people.sam, form(last_day=date(2026, 9, 30), for_visit=False))
    with pytest.raises(Invalid, match="does not count on that day"):
        await log(people.alice, employers.erins, service_code="S-1")
    made = await log(people.alice, employers.erins, service_code="S-1", on=date(2026, 9, 1))
    assert await code_of(made) == "S-1"


async def test_an_activity_keeps_its_code_when_it_is_changed_after_the_code_ended(people, employers):
    code = await services.add_code(people.sam, form())
    made = await log(people.alice, employers.erins)
    ended = ServiceForm(name_en="Visit", name_es="Visita", citation="Manual", first_day=date(2026, 7, 1), last_day=date(2026, 9, 30), version=1)
    await services.change_code(people.sam, code, ended)
    again = ActivityForm(kind="visit", summary="Saw the kitchen", service_code="S-1")
    await activities.change_activity(people.alice, made, again, 1, zone=ZONE, today=TODAY)
    assert await code_of(made) == "S-1"


async def test_the_report_counts_by_worksite_and_leads_to_the_entries(people, employers, browse):
    await services.add_code(people.sam, form())
    await log(people.alice, employers.erins)
    await log(people.alice, employers.erins)
    await log(people.charlie, employers.franks, summary="A word of the south")
    alice = browse(people.alice)
    page = (await alice.get("/services?since=2026-11-01&until=2026-11-30")).text
    async with transaction(read_only=True):
        site = await fetch_value("select id from establishment where employer_id = $1", employers.erins)
    assert f'/establishments/{site}?service=S-1&amp;since=2026-11-01&amp;until=2026-11-30">2</a>' in page
    assert "Frank" not in page
    story = (await alice.get(f"/establishments/{site}?service=S-1&since=2026-11-01&until=2026-11-30")).text
    assert story.count("Saw them") >= 2
    assert "Site visit" not in (await alice.get("/services?since=2026-12-01&until=2026-12-31&code=S-1")).text.partition('id="report"')[2]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_the_file_holds_each_service_and_runs_no_formula(people, employers, browse, kind):
    await services.add_code(people.sam, form())
    await log(people.alice, employers.erins, summary='=HYPERLINK("http://x")')
    await log(people.charlie, employers.franks, summary="A word of the south")
    answer = await browse(people.alice).get(f"/services/report.{kind}?since=2026-11-01&until=2026-11-30")
    assert answer.status_code == 200
    if kind == "csv":
        text = answer.content.decode("utf-8-sig")
        assert "\"'=HYPERLINK" in text
        rows = text.splitlines()
    else:
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
        rows = [str(row) for row in CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()]
    assert len(rows) == 2
    assert "S-1" in rows[1]
    assert "A word of the south" not in str(rows)
    async with transaction(read_only=True):
        assert [row["actor_name"] for row in await fetch("select actor_name from audit_entry where verb = 'services.exported'")] == ["Alice"]


async def test_the_pages_of_codes_are_the_states_to_change_and_everyones_to_read(people, employers, browse):
    sam = browse(people.sam)
    answer = await sam.submit("/service-codes/new", code="S-9", name_en="Tour", name_es="Recorrido", citation="Manual, p. 9", first_day="2026-07-01", for_event="true")
    assert answer.status_code == 303
    assert "S-9" in (await browse(people.alice).get("/service-codes")).text
    twice = await sam.submit("/service-codes/new", code="S-9", name_en="Tour", name_es="Recorrido", citation="Manual, p. 9", first_day="2026-07-01")
    assert (twice.status_code, "is there already" in twice.text) == (422, True)
    evil = await sam.submit("/service-codes/new", code="S-8", name_en="x", name_es="x", citation="Manual", source="javascript:alert(1)", first_day="2026-07-01")
    assert evil.status_code == 422
    assert (await browse(people.bob).get("/service-codes/new")).status_code == 403

"""Reports on paper and by mail: made as who gets it may see it, once for each day that is due, and stopped by a press."""

import email
import re
from datetime import UTC, date, datetime, time, timedelta
from email import policy
from io import BytesIO

import page as pdf_check
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm import documents
from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute, fetch, fetch_one, fetch_value, transaction
from crm.days import works
from crm.errors import Denied, Invalid, NotFound
from crm.reporting import counting, mailing, schedules
from crm.reporting.forms import RhythmForm, ScheduleForm
from crm.reporting.paper import REPORT
from crm.reporting.schedule_rules import next_run
from crm.translation import speaking
from tests.mail.conftest import postbox, sending  # noqa: F401 - a real mail server
from tests.outreach.running import job

ZONE = "America/New_York"
SUNDAY, MONDAY = date(2026, 11, 29), date(2026, 11, 30)


def running(name):
    return job(None, name)


def at(day, hour=12):
    return lambda: datetime.combine(day, time(hour), UTC)


# ── on which days ──


@pytest.mark.parametrize(("rhythm", "day", "after", "found"), [
    ("weekly", 1, SUNDAY, MONDAY), ("weekly", 1, MONDAY, date(2026, 12, 7)), ("weekly", 5, MONDAY, date(2026, 12, 4)),
    ("monthly", 1, MONDAY, date(2026, 12, 1)), ("monthly", 31, date(2026, 12, 1), date(2026, 12, 31)),
    ("monthly", 31, date(2027, 1, 30), date(2027, 2, 1)),  # the 31st is a Sunday
    ("monthly", 31, date(2027, 2, 1), date(2027, 3, 1)),  # February's end is a Sunday
    ("quarterly", 15, MONDAY, date(2027, 1, 15)), ("quarterly", 31, date(2027, 1, 31), date(2027, 2, 1)),
])  # fmt: skip
def test_the_next_day_of_a_rhythm(rhythm, day, after, found):
    assert next_run(rhythm, day, after) == found


# a Friday that is a holiday moves it to the Monday
@given(st.sampled_from([("weekly", 5, 10), ("monthly", 31, 35), ("quarterly", 31, 97)]), st.data(), st.dates(date(2001, 1, 1), date(2090, 1, 1)))
def test_each_day_leads_to_a_later_working_day_and_none_is_left_out(rhythm, data, after):
    name, most, longest = rhythm
    day = data.draw(st.integers(1, most))
    first = next_run(name, day, after)
    assert first > after and first.weekday() < 5 and (first - after).days <= longest and works(first)
    assert next_run(name, day, first - timedelta(days=1)) == first


# ── on paper ──


@pytest.fixture
def counted(program, boards, people):
    async def count(*whose):
        for board_id in whose or (boards.north, None):
            await counting.count(board_id, MONDAY, ZONE)

    return count


@pytest.mark.parametrize("language", ["en", "es"])
async def test_the_report_passes_pdf_ua_and_each_chart_has_its_words(program, tmp_path, language):
    with speaking(language):
        sample = REPORT.sample()
    made = await documents.render(REPORT, sample, language, made_at=datetime(2026, 11, 23, tzinfo=UTC))
    file = tmp_path / "report.pdf"
    file.write_bytes(made.bytes)
    assert pdf_check.validate_pdf(str(file), profile="ua1").failures == [] and made.warnings == []
    with pikepdf.open(BytesIO(made.bytes)) as pdf:
        figures = [part for part in pdf.objects if isinstance(part, pikepdf.Dictionary) and part.get("/S") == "/Figure"]
        assert str(pdf.Root.Lang) == language and len(figures) == sum(panel.chart is not None for panel in sample["panels"])
        assert all(str(figure.Alt) for figure in figures)


async def test_a_pdf_is_made_in_the_background_for_who_may_see_it(program, browse, people, boards, counted):
    await counted()
    alice = browse(people.alice)
    asked = await alice.submit("/reports/paper", page="/reports", board_id=str(boards.north))
    assert asked.status_code == 303
    await program.worker().run_until_idle()
    link = re.search(r'href="(/files/[^"]+)"', (await alice.get(asked.headers["location"])).text).group(1)
    answer = await alice.get(link)
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
    assert (await browse(people.charlie).get(link)).status_code == 404
    assert (await browse(people.charlie).submit("/reports/paper", page="/reports", board_id=str(boards.north))).status_code == 404
    async with transaction(read_only=True):
        verbs = [row["verb"] for row in await fetch("select verb from audit_entry where actor_id = $1 order by id", people.alice.account_id)]
    assert {"report.paper_asked", "report.printed", "file.downloaded"} <= set(verbs)


async def test_a_right_taken_back_stops_the_pdf_that_waits(program, browse, people, boards, counted):
    await counted()
    asked = await browse(people.alice).submit("/reports/paper", page="/reports", board_id=str(boards.north))
    async with acting(SYSTEM, "grant.revoked") as act:
        await execute("update role_grant set revoked_at = now() where account_id = $1", people.alice.account_id)
        act.record("account", people.alice.account_id)
    await program.worker().run_until_idle()
    async with transaction(read_only=True):
        assert await fetch_value("select state from job where id::text = $1", asked.headers["location"].rpartition("/")[2]) == "failed"
        assert await fetch_value("select count(*) from stored_file where kind like 'report:%'") == 0


# ── by mail ──


async def weekly(who, board_id, **fields):
    return await schedules.add(who, ScheduleForm(board_id=board_id, rhythm="weekly", **fields), SUNDAY)


async def send(schedule, day):
    """What a night does, on this day."""
    found = await mailing.send_due(await running("reporting.send_due"), now=at(day))
    async with transaction():
        await execute("delete from job where name = 'reporting.mail'")  # it is run here, on the day of the test
    if found["due"]:
        await mailing.send_one(await running("reporting.mail"), schedule_id=str(schedule), now=at(day))
    return found["due"]


async def row(schedule):
    async with transaction(read_only=True):
        return await fetch_one("select * from report_schedule where id = $1", schedule)


async def mails():
    async with transaction(read_only=True):
        return await fetch_value("select count(*) from mail_message where template = 'report'")


def text_of(envelope):
    message = email.message_from_bytes(envelope.content, policy=policy.default)
    return message, message.get_body(("plain",)).get_content()


async def test_a_report_arrives_with_a_link_that_opens_for_its_reader_alone(sending, postbox, browse, people, boards, counted):  # noqa: F811
    await counted()
    schedule = await weekly(people.alice, boards.north)
    assert await send(schedule, MONDAY) == 1
    await sending.worker().run_until_idle()
    [envelope] = postbox.arrived
    message, text = text_of(envelope)
    assert envelope.rcpt_tos == ["alice@example.org"] and message["Subject"] == "Report: North"
    file = re.search(r"http://crm\.test(/files/\S+)", text).group(1)
    assert (await browse(people.alice).get(file)).content.startswith(b"%PDF")
    assert (await browse(people.charlie).get(file)).status_code == 404 and (await browse().get(file)).status_code in {303, 401}
    found = await row(schedule)
    assert (found["last_on"], found["next_on"], found["problem"]) == (MONDAY, date(2026, 12, 7), "")


async def test_days_that_were_missed_are_made_up_once(program, people, boards, counted):
    await counted()
    schedule = await weekly(people.alice, boards.north)
    late = date(2026, 12, 16)  # three Mondays later
    assert [await send(schedule, late) for _ in range(2)] == [1, 0]
    assert await mails() == 1 and (await row(schedule))["next_on"] == date(2026, 12, 21)


async def test_run_again_after_it_died_it_sends_one_mail(program, people, boards, counted):
    await counted()
    schedule = await weekly(people.alice, boards.north)
    for _ in range(2):
        await mailing.send_one(await running("reporting.mail"), schedule_id=str(schedule), now=at(MONDAY))
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from stored_file where kind like 'report:%'") == 1
    assert await mails() == 1


async def test_weekends_are_quiet_and_before_its_day_nothing_is_sent(program, people, boards, counted):
    await counted()
    schedule = await weekly(people.alice, boards.north, weekday="tuesday")
    assert [await send(schedule, day) for day in (MONDAY, date(2026, 12, 5), date(2026, 12, 6))] == [0, 0, 0]


async def test_a_person_without_the_right_gets_nothing_and_the_page_says_why(program, browse, people, boards, counted):
    await counted()
    schedule = await weekly(people.alice, boards.north)
    async with acting(SYSTEM, "grant.revoked") as act:
        await execute("update role_grant set revoked_at = now() where account_id = $1", people.alice.account_id)
        act.record("account", people.alice.account_id)
    await send(schedule, MONDAY)
    assert await mails() == 0 and (await row(schedule))["paused_at"]
    assert "They may not see this report any more" in (await browse(people.bob).get("/reports/by-mail")).text


async def test_what_goes_wrong_stands_on_the_page_and_the_next_night_tries_again(program, browse, people, boards, counted):
    schedule = await weekly(people.alice, boards.north)
    with pytest.raises(Invalid):
        await send(schedule, MONDAY)  # nothing was counted yet
    assert "No figures have been counted yet" in (await browse(people.alice).get("/reports/by-mail")).text
    await counted()
    await send(schedule, date(2026, 12, 1))
    assert await mails() == 1 and (await row(schedule))["problem"] == ""


async def test_an_end_a_pause_and_a_stop(program, people, boards, counted):
    await counted()
    schedule = await weekly(people.alice, boards.north, until=date(2026, 12, 10))
    await schedules.pause(people.alice, schedule)
    assert await send(schedule, MONDAY) == 0
    await schedules.resume(people.alice, schedule, MONDAY)
    assert (await row(schedule))["next_on"] == date(2026, 12, 7)
    await send(schedule, date(2026, 12, 7))
    assert await mails() == 1 and (await row(schedule))["next_on"] is None
    await schedules.stop(people.alice, schedule)
    await weekly(people.alice, boards.north)  # anew


async def test_the_rhythm_is_changed_and_counts_from_today(program, browse, people, boards):
    schedule = await weekly(people.alice, boards.north)
    alice, page = browse(people.alice), f"/reports/by-mail/{schedule}/edit"
    assert re.search('value="weekly" selected', (await alice.get(page)).text)
    answer = await alice.submit(page, page=page, rhythm="monthly", weekday="monday", day="15", language="es", until="2020-01-01")
    assert answer.status_code == 422 and "The last day comes before the first mail." in answer.text
    assert (await alice.submit(page, page=page, rhythm="monthly", weekday="monday", day="15", language="es", until="")).status_code == 303
    now = await row(schedule)
    assert (now["rhythm"], now["day"], now["language"], now["until"]) == ("monthly", 15, "es", None)
    await schedules.stop(people.alice, schedule)
    with pytest.raises(Invalid, match="stopped"):
        await schedules.change(people.alice, schedule, RhythmForm(rhythm="weekly"), MONDAY)


async def test_the_link_in_the_mail_stops_it_without_signing_in(sending, postbox, client, people, boards, counted):  # noqa: F811
    await counted()
    schedule = await weekly(people.alice, boards.north, language="es")
    await send(schedule, MONDAY)
    await sending.worker().run_until_idle()
    _message, text = text_of(postbox.arrived[0])
    way_out = re.search(r"http://crm\.test(/report-mails/\S+)", text).group(1)
    page = await client.get(way_out)
    assert page.status_code == 200 and "Detener este correo" in page.text and (await row(schedule))["stopped_at"] is None
    assert (await client.submit(way_out, page=way_out)).status_code == 200 and (await row(schedule))["stopped_at"]
    assert (await client.submit(way_out, page=way_out)).status_code == 200  # pressed again
    assert (await client.get("/report-mails/" + "x" * 32)).status_code == 404
    async with transaction(read_only=True):
        kept = await fetch_one("select text_body, sealed from mail_message where template = 'report'")
    assert way_out not in kept["text_body"] and kept["sealed"] is None


# ── for whom ──


async def test_a_manager_subscribes_the_people_of_their_board_and_no_one_else(program, people, boards):
    await weekly(people.bob, boards.north, account_id=people.alice.account_id)
    with pytest.raises(Invalid):
        await weekly(people.bob, boards.north, account_id=people.charlie.account_id)
    with pytest.raises(NotFound):
        await weekly(people.bob, boards.south)
    with pytest.raises(Denied):
        await weekly(people.alice, boards.north, account_id=people.bob.account_id)
    with pytest.raises(Invalid):
        await weekly(people.alice, boards.north)  # gets it already
    await weekly(people.sam, None, account_id=people.ana.account_id)
    with pytest.raises(Invalid):
        await weekly(people.sam, None, account_id=people.alice.account_id)


async def test_each_sees_and_changes_what_is_theirs(program, browse, people, boards):
    schedule = await weekly(people.alice, boards.north)
    for who, sees in (("alice", True), ("bob", True), ("sam", True), ("walter", True), ("charlie", False), ("ana", False)):
        assert ("Alice" in (await browse(getattr(people, who)).get("/reports/by-mail")).text.partition("<main")[2].partition("<form")[0]) is sees, who
    for who, error in ((people.charlie, NotFound), (people.walter, Denied)):
        with pytest.raises(error):
            await schedules.pause(who, schedule)
    await schedules.pause(people.bob, schedule)


@pytest.mark.parametrize("wrong", [{"day": "32"}, {"rhythm": "hourly"}, {"until": "2001-01-01"}, {"language": "fr"}, {"day": "x"}])
async def test_a_schedule_that_cannot_be_is_refused_with_what_was_typed(browse, people, wrong):
    fields = {"rhythm": "monthly", "weekday": "monday", "day": "15", "language": "en"} | wrong
    answer = await browse(people.alice).submit("/reports/by-mail", page="/reports/by-mail", **fields)
    assert answer.status_code == 422 and "error-summary" in answer.text

"""What becomes of a message: filed where it belongs, waiting for a person, put aside with the reason; never lost, never the end of the run."""

from datetime import timedelta

import pytest

from crm.access import SYSTEM
from crm.actions import acting
from crm.contacts import actions as contacts
from crm.contacts import moving, roles
from crm.contacts.forms import ContactForm, JobChangeForm, RoleForm
from crm.correspondence import deciding
from crm.correspondence.forms import AsideForm, FileForm
from crm.correspondence.rules import proof
from crm.database import fetch, fetch_value, transaction
from crm.days import agency_today
from crm.engagements import actions
from crm.errors import Conflict, NotFound
from tests.correspondence.conftest import ledger, letter, outcomes, readers, timeline

ERIN, ALICE = "Erin Reyes <erins@work.example.com>", "Alice <alice@example.org>"


# ── filed ──


async def test_a_copy_of_what_a_colleague_wrote_is_filed_at_the_employer(desk, bring, employers, boards):
    row = await bring(letter(ALICE, ERIN), desk.alice)
    assert (row["state"], row["reason"], row["direction"], row["board_id"]) == ("filed", "to_known", "out", boards.north)
    [line] = await timeline()
    assert (line["employer_id"], line["contact_id"], line["board_id"], line["direction"]) == (employers.erins, desk.erins, boards.north, "out")
    assert await readers(row["id"]) == {"Alice"}


async def test_a_reply_that_went_to_the_dropbox_too_is_filed_as_theirs(desk, bring, employers, people):
    row = await bring(letter(ERIN, ALICE), desk.alice)
    assert (row["state"], row["reason"], row["direction"], row["proof"]) == ("filed", "from_known", "in", "")
    [line] = await timeline()
    assert (line["kind"], line["direction"], line["contact_id"], line["logged_by"]) == ("email", "in", desk.erins, people.alice.account_id)
    assert await readers(row["id"]) == {"Alice"}


async def test_what_it_says_is_not_on_the_timeline_itself(desk, bring):
    await bring(letter(ERIN, ALICE, subject="Secret plan", text="Do not tell"), desk.alice)
    [line] = await timeline()
    assert (line["summary"], line["body"]) == ("Erin Reyes → alice@example.org", "")


@pytest.mark.parametrize("how", ["inline", "Spanish", "attached"])
async def test_a_mail_that_a_colleague_forwards_is_filed_as_its_writers(desk, bring, how):
    if how == "attached":
        message = letter(ALICE, "x@elsewhere.example", text="See below")
        message.add_attachment(letter(ERIN, ALICE, message_id="<inner@x>"))
    else:
        head = {"inline": "---------- Forwarded message ---------\nFrom: Erin Reyes <erins@work.example.com>\nDate: Monday", "Spanish": "> *De:* Erin Reyes <erins@work.example.com>"}
        message = letter(ALICE, "x@elsewhere.example", text=f"FYI\n\n{head[how]}\n\nWe want interns")
    row = await bring(message, desk.alice)
    assert (row["state"], row["reason"], row["direction"]) == ("filed", "forwarded", "in")
    assert [line["contact_id"] for line in await timeline()] == [desk.erins]


async def test_an_answer_to_our_mailing_is_known_by_it_from_any_address(desk, bring, mailed, employers, people, boards):
    ours = await mailed()
    row = await bring(letter("assistant@elsewhere.example", "desk@agency.example", In_Reply_To=ours, References=f"<other@x> {ours}"), "desk@agency.example")
    assert (row["state"], row["reason"], row["board_id"]) == ("filed", "answers_from_elsewhere", boards.north)
    assert [(line["contact_id"], line["employer_id"], line["direction"]) for line in await timeline()] == [(desk.erins, employers.erins, "in")]
    assert await readers(row["id"]) == {"Alice"}


async def test_what_came_to_no_one_in_particular_is_for_the_one_board_that_works_with_them(desk, bring, boards):
    row = await bring(letter(ERIN, "info@agency.example"), "log@crm.example")
    assert (row["state"], row["board_id"]) == ("filed", boards.north)
    assert await readers(row["id"]) == {"North"}


async def test_one_mail_to_people_of_two_employers_stands_at_both(desk, bring):
    row = await bring(letter(ALICE, f"{ERIN}, franks@work.example.com"), desk.alice)
    assert row["state"] == "filed" and {line["employer"] for line in await timeline()} == {"Erin's Bakery", "Frank's Garage"}


# ── waiting ──


async def test_who_the_directory_does_not_know_waits_with_a_hint_by_the_domain(desk, bring, browse, people):
    row = await bring(letter("new@work.example.com", ALICE), desk.alice)
    assert (row["state"], row["reason"]) == ("waiting", "no_one_known")
    page = (await browse(people.alice).get(f"/emails/{row['id']}")).text
    assert "Others there write from work.example.com" in page and "Erin&#39;s Bakery" in page


async def test_someone_at_two_employers_waits_unless_our_board_works_with_one_alone(desk, bring, people, employers, superuser):
    await contacts.add_contact(people.alice, employers.franks, ContactForm(given_name="Erin", email="erins@work.example.com"))
    assert (await bring(letter(ERIN, ALICE), desk.alice))["reason"] == "several_places"
    await superuser(f"update engagement set archived_at = now() where employer_id = '{employers.franks}'")
    row = await bring(letter(ERIN, ALICE, message_id="<two@x>"), desk.alice)
    assert row["state"] == "filed" and [line["employer"] for line in await timeline()] == ["Erin's Bakery"]


async def change_jobs(people, employers, person):
    async with transaction(read_only=True):
        role = await fetch_value("select id from affiliation where contact_id = $1", person)
    today = agency_today()
    await moving.change_job(people.alice, role, JobChangeForm(left_on=today - timedelta(days=1), employer_id=employers.franks), today=today)


async def test_who_changed_jobs_writes_for_the_new_employer_and_the_ledger_says_so(desk, bring, people, employers, browse):
    await change_jobs(people, employers, desk.erins)
    row = await bring(letter(ERIN, ALICE), desk.alice)
    assert (row["state"], row["reason"]) == ("filed", "from_moved")
    assert [line["employer"] for line in await timeline()] == ["Frank's Garage"]
    assert "who left Erin&#39;s Bakery and works here now" in (await browse(people.alice).get("/emails")).text


async def test_an_answer_to_what_we_wrote_to_them_before_goes_to_the_new_employer_too(desk, bring, mailed, people, employers):
    await change_jobs(people, employers, desk.erins)
    row = await bring(letter("home@elsewhere.example", "desk@agency.example", In_Reply_To=await mailed()), "desk@agency.example")
    assert (row["state"], row["reason"]) == ("filed", "answers_moved")
    assert [line["employer"] for line in await timeline()] == ["Frank's Garage"]


async def test_two_roles_at_one_employer_are_one_place(desk, bring, people, employers):
    await roles.add_role(people.alice, desk.erins, employers.erins, RoleForm(role="Trainer"))
    row = await bring(letter(ERIN, ALICE), desk.alice)
    assert (row["state"], row["reason"]) == ("filed", "from_known")


async def test_a_colleagues_name_on_the_common_address_is_a_hint_and_no_proof(desk, bring, people):
    row = await bring(letter(ALICE, ERIN), "log@crm.example")
    assert (row["state"], row["reason"]) == ("waiting", "perhaps_you") and await timeline() == []
    assert await readers(row["id"]) == {"Alice"}


async def test_to_the_common_address_of_an_employer_that_two_boards_know_waits(desk, bring, people, employers):
    await actions.start(people.charlie, employers.erins)
    assert (await bring(letter(ERIN, "info@agency.example"), "log@crm.example"))["reason"] == "which_board"


# ── proof ──

PASS = "mx.agency.example 1; spf=pass (sender SPF) smtp.mailfrom=erins@work.example.com; dkim=pass header.d=work.example.com; dmarc=pass header.from=work.example.com"  # noqa: S105


@pytest.mark.parametrize(("header", "sender", "found"), [
    (PASS, "erins@work.example.com", "dmarc"),
    ("mx.agency.example; dkim=pass header.d=work.example.com", "erins@work.example.com", "dkim"),
    ("mx.agency.example; spf=pass smtp.mailfrom=erins@work.example.com", "erins@work.example.com", "spf"),
    (PASS, "boss@state.example", ""),  # of another domain than it says it is from
    ("mx.agency.example; dkim=pass header.d=work.example.com.evil.example", "erins@work.example.com", ""),
    ("mx.agency.example; dkim=fail header.d=work.example.com; dmarc=none header.from=work.example.com", "erins@work.example.com", ""),
    ("evil.example; dmarc=pass header.from=work.example.com", "erins@work.example.com", ""),
    ("mx.agency.example; none", "erins@work.example.com", ""), ("garbage", "erins@work.example.com", ""), ("", "erins@work.example.com", ""), (PASS, "", ""),
])  # fmt: skip
def test_a_sender_is_proved_by_the_trusted_server_alone(header, sender, found):
    assert proof(header, sender, "mx.agency.example") == found
    assert proof(header, sender, "") == ""


async def test_a_spoofed_sender_is_shown_as_not_proved(desk, bring, browse, people):
    desk.configure(mail_authority="mx.agency.example")
    spoofed = letter(ERIN, ALICE, Authentication_Results="evil.example; dmarc=pass header.from=work.example.com")
    row = await bring(spoofed, desk.alice)
    assert row["proof"] == "" and "Sender not proved" in (await browse(people.alice).get(f"/emails/{row['id']}")).text


async def test_the_topmost_line_counts_for_the_server_writes_it_last(desk, bring):
    desk.configure(mail_authority="mx.agency.example")
    below = letter(ERIN, ALICE).as_bytes()
    fail = b"Authentication-Results: mx.agency.example; dmarc=fail header.from=work.example.com\n"
    forged = b"Authentication-Results: mx.agency.example; dmarc=pass header.from=work.example.com\n"
    assert (await bring((fail + forged + below).replace(b"\n", b"\r\n"), desk.alice))["proof"] == ""
    assert (await bring((forged + below.replace(b"<one@", b"<two@")).replace(b"\n", b"\r\n"), desk.alice))["proof"] == "dmarc"


async def test_a_proved_colleague_needs_no_address_of_their_own(desk, bring):
    desk.configure(mail_authority="mx.agency.example")
    row = await bring(letter(ALICE, ERIN, Authentication_Results="mx.agency.example; dkim=pass header.d=example.org"), "log@crm.example")
    assert (row["state"], row["proof"]) == ("filed", "dkim")


# ── put aside ──


@pytest.mark.parametrize(("headers", "outcome"), [
    ({"Auto_Submitted": "auto-replied"}, ("automatic", "automatic")), ({"Auto_Submitted": "auto-generated (vacation)"}, ("automatic", "automatic")),
    ({"Precedence": "auto_reply"}, ("automatic", "automatic")), ({"X_Autoreply": "yes"}, ("automatic", "automatic")),
    ({"List_Id": "<news.example>"}, ("ignored", "mass")), ({"Precedence": "bulk"}, ("ignored", "mass")),
    ({"Auto_Submitted": "no"}, ("filed", "from_known")),
])  # fmt: skip
async def test_what_no_person_wrote_stops_nothing(desk, bring, headers, outcome):
    row = await bring(letter(ERIN, ALICE, **headers), desk.alice)
    assert (row["state"], row["reason"]) == outcome
    assert len(await timeline()) == (outcome[0] == "filed")


async def test_our_own_mail_that_comes_back_is_a_loop(desk, bring, mailed):
    ours = await mailed()
    for message in (letter(ERIN, "x@y.example", message_id=ours), letter("desk@agency.example", ERIN, message_id="<l@x>"), letter(desk.alice, ERIN, message_id="<m@x>")):
        row = await bring(message, desk.alice)
        assert (row["state"], row["reason"]) == ("ignored", "ours")
    assert await timeline() == []


async def test_the_same_message_by_another_way_is_filed_once_and_both_may_read_it(desk, bring, people):
    first = await bring(letter(ALICE, f"{ERIN}, charlie@example.org"), desk.alice)
    again = await bring(b"Received: from elsewhere\r\n" + letter(ALICE, f"{ERIN}, charlie@example.org").as_bytes().replace(b"\n", b"\r\n"), desk.charlie)
    assert (again["state"], again["duplicate_of"]) == ("duplicate", first["id"])
    assert len(await timeline()) == 1 and await readers(first["id"]) == {"Alice", "Charlie"}


async def test_without_a_message_id_it_is_known_by_what_it_says(desk, bring):
    await bring(letter(ERIN, ALICE, message_id=""), desk.alice)
    await bring(b"Received: again\r\n" + letter(ERIN, ALICE, message_id="").as_bytes().replace(b"\n", b"\r\n"), desk.alice)
    await bring(letter(ERIN, ALICE, message_id="", text="Another one"), desk.alice)
    assert [state for state, _reason in await outcomes()] == ["filed", "duplicate", "filed"]


async def test_one_number_on_two_different_messages_hides_neither(desk, bring):
    await bring(letter("stranger@evil.example", ALICE, text="Sent first, to be in the way"), desk.alice)
    await bring(letter(ERIN, ALICE), desk.alice)
    assert [state for state, _reason in await outcomes()] == ["waiting", "filed"]


async def test_the_record_of_work_shows_nothing_of_what_it_says(desk, bring):
    await bring(letter(ERIN, ALICE, subject="Secret plan"), desk.alice)
    async with transaction(read_only=True):
        rows = await fetch("select to_jsonb(j)::text as row from job j union all select to_jsonb(e)::text from event e")
    assert not any("Secret plan" in row["row"] for row in rows)


# ── again, by hand, aside, back ──


async def test_done_twice_it_is_filed_once(desk, bring, work):
    row = await bring(letter(ERIN, ALICE), desk.alice)
    async with acting(SYSTEM, "test.again") as act:
        await act.enqueue("correspondence.file", {"email_id": str(row["id"])}, title="again")
        act.record("email", row["id"])
    await work()
    assert len(await timeline()) == 1


async def test_read_again_it_is_judged_by_what_the_directory_knows_now(desk, bring, work, people, employers):
    row = await bring(letter("new@new.example", ALICE), desk.alice)
    assert row["state"] == "waiting"
    await contacts.add_contact(people.alice, employers.franks, ContactForm(given_name="New", email="new@new.example"))
    await deciding.read_again(people.alice, row["id"])
    await work()
    assert [line["employer"] for line in await timeline()] == ["Frank's Garage"]


async def test_a_person_files_it_elsewhere_and_undoes_that(desk, bring, browse, people, employers):
    row = await bring(letter(ERIN, ALICE), desk.alice)
    page, alice = f"/emails/{row['id']}", browse(people.alice)
    answer = await alice.submit(f"{page}/file", page=page, employer_id=str(employers.franks), direction="in")
    assert answer.status_code == 303 and [line["employer"] for line in await timeline()] == ["Frank's Garage"]
    assert "Filed by a person." in (await alice.get(page)).text
    assert (await alice.submit(f"{page}/back", page=page)).status_code == 303
    assert await timeline() == [] and await outcomes() == [("waiting", "brought_back")]


async def test_a_person_puts_it_aside_quarantines_it_and_brings_it_back(desk, bring, people):
    row = await bring(letter(ERIN, ALICE), desk.alice)
    for to in ("ignored", "quarantined"):
        await deciding.put_aside(people.alice, row["id"], AsideForm(to=to))
        assert await outcomes() == [(to, "put_aside")] and await timeline() == []
        await deciding.bring_back(people.alice, row["id"])
    assert await outcomes() == [("waiting", "brought_back")]


async def test_the_state_office_places_what_came_to_no_one(desk, bring, people, employers):
    row = await bring(letter("stranger@else.example", "info@agency.example"), "log@crm.example")
    assert await readers(row["id"]) == set()
    for other in (people.alice, people.charlie):
        with pytest.raises(NotFound):
            await deciding.file_by_hand(other, row["id"], FileForm(employer_id=employers.erins))
    await deciding.file_by_hand(people.sam, row["id"], FileForm(employer_id=employers.erins, contact_id=desk.erins))
    assert [(line["employer"], line["contact_id"]) for line in await timeline()] == [("Erin's Bakery", desk.erins)]
    assert await readers(row["id"]) == {"North"}


async def test_what_is_not_read_yet_waits(desk, door, people):
    await door(letter(ERIN, ALICE), desk.alice)
    [row] = await ledger()
    with pytest.raises(Conflict):
        await deciding.put_aside(people.alice, row["id"], AsideForm())


async def test_new_replies_stand_on_the_readers_day_until_they_are_looked_at(desk, bring, browse, people):
    row = await bring(letter(ERIN, ALICE, subject="We want interns"), desk.alice)
    alice, bob = browse(people.alice), browse(people.bob)
    assert "We want interns" in (await alice.get("/today")).text and "We want interns" not in (await bob.get("/today")).text
    assert (await alice.submit(f"/emails/{row['id']}/seen", page="/today")).status_code == 303
    assert "We want interns" not in (await alice.get("/today")).text
    await alice.submit(f"/emails/{row['id']}/unseen", page="/today")
    assert "We want interns" in (await alice.get("/today")).text


async def test_the_ledger_says_what_was_decided_and_why_in_both_languages(desk, bring, browse, people, superuser):
    await bring(letter(ERIN, ALICE), desk.alice)
    await bring(letter("new@new.example", ALICE, message_id="<n@x>"), desk.alice)
    alice = browse(people.alice)
    page = (await alice.get("/emails")).text
    assert "It says it is from erins@work.example.com." in page and "The directory knows none of the addresses." in page
    assert "Mail arrives here" in page and 'state=waiting"' in page.replace("&amp;", "&")
    await superuser("update account set language = 'es'")
    assert "El directorio no conoce ninguna de las direcciones." in (await alice.get("/emails?state=waiting")).text


async def test_an_employer_that_was_merged_keeps_its_mail(desk, bring, people, employers):
    from crm.employers import merging

    await bring(letter(ERIN, ALICE), desk.alice)
    await merging.merge(people.alice, employers.franks, employers.erins, {})
    assert [line["employer"] for line in await timeline()] == ["Frank's Garage"]

"""Words with fields, and the hours at which mailings leave."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.errors import Conflict, Denied, Invalid
from crm.outreach import templates
from crm.outreach.forms import TemplateForm
from crm.outreach.rules import FIELDS, filled, is_open, missing_fields, next_opening, unknown_fields

BOSTON = "America/New_York"
WORDS = {"name": "Hello", "subject_en": "Hello {first_name}", "body_en": "From {board}"}


@given(text=st.text(), values=st.dictionaries(st.sampled_from(FIELDS), st.text()))
def test_fields_are_names_and_no_expressions(text, values):
    """A value is put in as it is, whatever it looks like; nothing else of the text changes."""
    assert filled("{first_name.__class__} {0} {{employer}} " + text.replace("{", "("), values).startswith(
        "{first_name.__class__} {0} {" + values.get("employer", "{employer}") + "} ")  # fmt: skip
    assert filled("{employer}", {"employer": "{sender}", "sender": "x"}) == "{sender}"


def test_what_is_no_field_and_what_is_empty_is_named():
    assert unknown_fields("Dear {first_name} {surname} {first name}", "{ceo}") == ["ceo", "surname"]
    assert missing_fields({"first_name": " ", "board": "Central"}, "{first_name} of {board} {city}") == ["city", "first_name"]


@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("2026-11-23T13:00", "2026-11-23T13:00"),  # Monday at eight in Boston
        ("2026-11-23T12:59", "2026-11-23T13:00"), ("2026-11-23T23:00", "2026-11-24T13:00"),
        ("2026-11-27T23:30", "2026-11-30T13:00"), ("2026-11-28T15:00", "2026-11-30T13:00"),
        ("2026-03-06T23:30", "2026-03-09T12:00"),  # over the weekend on which summer time begins
    ],
)  # fmt: skip
def test_mailings_leave_in_working_hours_of_the_agencys_zone(at, then):
    at, then = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (at, then))
    assert next_opening(at, BOSTON).astimezone(UTC) == then


@given(at=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
       zone=st.sampled_from([BOSTON, "America/Denver", "America/Phoenix", "Pacific/Honolulu"]))  # fmt: skip
def test_the_next_opening_is_open_and_not_before(at, zone):
    then = next_opening(at, zone)
    assert then >= at and is_open(then, zone)
    assert then == at or then.astimezone(ZoneInfo(zone)).hour == 8


async def test_a_field_that_is_none_is_refused_with_those_there_are(people):
    with pytest.raises(Invalid, match=r"\{surname\} is no field. There are \{first_name\}"):
        await templates.add(people.alice, TemplateForm(**WORDS | {"body_en": "Dear {surname}"}))
    with pytest.raises(Invalid, match="go together"):
        await templates.add(people.alice, TemplateForm(**WORDS, subject_es="Hola"))


async def test_the_states_words_are_for_every_board_and_changed_by_the_state_alone(people, browse):
    words = await templates.add(people.sam, TemplateForm(**WORDS))
    own = await templates.add(people.alice, TemplateForm(**WORDS | {"name": "Ours"}))
    listed = (await browse(people.bob).get("/email-templates")).text
    assert ">Hello<" in listed and ">Ours<" in listed
    with pytest.raises(Denied, match="state's"):
        await templates.change(people.alice, words, TemplateForm(**WORDS, version=1))
    await templates.change(people.bob, own, TemplateForm(**WORDS | {"name": "Still ours"}, version=1))
    with pytest.raises(Conflict):
        await templates.change(people.alice, own, TemplateForm(**WORDS, version=1))
    assert "Still ours" not in (await browse(people.charlie).get("/email-templates")).text

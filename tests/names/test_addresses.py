import pytest
import us
from hypothesis import given
from hypothesis import strategies as st

from crm.addresses import Address, address_key, address_keys, place_key, split_pasted_address, tidy_address
from crm.states import state_code, state_codes, state_name
from crm.zip_codes import coordinates, distance_in_miles, tidy_zip, time_zone, zip_fits


@pytest.mark.parametrize(
    ("text", "state", "zip_code", "noted"),
    [
        ("02139", "MA", "02139", False),
        ("2139", "MA", "02139", True),
        ("2139.0", "MA", "02139", True),
        ("2139", "", "02139", True),
        ("501", "NY", "00501", True),
        ("021391234", "", "02139-1234", False),
        ("21391234", "MA", "02139-1234", True),
        ("02139-1234", "MA", "02139-1234", False),
        ("59101.0", "MT", "59101", False),
        ("9101", "MT", "", True),
        ("02139", "MT", "02139", True),
        ("abc", "MA", "", True),
        ("", "MA", "", False),
    ],
)
def test_zip_codes_are_mended_and_doubts_are_noted(text, state, zip_code, noted):
    found = tidy_zip(text, state)

    assert found.zip == zip_code
    assert bool(found.note) == noted


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Mass.", "MA"),
        ("massachusetts", "MA"),
        ("ma", "MA"),
        ("D.C.", "DC"),
        ("Puerto Rico", "PR"),
        ("N.H.", "NH"),
    ]
    + [("New  York", "NY"), ("XX", ""), ("Texxas", ""), ("", "")],
)
def test_states_are_known_by_code_name_and_old_short_form(text, code):
    assert state_code(text) == code


def test_there_are_fifty_states_one_district_and_five_territories():
    assert set(state_codes()) == {state.abbr for state in [*us.STATES_AND_TERRITORIES, us.states.DC]}
    assert len(state_codes()) == 56
    assert state_name("DC") == "District of Columbia"
    assert all(any(zip_fits(f"{prefix:03}00", state) for prefix in range(1000)) for state in state_codes())


def test_an_address_is_tidied_and_says_what_was_left_out():
    found = tidy_address("2900 12TH AVE N #4E", "", "billings", "Montanna", "5910")

    assert found.address == Address("2900 12th Ave N #4E", "", "Billings", "", "")
    assert ["Montanna" in found.notes[0], "5910" in found.notes[1]] == [True, True]


def test_state_and_zip_typed_into_the_city_are_taken_apart():
    assert tidy_address(city="BOSTON, MA 02139").address == Address("", "", "Boston", "MA", "02139")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("12½ Elm St", ""), ("12 1/2 ELM STREET", "")),
        (("100 Main St", "Suite 3"), ("100 MAIN STREET STE 9", "")),
        (("401 West Pennsylvania Avenue", ""), ("401 W PENNSYLVANIA AVE.", "")),
        (("P.O. Box 5", ""), ("PO BOX 5", "")),
    ],
)
def test_spellings_of_one_door_have_one_key(one, other):
    keys = address_keys([Address(line1, line2, "Boston", "MA", "02139") for line1, line2 in (one, other)])

    assert keys[0] == keys[1] != ""
    assert keys[0].startswith("k")


@pytest.mark.parametrize("line1", ["", "Elm St", "Suite #200", "\x00", "–"])
def test_without_a_number_there_is_no_door_to_match(line1):
    assert address_key(Address(line1, "", "Boston", "MA", "02139")) == ""


@pytest.mark.parametrize(
    ("city", "key"),
    [
        ("W. Springfield", "west springfield"),
        ("City of Boston", "boston"),
        ("Manchester-by-the-Sea", "manchester by the sea"),
        ("E LONGMEADOW", "east longmeadow"),
        ("Springfield MA", "springfield"),
        ("Saint Louis", "st louis"),
        ("N.Adams", "north adams"),
        ("Mayagüez", "mayaguez"),
    ],
)
def test_spellings_of_one_place_have_one_key(city, key):
    assert place_key(city, "MA") == key


def test_a_pasted_line_fills_the_fields():
    found = split_pasted_address("175 North 27th Street Suite 800, Billings, MT 59101")

    assert found == (Address("175 North 27th Street", "Suite 800", "Billings", "MT", "59101"), True)


@pytest.mark.parametrize("text", ["", "hello", "1 Main St 2 Elm St Boston MA 02139 Salem MA", "\n\n,,"])
def test_a_pasted_line_that_is_no_address_is_never_certain(text):
    assert not split_pasted_address(text).certain


def test_zip_codes_are_on_the_map():
    assert time_zone("02139-1234") == "America/New_York"
    assert 100 < (distance_in_miles("02139", "12207") or 0) < 180
    assert coordinates("00000") is None


@given(st.text(), st.text(), st.text(), st.text(), st.text())
def test_no_text_breaks_an_address(line1, line2, city, state, zip_code):
    found = tidy_address(line1, line2, city, state, zip_code)

    address_key(found.address)
    assert tidy_address(*found.address).address == found.address

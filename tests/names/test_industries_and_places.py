import subprocess
import sys
from collections import Counter
from datetime import date

import pytest

from crm import industries, places


def test_the_data_hold_every_code_of_naics_2022():
    counts = Counter(industry.level for industry in industries._edition(2022).values())

    assert counts == {2: 20, 3: 96, 4: 308, 5: 689, 6: 1012}


def test_every_code_but_a_sector_hangs_below_a_known_one():
    for industry in industries._edition(2022).values():
        assert industry.title == industry.title.strip() != ""
        assert industry.level == 2 or industries.is_valid(industries.parent(industry.code))


@pytest.mark.parametrize(
    ("code", "sector", "title"),
    [
        ("311811", "31-33", "Retail Bakeries"),
        ("33", "31-33", "Manufacturing"),
        ("455110", "44-45", "Department Stores"),
        ("484", "48-49", "Truck Transportation"),
        ("622110", "62", "General Medical and Surgical Hospitals"),
    ],
)
def test_codes_have_names_and_sectors(code, sector, title):
    assert industries.sector(code) == sector
    assert industries.name(code) == title
    assert industries.path(code)[0].code == sector


def test_an_older_code_keeps_its_name_and_is_noted():
    found = industries.tidy_industry("451110")

    assert not industries.is_valid("451110")
    assert industries.name("451110") == "Sporting Goods Stores"
    assert found.code == "451110"
    assert "NAICS 2017" in found.note


@pytest.mark.parametrize(
    ("text", "code", "noted"),
    [
        ("561330.0", "561330", False),
        ("", "", False),
        ("999990", "", True),
        ("999", "", True),
        ("bakery", "", True),
    ]
    + [("722110", "722110", True), ("31", "31-33", False)],
)
def test_codes_from_a_spreadsheet(text, code, noted):
    found = industries.tidy_industry(text)

    assert found.code == code
    assert bool(found.note) == noted


def test_search_finds_by_words_and_by_code():
    assert industries.search("bakeries retail")[0].code == "311811"
    assert [found.code for found in industries.search("6221")] == ["6221", "62211", "622110"]
    assert industries.search("") == industries.search("zzzz") == []


def test_children_of_nothing_are_the_sectors():
    assert len(industries.children("")) == 20
    assert [child.code for child in industries.children("622")] == ["6221", "6222", "6223"]


def test_connecticut_has_planning_regions_since_2022():
    assert len(places.counties("CT", date(2022, 6, 5))) == 8
    assert len(places.counties("CT", date(2026, 11, 23))) == 9
    assert places.county("09110") == ("09110", "Capitol Planning Region", "CT", date(2022, 6, 6), None)


def test_there_are_as_many_counties_as_the_source_says():
    assert sum(len(rows) for rows in places._by_state().values()) == 3_235 + 9
    assert places.counties("MA", date(2026, 1, 1))[0][:3] == ("25001", "Barnstable County", "MA")
    assert places.counties("XX", date(2026, 1, 1)) == []


def test_starting_the_program_loads_no_list():
    """crm --help must stay quick: the lists and the heavy libraries wait until they are asked for."""
    code = (
        "import sys, crm.names, crm.phones, crm.industries, crm.places, crm.zip_codes, crm.states;"
        "print([m for m in ('us','phonenumbers','zip2info','cleanco','clevercsv') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "[]"

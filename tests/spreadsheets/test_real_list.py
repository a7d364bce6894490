"""A real list: 2,196 loans to employers in Montana (U.S. Small Business Administration, 2020)."""

from collections import defaultdict
from pathlib import Path

import pytest

from crm.addresses import address_keys, tidy_address
from crm.industries import tidy_industry
from crm.names import match_key
from crm.spreadsheets.reading import open_spreadsheet

FILE = Path(__file__).parents[2].parent / "shared" / "data" / "sba_ppp_montana_150k_plus.csv"


@pytest.fixture(scope="module")
def rows():
    if not FILE.exists():
        pytest.skip("the real list is not beside this checkout")
    opened = open_spreadsheet(FILE)
    return [dict(zip(opened.headers, row.cells, strict=True)) | {"row": row.number} for row in opened.rows()]


def test_every_row_arrives(rows):
    assert len(rows) == 2_196
    assert [row["row"] for row in rows] == list(range(2, 2_198))
    assert sum(not row["NAICSCode"] for row in rows) == 4


def test_two_names_come_twice(rows):
    found = defaultdict(list)
    for row in rows:
        found[match_key(row["BusinessName"])].append(row["row"])

    assert {key: numbers for key, numbers in found.items() if len(numbers) > 1} == {
        "gtuit": [132, 133],
        "quicksilver": [182, 183],
    }


def test_nearly_every_address_has_a_key(rows):
    found = [tidy_address(row["Address"], "", row["City"], row["State"], row["Zip"]) for row in rows]
    keys = address_keys([one.address for one in found])

    assert not any(one.notes for one in found)
    assert sum(not key for key in keys) < 15
    by_row = {row["row"]: key for row, key in zip(rows, keys, strict=True)}
    assert by_row[182] != by_row[183]


def test_codes_of_the_edition_before_are_noted_and_kept(rows):
    found = [tidy_industry(row["NAICSCode"]) for row in rows]

    assert sum(bool(one.note) for one in found) == 196
    assert sum(not one.code for one in found) == 4 + 3  # without a code, and 999990 "unclassified"

"""Counties and county equivalents of the United States, as of a day."""

import csv
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple


class County(NamedTuple):
    fips: str  # five digits: "25017"
    name: str
    state: str
    valid_from: date | None  # first day as a county equivalent; None: no limit known
    valid_to: date | None  # last day


_FILE = Path(__file__).parent / "parameters" / "places" / "us_counties.csv"


@cache
def _by_state() -> dict[str, list[County]]:
    found: dict[str, list[County]] = {}
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for fips, name, state, valid_from, valid_to in rows:
            found.setdefault(state, []).append(County(fips, name, state, _day(valid_from), _day(valid_to)))
    return found


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def counties(state: str, on: date) -> list[County]:
    """The state's counties on a day, by code. Connecticut has nine planning regions since 2022-06-06."""
    return [
        county
        for county in _by_state().get(state, [])
        if (county.valid_from is None or county.valid_from <= on)
        and (county.valid_to is None or on <= county.valid_to)
    ]


def county(fips: str) -> County | None:
    """By its five-digit code, whether or not it still stands."""
    return next((found for rows in _by_state().values() for found in rows if found.fips == fips), None)

"""Industries: the NAICS codes (U.S. Census Bureau, 2022), their titles, their tree, and search."""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

from crm.folding import words
from crm.translation import _


class Industry(NamedTuple):
    code: str  # "31-33", "311", … "311811"
    title: str
    level: int  # 2 sector, 3 subsector, 4 industry group, 5 industry, 6 national industry


class TidyIndustry(NamedTuple):
    code: str
    note: str


_FOLDER = Path(__file__).parent / "parameters" / "industries"
_RANGES = {
    "31": "31-33",
    "32": "31-33",
    "33": "31-33",
    "44": "44-45",
    "45": "44-45",
    "48": "48-49",
    "49": "48-49",
}


@cache
def _edition(year: int) -> dict[str, Industry]:
    with (_FOLDER / f"naics_{year}.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return {code: Industry(code, title, int(level)) for code, title, level in rows}


@cache
def _title_words() -> list[tuple[Industry, list[str]]]:
    return [(industry, words(industry.title)) for industry in _edition(2022).values()]


def _ranged(code: str) -> str:
    return _RANGES.get(code, code)


def is_valid(code: str) -> bool:
    """Whether it is a code of NAICS 2022, of any level; "31" and "31-33" both are."""
    return _ranged(code) in _edition(2022)


def name(code: str) -> str:
    """The title in NAICS 2022, else in NAICS 2017, else empty."""
    found = _edition(2022).get(_ranged(code)) or (_edition(2017).get(code) if code else None)
    return found.title if found else ""


def parent(code: str) -> str:
    """311 → 31-33, 311811 → 31181; empty for a sector."""
    return _ranged(code[:-1]) if len(code) > 2 and "-" not in code else ""


def sector(code: str) -> str:
    """311811 → 31-33; empty when there is no such sector."""
    found = _ranged(code[:2])
    return found if found in _edition(2022) else ""


def path(code: str) -> list[Industry]:
    """From the sector down to the code, as far as NAICS 2022 knows them."""
    steps: list[Industry] = []
    while code:
        if found := _edition(2022).get(_ranged(code)):
            steps.append(found)
        code = parent(code)
    return steps[::-1]


def children(code: str) -> list[Industry]:
    """The next finer level; of an empty code, the sectors."""
    code = _ranged(code)
    return [industry for industry in _edition(2022).values() if parent(industry.code) == code]


def search(text: str, limit: int = 20) -> list[Industry]:
    """By the beginning of a code, or by words of the title; the finest level and the shortest title first."""
    if text.strip().isdecimal():
        start = text.strip()
        found = [industry for industry in _edition(2022).values() if industry.code.startswith(start)]
        return sorted(found, key=lambda industry: (industry.level, industry.code))[:limit]
    wanted = [word for word in words(text) if word != "and"]
    if not wanted:
        return []
    found = [industry for industry, title in _title_words() if _fits(wanted, title)]
    return sorted(found, key=lambda industry: (-industry.level, len(industry.title), industry.code))[:limit]


def _fits(wanted: list[str], title: list[str]) -> bool:
    return all(any(word.startswith(part) for word in title) for part in wanted)


def tidy_industry(text: str) -> TidyIndustry:
    """A code from a spreadsheet: kept when it could be meant, with a note when NAICS 2022 lacks it."""
    code = _ranged(text.strip().removesuffix(".0").replace(" ", ""))
    if not code or is_valid(code):
        return TidyIndustry(code, "")
    if code in _edition(2017):
        note = _("%(code)s is a code of NAICS 2017 (%(title)s) that NAICS 2022 replaced: choose the new one.")
        return TidyIndustry(code, note % {"code": code, "title": name(code)})
    if code.isascii() and code.isdigit() and 2 <= len(code) <= 6 and sector(code):
        return TidyIndustry(code, _("%(code)s is in neither NAICS 2022 nor NAICS 2017.") % {"code": code})
    return TidyIndustry(
        "", _("“%(code)s” is not a NAICS code, so it was left out.") % {"code": text.strip()[:20]}
    )

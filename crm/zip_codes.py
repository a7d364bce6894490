"""ZIP codes as text: mended when a spreadsheet ate the zero, compared with the state, put on the map."""

import re
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

from crm.translation import _


class TidyZip(NamedTuple):
    zip: str  # "02139", "02139-1234" or ""
    note: str  # what was changed or is doubtful; empty when all is well


# First three digits of the ZIP codes of each state: USPS labeling list L002, 3-digit ZIP Code prefix matrix.
_PREFIXES = """
AL 350-369|AK 995-999|AS 967|AZ 850-865|AR 716-729 755|CA 900-961|CO 800-816|CT 060-069|DE 197-199
DC 200 202-205 569|FL 320-349|GA 300-319 398-399|GU 969|HI 967-968|ID 832-838|IL 600-629|IN 460-479
IA 500-528|KS 660-679|KY 400-427|LA 700-714|ME 039-049|MD 206-219|MA 010-027 055|MI 480-499
MN 550-567|MP 969|MS 386-397|MO 630-658|MT 590-599|NE 680-693|NV 889-898|NH 030-038|NJ 070-089
NM 870-884|NY 005 063 100-149|NC 270-289|ND 580-588|OH 430-459|OK 730-732 734-749|OR 970-979
PA 150-196|PR 006-007 009|RI 028-029|SC 290-299|SD 570-577|TN 370-385|TX 733 750-799 885|UT 840-847
VT 050-054 056-059|VA 201 220-246|VI 008|WA 980-994|WV 247-268|WI 530-549|WY 820-831
"""
_SHAPE = re.compile(r"(\d{5})(?:[-\s]?(\d{4}))?")


def _spread(text: str) -> dict[str, frozenset[str]]:
    prefixes: dict[str, frozenset[str]] = {}
    for entry in text.replace("\n", "|").strip("|").split("|"):
        state, *spans = entry.split()
        found: set[str] = set()
        for span in spans:
            first, _dash, last = span.partition("-")
            found.update(f"{number:03}" for number in range(int(first), int(last or first) + 1))
        prefixes[state] = frozenset(found)
    return prefixes


_BY_STATE = _spread(_PREFIXES)


def zip_fits(zip_code: str, state: str) -> bool:
    """Whether the ZIP code lies in the state; True when the state is not known."""
    return state not in _BY_STATE or zip_code[:3] in _BY_STATE[state]


def tidy_zip(text: str, state: str = "") -> TidyZip:
    """2139 in MA → 02139 with a note; 021391234 → 02139-1234; what is no ZIP code → empty with a note."""
    text = text.strip()
    if len(text) == 5 and text.isascii() and text.isdigit():
        return TidyZip(text, _doubt(text, state))
    text = text.removesuffix(".0").rstrip("-")
    if not text:
        return TidyZip("", "")
    if match := _SHAPE.fullmatch(text):
        found = f"{match[1]}-{match[2]}" if match[2] else match[1]
        return TidyZip(found, _doubt(found, state))
    return _restored(text, state) or TidyZip(
        "", _("“%(zip)s” is not a ZIP code, so it was left out.") % {"zip": text[:20]}
    )


def _restored(text: str, state: str) -> TidyZip | None:
    """A number that lost its zeros: 3 or 4 digits, or with the last four 7 or 8."""
    main, _dash, more = text.partition("-")
    if not more and len(main) in (7, 8):
        main, more = main[:-4], main[-4:]
    if not (main.isdigit() and main.isascii() and len(main) in (3, 4)) or (
        more and not re.fullmatch(r"\d{4}", more)
    ):
        return None
    restored = main.zfill(5)
    if not (zip_fits(restored, state) if state in _BY_STATE else coordinates(restored)):
        return None
    found = f"{restored}-{more}" if more else restored
    return TidyZip(
        found,
        _("The ZIP code lost a leading zero: %(typed)s was read as %(zip)s.") % {"typed": text, "zip": found},
    )


def _doubt(zip_code: str, state: str) -> str:
    if zip_fits(zip_code, state):
        return ""
    return _("ZIP code %(zip)s is not in %(state)s: check the address.") % {"zip": zip_code, "state": state}


def zip5(zip_code: str) -> str:
    """The five digits of a ZIP code, with or without its last four."""
    return zip_code[:5]


def coordinates(zip_code: str) -> tuple[float, float] | None:
    """Latitude and longitude of the ZIP code's centre (Census ZCTA, else GeoNames, CC BY 4.0)."""
    import zip2info

    return zip2info.coordinates(zip5(zip_code))


def time_zone(zip_code: str) -> str:
    """The ZIP code's time zone ("America/New_York"), or empty."""
    import zip2info

    return zip2info.timezone(zip5(zip_code)) or ""


def distance_in_miles(first: str, second: str) -> float | None:
    """As the crow flies between the centres of two ZIP codes; None when one is not on the map."""
    from_point, to_point = coordinates(first), coordinates(second)
    if from_point is None or to_point is None:
        return None
    (lat1, lon1), (lat2, lon2) = ((radians(a), radians(b)) for a, b in (from_point, to_point))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 3958.8 * asin(sqrt(half))

"""How moments and fingerprints read on paper. Values come as JSON holds them: text."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from crm import translation


def moment_in(zone: str) -> Callable[[str], str]:
    """Nov 23, 2026, 2:05 PM EST: paper is read elsewhere and later, so it names its zone."""

    def moment(value: str) -> str:
        local = datetime.fromisoformat(value).astimezone(ZoneInfo(zone))
        told = format_datetime(local, "medium", tzinfo=ZoneInfo(zone), locale=translation.locale())
        # our font has no narrow no-break space, and another font must not creep in for it
        return f"{told} {local.tzname()}".replace("\u202f", "\xa0")

    return moment


def fingerprint(value: str) -> str:
    """The first 16 of 64 digits, in fours: enough to compare by eye."""
    return " ".join(value[start : start + 4] for start in range(0, 16, 4))

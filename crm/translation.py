"""English and Spanish: gettext catalogues of the core and of plugins, and how dates, numbers and money are written."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, format_timedelta, get_timezone_name
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
from babel.support import NullTranslations, Translations

LANGUAGES = {"en": "English", "es": "Español"}
_LOCALES = {"en": "en_US", "es": "es_US"}
_language: ContextVar[str] = ContextVar("crm_language", default="en")
_folders: list[Path] = [Path(__file__).parent / "locale"]


def use_folders(folders: list[Path]) -> None:
    """Add the catalogues of plugins. Called at start."""
    _folders[1:] = folders
    _catalogue.cache_clear()


@cache
def _catalogue(language: str) -> NullTranslations:
    """All catalogues of a language as one; an untranslated text stays English."""
    found: NullTranslations = NullTranslations()
    for folder in _folders:
        file = folder / language / "LC_MESSAGES" / "crm.po"
        if file.exists():
            compiled = BytesIO()
            with file.open("rb") as source:
                write_mo(compiled, read_po(source, locale=language))
            compiled.seek(0)
            more = Translations(compiled)
            found = more if not isinstance(found, Translations) else found.merge(more)
    return found


def words() -> object:
    """What texts are looked up in now: the same object for as long as they come out the same."""
    return _catalogue(_language.get())


def language() -> str:
    return _language.get()


def use_language(code: str) -> None:
    _language.set(code if code in LANGUAGES else "en")


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Write in this language for a while: a mail or a document for one person."""
    token = _language.set(code if code in LANGUAGES else "en")
    try:
        yield
    finally:
        _language.reset(token)


def _(message: str) -> str:
    return str(_catalogue(_language.get()).gettext(message)) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    return str(_catalogue(_language.get()).ngettext(one, many, count))


def lazy_(message: str) -> str:
    """Mark a text at module level for the catalogue; it is translated where it is shown."""
    return message


def locale() -> str:
    return _LOCALES[_language.get()]


def day(value: date | datetime | None, zone: str = "UTC", *, today: date | None = None) -> str:
    """A day as people say it: relative and exact, "in 3 days (Thu, Nov 26)"."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(zone)).date()
    distance = (value - (today or datetime.now(ZoneInfo(zone)).date())).days
    exact = exact_day(value)
    if distance == 0:
        return _("today (%(day)s)") % {"day": exact}
    if distance in {1, -1}:
        told = _("tomorrow (%(day)s)") if distance == 1 else _("yesterday (%(day)s)")
        return told % {"day": exact}
    if abs(distance) > 60:
        return exact
    return f"{_days_away(distance, locale())} ({exact})"


@cache
def _days_away(distance: int, place: str) -> str:
    return str(format_timedelta(distance * 86400, granularity="day", threshold=100, add_direction=True, locale=place))


def exact_day(value: date) -> str:
    """A day of work: with its weekday this year, with its year otherwise."""
    return _written("MMMEd" if value.year == datetime.now(UTC).year else "yMMMd", value, locale())


@lru_cache(maxsize=4096)  # Babel takes 50 µs for what a page shows a hundred times
def _written(skeleton: str, value: date, place: str) -> str:
    return str(format_skeleton(skeleton, value, locale=place))


def long_day(value: date | str) -> str:
    """A day that law hangs on, always with its year: "January 1, 2026". Text is read as ISO 8601."""
    found = date.fromisoformat(value) if isinstance(value, str) else value
    return str(format_date(found, "long", locale=locale()))


def month_of(value: date) -> str:
    """The month with its year: "October 2025"."""
    return _written("yMMMM", value, locale())


def moment(value: datetime | None, zone: str = "UTC") -> str:
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(zone))
    return f"{_written('yMMMd', local.date(), locale())}, {_clock(time(local.hour, local.minute), locale())}"


def span(begins: datetime, ends: datetime, zone: str = "UTC") -> str:
    """When something takes place: "Tuesday, January 12, 2027, 8:00 AM to 10:00 AM"."""
    if begins.astimezone(ZoneInfo(zone)).date() != ends.astimezone(ZoneInfo(zone)).date():
        return _("%(begins)s until %(ends)s") % {"begins": moment(begins, zone), "ends": moment(ends, zone)}
    first, last = begins.astimezone(ZoneInfo(zone)), ends.astimezone(ZoneInfo(zone))
    clocks = {name: _clock(time(at.hour, at.minute), locale()) for name, at in (("begins", first), ("ends", last))}
    return _("%(day)s, %(begins)s to %(ends)s") % {"day": format_date(first.date(), "full", locale=locale()), **clocks}


def time_of_day(value: time) -> str:
    return _clock(value, locale())


@cache
def _clock(value: time, place: str) -> str:
    return str(format_time(value, "short", locale=place)).replace("\u202f", "\xa0")  # our font has no narrow space


def zone_name(zone: str) -> str:
    """A zone as people call it: "Eastern Time" for America/New_York."""
    return zone if "/" not in zone else _zone_name(zone, locale())


@cache
def _zone_name(zone: str, place: str) -> str:
    return str(get_timezone_name(ZoneInfo(zone), locale=place))


def ago(value: datetime | None) -> str:
    """How long ago, in one unit."""
    if value is None:
        return ""
    seconds = round((value - datetime.now(UTC)).total_seconds())
    # as exact as the words are, so that most of them are known already
    step = 1 if abs(seconds) < 120 else 60 if abs(seconds) < 7200 else 3600 if abs(seconds) < 172800 else 86400
    return _seconds_away(round(seconds / step) * step, locale())


@lru_cache(maxsize=4096)
def _seconds_away(seconds: int, place: str) -> str:
    return str(format_timedelta(seconds, threshold=1.2, add_direction=True, locale=place))


def money(value: Decimal | str | None) -> str:
    if value is None or value == "":
        return ""
    amount = Decimal(value)
    pattern = "¤#,##0" if amount == amount.to_integral_value() else "¤#,##0.00"
    return str(format_currency(amount, "USD", pattern, locale=locale(), currency_digits=False))


def percent(share: Decimal | float) -> str:
    """A share, 0.4, as people write it: "40%"; with two decimals at most."""
    return f"{number(round(Decimal(str(share)) * 100, 2).normalize())}%"


def number(value: int | Decimal | None) -> str:
    return "" if value is None else _counted(value, locale())


@lru_cache(maxsize=4096)
def _counted(value: int | Decimal, place: str) -> str:
    return str(format_decimal(value, locale=place))

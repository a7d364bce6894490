"""How dates, amounts and fingerprints read on paper. Values come as JSON holds them: text."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone_name
from babel.numbers import format_currency, format_decimal


def document_filters(language: str, zone: str) -> dict[str, Callable[..., str]]:
    """Jinja filters for one language (as spoken in the United States) and the agency's zone."""
    locale = Locale.parse(f"{language}_US")

    def money(value: Any) -> str:
        amount = Decimal(str(value))
        whole = amount == amount.to_integral_value()
        return format_currency(amount, "USD", format="¤#,##0" if whole else None, locale=locale,
                               currency_digits=not whole)  # fmt: skip

    def number(value: Any) -> str:
        return format_decimal(Decimal(str(value)), locale=locale)

    def day(value: Any) -> str:
        return format_date(date.fromisoformat(str(value)), "long", locale=locale)

    def moment(value: Any) -> str:
        local = datetime.fromisoformat(str(value)).astimezone(ZoneInfo(zone))
        zone_name = get_timezone_name(local, width="short", locale=Locale.parse("en_US"))
        return f"{format_datetime(local, 'd MMM y, h:mm a' if language == 'es' else 'MMM d, y, h:mm a', locale=locale)} {zone_name}"

    def fingerprint(value: Any) -> str:
        code = str(value)[:16]
        return " ".join(code[start : start + 4] for start in range(0, len(code), 4))

    return {"money": money, "number": number, "day": day, "moment": moment, "fingerprint": fingerprint}

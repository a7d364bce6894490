"""Codes of the services that are given to employers, as dated data: a logged visit that carries one is a row of the report."""

from collections.abc import Iterable
from datetime import date
from typing import Literal

from msgspec import Struct

Review = Literal["verified", "second_hand", "recalled", "entered"]
KINDS = ("call", "email", "visit", "meeting", "event", "note", "letter")


class ServiceCode(Struct, frozen=True, kw_only=True):
    """A code of a list, with the days on which it counts. `kinds` are the kinds of activity that mean it unless someone says else.

    `citation` names the document and place of the list, `source` its address.
    """

    code: str
    name_en: str
    name_es: str
    citation: str
    source: str = ""
    first_day: date
    last_day: date | None = None
    kinds: tuple[str, ...] = ()
    review_status: Review = "verified"


def in_force(service: ServiceCode, day: date) -> bool:
    return service.first_day <= day and (service.last_day is None or day <= service.last_day)


def default_code(services: Iterable[ServiceCode], kind: str, day: date) -> str:
    """What an activity of the kind means on the day: the one code that is mapped to it. Of several, someone must choose."""
    fits = [service.code for service in services if kind in service.kinds and in_force(service, day)]
    return fits[0] if len(fits) == 1 else ""


def problem_of(service: ServiceCode) -> str:
    """What is wrong with a code; nothing when all is well."""
    if not 0 < len(service.code) <= 40 or not service.code.isprintable() or service.code != service.code.strip() or service.code == "-":
        return f"The service code '{service.code[:60]}' must have 1 to 40 letters, digits and signs, without blanks around it."
    if not service.name_en.strip() or not service.name_es.strip():
        return f"The service code '{service.code}' needs its name in English and in Spanish."
    if not service.citation.strip():
        return f"The service code '{service.code}' needs a citation: the document that lists it."
    if service.source and not service.source.startswith(("https://", "http://")):
        return f"The service code '{service.code}' has the source '{service.source[:60]}'. Write an address that begins with https://."
    if service.last_day is not None and service.last_day < service.first_day:
        return f"The service code '{service.code}' counts until {service.last_day}, before its first day {service.first_day}."
    if odd := [kind for kind in service.kinds if kind not in KINDS]:
        return f"The service code '{service.code}' is mapped to '{odd[0]}', which is no kind of activity. There are: {', '.join(KINDS)}."
    return ""

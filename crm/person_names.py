"""Names of people: split into given and family name, and made readable when typed in capitals."""

from typing import NamedTuple

from crm.folding import set_of, squeeze
from crm.letter_case import tidy_name


class PersonName(NamedTuple):
    given: str
    family: str


_TITLES = set_of("mr mrs ms miss dr prof rev hon sr sra")
_GENERATIONS = set_of("jr sr ii iii iv esq")
_LOWER_PARTICLES = set_of("de del la las los da do dos y")
_PARTICLES = _LOWER_PARTICLES | set_of("van von der den di du le st san santa bin al el")


def split_person_name(text: str) -> PersonName:
    """DE LA CRUZ, MARIA and Ms. Maria de la Cruz both give Maria, de la Cruz."""
    text = squeeze(text)
    before, comma, after = text.partition(",")
    if comma and not _is_generation(after.strip()):
        given, generation = _split_generation(after.split())
        return PersonName(_tidy_given(given), _tidy_family([*before.split(), *generation]))
    parts, generation = _split_generation(text.replace(",", " ").split())
    if len(parts) > 1 and _bare(parts[0]) in _TITLES:
        parts = parts[1:]
    start = max(len(parts) - 1, 1)
    while start > 1 and parts[start - 1].casefold() in _PARTICLES:
        start -= 1
    return PersonName(_tidy_given(parts[:start]), _tidy_family([*parts[start:], *generation]))


def _bare(part: str) -> str:
    return part.rstrip(".").casefold()


def _is_generation(part: str) -> bool:
    return _bare(part) in _GENERATIONS


def _split_generation(parts: list[str]) -> tuple[list[str], list[str]]:
    return (parts[:-1], parts[-1:]) if len(parts) > 1 and _is_generation(parts[-1]) else (parts, [])


def _tidy_given(parts: list[str]) -> str:
    text = " ".join(parts)
    return " ".join(part.capitalize() for part in parts) if _in_one_case(text) else text


def _tidy_family(parts: list[str]) -> str:
    text = " ".join(parts)
    return " ".join(_tidy_family_part(part, len(parts) > 1) for part in parts) if _in_one_case(text) else text


def _tidy_family_part(part: str, among_others: bool) -> str:
    lower = part.casefold()
    if among_others and lower in _LOWER_PARTICLES:
        return lower
    if _is_generation(part) and lower.startswith("i"):
        return part.upper()
    return tidy_name(part) if len(part) > 5 or "'" in part or "-" in part else part.capitalize()


def _in_one_case(text: str) -> bool:
    return text.isupper() or text.islower()

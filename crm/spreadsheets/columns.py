"""Which column holds what: guessed from the names and the values, corrected by a person, remembered."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from rapidfuzz import fuzz

from crm.folding import fold, set_of, words
from crm.industries import is_valid
from crm.states import state_code
from crm.translation import _


class Kind(StrEnum):
    TEXT = "text"
    STATE = "state"
    ZIP = "zip"
    PHONE = "phone"
    EMAIL = "email"
    WEBSITE = "website"
    NAICS = "naics"
    FEIN = "fein"
    NUMBER = "number"
    YES_NO = "yes_no"


class Field(NamedTuple):
    name: str
    title: str  # as shown to people; may be a lazy translation
    synonyms: tuple[str, ...]
    kind: Kind = Kind.TEXT
    near: tuple[str, ...] = ()  # names of columns that hold something close to it
    many: bool = False  # several columns may feed it
    required: bool = False


class Guess(NamedTuple):
    column: int  # from 0
    field: str | None
    score: float  # 0 to 100
    why: str


_FROM = 50.0  # the score from which a guess is offered
SURE = 80.0  # the score from which it is taken where no one looks; what is only close stays below
_YES_NO = set_of("y n yes no true false t f 0 1 x si no")
_LOOKS: dict[Kind, Callable[[str], bool]] = {
    Kind.STATE: lambda text: bool(state_code(text)),
    Kind.ZIP: lambda text: re.fullmatch(r"\d{4,5}(?:\.0)?|\d{5}-?\d{4}", text) is not None,
    Kind.PHONE: lambda text: (
        10 <= sum(c.isdigit() for c in text) <= 16
        and re.fullmatch(r"[\d\s()+./x;=ext-]+", text.lower()) is not None
    ),
    Kind.EMAIL: lambda text: re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text) is not None,
    Kind.WEBSITE: lambda text: (
        re.fullmatch(r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}(?:/\S*)?", text.lower())
        is not None
    ),
    Kind.NAICS: lambda text: text.removesuffix(".0").isdigit() and is_valid(text.removesuffix(".0")),
    Kind.FEIN: lambda text: re.fullmatch(r"\d{2}-\d{7}|\d{9}", text) is not None,
    Kind.NUMBER: lambda text: re.fullmatch(r"[\d,]+(?:\.0)?", text) is not None,
    Kind.YES_NO: lambda text: fold(text) in _YES_NO,
}
# Kinds whose values alone tell them, with the least length that is not a coincidence.
_TELLING = (Kind.EMAIL, Kind.WEBSITE, Kind.PHONE, Kind.ZIP, Kind.STATE)


def guess_columns(
    headers: Sequence[str],
    sample: Sequence[Sequence[str]],
    fields: Sequence[Field],
    saved: Mapping[str, str] | None = None,
) -> list[Guess]:
    """One guess a column, in their order. saved: header → field name, or "" for a column left out."""
    guesses = {
        at: kept for at, header in enumerate(headers) if (kept := _remembered(at, header, fields, saved))
    }
    taken = {guess.field for guess in guesses.values()}
    offers = [
        _offer(at, header, _column_values(sample, at), field)
        for at, header in enumerate(headers)
        if at not in guesses
        for field in fields
    ]
    by_name = {field.name: field for field in fields}
    for offer in sorted(offers, key=lambda offer: (-offer.score, offer.column)):
        free = offer.field not in taken or by_name[offer.field or ""].many
        if offer.score >= _FROM and offer.column not in guesses and free:
            guesses[offer.column] = offer
            taken.add(offer.field)
    nothing = _("No field goes with this column; it is left out.")
    return [guesses.get(at, Guess(at, None, 0.0, nothing)) for at in range(len(headers))]


def header_hash(headers: Sequence[str]) -> bytes:
    """The same for two files with the same columns: under it a corrected mapping is kept."""
    return hashlib.sha256("\x1f".join(fold(header) for header in headers).encode()).digest()


def _remembered(
    at: int, header: str, fields: Sequence[Field], saved: Mapping[str, str] | None
) -> Guess | None:
    if not saved or header not in saved:
        return None
    chosen = saved[header]
    if chosen and chosen not in {field.name for field in fields}:
        return None
    return Guess(at, chosen or None, 100.0, _("As chosen for an earlier file with these columns."))


def _column_values(sample: Sequence[Sequence[str]], at: int) -> list[str]:
    return [value for row in sample if at < len(row) and (value := row[at].strip())]


def _offer(at: int, header: str, values: list[str], field: Field) -> Guess:
    score, why = _by_header(header, field)
    looks = _LOOKS.get(field.kind)
    if looks is None or not values:
        return Guess(at, field.name, score, why)
    share = sum(looks(value) for value in values) / len(values)
    if score and share < 0.2:
        doubt = _("The name of the column fits, but its values do not.")
        return Guess(at, field.name, score - 45, doubt)
    if not score and share >= 0.8 and len(values) >= 3 and field.kind in _TELLING:
        return Guess(at, field.name, 40 + 20 * share, _("The values look like it."))
    return Guess(at, field.name, score, why)


def _by_header(header: str, field: Field) -> tuple[float, str]:
    name = header_words(header)
    if not name:
        return 0.0, ""
    if name in _all_names(field.synonyms) or name in (header_words(field.name), header_words(_(field.title))):
        return 100.0, _("The name of the column says so.")
    if name in _all_names(field.near):
        return 70.0, _("The name of the column says something close to it: please check.")
    closest = max((fuzz.ratio(name, known) for known in _all_names(field.synonyms)), default=0.0)
    return (closest * 0.9, _("The name of the column is much like it.")) if closest >= 85 else (0.0, "")


_NAMES: dict[tuple[str, ...], frozenset[str]] = {}


def _all_names(texts: tuple[str, ...]) -> frozenset[str]:
    if texts not in _NAMES:
        _NAMES[texts] = frozenset(header_words(text) for text in texts)
    return _NAMES[texts]


def header_words(header: str) -> str:
    """BusinessName, BUSINESS_NAME and Business name: all become business name."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", header)
    return " ".join(words(spaced.replace("_", " ").replace("#", " number ")))

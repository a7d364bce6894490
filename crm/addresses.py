"""Addresses: fields made readable, keys that match the same door and place, a pasted line taken apart."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import doorplate

from crm.folding import fold, squeeze, words
from crm.letter_case import tidy_address_line
from crm.states import state_code
from crm.translation import _
from crm.zip_codes import tidy_zip


class Address(NamedTuple):
    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""


class TidyAddress(NamedTuple):
    address: Address
    notes: tuple[str, ...]


class PastedAddress(NamedTuple):
    address: Address
    certain: bool


_CITY_STATE_ZIP = re.compile(
    r"(?P<city>.+?)[,\s]+(?P<state>[A-Za-z]{2})\.?(?:[,\s]+(?P<zip>\d{5}(?:-\d{4})?))?"
)
_FRACTION = re.compile(r"(?<=\d)\s*([½¼¾⅓⅔])")
_NO_NUMBER = re.compile(r"k\d+n?:S\|\|")
_PLACE_WORD = {
    "n": "north", "s": "south", "e": "east", "w": "west", "no": "north", "so": "south",
    "saint": "st", "ste": "st", "mount": "mt", "fort": "ft", "twp": "township",
    "spgs": "springs", "hts": "heights", "jct": "junction",
    "ctr": "center", "centre": "center", "vlg": "village", "hbr": "harbor", "pt": "point",
}  # fmt: skip
_PLACE_FRONT = ("city of ", "town of ", "village of ", "township of ", "borough of ")


def tidy_address(
    line1: str = "", line2: str = "", city: str = "", state: str = "", zip_code: str = ""
) -> TidyAddress:
    """The five fields made readable, with a note for each thing that was changed or is doubtful."""
    notes: list[str] = []
    city, state, zip_code = _city_apart(squeeze(city), state.strip(), zip_code)
    code = state_code(state)
    if state and not code:
        notes.append(_("“%(state)s” is not a state, so it was left out.") % {"state": state[:30]})
    mended = tidy_zip(zip_code, code)
    if mended.note:
        notes.append(mended.note)
    lines = tidy_address_line(line1), tidy_address_line(line2)
    address = Address(lines[0], lines[1], tidy_address_line(city.rstrip(",")), code, mended.zip)
    return TidyAddress(address, tuple(notes))


def _city_apart(city: str, state: str, zip_code: str) -> tuple[str, str, str]:
    """For Boston, MA 02139 typed into the city field."""
    if (
        state
        or not city
        or not (match := _CITY_STATE_ZIP.fullmatch(city))
        or not state_code(match["state"].upper())
    ):
        return city, state, zip_code
    return match["city"].rstrip(","), match["state"].upper(), zip_code or match["zip"] or ""


def address_key(address: Address) -> str:
    """The same for two spellings of one door, whatever the unit; empty without a number to tell the door by.

    It starts with the version of its rules ("k3:"): keys of another version must be computed again.
    """
    return address_keys([address])[0]


def address_keys(addresses: Sequence[Address]) -> list[str]:
    """address_key() of many at once."""
    if not addresses:
        return []
    parsed = doorplate.parse_fields_many(
        line1=[_FRACTION.sub(lambda match: fold(match[1]), address.line1) for address in addresses],
        line2=[address.line2 for address in addresses],
        city=[address.city for address in addresses],
        state=[address.state for address in addresses],
        zip=[address.zip for address in addresses],
    )
    return [_key_of(one) for one in parsed]


def _key_of(parsed: doorplate.ParsedAddress | None) -> str:
    key = parsed.key() if parsed else None
    return "" if not key or _NO_NUMBER.match(key) else key


def place_key(city: str, state: str = "") -> str:
    """The same for spellings of a city: W. Springfield, City of West Springfield, MA → west springfield.

    Other names of one place (Foxboro for Foxborough) are data of the state's plugin.
    """
    text = fold(squeeze(city))
    for front in _PLACE_FRONT:
        text = text.removeprefix(front)
    found = words(text.replace("-", " ").replace(".", ". "))
    if len(found) > 1 and state and found[-1] == state.casefold():
        found.pop()
    last = len(found) - 1
    return " ".join(
        _PLACE_WORD.get(word, word) if at in (0, last) or len(word) > 2 else word
        for at, word in enumerate(found)
    )


def split_pasted_address(text: str) -> PastedAddress:
    """One pasted line or block, to fill in a form for a person to check; never to be saved unseen."""
    import usaddress

    parts: dict[str, str] = {}
    line = ", ".join(filter(None, (squeeze(piece) for piece in text.splitlines())))
    try:
        tagged, kind = usaddress.tag(line)
    except usaddress.RepeatedLabelError:
        return PastedAddress(Address(line1=line), certain=False)
    for label, value in tagged.items():
        field = _FIELD_OF_LABEL.get(label) or (
            "line2" if label.startswith(("Occupancy", "Subaddress")) else "line1"
        )
        parts[field] = f"{parts.get(field, '')} {value}".strip(" ,")
    state, zip_code = parts.pop("state", ""), parts.pop("zip", "")
    tidied = tidy_address(state=state, zip_code=zip_code, **parts)
    return PastedAddress(
        tidied.address, kind != "Ambiguous" and bool(tidied.address.city and tidied.address.state)
    )


_FIELD_OF_LABEL = {"PlaceName": "city", "StateName": "state", "ZipCode": "zip", "ZipPlus4": "zip"}

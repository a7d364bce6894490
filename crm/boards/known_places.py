"""The places that a board can serve: towns that a network or an entry knows, counties and ZIP codes of the state."""

from datetime import date
from typing import NamedTuple

from crm.database import fetch_one
from crm.errors import Invalid
from crm.folding import fold, squeeze
from crm.places import counties
from crm.plugins import active
from crm.rulebook.networks import Network
from crm.translation import _
from crm.zip_codes import tidy_zip, time_zone, zip_fits


class Place(NamedTuple):
    """Its name as it is written, the key that addresses are compared with, and its county where known."""

    name: str
    key: str
    county: str = ""


async def known_place(kind: str, typed: str, state: str, on: date) -> Place:
    """The place that was meant. Raises `Invalid` for one that is not known, naming what is."""
    if kind == "zip":
        return _zip(typed, state)
    return _county(typed, state, on) if kind == "county" else await _municipality(typed, state)


def _zip(typed: str, state: str) -> Place:
    code = tidy_zip(typed, state).zip[:5]
    if not code or not time_zone(code):
        raise _unknown(_("“%(typed)s” is no ZIP code that we know. Write five digits.") % {"typed": typed[:30]})
    if not zip_fits(code, state):
        raise _unknown(_("The ZIP code %(code)s is not in %(state)s.") % {"code": code, "state": state})
    return Place(code, code)


def _county(typed: str, state: str, on: date) -> Place:
    known = {_county_key(county.name): county.name.removesuffix(" County") for county in counties(state, on)}
    key = _county_key(typed)
    if key not in known:
        names = ", ".join(sorted(known.values())[:20])
        raise _unknown(_("%(state)s has no county “%(typed)s”. It has: %(names)s.")
                       % {"state": state, "typed": typed[:60], "names": names})  # fmt: skip
    return Place(known[key], key, known[key])


def _county_key(name: str) -> str:
    return fold(squeeze(name)).removesuffix(" county")


async def _municipality(typed: str, state: str) -> Place:
    networks: list[Network] = [network for network in active().networks() if network.state == state]
    key = fold(squeeze(typed))
    aliases = {fold(alias): fold(name) for network in networks for alias, name in network.aliases.items()}
    key = aliases.get(key, key)
    listed = {fold(place.name): place for network in networks for place in network.territories if place.kind == "municipality"}
    if key in listed:
        return Place(listed[key].name, key, listed[key].county)
    entered = await fetch_one(
        "select name, county from territory where kind = 'municipality' and state = $1 and place_key = $2 "
        "order by valid_from desc limit 1",
        state, key,
    )  # fmt: skip
    if entered is not None:
        return Place(entered["name"], key, entered["county"])
    if listed:  # a state whose towns are all listed
        raise _unknown(_("%(state)s has no city or town “%(typed)s”. Check the spelling; villages belong to a town.")
                       % {"state": state, "typed": typed[:60]})  # fmt: skip
    return Place(squeeze(typed), key)


def _unknown(message: str) -> Invalid:
    return Invalid(message, fields={"name": message})

"""The normalised keys by which an employer, or one that someone types, is told apart."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from crm.addresses import Address, address_key, place_key, tidy_address
from crm.employers.fein import fein_hashes, tidy_fein
from crm.names import match_key, split_name
from crm.phones import tidy_phone
from crm.web_addresses import domain_of_email, tidy_website

_AT_SITES = "(select coalesce(array_agg(s.{0}), array[]::text[]) from establishment s where s.employer_id = e.id and s.archived_at is null)"
# what `of_row` reads of an employer `e`
COLUMNS = (
    "e.match_key, e.other_keys, e.fein_hash, e.domain, e.phone, e.city, e.state, e.zip, "
    f"{_AT_SITES.format('phone')} as site_phones, {_AT_SITES.format('address_key')} as site_doors"
)


class Facts(Struct, frozen=True):
    """Keys alone: what is equal here was meant to be the same."""

    names: tuple[str, ...]  # the legal name's first, then those of trade and former names
    feins: frozenset[bytes] = frozenset()  # a hash under each secret key in use
    domain: str = ""
    phones: frozenset[str] = frozenset()
    doors: frozenset[str] = frozenset()
    town: str = ""
    state: str = ""
    zip: str = ""


def name_keys(name: str, dbas: Iterable[str] = (), former: Iterable[str] = ()) -> tuple[str, list[str]]:
    """The key of the legal name, and those of the others, without the legal name's own."""
    split, legal = split_name(name), match_key(name)
    others = dict.fromkeys(match_key(each) for each in (*dbas, *former, *split.dbas, *split.former))
    return legal, [key for key in others if key and key != legal]


def former_names(before: str, after: str, former: Iterable[str]) -> list[str]:
    """The former names of an employer whose name changes; another spelling of the same name is none."""
    known, now = list(former), match_key(after)
    names = [*known, before] if match_key(before) not in {now, *map(match_key, known)} else known
    return [each for each in names if match_key(each) != now]


def typed(
    name: str, *, dbas: Iterable[str] = (), fein: str = "", phone: str = "", website: str = "", email: str = "",
    address: Address = Address(),  # noqa: B008 - a tuple
) -> Facts:  # fmt: skip
    """What a person, a program or a mail says of an employer. Raises `Invalid` for a FEIN that is none."""
    tidied, digits = tidy_address(*address).address, tidy_fein(fein)
    legal, others = name_keys(name, dbas)
    return Facts(
        names=(legal, *others), feins=frozenset(fein_hashes(digits) if digits else ()),
        domain=(tidy_website(website).domain if website else "") or domain_of_email(email),
        phones=_some(tidy_phone(phone).number if phone else ""), doors=_some(address_key(tidied)),
        town=place_key(tidied.city, tidied.state), state=tidied.state, zip=tidied.zip[:5],
    )  # fmt: skip


def of_row(row: Mapping[str, Any]) -> Facts:
    """What is kept of an employer, with the phones and doors of its worksites (`COLUMNS`)."""
    return Facts(
        names=(row["match_key"], *row["other_keys"]), feins=_some(row["fein_hash"]), domain=row["domain"],
        phones=_some(row["phone"], *row["site_phones"]), doors=_some(*row["site_doors"]),
        town=_town(row["city"], row["state"]), state=row["state"], zip=row["zip"][:5],
    )  # fmt: skip


@lru_cache(10_000)
def _town(city: str, state: str) -> str:
    return place_key(city, state)


def _some(*values: Any) -> frozenset[Any]:
    return frozenset(value for value in values if value)

"""Guessing is slow: misses are counted per person and network, so a stranger elsewhere locks no one out."""

import ipaddress
from datetime import timedelta

from crm.accounts.rules import MOST_MISSES, wait_after
from crm.database import execute, fetch_one, fetch_value
from crm.errors import TooMany
from crm.sessions import hashed
from crm.translation import _

LINKS_FOR_ONE = 3
LINKS_IN_ALL = 60
LINKS_WITHIN = timedelta(minutes=10)


def network(address: str) -> str:
    """The part of an address that one person keeps: /24 of IPv4, /56 of IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network(f"{found}/{24 if found.version == 4 else 56}", strict=False))


def _key(email: str, where: str) -> str:
    return hashed(f"{email.casefold()}|{where}").hex()


async def check(email: str, address: str) -> None:
    """Raises `TooMany` while this person must wait at this network."""
    where = network(address)
    row = await fetch_one(
        "select greatest(extract(epoch from next_try_at - now()), 0)::float8 as wait from sign_in_throttle "
        "where key = $1",
        _key(email, where),
    )
    if row and row["wait"] > 0:
        seconds = max(1, round(row["wait"]))
        raise TooMany(_("Too many tries. Wait %(seconds)s seconds, then try again.") % {"seconds": seconds}, wait=seconds)
    everywhere = await fetch_value("select misses from sign_in_throttle where key = $1", _key(email, "everywhere"))
    if (everywhere or 0) >= MOST_MISSES and not await _is_familiar(email, where):
        raise TooMany(
            _("Too many wrong tries on this account from elsewhere. Sign in from a place where you have before, "
              "use your passkey, or ask your administrator for a new link.")
        )  # fmt: skip


async def _is_familiar(email: str, where: str) -> bool:
    addresses = await fetch_value(
        "select array_agg(distinct s.address) from session s join account a on a.id = s.account_id "
        "where a.email = $1 and s.complete and s.created_at > now() - interval '90 days'",
        email,
    )
    return any(network(address) == where for address in addresses or [])


async def miss(email: str, address: str) -> None:
    """Count a wrong try inside the open transaction."""
    for where in (network(address), "everywhere"):
        misses = await fetch_value(
            "insert into sign_in_throttle as t (key, misses) values ($1, 1) on conflict (key) do update set "
            "misses = case when t.updated_at < now() - interval '1 day' then 1 else t.misses + 1 end, "
            "updated_at = now() returning misses",
            _key(email, where),
        )
        if where != "everywhere":
            await execute(
                "update sign_in_throttle set next_try_at = now() + $2::interval where key = $1",
                _key(email, where), wait_after(misses),
            )  # fmt: skip


async def forget(email: str, address: str) -> None:
    """A right try clears what this network missed."""
    keys = [_key(email, network(address)), _key(email, "everywhere")]
    await execute("delete from sign_in_throttle where key = any($1)", keys)


async def forget_everywhere(email: str) -> None:
    """A new password by an administrator's link: the count of misses starts anew."""
    await execute("delete from sign_in_throttle where key = $1", _key(email, "everywhere"))


async def may_ask(email: str, address: str) -> bool:
    """Whether one more link may be asked for, by this network for this address and in all. Counts it."""
    where = network(address)
    for key, most in ((_key(email, f"links from {where}"), LINKS_FOR_ONE), (_key("", f"links from {where}"), LINKS_IN_ALL)):
        asked = await fetch_value(
            "insert into sign_in_throttle as t (key, misses) values ($1, 1) on conflict (key) do update set "
            "misses = case when t.updated_at < now() - $2::interval then 1 else t.misses + 1 end, "
            "updated_at = case when t.updated_at < now() - $2::interval then now() else t.updated_at end returning misses",
            key, LINKS_WITHIN,
        )  # fmt: skip
        if asked > most:
            return False
    return True


OLD = timedelta(days=2)


async def prune() -> int:
    return await execute("delete from sign_in_throttle where updated_at < now() - $1::interval", OLD)

"""What is known of a message: whose address it came to, who of the directory it names, which mail of ours it answers."""

from typing import NamedTuple
from uuid import UUID

from crm import sessions
from crm.correspondence.messages import Content
from crm.correspondence.rules import Answered, Facts, Known, Workplace, proof
from crm.correspondence.sent import sent
from crm.database import Record, fetch, fetch_value
from crm.settings import Settings


class Gathered(NamedTuple):
    facts: Facts
    proof: str
    readers: dict[UUID, str]  # colleagues whom it names, and how they took part


async def known_of(email: Record, content: Content, settings: Settings) -> Gathered:
    """Inside the open transaction, with what it says held, so that two copies at once are seen as one."""
    addresses = [content.sender.address, *(party.address for party in content.to), *content.named]
    colleagues = {row["address"]: row["id"] for row in await fetch(
        "select id, lower(email::text) as address from account where email = any($1::citext[]) and kind = 'staff' and disabled_at is null", addresses)}  # fmt: skip
    proved = proof(content.authentication, content.sender.address, settings.mail_authority)
    writer = colleagues.get(content.sender.address)
    readers = {colleagues[party.address]: "got" for party in content.to if party.address in colleagues}
    readers |= {account: how for account, how in ((email["account_id"], "got"), (writer, "wrote")) if account}
    answered = await _answered(content)
    if answered is not None and answered.account_id and writer is None:
        readers.setdefault(answered.account_id, "got")
    facts = Facts(
        owner=email["account_id"], writer=writer, proved=bool(proved), board_id=await _board_of(email["account_id"] or writer),
        ours=await _is_ours(content, settings), seen_as=await _seen(email["id"], content), answered=answered, known=await _known(addresses),
    )  # fmt: skip
    return Gathered(facts, proved, readers)


async def _board_of(account_id: UUID | None) -> UUID | None:
    actor = await sessions.actor_of(account_id) if account_id else None
    return actor.home_board if actor else None


async def _is_ours(content: Content, settings: Settings) -> bool:
    name, _at, domain = settings.mail_in_address.lower().partition("@")
    sender = content.sender.address
    if content.report is None and sender and (sender in (settings.mail_from.lower(), f"{name}@{domain}") or sender.startswith(f"{name}+") and sender.endswith(f"@{domain}")):
        return True
    return bool(await sent([content.message_id]))


async def _seen(email_id: UUID, content: Content) -> UUID | None:
    if not content.hash:
        return None
    await fetch_value("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"email:{content.hash.hex()}")
    found: UUID | None = await fetch_value(
        "select id from email where content_hash = $1 and id <> $2 and state not in ('kept', 'duplicate', 'quarantined') order by kept_at, id limit 1",
        content.hash, email_id,
    )  # fmt: skip
    return found


async def _answered(content: Content) -> Answered | None:
    row = next((each for each in await sent(content.references) if each["contact_id"]), None)
    return Answered(row["contact_id"], row["employer_id"], row["board_id"], row["made_by"], row["address"]) if row else None


async def _known(addresses: list[str]) -> tuple[Known, ...]:
    rows = await fetch(
        "select c.id, lower(c.email) as address, e.id as employer_id, array(select distinct g.board_id from engagement g "
        "where g.employer_id = e.id and g.archived_at is null order by 1) as boards from contact c "
        "left join affiliation f on f.contact_id = c.id and (f.valid_to is null or f.valid_to >= current_date) "
        "left join employer e on e.id = f.employer_id and e.archived_at is null "
        "where lower(c.email) = any($1) and c.email <> '' and c.archived_at is null order by f.is_primary desc nulls last, c.created_at, c.id, e.id limit 200",
        addresses,
    )  # fmt: skip
    people: dict[UUID, Known] = {}
    for row in rows:
        known = people.get(row["id"], Known(row["id"], row["address"], ()))
        place = (Workplace(row["employer_id"], tuple(row["boards"])),) if row["employer_id"] else ()
        people[row["id"]] = Known(known.contact_id, known.address, (*known.places, *place))
    return tuple(people.values())

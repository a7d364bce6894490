"""What is known of a message: whose address it came to, who of the directory it names, which mail of ours it answers."""

from typing import NamedTuple
from uuid import UUID

from crm import sessions
from crm.contacts.present import works
from crm.correspondence.messages import Content
from crm.correspondence.rules import Answered, Facts, Known, Workplace, proof
from crm.correspondence.sent import sent
from crm.database import Record, fetch, fetch_value
from crm.days import agency_today
from crm.settings import Settings
from crm.sql import Sql


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
    if row is None:
        return None
    # whoever answers what we wrote to them at an employer that they have left writes for the one where they are now
    places = {each["employer_id"]: each for each in await _places(Sql("c.id = (select coalesce(o.merged_into, o.id) from contact o where o.id = {})", row["contact_id"]))
              if each["employer_id"]}  # fmt: skip
    moved = len(places) == 1 and row["employer_id"] not in places
    left = await fetch_value("select name from employer where id = $1", row["employer_id"]) if moved else ""
    return Answered(row["contact_id"], row["employer_id"], row["board_id"], row["made_by"], row["address"], left, next(iter(places)) if moved else None)


async def _known(addresses: list[str]) -> tuple[Known, ...]:
    people: dict[UUID, Known] = {}
    for row in await _places(Sql("lower(c.email) = any({}) and c.email <> ''", addresses)):
        known = people.get(row["id"], Known(row["id"], row["address"], (), row["left_name"] or ""))
        place = (Workplace(row["employer_id"], tuple(row["boards"])),) if row["employer_id"] else ()
        people[row["id"]] = Known(known.contact_id, known.address, (*known.places, *place), known.left)
    return tuple(people.values())


async def _places(who: Sql) -> list[Record]:
    """The people `c`, with each employer where they are now once, however many roles they have there; and the one that they left last."""
    return await fetch(
        Sql("select c.id, lower(c.email) as address, w.employer_id, w.boards, l.name as left_name from contact c left join lateral ("
            "select e.id as employer_id, bool_or(f.is_primary) as is_primary, array(select distinct g.board_id from engagement g "
            "where g.employer_id = e.id and g.archived_at is null order by 1) as boards from affiliation f "
            "join employer e on e.id = f.employer_id and e.archived_at is null where f.contact_id = c.id and {} group by e.id) w on true "
            "left join lateral (select e.name from affiliation f join employer e on e.id = f.employer_id where f.contact_id = c.id "
            "and f.valid_to < {} and f.employer_id is distinct from w.employer_id order by f.valid_to desc limit 1) l on true "
            "where {} and c.archived_at is null order by w.is_primary desc nulls last, c.created_at, c.id, w.employer_id limit 200",
            works("f"), agency_today(), who)  # fmt: skip
    )

"""What came in: each mailbox and how it went there, each message with what was decided; one message with all that is known of it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from crm.access import Actor, visible
from crm.contacts.present import works
from crm.database import Record, fetch
from crm.days import agency_today
from crm.sql import TRUE, Sql, both
from crm.web_addresses import domain_of_email

PAGE = 50
BY_DOMAIN, FEW = 2, 3
STATES = ("waiting", "quarantined", "filed", "automatic", "bounce", "complaint", "ignored", "duplicate", "skipped", "kept")


class Filters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the ledger is narrowed to."""

    mailbox: Annotated[UUID | None, Meta(description="One of them")] = None
    state: Annotated[str, Meta(description="What became of it", max_length=20)] = ""
    before: datetime | None = None
    before_id: UUID | None = None
    after: str = ""


async def mailboxes(actor: Actor) -> list[Record]:
    """How it went in each, and what became of the messages of the last 30 days that the actor may know of."""
    return await fetch(
        Sql("select m.*, c.kept, c.filed, c.waiting, c.quarantined, c.skipped, c.aside from mailbox m left join lateral ("
            "select count(*) as kept, count(*) filter (where e.state = 'filed') as filed, count(*) filter (where e.state = 'waiting') as waiting, "
            "count(*) filter (where e.state = 'quarantined') as quarantined, count(*) filter (where e.state = 'skipped') as skipped, "
            "count(*) filter (where e.state in ('ignored', 'automatic', 'bounce', 'complaint', 'duplicate')) as aside "
            "from email e where e.mailbox_id = m.id and e.kept_at > now() - interval '30 days' and {}) c on true "
            "where m.retired_at is null and {} order by m.kind, m.name limit 50",
            visible(actor, "email", "e"), visible(actor, "mailbox", "m"))  # fmt: skip
    )


async def messages(actor: Actor, filters: Filters) -> list[Record]:
    """Newest first. What a message says only where the actor took part."""
    where = both([
        visible(actor, "email", "e"),
        Sql("e.mailbox_id = {}", filters.mailbox) if filters.mailbox else TRUE,
        Sql("e.state = {}", filters.state) if filters.state else TRUE,
        Sql("(e.kept_at, e.id) < ({}, {})", filters.before, filters.before_id) if filters.before and filters.before_id else TRUE,
    ])  # fmt: skip
    return await fetch(
        Sql(f"select e.*, t.subject, t.id is not null as readable, m.name as mailbox, a.name as decider, w.id as employer_id, w.name as employer "
            f"from email e join mailbox m on m.id = e.mailbox_id left join account a on a.id = e.decided_by left join email_text t on t.id = e.id and {{}} "
            f"left join lateral (select x.id, x.name from email_filing f join activity y on y.id = f.activity_id and y.removed_at is null "
            f"join employer x on x.id = y.employer_id and {{}} where f.email_id = e.id order by x.name limit 1) w on true "
            f"where {{}} order by e.kept_at desc, e.id desc limit {PAGE}",
            visible(actor, "email_text", "t"), visible(actor, "employer", "x"), where)  # fmt: skip
    )


async def words(actor: Actor, email_id: UUID) -> Record | None:
    """Subject and text, for who took part."""
    rows = await fetch(Sql("select t.* from email_text t where t.id = {} and {}", email_id, visible(actor, "email_text", "t")))
    return rows[0] if rows else None


async def parts(actor: Actor, email_id: UUID) -> list[Record]:
    return await fetch(Sql("select p.* from email_part p where p.email_id = {} and {} order by p.position", email_id, visible(actor, "email_part", "p")))


async def filings(actor: Actor, email_id: UUID) -> list[Record]:
    return await fetch(
        Sql("select y.id, y.direction, w.id as employer_id, w.name as employer, c.given_name, c.family_name, b.name as board from email_filing f "
            "join activity y on y.id = f.activity_id and y.removed_at is null join employer w on w.id = y.employer_id and {} "
            "left join board b on b.id = y.board_id left join contact c on c.id = y.contact_id where f.email_id = {} order by w.name limit 50",
            visible(actor, "employer", "w"), email_id)  # fmt: skip
    )


async def readers(email_id: UUID) -> list[Record]:
    """Who took part: that they did is no secret of the message."""
    return await fetch("select r.how, a.name, b.name as board from email_reader r left join account a on a.id = r.account_id "
                       "left join board b on b.id = r.board_id where r.email_id = $1 order by r.how desc, a.name limit 50", email_id)  # fmt: skip


async def shares(actor: Actor, thread: str) -> list[Record]:
    return await fetch(
        Sql("select h.*, by.name as by_name, a.name, b.name as board from email_share h join account by on by.id = h.made_by "
            "left join account a on a.id = h.account_id left join board b on b.id = h.board_id where h.thread = {} and h.thread <> '' "
            "and h.revoked_at is null and h.until >= {} and {} order by h.until limit 50", thread, agency_today(), visible(actor, "email_share", "h"))  # fmt: skip
    )


async def suggestions(actor: Actor, email: dict[str, Any]) -> list[Record]:
    """Employers that it may belong to: by an address that is known there, else by the domain alone. Hints, for a person to judge."""
    addresses = [address for address in (email["sender"], *email["recipients"]) if address][:30]
    domains = sorted({domain for address in addresses if (domain := domain_of_email(address))})
    found = await fetch(
        Sql("select * from (select distinct on (e.id) e.id, e.name, e.city, s.contact_id, s.person, s.address, s.by from ("
            "select f.employer_id, c.id as contact_id, trim(c.given_name || ' ' || c.family_name) as person, c.email as address, 1 as by "
            "from contact c join affiliation f on f.contact_id = c.id and {} "
            "where lower(c.email) = any({}) and c.archived_at is null and {} and {} "
            "union all (select f.employer_id, null, '', lower(split_part(c.email, '@', 2)), 2 from contact c join affiliation f on f.contact_id = c.id and {} "
            "where lower(split_part(c.email, '@', 2)) = any({}) and c.email <> '' and c.archived_at is null and {} and {} limit 200) "
            "union all (select w.id, null, '', w.domain, 3 from employer w where w.domain = any({}) and w.domain <> '' and {} limit 50)"
            ") s join employer e on e.id = s.employer_id and e.archived_at is null and {} order by e.id, s.by) found order by by, name limit 20",
            works("f"), addresses, visible(actor, "contact", "c"), visible(actor, "affiliation", "f"), works("f"), domains, visible(actor, "contact", "c"),
            visible(actor, "affiliation", "f"), domains, visible(actor, "employer", "w"), visible(actor, "employer", "e"))  # fmt: skip
    )
    # a domain from which many employers write tells none of them apart
    by_domain = sum(row["by"] == BY_DOMAIN for row in found)
    return [row for row in found if row["by"] != BY_DOMAIN or by_domain <= FEW][:8]

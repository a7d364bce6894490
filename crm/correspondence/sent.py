"""The mails that left us, by the Message-ID that each was given: known to no one but who handled it."""

from crm.database import Record, fetch

_SENT = (
    "select r.message_id, r.id as recipient_id, lower(r.email) as address, r.contact_id, r.employer_id, r.board_id, coalesce(m.made_by, n.made_by) as made_by, r.sent_at "
    "from mailing_recipient r left join mailing m on m.id = r.mailing_id left join enrolment n on n.id = r.enrolment_id "
    "union all select message_id, null, lower(to_address), null, null, null, null, sent_at from mail_message"
)


async def sent(message_ids: list[str]) -> list[Record]:
    """Those of ours among them, the newest first."""
    if not message_ids:
        return []
    return await fetch(f"select * from ({_SENT}) s where message_id = any($1) and message_id <> '' order by sent_at desc nulls last limit 50", message_ids)

"""Make one person of two rows, field by field, and two of one again. What they agreed to and asked for goes with them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, require
from crm.actions import Act, acting
from crm.contacts import roles
from crm.contacts.knowing import name_of
from crm.database import execute, fetch, fetch_one, fetch_value, update_row
from crm.errors import Conflict, Invalid
from crm.fields import beside
from crm.joining import Undone, move, move_back, taken, taken_back
from crm.translation import _

# what a person chooses, field by field; a phone brings its extension
CHOICES = ("given_name", "family_name", "email", "phone", "language", "channel", "note")
# every table with rows of a person
MOVES = ("affiliation", "activity", "consent", "contact_stop", "mailing_recipient", "enrolment", "pledge", "event_guest", "job_change",
         "custom_value")  # fmt: skip
# of what there can be one, the kept person's stays; the other's is left with the row that goes
_OTHER = "exists (select from {0} o where o.contact_id = $1 and {1})"
STAYS = {
    "affiliation": _OTHER.format("affiliation", roles.SAME.format("o", "t")),
    "mailing_recipient": _OTHER.format("mailing_recipient", "o.mailing_id = t.mailing_id"),
    "enrolment": _OTHER.format("enrolment", "(o.batch_id = t.batch_id and o.sequence_id = t.sequence_id or o.board_id = t.board_id "
                               "and o.state in ('active', 'paused') and t.state in ('active', 'paused'))"),
    "event_guest": _OTHER.format("event_guest", "o.event_id = t.event_id"),
}  # fmt: skip


async def merge(actor: Actor, kept_id: UUID, gone_id: UUID, take: Mapping[str, str]) -> UUID:
    """Join `gone` into `kept`; `take` names the fields, added ones too, that come from the one that goes ("gone"). The merge's id.

    Raises `Invalid` and `Conflict`; then nothing has changed.
    """
    require(actor, Permission.EDIT_EMPLOYERS)
    if kept_id == gone_id:
        raise Invalid(_("Choose two people."))
    async with acting(actor, "contact.merged") as act:
        rows = {key: await roles.locked(actor, key) for key in sorted((kept_id, gone_id), key=str)}
        kept, gone = rows[kept_id], rows[gone_id]
        after = _chosen(kept, gone, take)
        before = {name: kept[name] for name in after}
        moved: dict[str, Any] = {"gave_way": await beside.give_way("contact", kept_id, gone_id, take)}
        moved |= await move(MOVES, "contact_id", kept_id, gone_id, but=STAYS)
        await update_row("contact", kept_id, after)
        await execute("update contact set archived_at = now(), merged_into = $2, version = version + 1 where id = $1", gone_id, kept_id)
        merge_id: UUID = await fetch_value(
            "insert into contact_merge (kept_id, gone_id, before, after, moved, made_by) values ($1, $2, $3, $4, $5, $6) returning id",
            kept_id, gone_id, before, after, moved, actor.account_id,
        )  # fmt: skip
        await _record(act, kept_id, before=before, after=after | {"merged": gone_id})
        act.record("contact", gone_id, after={"merged_into": kept_id})
    return merge_id


def _chosen(kept: Mapping[str, Any], gone: Mapping[str, Any], take: Mapping[str, str]) -> dict[str, Any]:
    """The fields that change. Who wants no contact wants none under either name; a way into the portal is kept."""
    after = taken(kept, gone, CHOICES, take)
    if "phone" in after:
        after["phone_extension"] = gone["phone_extension"]
    after["do_not_contact"] = kept["do_not_contact"] or gone["do_not_contact"]
    after["account_id"] = kept["account_id"] or gone["account_id"]
    if after["account_id"] is not None:
        after["account_id"] = str(after["account_id"])
    plain = dict(kept) | {"account_id": str(kept["account_id"]) if kept["account_id"] else None}
    return {key: value for key, value in after.items() if plain[key] != value}


async def _record(act: Act, person_id: UUID, **change: Any) -> None:
    """On the story of every employer where they are or were."""
    places = await fetch("select distinct employer_id from affiliation where contact_id = $1 order by 1", person_id)
    for employer_id in [row["employer_id"] for row in places] or [None]:
        act.record("contact", person_id, employer_id=employer_id, **change)
        if employer_id is not None:
            act.event("employer_changed", employer_id=employer_id)


async def undo(actor: Actor, merge_id: UUID) -> Undone:
    """Two again: each field and row that is as the merge left it goes back; what was changed since stays, and is told."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "contact.merge_undone") as act:
        made = await load(actor, "contact_merge", merge_id, for_update=True)
        if made["undone_at"] is not None:
            raise Conflict(_("This was undone already."))
        kept = await load(actor, "contact", made["kept_id"], for_update=True)
        if kept["archived_at"] is not None:
            raise Conflict(_("The person who was kept was archived or joined since. Undo that first."))
        back = taken_back(dict(kept) | {"account_id": str(kept["account_id"]) if kept["account_id"] else None}, made)
        stay = sorted(set(made["before"]) - set(back) - {"phone_extension"})
        await _record(act, made["kept_id"], after={**back, "merge_undone": made["gone_id"]})
        await execute("update contact set archived_at = null, merged_into = null, version = version + 1 where id = $1", made["gone_id"])
        stayed = await move_back(MOVES, "contact_id", made)
        await beside.stand_again("contact", made["moved"].get("gave_way", {}))
        await update_row("contact", made["kept_id"], back)
        await execute("update contact_merge set undone_at = now(), undone_by = $2 where id = $1", merge_id, actor.account_id)
        await _keep_apart(made["kept_id"], made["gone_id"], actor)
    return Undone(stay, stayed)


async def say_apart(actor: Actor, left_id: UUID, right_id: UUID) -> None:
    """These are two: no one is asked again."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "contact.apart") as act:
        for each in (left_id, right_id):
            await load(actor, "contact", each)
        if await _keep_apart(left_id, right_id, actor):
            act.record("contact", left_id, after={"apart_from": right_id})
        else:
            act.unchanged()


async def _keep_apart(left_id: UUID, right_id: UUID, actor: Actor) -> int:
    return await execute("insert into contact_apart (left_id, right_id, decided_by) values (least($1::uuid, $2), greatest($1::uuid, $2), $3) on conflict do nothing",
                         left_id, right_id, actor.account_id)  # fmt: skip


async def compared(actor: Actor, person_id: UUID) -> dict[str, Any]:
    """One of two side by side, with what hangs on them. Raises `Conflict` for one who was joined already."""
    row = await load(actor, "contact", person_id)
    if row["archived_at"] is not None:
        raise Conflict(_("One of them is archived or was joined already. Look at them again."))
    counts = await fetch_one(
        "select (select count(*) from affiliation where contact_id = $1) as roles, (select count(*) from consent where contact_id = $1) as consents, "
        "(select count(*) from activity where contact_id = $1 and removed_at is null) as activities", person_id,
    )  # fmt: skip
    assert counts is not None
    return row | dict(counts) | {"name": name_of(row) or row["email"] or _("No name")}


def labels() -> dict[str, str]:
    return {"given_name": _("First name"), "family_name": _("Last name"), "email": _("Email"), "phone": _("Phone"),
            "language": _("Language they prefer"), "channel": _("How they prefer to be reached"), "note": _("Note")}  # fmt: skip

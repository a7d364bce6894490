"""Make one employer of two, field by field, and two of one again."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm import sealing
from crm.access import Actor, Permission, load, require
from crm.actions import acting
from crm.database import execute, fetch, fetch_one, fetch_value, update_row
from crm.employers.fein import fein_hash, seal_fein
from crm.employers.matching.keys import name_keys
from crm.errors import Conflict, Invalid, NotFound
from crm.fields import beside
from crm.joining import Undone, move, move_back, taken, taken_back
from crm.names import match_key
from crm.translation import _
from crm.web_addresses import tidy_website

# what a person chooses, field by field; a website brings its domain
CHOICES = ("name", "ownership", "employee_count", "naics", "website", "phone", "status", "note")
# every table with rows of an employer; what names one without belonging to it (the record, staged imports) stays
MOVES = ("establishment", "affiliation", "engagement", "activity", "task", "hire", "incentive_case", "estimate", "stored_file", "contact_stop", "outreach_claim",
         "shared_timeline", "shared_part", "mailing_recipient", "enrolment", "pledge", "event_guest", "role_grant", "claimed_elsewhere",
         "custom_value")  # fmt: skip


async def merge(actor: Actor, kept_id: UUID, gone_id: UUID, take: Mapping[str, str]) -> UUID:
    """Merge `gone` into `kept`; `take` names the fields, added ones too, that come from the one that goes ("gone"). The merge's id.

    Raises `Invalid` and `Conflict`; then nothing has changed.
    """
    require(actor, Permission.EDIT_EMPLOYERS)
    if kept_id == gone_id:
        raise Invalid(_("Choose two employers."))
    async with acting(actor, "employer.merged") as act:
        first, second = sorted((kept_id, gone_id), key=str)  # one order for everyone, so that no two merges wait for each other
        rows = {key: await load(actor, "employer", key, for_update=True) for key in (first, second)}
        kept, gone = rows[kept_id], rows[gone_id]
        if kept["archived_at"] or gone["archived_at"]:
            raise Conflict(_("One of them is archived or was merged already. Look at it again."))
        await execute("set constraints all deferred")
        after = _chosen(kept, gone, take)
        before = {name: kept[name] for name in after}
        fein = await _take_fein(kept_id, gone_id)
        moved: dict[str, Any] = {"gave_way": await _give_way(kept_id, gone_id) | await beside.give_way("employer", kept_id, gone_id, take)}
        moved |= await move(MOVES, "employer_id", kept_id, gone_id)
        await _write(kept_id, after)
        await execute("update employer set archived_at = now(), merged_into = $2, version = version + 1 where id = $1", gone_id, kept_id)
        await execute("select refresh_employers($1)", [kept_id, gone_id])
        merge_id: UUID = await fetch_value(
            "insert into employer_merge (kept_id, gone_id, before, after, moved, made_by) values ($1, $2, $3, $4, $5, $6) returning id",
            kept_id, gone_id, before, after, moved | {"fein": fein}, actor.account_id,
        )  # fmt: skip
        await execute("update duplicate_pair set state = 'merged', decided_at = now(), decided_by = $3 where left_id = least($1::uuid, $2) "
                      "and right_id = greatest($1::uuid, $2)", kept_id, gone_id, actor.account_id)  # fmt: skip
        act.record("employer", kept_id, employer_id=kept_id, before=before, after=after | {"merged": gone_id})
        act.record("employer", gone_id, employer_id=gone_id, after={"merged_into": kept_id})
        act.event("employer_changed", employer_id=kept_id)
        act.event("employers_merged", employer_id=kept_id, other_id=gone_id)
    return merge_id


def _chosen(kept: Mapping[str, Any], gone: Mapping[str, Any], take: Mapping[str, str]) -> dict[str, Any]:
    """The fields that change. What the kept one lacks comes from the other; the name that is not taken becomes a trade name."""
    after = taken(kept, gone, CHOICES, take)
    if "website" in after:
        after["domain"] = tidy_website(after["website"]).domain if after["website"] else ""
    name = after.get("name", kept["name"])
    names = [*kept["dbas"], *gone["dbas"], kept["name"], gone["name"]]
    after["dbas"] = [each for each in dict.fromkeys(names) if match_key(each) != match_key(name)]
    after["former_names"] = list(dict.fromkeys([*kept["former_names"], *gone["former_names"]]))
    after["match_key"], after["other_keys"] = name_keys(name, after["dbas"], after["former_names"])
    return {key: value for key, value in after.items() if kept[key] != value}


async def _take_fein(kept_id: UUID, gone_id: UUID) -> bool:
    """A FEIN that only the other has, sealed anew for its new row. Two that differ are two employers."""
    kept = await fetch_one("select fein_hash from employer where id = $1", kept_id)
    gone = await fetch_one("select fein_sealed, fein_last4 from employer where id = $1", gone_id)
    assert kept is not None and gone is not None
    if gone["fein_sealed"] is None:
        return False
    digits = sealing.open_sealed(gone["fein_sealed"], "employer", "fein", gone_id)
    if kept["fein_hash"] is not None:
        if kept["fein_hash"] not in sealing.keyed_hashes(digits, "employer.fein"):
            raise Conflict(_("Their FEINs differ, so they are two employers before the law. Mend the wrong one first."))
        return False
    await execute("update employer set fein_sealed = $2, fein_hash = $3, fein_last4 = $4 where id = $1",
                  kept_id, seal_fein(digits, kept_id), fein_hash(digits), gone["fein_last4"])  # fmt: skip
    return True


async def _give_way(kept_id: UUID, gone_id: UUID) -> dict[str, list[str]]:
    """Of what there can be one, the kept employer's stays: its main worksite, a board's engagement on a pipeline, who leads."""
    sites = await fetch(
        "update establishment set is_primary = false where employer_id = $2 and is_primary and exists (select from establishment "
        "where employer_id = $1 and is_primary and archived_at is null) returning id", kept_id, gone_id,
    )  # fmt: skip
    engagements = await fetch(
        "update engagement g set archived_at = now() where employer_id = $2 and archived_at is null and exists (select from engagement k "
        "where k.employer_id = $1 and k.board_id = g.board_id and k.pipeline_id = g.pipeline_id and k.archived_at is null) returning id",
        kept_id, gone_id,
    )  # fmt: skip
    claims = await fetch(
        "update outreach_claim set released_at = now() where employer_id = $2 and released_at is null and exists (select from outreach_claim "
        "where employer_id = $1 and released_at is null) returning id", kept_id, gone_id,
    )  # fmt: skip
    return {name: [str(row["id"]) for row in rows] for name, rows in (("establishment", sites), ("engagement", engagements), ("outreach_claim", claims))}


async def undo(actor: Actor, merge_id: UUID) -> Undone:
    """Two again: each field and row that is as the merge left it goes back; what was changed since stays, and is told."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "employer.merge_undone") as act:
        made = await load(actor, "employer_merge", merge_id, for_update=True)
        if made["undone_at"] is not None:
            raise Conflict(_("This merge was undone already."))
        kept = await load(actor, "employer", made["kept_id"], for_update=True)
        if kept["archived_at"] is not None:
            raise Conflict(_("The employer that was kept was archived or merged since. Undo that first."))
        await execute("set constraints all deferred")
        back = taken_back(kept, made)
        stay = sorted(set(made["before"]) - set(back) - {"match_key", "other_keys", "domain"})
        await execute("update employer set archived_at = null, merged_into = null, version = version + 1 where id = $1", made["gone_id"])
        rows = await move_back(MOVES, "employer_id", made)
        await _stand_again(made["moved"]["gave_way"])
        if made["moved"]["fein"]:
            await execute("update employer set fein_sealed = null, fein_hash = null, fein_last4 = '' where id = $1 and fein_last4 = "
                          "(select fein_last4 from employer where id = $2)", made["kept_id"], made["gone_id"])  # fmt: skip
        await _write(made["kept_id"], back)
        await execute("select refresh_employers($1)", [made["kept_id"], made["gone_id"]])
        await execute("update employer_merge set undone_at = now(), undone_by = $2 where id = $1", merge_id, actor.account_id)
        await execute("update duplicate_pair set state = 'apart', decided_at = now(), decided_by = $3 where left_id = least($1::uuid, $2) "
                      "and right_id = greatest($1::uuid, $2)", made["kept_id"], made["gone_id"], actor.account_id)  # fmt: skip
        act.record("employer", made["kept_id"], employer_id=made["kept_id"], after={**back, "merge_undone": made["gone_id"]})
        act.event("employer_changed", employer_id=made["kept_id"])
        act.event("employers_merged", employer_id=made["kept_id"], other_id=made["gone_id"])
    return Undone(stay, rows)


async def _stand_again(gave_way: Mapping[str, list[str]]) -> None:
    for statement, table in (
        ("update establishment set is_primary = true where id = any($1) and archived_at is null", "establishment"),
        ("update engagement set archived_at = null where id = any($1)", "engagement"),
        ("update outreach_claim set released_at = null where id = any($1) and expires_at > now()", "outreach_claim"),
    ):
        await execute(statement, [UUID(key) for key in gave_way.get(table, ())])
    await beside.stand_again("employer", gave_way)


async def _write(employer_id: UUID, values: Mapping[str, Any]) -> None:
    if values:
        await update_row("employer", employer_id, values)


async def say_apart(actor: Actor, pair_id: UUID) -> None:
    """These are two: the sweep asks no more."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "duplicate.apart") as act:
        pair = await load(actor, "duplicate_pair", pair_id, for_update=True)
        if pair["state"] != "open":
            raise Conflict(_("This was decided already."))
        await execute("update duplicate_pair set state = 'apart', decided_at = now(), decided_by = $2 where id = $1", pair_id, actor.account_id)
        act.record("duplicate_pair", pair_id, employer_id=pair["left_id"], after={"state": "apart"})


async def both(actor: Actor, left_id: UUID, right_id: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two employers side by side, each with what hangs on it."""
    return await _beside(actor, left_id), await _beside(actor, right_id)


async def _beside(actor: Actor, employer_id: UUID) -> dict[str, Any]:
    row = await load(actor, "employer", employer_id)
    if row["merged_into"] is not None:
        raise NotFound(_("One of them was merged already."))
    counts = await fetch_one(
        "select (select count(*) from establishment where employer_id = $1 and archived_at is null) as sites, "
        "(select count(*) from affiliation where employer_id = $1) as people, (select count(*) from engagement where employer_id = $1 "
        "and archived_at is null) as engagements, (select count(*) from activity where employer_id = $1 and removed_at is null) as activities",
        employer_id,
    )
    assert counts is not None
    return row | dict(counts)


def labels() -> dict[str, str]:
    return {"name": _("Name"), "ownership": _("Ownership"), "employee_count": _("Employees"), "naics": _("NAICS"), "website": _("Website"),
            "phone": _("Phone"), "status": _("Status"), "note": _("Notes")}  # fmt: skip

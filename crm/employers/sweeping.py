"""Look through the whole directory for rows that may be one employer: in parts, going on where it was cut off."""

from typing import Any

from crm.access import Actor, Permission, require
from crm.actions import acting
from crm.database import Record, execute, execute_many, fetch, fetch_value
from crm.names import compare_keys
from crm.translation import _
from crm.work import Job, RunningJob

PART = 2_000
LIKELY = 80
# the same number, letters of the name, website, phone, or ZIP code and first letters; each join has its index
_PAIRS = """
with part as (select * from employer where archived_at is null and ($1::uuid is null or id > $1) order by id limit $2),
found as (
    select p.id as a, e.id as b from part p join employer e on e.fein_hash = p.fein_hash and p.fein_hash is not null
    union select p.id, e.id from part p join employer e on replace(e.match_key, ' ', '') = replace(p.match_key, ' ', '')
        and p.match_key <> '' and e.archived_at is null
    union select p.id, e.id from part p join employer e on e.zip = p.zip and p.zip <> '' and left(e.match_key, 4) = left(p.match_key, 4)
        and e.archived_at is null
    union select p.id, e.id from part p join employer e on e.domain = p.domain and p.domain <> ''
    union select p.id, e.id from part p join employer e on e.phone = p.phone and p.phone <> '' and e.archived_at is null
)
select l.id as left_id, r.id as right_id, l.match_key as left_key, r.match_key as right_key,
       l.fein_hash is not null and l.fein_hash = r.fein_hash as same_fein, l.fein_hash <> r.fein_hash as other_fein,
       l.domain <> '' and l.domain = r.domain as same_domain, l.phone <> '' and l.phone = r.phone as same_phone,
       l.city <> '' and r.city <> '' and (l.city_folded <> r.city_folded or l.state <> r.state) as other_town
  from (select distinct least(a, b) as a, greatest(a, b) as b from found where a <> b) f
  join employer l on l.id = f.a and l.archived_at is null join employer r on r.id = f.b and r.archived_at is null
"""


async def ask_for_one(actor: Actor) -> str:
    """Have the directory looked through in the background; where its progress is."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "duplicates.asked") as act:
        job_id = await act.enqueue("employers.sweep", {}, title=_("Look for duplicates"), key="employers.sweep")
        act.record("job", job_id)
    return f"/jobs/{job_id}"


async def sweep(job: RunningJob) -> dict[str, Any]:
    """The whole directory, from where the last one was cut off."""
    total, done, found = await _count(job), 0, 0
    while True:
        async with job.acting("duplicates.swept") as act:
            after = await fetch_value("select after_id from duplicate_sweep for update")
            part = await fetch(
                "select id from employer where archived_at is null and ($1::uuid is null or id > $1) order by id limit $2", after, PART
            )
            made = await _keep(await fetch(_PAIRS, after, PART)) if part else 0
            await execute("update duplicate_sweep set after_id = $1", part[-1]["id"] if len(part) == PART else None)
            if made:
                act.record("duplicate_pair", None, after={"found": made})
            else:
                act.unchanged()
        done, found = done + len(part), found + made
        if len(part) < PART:
            return {"found": found, "url": "/duplicates"}
        await job.progress(done, total, _("Comparing"))


async def _count(job: RunningJob) -> int:
    async with job.acting("duplicates.counted") as act:
        act.unchanged()
        return int(await fetch_value("select count(*) from employer where archived_at is null"))


async def _keep(pairs: list[Record]) -> int:
    """The likely ones that no one has decided on yet; how many are new."""
    before = await fetch_value("select count(*) from duplicate_pair")
    rows = [(pair["left_id"], pair["right_id"], score, why) for pair in pairs for score, why in [_scored(pair)] if score >= LIKELY]
    await execute_many(
        "insert into duplicate_pair (left_id, right_id, score, why) values ($1, $2, $3, $4) "
        "on conflict (left_id, right_id) do update set score = excluded.score, why = excluded.why where duplicate_pair.state = 'open'", rows,
    )  # fmt: skip
    return int(await fetch_value("select count(*) from duplicate_pair")) - int(before)


def _scored(pair: Record) -> tuple[int, str]:
    """How sure, out of 100, and why in words. Two FEINs are two employers."""
    if pair["other_fein"]:
        return 0, ""
    names = compare_keys(pair["left_key"], pair["right_key"])
    score, reasons = float(names.value), [str(names.why)] if names.why else []
    if pair["same_fein"]:
        score, reasons = 99.0, [_("same FEIN"), *reasons]
    if pair["same_domain"]:
        score, reasons = max(score, min(score + 25, 92)), [*reasons, _("same website")]
    if pair["same_phone"]:
        score, reasons = min(score + 15, 99), [*reasons, _("same phone")]
    if pair["other_town"] and not pair["same_fein"]:
        score, reasons = score - 15, [*reasons, _("another town")]
    return max(0, min(100, round(score))), "; ".join(reasons)


JOBS = [Job("employers.sweep", sweep, attempts=5, timeout=3600)]

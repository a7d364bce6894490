"""Files that hang on an activity: kept sealed, and read by those who read the activity."""

from collections.abc import Sequence
from pathlib import PurePath
from uuid import UUID

from msgspec import Struct

from crm import audit, files
from crm.access import Actor, Permission, load, may_work_for, require
from crm.actions import Act, acting, reading
from crm.database import execute, fetch_one, fetch_value
from crm.errors import Denied, Invalid, NotFound
from crm.files import StoredFile
from crm.translation import _

MOST = 5
KINDS = {"jpeg": "jpg"} | {kind: kind for kind in files.ALLOWED}


class Upload(Struct, frozen=True):
    """A file as it came: its name is what someone typed."""

    name: str
    content: bytes


class Kept(Struct, frozen=True):
    """A file in the store, and how it is called."""

    name: str
    stored: StoredFile


async def store(uploads: Sequence[Upload]) -> list[Kept]:
    """Check and seal them. Raises `Invalid` for a kind that we do not keep, one too large, and too many."""
    if len(uploads) > MOST:
        raise Invalid(_too_many())
    return [await _stored(upload) for upload in uploads]


async def _stored(upload: Upload) -> Kept:
    name = PurePath(upload.name.replace("\\", "/")).name
    kind = KINDS.get(PurePath(name).suffix.lower().removeprefix("."))
    if kind is None:
        raise Invalid(_("“%(name)s” is of a kind that is not kept. Choose PDF, PNG, JPG, CSV or XLSX files.") % {"name": name[:80]})
    return Kept(name[-120:], await files.put(upload.content, kind))


async def hang(act: Act, activity_id: UUID, board_id: UUID | None, kept: Sequence[Kept]) -> None:
    """Their rows inside the open action. They name no employer: what staff keep for themselves is not the portal's."""
    if kept and await _hanging(activity_id) + len(kept) > MOST:
        raise Invalid(_too_many())
    for each in kept:
        file_id = await files.keep(each.stored, each.name, "attachment", board_id=board_id, account_id=act.actor.account_id)
        await execute("insert into activity_file (activity_id, file_id, added_by) values ($1, $2, $3)", activity_id, file_id, act.actor.account_id)


async def _hanging(activity_id: UUID) -> int:
    count: int = await fetch_value("select count(*) from activity_file where activity_id = $1 and removed_at is null", activity_id)
    return count


def _too_many() -> str:
    return _("%(most)s files at most hang on one entry. Choose fewer, or log another.") % {"most": MOST}


async def take_off(actor: Actor, attachment_id: UUID, *, restore: bool = False) -> UUID:
    """A file off its activity, or back on it; the activity's id. Only its own board does."""
    require(actor, Permission.WORK_PIPELINE)
    async with acting(actor, "activity.file_restored" if restore else "activity.file_removed") as act:
        found = await load(actor, "activity_file", attachment_id, for_update=True)
        activity = await load(actor, "activity", found["activity_id"])
        if not may_work_for(actor, activity["board_id"]):
            raise Denied(_("Only the board that logged this removes it."))
        if restore and await _hanging(activity["id"]) >= MOST:
            raise Invalid(_too_many())
        await execute("update activity_file set removed_at = case when $2 then null else now() end where id = $1", attachment_id, restore)
        act.record("activity", activity["id"], board_id=activity["board_id"], employer_id=activity["employer_id"])
    return UUID(str(activity["id"]))


async def fetched(actor: Actor, attachment_id: UUID) -> tuple[str, str, bytes]:
    """Name, kind and bytes for one who reads the activity; that it was fetched is on record. Raises `NotFound`."""
    async with reading(actor):
        found = await load(actor, "activity_file", attachment_id)
        activity = await load(actor, "activity", found["activity_id"])
        if found["removed_at"] or activity["removed_at"]:
            raise NotFound(_("This file was taken off."))
        row = await fetch_one("select name, media_type, storage_key from stored_file where id = $1", found["file_id"])
        assert row is not None
    body = await files.read(row["storage_key"])
    await audit.record_disclosure(actor, "file.downloaded", subject_kind="file", subject_id=found["file_id"],
                                  board_id=activity["board_id"], employer_id=activity["employer_id"])  # fmt: skip
    return row["name"], row["media_type"], body

"""The verbs of an import: start, check, write, take back. Each can run twice."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from msgspec import Struct

from crm.access import Actor, Permission, load, require
from crm.actions import Act, acting, reading
from crm.database import copy_into, execute, fetch, fetch_one, fetch_value, transaction
from crm.employers.importing import applying, matching, reverting
from crm.employers.importing.reading import COLUMNS, Mapped, columns_of, guess, rejected, tidied
from crm.errors import Conflict, Invalid
from crm.fields import importing as adding
from crm.fields.definitions import Defined
from crm.spreadsheets.columns import header_hash
from crm.spreadsheets.reading import Row, Spreadsheet, open_spreadsheet
from crm.spreadsheets.writing import write_rejects
from crm.translation import _, lazy_
from crm.worded import worded

BATCH = 2000
UPDATES = ("fill", "overwrite", "keep")
Progress = Callable[[int, int | None, str], Awaitable[None]]
Acting = Callable[[str], AbstractAsyncContextManager[Act]]


async def quiet(done: int, total: int | None, message: str) -> None:
    """Progress that no one watches."""


class Prepared(Struct, frozen=True):
    """A file that was opened and whose columns were guessed; nothing is kept yet."""

    name: str
    board_id: UUID | None
    sheet: Spreadsheet
    mapping: dict[str, str]
    options: dict[str, Any]


async def prepare(
    actor: Actor, path: Path, name: str, *, board_id: UUID | None = None, update: str = "fill",
    mapping: Mapping[str, str] | None = None, encoding: str = "", only_sure: bool = False,
) -> Prepared:  # fmt: skip
    """Open the file and guess its columns. Raises `Unreadable` for what cannot be read.

    only_sure: leave out a column whose guess a person should look at first.
    """
    require(actor, Permission.IMPORT)
    if update not in UPDATES:
        raise Invalid(_("'%(found)s' is no way to update. There are: fill, overwrite, keep.") % {"found": update})
    sheet = await asyncio.to_thread(open_spreadsheet, path, encoding=encoding)
    async with reading(actor):
        saved = await _saved(actor, sheet.headers)
        added = await adding.offered(actor)
    found = await asyncio.to_thread(guess, sheet, saved=saved, added=added)
    guessed = {header: "" if only_sure and header in found.unsure else field for header, field in found.mapping.items()}
    options = {"update": update, "unsure": sorted(found.unsure - set(mapping or {})), "examples": found.examples}
    return Prepared(name, board_id or actor.home_board, sheet, {**guessed, **(mapping or {})}, options)


async def keep(act: Act, prepared: Prepared) -> UUID:
    """Keep the batch inside the open action; its id."""
    sheet = prepared.sheet
    import_id: UUID = await fetch_value(
        "insert into import_batch (board_id, account_id, file_name, encoding, delimiter, headers, mapping, options) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
        prepared.board_id, act.actor.account_id, prepared.name, sheet.encoding, sheet.delimiter, list(sheet.headers),
        prepared.mapping, prepared.options,
    )  # fmt: skip
    act.record("import", import_id, board_id=prepared.board_id, after={"file": prepared.name})
    return import_id


async def start(actor: Actor, path: Path, name: str, **choices: Any) -> UUID:
    """Open a file and keep the batch; its id. The choices are those of `prepare`."""
    prepared = await prepare(actor, path, name, **choices)
    async with acting(actor, "import.started") as act:
        return await keep(act, prepared)


async def _saved(actor: Actor, headers: Sequence[str]) -> dict[str, str] | None:
    found: dict[str, str] | None = await fetch_value(
        "select mapping from import_mapping where account_id = $1 and header_hash = $2", actor.account_id, header_hash(headers)
    )
    return found


async def choose_columns(act: Act, import_id: UUID, mapping: Mapping[str, str], *, update: str) -> None:
    """Correct what was guessed, inside the open action, and remember it for the next file with the same columns."""
    batch = await load(act.actor, "import_batch", import_id, for_update=True)
    if batch["state"] in {"checking", "importing"}:
        raise Conflict(_("This file is being worked on. Wait until that has ended, then choose its columns."))
    if batch["state"] not in {"uploaded", "checked"}:
        raise Conflict(_("This import was written already. Take it back first."))
    if "name" not in mapping.values():
        raise Invalid(_("Say which column holds the employer's name."))
    await execute("update import_batch set mapping = $2, options = options || $3, state = 'uploaded' where id = $1",
                  import_id, dict(mapping), {"update": update, "unsure": []})  # fmt: skip
    await execute(
        "insert into import_mapping (account_id, header_hash, mapping) values ($1, $2, $3) "
        "on conflict (account_id, header_hash) do update set mapping = excluded.mapping, saved_at = now()",
        act.actor.account_id, header_hash(batch["headers"]), dict(mapping),
    )  # fmt: skip
    act.record("import", import_id, verb="import.columns_chosen")


async def check(
    actor: Actor, import_id: UUID, path: Path, *, act_as: Acting | None = None, progress: Progress = quiet
) -> dict[str, int]:
    """Read the file into staging and find what each row would do; the totals. Nothing of the directory changes."""
    opening = act_as or (lambda verb: acting(actor, verb))
    async with transaction(read_only=True):
        batch = await load(actor, "import_batch", import_id)
        added = await adding.offered(actor)
    if act_as and batch["state"] == "checked":  # the job ran before, and died after its last commit
        return dict(batch["totals"])
    if batch["state"] in {"imported", "reverted"}:
        raise Conflict(_("This import was written already. Choose the file again to start anew."))
    sheet = await asyncio.to_thread(open_spreadsheet, path, encoding=batch["encoding"], delimiter=batch["delimiter"])
    columns = columns_of(sheet.headers, batch["mapping"])
    if "name" not in columns:
        raise Invalid(_("No column holds the employer's name. Say which one does."))
    await _stage(opening, import_id, sheet.rows(), columns, added, progress)
    async with opening("import.checked") as act:
        await execute("set local statement_timeout = 0")
        await execute("set local idle_in_transaction_session_timeout = '120s'")
        await _lift_transaction_limit()
        totals = await matching.match(import_id, update=batch["options"]["update"], same_as=_("Same employer as row "), added=added)
        await execute("update import_batch set state = 'checked', totals = $2 where id = $1", import_id, totals)
        act.record("import", import_id, after=totals)
    await progress(totals["rows"], totals["rows"], _("Checked"))
    return totals


async def _stage(
    opening: Acting, import_id: UUID, rows: Iterator[Row], columns: Mapped, added: Sequence[Defined], progress: Progress
) -> None:
    """Read the rows into staging, in parts, so that whoever waits sees how far it is and can stop it."""
    async with opening("import.staged") as act:
        await execute("delete from import_row where import_id = $1", import_id)
        act.unchanged()
    read = 0
    while chunk := await asyncio.to_thread(_next, rows):
        records = await asyncio.to_thread(tidied, chunk, columns, import_id, added)
        async with opening("import.staged") as act:
            await copy_into("import_row", COLUMNS, records)
            act.unchanged()
        read += len(chunk)
        await progress(read, None, _("%(count)s rows read") % {"count": f"{read:,}"})


async def _lift_transaction_limit() -> None:
    """Long work in one transaction; the limit exists from PostgreSQL 17 on."""
    if await fetch_value("select current_setting('transaction_timeout', true)"):
        await execute("set local transaction_timeout = 0")


def _next(rows: Iterator[Row]) -> list[Row]:
    return list(islice(rows, BATCH))


async def rejects(actor: Actor, import_id: UUID, path: Path) -> bytes:
    """The rejected rows of the file as CSV, with what to mend in each."""
    async with reading(actor):
        batch = await load(actor, "import_batch", import_id)
        rows = await fetch("select row_number, reason from import_row where import_id = $1 and outcome = 'rejected'", import_id)
    found = await asyncio.to_thread(rejected, path, batch, {row["row_number"]: row["reason"] for row in rows})
    out = io.BytesIO()
    write_rejects(out, batch["headers"], found)
    return out.getvalue()


async def apply(actor: Actor, import_id: UUID, *, act_as: Acting | None = None) -> dict[str, int]:
    """Write the import, all or nothing. Raises `Conflict` when the directory changed since the check.

    An import that is written already stays as it is, so that a job may run twice.
    """
    opening = act_as or (lambda verb: acting(actor, verb))
    async with opening("import.written") as act:
        batch = await load(actor, "import_batch", import_id, for_update=True)
        if batch["state"] == "imported":
            act.unchanged()
            return dict(batch["totals"])
        if batch["state"] not in {"checked", "importing"}:
            raise Conflict(_("Check the file first, and look at what it would change."))
        await execute("set local idle_in_transaction_session_timeout = '120s'")
        await _lift_transaction_limit()
        added = await adding.offered(actor)
        totals = await matching.match(import_id, update=batch["options"]["update"], same_as=_("Same employer as row "), added=added)
        if totals != batch["totals"]:
            raise Conflict(_("The directory changed since the check. Check again, and look at what it would change now."))
        await applying.write(act, import_id, batch["board_id"], adding.untold(added))
        await execute("update import_batch set state = 'imported', imported_at = now() where id = $1", import_id)
        act.record("import", import_id, board_id=batch["board_id"], after=totals)
        if totals["created"]:
            await act.enqueue("employers.look_at_imported", {"import_id": str(import_id)},
                              title=worded(lazy_("Look for duplicates of what %(file)s brought"), file=batch["file_name"]), line=f"import:{import_id}")  # fmt: skip
        act.event("import_finished", import_id=import_id)
    return totals


async def revert(actor: Actor, import_id: UUID, *, act_as: Acting | None = None) -> dict[str, int]:
    """Take the import back where no one touched what it wrote since; what was touched stays and is counted."""
    require(actor, Permission.IMPORT)
    opening = act_as or (lambda verb: acting(actor, verb))
    async with opening("import.reverted") as act:
        batch = await load(actor, "import_batch", import_id, for_update=True)
        if batch["state"] == "reverted":
            act.unchanged()
            return dict((await fetch_one("select totals from import_batch where id = $1", import_id) or {})["totals"])
        if batch["state"] != "imported":
            raise Conflict(_("This import was not written, so there is nothing to take back."))
        await _lift_transaction_limit()
        undone = await reverting.take_back(act, import_id)
        await execute("update import_batch set state = 'reverted', reverted_at = now(), totals = totals || $2 where id = $1",
                      import_id, undone)  # fmt: skip
        act.record("import", import_id, after=undone)
    return undone

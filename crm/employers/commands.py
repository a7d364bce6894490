"""`crm import employers FILE`: the same import as on the page, from the command line."""

import json
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from crm.cli import with_program

if TYPE_CHECKING:
    from crm.program import Program


@click.group("import")
def import_group() -> None:
    """Bring lists in."""


@import_group.command("employers")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--board", "board_code", help="The board on whose behalf; its code.")
@click.option("--map", "maps", multiple=True, help="'Column=field' where the guess is wrong; an empty field leaves it out.")
@click.option("--update", type=click.Choice(["fill", "overwrite", "keep"]), default="fill", help="What to do with known employers.")
@click.option("--dry-run", is_flag=True, help="Say what it would do; write nothing.")
@click.option("--rejects", type=click.Path(path_type=Path), help="Write the rejected rows to this file, to mend them.")
@click.option("--revert", "revert_id", type=click.UUID, help="Take this import back.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@with_program
async def employers(
    program: "Program", file: Path | None, board_code: str | None, maps: tuple[str, ...], update: str, dry_run: bool,
    rejects: Path | None, revert_id: UUID | None, as_json: bool,
) -> None:  # fmt: skip
    """Import employers from a CSV or XLSX file: check, write, and say what became of each row."""
    from crm.access import SYSTEM
    from crm.employers.importing import actions
    from crm.errors import Invalid

    if revert_id is not None:
        undone = await actions.revert(SYSTEM, revert_id)
        click.echo(json.dumps({"import": str(revert_id), "reverted": undone}) if as_json else _sentence(undone))
        return
    if file is None or not file.is_file():
        raise Invalid(f"{file or 'FILE'}: there is no such file. Name a CSV or XLSX file.")
    import_id = await actions.start(
        SYSTEM, file, file.name, board_id=await _board(board_code), update=update, mapping=await _mapping(maps), only_sure=True
    )
    await _say_what_is_left_out(import_id, file)
    totals = await actions.check(SYSTEM, import_id, file)
    if rejects is not None:
        rejects.write_bytes(await actions.rejects(SYSTEM, import_id, file))
    if not dry_run:
        totals = await actions.apply(SYSTEM, import_id)
    if as_json:
        click.echo(json.dumps({"totals": totals, "import": str(import_id), "written": not dry_run}))
    else:
        click.echo(_sentence(totals))
        click.echo(f"Take it back with: crm import employers --revert {import_id}" if not dry_run else "Nothing was written.")


async def _say_what_is_left_out(import_id: UUID, file: Path) -> None:
    """A guess that a person should look at is not taken; it is named, with the way to take it."""
    from crm.access import SYSTEM, load
    from crm.actions import reading
    from crm.employers.importing.reading import guess
    from crm.fields import importing
    from crm.spreadsheets.reading import open_spreadsheet

    async with reading(SYSTEM):
        batch = await load(SYSTEM, "import_batch", import_id)
        if not batch["options"]["unsure"]:
            return
        added = await importing.offered(SYSTEM)
    guessed = guess(open_spreadsheet(file, encoding=batch["encoding"], delimiter=batch["delimiter"]), added=added).mapping
    for header in batch["options"]["unsure"]:
        click.echo(f"Left out: {header}. If it holds '{guessed[header]}', say --map '{header}={guessed[header]}'.", err=True)


def _sentence(totals: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in totals.items())


async def _mapping(maps: tuple[str, ...]) -> dict[str, str]:
    from crm.access import SYSTEM
    from crm.actions import reading
    from crm.employers.columns import EMPLOYER_FIELDS
    from crm.errors import Invalid
    from crm.fields import importing

    async with reading(SYSTEM):
        known = {field.name for field in (*EMPLOYER_FIELDS, *importing.columns(await importing.offered(SYSTEM)))}
    chosen = {}
    for text in maps:
        column, equals, field = text.partition("=")
        if not equals or (field and field not in known):
            raise Invalid(f"--map '{text}': write 'Column=field'. Fields: {', '.join(sorted(known))}.")
        chosen[column] = field
    return chosen


async def _board(code: str | None) -> UUID | None:
    from crm.access import SYSTEM
    from crm.actions import reading
    from crm.boards.actions import board_by_code

    if code is None:
        return None
    async with reading(SYSTEM):
        return UUID(str((await board_by_code(SYSTEM, code))["id"]))

"""`crm backup` and `crm restore`."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crm.cli import quiet_settings, with_program

if TYPE_CHECKING:
    from crm.program import Program


@click.command("backup")
@click.option("--to", "folder", type=click.Path(path_type=Path), help="The folder; otherwise CRM_BACKUP_FOLDER.")
@click.option("--drill", is_flag=True, help="Prove it at once on a spare server.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@with_program
async def backup(program: "Program", folder: Path | None, drill: bool, as_json: bool) -> None:
    """Save the database and the stored files, sealed, in one file; drop old ones as CRM_BACKUP_KEEP says."""
    from crm.backups import actions

    taken = await actions.take_and_drop(program, folder)
    told = {"file": str(taken.path), "bytes": taken.size, "rows": sum(taken.manifest.rows.values()), "files": len(taken.manifest.files)}
    if not as_json:
        click.echo(f"{taken.path}: {taken.size:,} bytes, {told['rows']:,} rows, {told['files']:,} files.")
        click.echo("It opens only with this installation's secret key: keep that apart from it.", err=True)
    if drill:
        proven = await actions.drill_apart(program.settings, taken.path)
        told["drill"] = proven
        if not as_json:
            click.echo(_drilled(proven))
    if as_json:
        click.echo(json.dumps(told))
    if drill:
        _end(proven["problems"])


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--drill", is_flag=True, help="Put it back on a spare server, check everything, and throw that away.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def restore(file: Path, drill: bool, as_json: bool) -> None:
    """Put a backup back into an empty installation, or only prove that it could be."""
    asyncio.run(_drill(file, as_json) if drill else _restore(file, as_json))


async def _restore(file: Path, as_json: bool) -> None:
    from crm.backups.restoring import differences
    from crm.backups.restoring import restore as put_back
    from crm.embedded import running
    from crm.program import database

    settings = quiet_settings()
    async with running(settings) as addresses, database(addresses):
        manifest = await put_back(settings, addresses, file)
        problems = await differences(manifest)
    rows = sum(manifest.rows.values())
    if as_json:
        click.echo(json.dumps({"rows": rows, "files": len(manifest.files), "problems": problems}))
    else:
        click.echo(f"{rows:,} rows and {len(manifest.files):,} files are back, as of {manifest.taken_at:%Y-%m-%d %H:%M} UTC.")
    _end(problems)


async def _drill(file: Path, as_json: bool) -> None:
    import msgspec

    from crm.backups.drilling import drill

    proven = msgspec.to_builtins(await drill(quiet_settings(), file))
    click.echo(json.dumps(proven) if as_json else _drilled(proven))
    _end(proven["problems"])


def _drilled(proven: dict[str, Any]) -> str:
    checked = ", ".join(f"{count:,} {what}" for what, count in proven["checked"].items())
    verdict = "It did not hold." if proven["problems"] else "The backup is good."
    return f"{verdict} Drilled in {proven['seconds']} s: {checked or 'nothing'}."


def _end(problems: list[str]) -> None:
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise SystemExit(1)

"""`crm backup` and `crm restore`."""

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

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
@click.option("--as-of", "as_of", metavar="MOMENT", help="With a journal's folder: as of then, as '2026-11-23 14:03' in CRM_TIME_ZONE.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def restore(file: Path, drill: bool, as_of: str | None, as_json: bool) -> None:
    """Put a backup, or a journal's folder, back into an empty installation, or only prove that it could be."""
    if file.is_dir():
        asyncio.run(_rewind(file, as_of, drill, as_json))
    elif as_of:
        raise click.BadParameter("a backup is as of when it was made; name the folder of a journal to choose the moment.")
    else:
        asyncio.run(_drill(file, as_json) if drill else _restore(file, as_json))


async def _rewind(folder: Path, as_of: str | None, drill: bool, as_json: bool) -> None:
    import msgspec

    from crm.backups.drilling import drill_journal
    from crm.backups.rewinding import rewind

    settings = quiet_settings()
    until = _moment(as_of, settings.time_zone) if as_of else None
    rewound = await (drill_journal if drill else rewind)(settings, folder, until)
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(rewound)))
    else:
        back = "could be put back" if drill else "is back"
        click.echo(f"Everything up to {rewound.as_of:%Y-%m-%d %H:%M:%S} UTC {back}, with {rewound.files:,} files, in {rewound.seconds} s.")
    _end(rewound.problems)


def _moment(text: str, zone: str) -> datetime:
    """In the agency's zone where it names none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"'{text}' is no moment. Write it as 2026-11-23 14:03 or 2026-11-23T19:03:20+00:00.") from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


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

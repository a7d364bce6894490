"""Commands for whoever runs the program: migrate, settings, audit, keys, status."""

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import click

from crm.cli import quiet_settings, with_program

if TYPE_CHECKING:
    from crm.program import Program


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; end with 1 when something is pending.")
def migrate(check: bool) -> None:
    """Bring the database up to date, for the core and the plugins."""
    asyncio.run(_migrate(check))


async def _migrate(check: bool) -> None:
    from crm import migrations
    from crm.embedded import running
    from crm.program import apps, database, load_plugins
    from crm.settings import load_settings

    settings = load_settings()
    async with running(settings) as addresses, database(addresses):
        if check:
            waiting = await migrations.pending([migrations.CORE])
            if not waiting:
                waiting = await migrations.pending(apps(await load_plugins(settings)))
        else:
            waiting = await migrations.migrate([migrations.CORE])
            waiting += await migrations.migrate(apps(await load_plugins(settings)))
    for migration in waiting:
        click.echo(f"{'pending' if check else 'done'}: {migration.app}/{migration.name}")
    if not waiting:
        click.echo("The database is up to date.")
    if check and waiting:
        sys.exit(1)


@click.command()
def settings() -> None:
    """Print the settings in force; secrets stay hidden."""
    from crm.settings import load_settings, printed

    click.echo(printed(load_settings()))


@click.group()
def audit() -> None:
    """The record of what was done."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
@click.option("--head", "given", multiple=True, metavar="NUMBER:HASH", help="A head that was mailed; may be given again.")
@with_program
async def verify(program: "Program", as_json: bool, given: tuple[str, ...]) -> None:
    """Recompute the chain of blocks and compare it with the heads kept outside; end with 1 when it does not hold."""
    import msgspec

    from crm.audit import seal
    from crm.audit import verify as check
    from crm.audit_heads import file_of, parse, read

    mailed = sorted(map(parse, given), key=lambda head: head.number)
    while await seal():
        pass
    verdict = await check(read(file_of(program.settings)), mailed)
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(verdict)))
    else:
        click.echo(f"{verdict.entries} entries in {verdict.blocks} blocks; {verdict.unsealed} not sealed yet.")
        click.echo(f"Head of the chain: {verdict.blocks}:{verdict.head}; {verdict.heads} kept heads were compared.")
        for problem in verdict.problems:
            click.echo(problem, err=True)
        click.echo("The record is whole." if not verdict.problems else "The record does not hold.")
    if verdict.problems:
        sys.exit(1)


@click.group()
def keys() -> None:
    """The secret keys: what each has sealed, and changing them."""


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the keys as JSON.")
@with_program
async def list_keys(_program: "Program", as_json: bool) -> None:
    """Each key by its name, which tells nothing of it, and what it has sealed; end with 1 when one is not at hand."""
    import msgspec

    from crm.key_rotation import holdings

    found = await holdings()
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(found)))
    else:
        for each in found:
            click.echo(f"{each.key or '(first version)'}: {each.use}; {each.values:,} values, {each.files:,} files.")
    if any(each.use == "unknown" for each in found):
        click.echo("Something was sealed with a key that is not at hand: add it to CRM_OLD_SECRET_KEYS.", err=True)
        sys.exit(1)


@keys.command("rotate")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@with_program
async def rotate_keys(program: "Program", as_json: bool) -> None:
    """Seal everything with CRM_SECRET_KEY, while others work; may be stopped and started again. End with 1 when something is left."""
    import msgspec

    from crm.key_rotation import rotate

    done = await rotate(program.settings)
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(done)))
    else:
        sealed = ", ".join(f"{count:,} {'files' if what == 'files' else 'of ' + what}" for what, count in done.sealed.items())
        click.echo(f"Sealed anew with the key {done.key}: {sealed}.")
    for problem in done.broken:
        click.echo(problem, err=True)
    if done.left:
        click.echo(f"{done.left:,} values are being worked on, or come from a process that seals with another key. "
                   "See that each process has the new CRM_SECRET_KEY, then run this again.", err=True)  # fmt: skip
    if done.broken or done.left:
        sys.exit(1)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def status(as_json: bool) -> None:
    """Say how the installation does, and what to do about it; end with 1 while an alert stands."""
    import msgspec

    from crm.alerts import standing
    from crm.measuring import MEASURES

    found = asyncio.run(_measured())
    stand = standing(found)
    if as_json:
        click.echo(json.dumps({"measures": found, "alerts": msgspec.to_builtins(stand)}))
    else:
        for each in MEASURES:
            if each.name in found:
                click.echo(f"{each.title}: {each.words(found[each.name])}")
        for alert in stand:
            click.echo(f"{alert.name}: {alert.told} {alert.cure}", err=True)
        click.echo("Something is wrong." if stand else "All is well.")
    if stand:
        sys.exit(1)


async def _measured() -> dict[str, float]:
    """A look changes nothing: what is pending stays pending."""
    from crm.measuring import measure
    from crm.program import running_program

    async with running_program(quiet_settings(), migrate=False) as program:
        return await measure(program)

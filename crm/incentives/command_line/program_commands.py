"""`crm rules programs`: every installed program with its status, its cases and how far it was checked."""

import json
from datetime import datetime

import click

from crm.incentives.command_line.commands import loaded, rules


@rules.command()
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The law's status on this day; otherwise today.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def programs(as_of: datetime | None, as_json: bool) -> None:
    """List the programs: status, cases, numbers of law, and how much is still to be checked against its official text."""
    import msgspec

    from crm.incentives.command_line.program_table import COLUMNS, rows, totals
    from crm.plugin_commands import table

    day = as_of.date() if as_of else datetime.now().date()  # noqa: DTZ005 - the day where the command is called
    found = rows(loaded(), day)
    listed = [msgspec.to_builtins(row) for row in found]
    if as_json:
        click.echo(json.dumps({"as_of": day.isoformat(), "programs": listed}, indent=2, ensure_ascii=False))
        return
    click.echo(f"{table(listed, COLUMNS)}\n\n{totals(found)}" if found else "No program is installed.")

"""`crm admin create`: a state administrator from the command line."""

from typing import TYPE_CHECKING

import click

from crm.cli import with_program

if TYPE_CHECKING:
    from crm.program import Program


@click.group()
def admin() -> None:
    """Administrators."""


@admin.command()
@click.option("--email", required=True, help="Their address.")
@click.option("--name", required=True, help="Their name.")
@with_program
async def create(program: "Program", email: str, name: str) -> None:
    """Make a state administrator and print the one-time link with which they set their password."""
    from crm.accounts.actions import create_admin
    from crm.email_addresses import normalise_email
    from crm.errors import Invalid

    address = normalise_email(email, test_environment=True)
    if not address.address:
        raise Invalid(f"--email {email}: this is no mail address.")
    link = await create_admin(address.address, name)
    click.echo(f"{name} opens this link once, within a week, to set a password:")
    click.echo(f"  {program.settings.url}/sign-in/first/{link.token}")

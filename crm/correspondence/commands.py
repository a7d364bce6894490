"""`crm mail-in`: the door and the mailboxes alone, where `crm serve` does not run."""

import asyncio

import click


@click.command("mail-in")
def mail_in() -> None:
    """Take mail in: the door of the dropbox and the mailboxes, without pages and jobs."""
    from crm.serving import run_mail_in

    asyncio.run(run_mail_in())

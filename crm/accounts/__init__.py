"""People who sign in: roles, sessions, passkeys, invitations, links."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.accounts.people_routes import HANDLERS as PEOPLE
    from crm.accounts.routes import HANDLERS
    from crm.accounts.sign_in_routes import HANDLERS as SIGN_IN
    from crm.accounts.token_routes import HANDLERS as TOKENS

    return [*SIGN_IN, *HANDLERS, *TOKENS, *PEOPLE]


@hookimpl
def commands():  # type: ignore[no-untyped-def]
    from crm.accounts.commands import admin

    return [admin]


@hookimpl
def jobs():  # type: ignore[no-untyped-def]
    from crm.accounts.links import mail_link
    from crm.mail import send_queued
    from crm.work import Job

    return [Job("mail.send", send_queued, attempts=8, timeout=60), Job("accounts.mail_link", mail_link, timeout=60)]

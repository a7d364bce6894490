"""Mail that comes in: kept as it was, read, filed where it belongs, and said who may read it."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.correspondence.dropbox_routes import HANDLERS as DROPBOX
    from crm.correspondence.routes import HANDLERS

    return [*HANDLERS, *DROPBOX]


@hookimpl
def jobs():  # type: ignore[no-untyped-def]
    from crm.correspondence.filing import JOBS

    return JOBS


@hookimpl
def commands():  # type: ignore[no-untyped-def]
    from crm.correspondence.commands import mail_in

    return [mail_in]

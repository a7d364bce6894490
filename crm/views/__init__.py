"""Views: what someone asked of a list, under a name, for themselves and for those they share it with."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.views.export_routes import HANDLERS as EXPORTS
    from crm.views.routes import HANDLERS

    return [*HANDLERS, *EXPORTS]

"""Massachusetts: the Connecting Activities network and the state's employer incentives."""

from crm.sdk import Manifest, hookimpl

manifest = Manifest(
    title="Massachusetts",
    description="The Connecting Activities network of sixteen workforce boards, the state's tax credits for apprentices, persons with disabilities and veterans, and its training grants.",
    capabilities=frozenset({"pages", "reads:board", "reads:board_region", "reads:establishment", "reads:region", "reads:territory"}),
)


@hookimpl
def networks():  # type: ignore[no-untyped-def]
    from crm_massachusetts.network import network

    return [network()]


@hookimpl
def panels():  # type: ignore[no-untyped-def]
    from crm_massachusetts.panel import PANEL

    return [PANEL]


@hookimpl
def fields():  # type: ignore[no-untyped-def]
    from crm_massachusetts.fields import FIELDS

    return FIELDS

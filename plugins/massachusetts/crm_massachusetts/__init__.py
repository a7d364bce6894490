"""Massachusetts: the Connecting Activities network and the state's employer incentives."""

from crm.sdk import Manifest, hookimpl

manifest = Manifest(
    title="Massachusetts",
    description="The Connecting Activities network of sixteen workforce boards, and the registered apprentice tax credit.",
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

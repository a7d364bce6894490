"""Ask a plugin in a request, tell it in the worker: each call with the plugin's name, a clock and a fence."""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog

from crm import fences, plugin_checks
from crm.errors import Unavailable
from crm.fences import Broke, Hung
from crm.plugin import Plugin
from crm.translation import language, speaking

log = structlog.get_logger("crm.plugins")

MOST_HUNG = 3  # calls of one plugin that may hang at once; more are refused without a try


class Limits(msgspec.Struct, frozen=True):
    """Seconds that a plugin has."""

    start: float = 20.0  # for its import and for each hook that is collected
    ask: float = 2.0
    tell: float = 60.0


class PluginTrouble(Unavailable):
    """A plugin could not do its part; trying again may help."""

    code = "plugin"


async def ask(plugin: Plugin, hook: str, facts: Mapping[str, Any], limit: float) -> list[Any]:
    """A check's findings. A feature is trusted; a plugin is asked in a thread that can be left behind."""
    if plugin.core:
        return plugin_checks.check_answer(hook, plugin.implemented[hook](facts))
    try:
        return await _ask_fenced(plugin, hook, facts, limit)
    except (Hung, Broke) as problem:
        log.warning("plugin_check_failed", plugin=plugin.name, hook=hook, problem=type(problem).__name__)
        raise PluginTrouble(
            f"The plugin '{plugin.name}' could not check this, so it was not done. "
            "Try again; if it happens again, ask your administrator to look at the plugins page."
        ) from problem


async def _ask_fenced(plugin: Plugin, hook: str, facts: Mapping[str, Any], limit: float) -> list[Any]:
    spoken = language()

    def check() -> list[Any]:
        with speaking(spoken):
            return plugin_checks.check_answer(hook, plugin.implemented[hook](facts))

    plugin.hung = [call for call in plugin.hung if not call.done()]
    if len(plugin.hung) >= MOST_HUNG:
        raise Hung("hangs in earlier calls")
    call = fences.start(check)
    plugin.hung = [*plugin.hung, call]
    answer: list[Any] = await fences.wait_async(call, limit)
    return answer


async def tell(plugin: Plugin, hook: str, event: Any, limit: float) -> None:
    """Raises `PluginTrouble` when it fails or takes too long, so that its own job tries again."""
    try:
        async with asyncio.timeout(limit):
            await plugin.implemented[hook]({"event": event})
    except Exception as problem:
        log.exception("plugin_tell_failed", plugin=plugin.name, hook=hook)
        took = f"took longer than {limit:g} seconds"
        what = took if isinstance(problem, TimeoutError) else f"raised {type(problem).__name__}"
        raise PluginTrouble(f"The plugin '{plugin.name}' {what} when it was told '{hook}'.") from problem

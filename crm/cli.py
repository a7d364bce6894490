"""The command line. Commands import what they need when they run, so that `crm --help` is quick."""

import asyncio
import functools
import gc
import sys
import tempfile
import traceback
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

import click

from crm import __version__

# name of the command: module and object that it is
CORE = {
    "serve": "crm.serving:serve",
    "web": "crm.serving:web",
    "work": "crm.serving:work",
    "migrate": "crm.operating:migrate",
    "settings": "crm.operating:settings",
    "audit": "crm.operating:audit",
    "keys": "crm.operating:keys",
    "status": "crm.operating:status",
    "docs": "crm.generated_docs:docs",
    "plugins": "crm.plugin_commands:plugins",
    "new-plugin": "crm.new_plugin:new_plugin",
}


class Commands(click.Group):
    """The core's commands by name, then those that features and plugins bring."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted({*CORE, *self._brought()})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name in CORE:
            module, _, attribute = CORE[name].partition(":")
            command: click.Command = getattr(import_module(module), attribute)
            return command
        return self._brought().get(name)

    @functools.cached_property
    def _manager(self) -> Any:
        import structlog

        from crm.plugins import PluginManager

        if not structlog.is_configured():  # what a command prints may be read by a program
            structlog.configure(logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr))
        manager = PluginManager()
        manager.load()
        return manager

    def _brought(self) -> dict[str, click.Command]:
        return {command.name: command for command in self._manager.commands() if command.name}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="crm")
def cli() -> None:
    """Employer engagement for work-based learning: find employers, win them, prepare them, keep them."""


def main() -> None:
    """The console script. What a person did wrong is said in one message, without a traceback."""
    from crm.errors import UserError, is_full

    gc.set_threshold(50_000)  # at its own, 700, Python looked through all that a start loads 250 times: an eighth of the start
    try:
        cli()
    except UserError as problem:
        click.echo(f"crm: {problem}", err=True)
        sys.exit(problem.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as problem:
        if is_full(problem):
            click.echo(f"crm: The disk is full ({problem}). Nothing half done was kept; make room, then try again.", err=True)
            sys.exit(1)
        click.echo(f"crm: {_unexpected(problem)}", err=True)
        sys.exit(70)


def _unexpected(problem: Exception) -> str:
    """What to tell of a mistake of ours; the traceback goes into a file."""
    handle, name = tempfile.mkstemp(prefix="crm-problem-", suffix=".log")
    with open(handle, "w", encoding="utf-8") as out:
        traceback.print_exception(problem, file=out)
    return (
        f"This should not have happened: {type(problem).__name__}: {str(problem).partition(chr(10))[0][:200]}\n"
        f"Whatever was half done was taken back. The details are in {name}: send it to whoever maintains the program."
    )


def with_program(function: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
    """Run a command's coroutine with the running `Program` as its first argument.

    On embedded engines it joins the servers that run, or starts and stops its own.
    """

    @functools.wraps(function)
    def command(*args: Any, **options: Any) -> Any:
        return asyncio.run(_run(function, args, options))

    return command


async def _run(function: Callable[..., Awaitable[Any]], args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    from crm.program import running_program

    async with running_program(quiet_settings(), rules=False) as program:
        return await function(program, *args, **options)


def quiet_settings() -> Any:
    """The settings in force, with a log of problems alone: a command says itself what it does."""
    import msgspec

    from crm.log import start_logging
    from crm.settings import load_settings

    settings = load_settings()
    start_logging(msgspec.structs.replace(settings, log_level="error"))
    return settings


if __name__ == "__main__":
    main()

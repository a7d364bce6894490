"""Pages of the manual that are drawn from the program: settings, hooks and programs."""

from collections.abc import Callable
from pathlib import Path

import click

from crm.hookspecs import hooks_page
from crm.settings import settings_table

FOLDER = Path(__file__).parent.parent / "docs"


def _settings() -> str:
    return (
        "# Settings\n\nFrom the environment, or from `settings.toml` in the data folder (without the prefix, in "
        "lower case). Lists are separated by commas. What is unknown or wrong stops the start and is named.\n\n" + settings_table()
    )


def _programs() -> str:
    from crm.incentives.command_line.program_table import page  # it reads every rule file

    return page()


# each generated page by its path in docs/
PAGES: dict[str, Callable[[], str]] = {"run/settings.md": _settings, "extend/hooks.md": hooks_page, "extend/programs.md": _programs}


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; end with 1 when a page is out of date.")
def docs(check: bool) -> None:
    """Draw the generated pages of the manual."""
    stale = {name: text for name, draw in PAGES.items() if not _is(FOLDER / name, text := draw())}
    for name, text in stale.items():
        click.echo(f"docs/{name} is out of date." if check else f"docs/{name} drawn.")
        if not check:
            (FOLDER / name).write_text(text, encoding="utf-8")
    if check and stale:
        raise SystemExit(1)


def _is(file: Path, text: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") == text

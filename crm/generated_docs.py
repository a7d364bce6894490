"""Pages of the manual that are drawn from the program: settings and hooks."""

from pathlib import Path

import click

from crm.hookspecs import hooks_page
from crm.settings import settings_table

FOLDER = Path(__file__).parent.parent / "docs"


def pages() -> dict[str, str]:
    """Each generated page by its path in docs/."""
    return {
        "run/settings.md": "# Settings\n\nFrom the environment, or from `settings.toml` in the data folder (without the prefix, in "
        "lower case). Lists are separated by commas. What is unknown or wrong stops the start and is named.\n\n" + settings_table(),
        "extend/hooks.md": hooks_page(),
    }


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; end with 1 when a page is out of date.")
def docs(check: bool) -> None:
    """Draw the generated pages of the manual."""
    stale = [name for name, text in pages().items() if not _is(FOLDER / name, text)]
    for name in stale:
        click.echo(f"docs/{name} is out of date." if check else f"docs/{name} drawn.")
        if not check:
            (FOLDER / name).write_text(pages()[name], encoding="utf-8")
    if check and stale:
        raise SystemExit(1)


def _is(file: Path, text: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") == text

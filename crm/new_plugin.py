"""`crm new-plugin NAME`: a working plugin to begin with, from the template beside this file."""

import re
import shutil
import tempfile
from pathlib import Path

import click

from crm import __version__
from crm.errors import Conflict, Invalid, Unavailable, UserError
from crm.manifests import DATA_MANIFEST, Quarantine
from crm.plugin_checks import check_name
from crm.plugins import RESERVED

TEMPLATE = Path(__file__).parent / "plugin_template"


@click.command("new-plugin")
@click.argument("name")
@click.option("--data", "data_alone", is_flag=True, help="Of data alone: rules of law and their cases, no Python.")
@click.option("--into", type=click.Path(path_type=Path), default=Path("plugins"), show_default=True, help="Folder to write into.")
def new_plugin(name: str, into: Path, data_alone: bool) -> None:
    """Write a working plugin called NAME, with its first tests."""
    folder = write_plugin(name, into, data_alone=data_alone)
    check = f"crm rules check {name}" if data_alone else f"pytest {folder}"
    click.echo(f"Written: {folder}\n\nNext:\n  pip install -e {folder}\n  {check}\n  crm plugins")


def write_plugin(name: str, into: Path, *, data_alone: bool = False) -> Path:
    """The folder of the new plugin; of data alone it holds rules and cases, and no code. Raises `UserError` for a bad name, a taken folder, or without cookiecutter."""
    try:
        check_name(name, RESERVED)
    except Quarantine:
        raise Invalid(_refusal(name)) from None
    folder = into / f"crm-{name.replace('_', '-')}"
    if folder.exists():
        raise Conflict(f"{folder} is there already, and was left as it is. Choose another name, or another --into.")
    try:
        from cookiecutter.main import cookiecutter
    except ImportError:
        raise Unavailable("This command needs cookiecutter: pip install 'crm[develop]'") from None
    major, minor = __version__.split(".")[:2]
    words = {
        "name": name, "title": name.replace("_", " ").title(), "package": f"crm_{name}", "distribution": folder.name,
        "core": f"crm>={major}.{minor},<{major}.{int(minor) + 1}",
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        # its own settings file, so that it neither reads the person's nor writes a replay file to their home
        settings = Path(scratch, "cookiecutter.yaml")
        settings.write_text(f'replay_dir: "{scratch}/replay"\ncookiecutters_dir: "{scratch}/templates"\n', encoding="utf-8")
        try:
            into.mkdir(parents=True, exist_ok=True)
            cookiecutter(str(TEMPLATE), no_input=True, extra_context=words, output_dir=str(into), config_file=str(settings))
        except OSError as problem:
            raise UserError(f"{into}: the plugin cannot be written: {problem.strerror}. Choose another folder by --into.") from None
    if data_alone:
        _leave_data(folder, f"crm_{name}", words["title"])
    return folder


def _leave_data(folder: Path, package: str, title: str) -> None:
    """Take out what runs, and what only that needs."""
    for file in folder.rglob("*.py"):
        file.unlink()
    for part in ("templates", "locale"):
        shutil.rmtree(folder / package / part)
    (folder / "README.md").write_text(
        f"# {folder.name}\n\nPrograms of {title} as data: `programs/`, their numbers in `parameters/`, their questions in `facts.yaml`, their cases in\n"
        "`tests/cases/`. The example's jurisdiction `ZZ` is no state, so that no page shows it until you write the real one.\n\n"
        "Where its rules come from: name the statute or the agency's page for each number, and mark what you have not seen\n"
        f"yourself as `review_status: recalled`.\n\n    crm rules check {package.removeprefix('crm_')}\n", encoding="utf-8",
    )  # fmt: skip
    (folder / package / DATA_MANIFEST).write_text(f"title: {title}\ndescription: Write one sentence for the plugins page.\n", encoding="utf-8")


def _refusal(name: str) -> str:
    if name in RESERVED:
        return f"'{name}' is the name of a part of the program. Choose another."
    near = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_").lstrip("0123456789_")
    hint = f" For example '{near}'." if near and near not in RESERVED else ""
    return f"'{name}' cannot be a plugin's name: use small letters, digits and underscores, a letter first.{hint}"

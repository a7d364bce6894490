"""One Jinja environment: the site's own folder first, then the core's templates, then those of plugins."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import (
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    pass_eval_context,
    select_autoescape,
)
from jinja2.bccache import Bucket
from jinja2.nodes import EvalContext
from markupsafe import Markup

from crm import template_code, translation, worded
from crm.database import Record
from crm.labels import LABELS
from crm.phones import display_phone
from crm.plugins import PluginManager
from crm.settings import Settings

PACKAGE = Path(__file__).parent
BUILT = PACKAGE / "static" / "built"


def templates_folder() -> Path:
    """The core's templates: beside the package in a checkout, inside it in a wheel."""
    beside = PACKAGE.parent / "templates"
    return beside if (beside / "base.html").exists() else PACKAGE / "templates"


@cache
def _manifest() -> Mapping[str, str]:
    file = BUILT / "manifest.json"
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def asset(name: str) -> str:
    """The address of a built file, with its hash in the name."""
    return f"/static/{_manifest().get(name, name)}"


_NOTHING = object()


class _Environment(Environment):
    """Reads `row.name` of a database row at once; Jinja's own way raises and catches for each."""

    code_generator_class = template_code.QuickGenerator
    template_class = template_code.WholeBlocks
    context_class = template_code.WholeContext
    escaped = staticmethod(template_code.escaped)
    said = staticmethod(translation._)

    @staticmethod
    def told(text: str) -> Markup:
        """Our own catalogue is markup."""
        return Markup(translation._(text))  # noqa: S704

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is Record and (found := obj.get(attribute, _NOTHING)) is not _NOTHING:
            return found
        return super().getattr(obj, attribute)


class _Compiled(BytecodeCache):
    """Every environment of a process compiles a template once: pages, mails and documents share the frame and the macros."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if found := self.kept.get(bucket.key):
            bucket.bytecode_from_string(found)  # counts only while the template's checksum is the same

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


_compiled = _Compiled()


def make_environment(settings: Settings, plugins: PluginManager | None = None) -> Environment:
    folders = [FileSystemLoader(settings.data / "templates"), FileSystemLoader(templates_folder())]
    added = {name: FileSystemLoader(folder) for name, folder in (plugins.folders("templates") if plugins else [])}
    environment = _Environment(
        loader=ChoiceLoader([*folders, PrefixLoader(added)]), autoescape=select_autoescape(disabled_extensions=("txt",), default=True),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"], bytecode_cache=_compiled,
    )  # fmt: skip
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.globals |= {"_": _gettext, "gettext": _gettext, "ngettext": _ngettext}
    zone = settings.time_zone
    environment.filters |= {
        "day": lambda value: translation.day(value, zone),
        "exact_day": translation.exact_day,
        "long_day": translation.long_day,
        "moment": lambda value: translation.moment(value, zone),
        "span": lambda event: translation.span(event["starts_at"], event["ends_at"], zone),
        "ago": translation.ago,
        "days_ago": lambda value: (datetime.now(UTC) - value).days,
        "money": translation.money,
        "number": translation.number,
        "percent": translation.percent,
        "phone": display_phone,
        "label": label,
        "said": lambda text, words: worded.said(words, text),
    }
    environment.globals |= {"asset": asset, "settings": settings, "zone_name": lambda: translation.zone_name(zone), "languages": translation.LANGUAGES}
    return environment


@pass_eval_context
def _gettext(context: EvalContext, text: str, **values: Any) -> str:
    """Jinja's own gettext copies all variables of a loop at each call, which took half of a page's time."""
    found = translation._(text)
    # our own catalogue is markup; the values are escaped as they go in, where there is a place for one
    told = Markup(found) if context.autoescape else found  # noqa: S704
    return told % values if "%" in found else told


@pass_eval_context
def _ngettext(context: EvalContext, one: str, many: str, num: int, **values: Any) -> str:
    found = translation.ngettext(one, many, num)
    if not values:  # a number needs no escaping, which costs ten times what it takes to write it
        told = found % {"num": num}
        return Markup(told) if context.autoescape else told  # noqa: S704
    return (Markup(found) if context.autoescape else found) % ({"num": num} | values)  # noqa: S704


def label(value: Any) -> str:
    """A stored value in words."""
    return translation._(LABELS.get(str(value), str(value).replace("_", " ").capitalize())) if value else ""

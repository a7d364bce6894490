"""What a plugin must keep to. Each check raises `Quarantine`: what is wrong, what was found, what to do."""

import difflib
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from crm import __version__, custom_fields, hookspecs
from crm.manifests import NEEDED_FOR, Manifest, Quarantine
from crm.plugin import Hook
from crm.rulebook import networks as network_rules
from crm.rulebook import services as service_rules

NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
OWN_NAMES = {"jobs": "job", "obligations": "kind of obligation"}  # hooks whose answers begin with the plugin's name
CORE_PAGES = ("switch", "settings")  # below /plugins/<name>/, where the state office switches and sets the plugin


def check_name(name: str, reserved: frozenset[str]) -> None:
    if not NAME.fullmatch(name):
        raise Quarantine(f"It is called '{name}'. Use small letters, digits and underscores: it stands in addresses.")
    if name in reserved:
        raise Quarantine(f"It is called '{name}', as a part of the program is. Give its entry point another name.")


def check_core_version(entry: EntryPoint) -> None:
    """Its `crm>=0.1,<0.2` must be there and must fit."""
    for requirement in _requirements(entry):
        if requirement.name.lower() != "crm":
            continue
        if not requirement.specifier or not requirement.specifier.contains(__version__, prereleases=True):
            wanted = requirement.specifier or "of any version"
            raise Quarantine(f"It asks for crm {wanted}; this is {__version__}. Install a version of it that fits.")
        return
    major, minor = __version__.split(".")[:2]
    raise Quarantine(
        "It does not say which versions of crm it fits. "
        f"Write 'crm>={major}.{minor},<{major}.{int(minor) + 1}' under dependencies in its pyproject.toml."
    )


def _requirements(entry: EntryPoint) -> Iterator[Requirement]:
    for text in (entry.dist.requires or []) if entry.dist else []:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement


def hooks_of(module: ModuleType) -> dict[str, Hook]:
    """The hooks that a package implements. Raises for a misspelt hook or argument, and for options."""
    marked = {n: f for n, f in vars(module).items() if callable(f) and getattr(f, "crm_impl", None) is not None}
    marked |= vars(module).get("__hooks__", {})
    _check_unmarked(module, marked)
    return {name: _hook(name, function) for name, function in sorted(marked.items())}


def _check_unmarked(module: ModuleType, marked: Mapping[str, Any]) -> None:
    for name in hookspecs.kinds():
        found = vars(module).get(name)
        if inspect.isfunction(found) and name not in marked and found.__module__ == module.__name__:
            raise Quarantine(f"Its function '{name}' has the name of a hook without @hookimpl above it. Add it, or rename.")


def _hook(name: str, function: Callable[..., Any]) -> Hook:
    known = hookspecs.kinds()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(known)}."
        raise Quarantine(f"It implements '{name}', which is no hook. {hint}")
    options = sorted(option for option, value in getattr(function, "crm_impl", {}).items() if value)
    if options:
        raise Quarantine(f"Its hook '{name}' has the option '{options[0]}'. Hooks have no options: remove it.")
    wanted = hookspecs.arguments(name)
    taken = inspect.signature(function).parameters
    for argument in taken:
        if argument not in wanted:
            gets = f"It gets: {', '.join(wanted)}." if wanted else "It gets none."
            raise Quarantine(f"Its hook '{name}' has the argument '{argument}', which does not exist. {gets}")
    if inspect.iscoroutinefunction(function) != (known[name] == "tell"):
        how = "`async def`: it is told in the worker" if known[name] == "tell" else "a plain `def`, not `async def`"
        raise Quarantine(f"Its hook '{name}' must be {how}.")
    return Hook(name, known[name], function, tuple(taken))


def check_answer(hook: str, answer: object) -> list[Any]:
    """A list of what the hook asks for."""
    wanted = hookspecs.answer_type(hook)
    if not isinstance(answer, list):
        raise Quarantine(f"Its hook '{hook}' must return a list of {wanted.__name__}; it returned {_kind(answer)}.")
    for item in answer:
        if not isinstance(item, wanted):
            raise Quarantine(f"Its hook '{hook}' must return a list of {wanted.__name__}; in it is {_kind(item)}.")
    return list(answer)


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def check_granted(manifest: Manifest, hooks: Mapping[str, Hook]) -> None:
    """It may add only what it asked for."""
    for hook in hooks.values():
        needed = NEEDED_FOR.get(hook.name, "jobs" if hook.kind == "tell" else "")
        if needed and not manifest.has(needed):
            raise Quarantine(f"Its hook '{hook.name}' needs the capability '{needed}'. Add it to the manifest.")


def check_places(plugin: str, hook: str, items: list[Any]) -> None:
    """What a plugin adds stays in its own corner of addresses and names."""
    if hook == "routes":
        _check_routes(plugin, items)
    for item in items:
        if (what := OWN_NAMES.get(hook)) and not item.name.startswith(f"{plugin}."):
            raise Quarantine(f"Its {what} is called '{item.name}'. Begin with its own name: '{plugin}.{item.name}'.")
        if hook == "commands" and item.name != plugin and not str(item.name).startswith(f"{plugin}-"):
            raise Quarantine(f"Its command is called '{item.name}'. Call it '{plugin}' or '{plugin}-{item.name}'.")
        if hook == "navigation" and not _is_below(plugin, item.url):
            raise Quarantine(f"Its entry of the header leads to '{item.url}'. Lead to its own pages: '/plugins/{plugin}/…'.")


def _check_routes(plugin: str, handlers: list[Any]) -> None:
    for handler in handlers:
        for path in sorted(handler.paths):
            if not _is_below(plugin, path):
                raise Quarantine(f"Its page has the address '{path}'. Begin with its own: '/plugins/{plugin}{path}'.")
            word = path.split("/")[3:4]
            if word in ([], [""], *([page] for page in CORE_PAGES)) or word[0].startswith("{"):
                raise Quarantine(f"Its page '{path}' hides the program's own. Put a word behind: '/plugins/{plugin}/overview'.")
        if not handler.guards or handler.opt.get("public"):
            raise Quarantine(f"Its page '{min(handler.paths)}' is open to anyone. Give it guards=[needs(Permission.…)].")
    _try_routes(handlers)


def _try_routes(handlers: list[Any]) -> None:
    """A handler that Litestar refuses would stop the start of the whole program, so it is tried alone first."""
    from litestar import Litestar
    from litestar.di import Provide
    from litestar.exceptions import LitestarException

    def nobody() -> None: ...

    try:
        Litestar(handlers, dependencies={"actor": Provide(nobody, sync_to_thread=False)}, openapi_config=None,
                 logging_config=None)  # fmt: skip
    except (LitestarException, TypeError, NameError) as problem:
        raise Quarantine(f"One of its pages is not put together well: {problem}") from problem


def _is_below(plugin: str, path: str) -> bool:
    parts = path.split("?", maxsplit=1)[0].split("/")
    return parts[:3] == ["", "plugins", plugin] and ".." not in parts


def key_of(item: Any) -> str:
    """By what answers are told apart; empty for those that have no name."""
    if isinstance(item, custom_fields.CustomField):
        return f"{item.subject}.{item.key}"
    found = (getattr(item, name, "") for name in ("id", "name", "url", "code"))
    return next((str(key) for key in found if key), "")


def check_app(plugin: str, app: Any) -> None:
    """Its Piccolo app and tables carry its name, so that removing it finds all of them."""
    if app.app_name != plugin:
        raise Quarantine(f"Its Piccolo app is called '{app.app_name}'. Call it '{plugin}'.")
    for table in app.table_classes:
        name = table._meta.tablename
        if not name.startswith(f"{plugin}_"):
            raise Quarantine(f"Its table is called '{name}'. Begin with its own name: '{plugin}_{name}'.")


def check_networks(networks: list[Any]) -> None:
    for network in networks:
        if problem := network_rules.problem_of(network):
            raise Quarantine(f"Its hook 'networks' answers data that cannot be: {problem}")


def check_service_codes(codes: list[Any]) -> None:
    for code in codes:
        if problem := service_rules.problem_of(code):
            raise Quarantine(f"Its hook 'service_codes' answers data that cannot be: {problem}")


def check_fields(plugin: str, fields: list[Any]) -> None:
    for field in fields:
        if not field.key.startswith(f"{plugin}_"):
            raise Quarantine(f"Its field has the key '{field.key}'. Begin with its own name: '{plugin}_{field.key}'.")
        if problem := custom_fields.problem_of(field):
            raise Quarantine(f"Its hook 'fields' answers data that cannot be: the {problem.part} of '{field.key[:60]}': {problem.told}")

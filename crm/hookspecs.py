"""Every hook, and what it is for.

The name tells the kind. A noun is *collected* at start: return a list; a plugin that fails is quarantined and named,
and the rest starts. `check_…` is *asked* in a request: a plain function with a time limit; one that fails refuses the
action with its reason. A past tense is *told* by the worker after the commit: a coroutine that gets the `Event`
(ids, never values); one that fails is tried again in a job of its own, and others go on.

What comes in is frozen, and what goes out is checked: a list of the type that the hook names. Take only the
arguments that you need. There is no order between plugins and no wrapping: `hookimpl` has no options.

Import inside the function what a hook returns, so that a command that does not need it does not pay for it.
Data needs no hook: `programs/`, `parameters/`, `templates/`, `locale/`, `static/` and `piccolo_migrations/` beside a
plugin's code are picked up because they are there.
"""

import inspect
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, overload

import pluggy

if TYPE_CHECKING:
    from click import Command
    from litestar.handlers.base import BaseRouteHandler

    from crm.custom_fields import CustomField
    from crm.documents import Document
    from crm.engagements.rules import StageFinding, StageMoveFacts
    from crm.events import Event
    from crm.obligations import Obligations
    from crm.panels import NavigationItem, Panel
    from crm.rulebook.networks import Network
    from crm.rulebook.services import ServiceCode
    from crm.work import Job

# where the types of the answers live; imported only when a hook that gives them is called
ANSWERS = {
    "BaseRouteHandler": "litestar.handlers.base", "Job": "crm.work", "Command": "click", "Document": "crm.documents",
    "NavigationItem": "crm.panels", "Panel": "crm.panels", "Network": "crm.rulebook.networks",
    "StageFinding": "crm.engagements.rules", "Obligations": "crm.obligations",
    "ServiceCode": "crm.rulebook.services", "CustomField": "crm.custom_fields",
}  # fmt: skip

F = TypeVar("F", bound=Callable[..., Any])
hookspec = pluggy.HookspecMarker("crm")
_marker = pluggy.HookimplMarker("crm")


@overload
def hookimpl(function: F) -> F: ...
@overload
def hookimpl(**options: Any) -> Callable[[F], F]: ...
def hookimpl(function: F | None = None, **options: Any) -> F | Callable[[F], F]:
    """Mark a function of a feature's or plugin's package as its answer to the hook of the same name."""

    def mark(marked: F) -> F:
        _marker(marked, **options)
        # kept by name: `import crm_x.routes` would put the module in the place of the function `routes`
        marked.__globals__.setdefault("__hooks__", {})[marked.__name__] = marked
        return marked

    return mark if function is None else mark(function)


@hookspec
def routes() -> "list[BaseRouteHandler]":  # type: ignore[empty-body]
    """Pages and API operations. Asked for once, at start.

    Returns Litestar route handlers. Each path of a plugin starts with `/plugins/`, its name and a word of its
    own, and each handler has a guard. Needs the capability `pages`.

    Example: `return [show_board, move_card]`
    """


@hookspec
def jobs() -> "list[Job]":  # type: ignore[empty-body]
    """What runs later, by name. Asked for once, at start.

    Returns kinds of job; the names of a plugin's start with its own name and a dot. Needs the capability `jobs`.

    Example: `return [Job("massachusetts.refresh", refresh)]`
    """


@hookspec
def commands() -> "list[Command]":  # type: ignore[empty-body]
    """Commands for the command line. Asked for when `crm` is called.

    Returns click commands or groups; a plugin's is called after the plugin, or starts with its name and a dash.

    Example: `return [import_group]`
    """


@hookspec
def documents() -> "list[Document]":  # type: ignore[empty-body]
    """Documents on paper. Asked for once, at start.

    Returns kinds of document: name, template, style, and sample data for a preview. A long list is printed in parts by
    `long_table` of `documents/tables.html`. Needs the capability `pages`.

    Example: `return [Document(name="estimate", title="Estimate", template="…", css="…", sample=sample)]`
    """


@hookspec
def navigation() -> "list[NavigationItem]":  # type: ignore[empty-body]
    """Entries of the header. Asked for once, at start.

    Returns entries, shown to those who hold the permission, in the order of their number. A plugin's lead to its
    own pages. Needs the capability `pages`.

    Example: `return [NavigationItem("Pipeline", "/pipeline", Permission.SEE_PIPELINE, 20)]`
    """


@hookspec
def panels() -> "list[Panel]":  # type: ignore[empty-body]
    """Panels of the employer page. Asked for once, at start; each panel's coroutine runs with each page.

    Returns panels: a template and `gather(actor, employer_id)`, which answers what the template shows, or None to
    leave the panel out. A panel that fails or takes too long is left out and logged. Needs the capability `pages`.

    Example: `return [Panel("network", "Your board", "massachusetts/panel.html", gather, order=10)]`
    """


@hookspec
def networks() -> "list[Network]":  # type: ignore[empty-body]
    """Intermediary networks: boards, regions and territories as dated data. Asked for once, at start.

    Example: `return [connecting_activities()]`
    """


@hookspec
def service_codes() -> "list[ServiceCode]":  # type: ignore[empty-body]
    """Codes of the services that are given to employers, as a state or a program lists them. Asked for once, at start.

    Returns codes, each with its name in English and Spanish, the document that lists it, its first and last day, and the
    kinds of activity that mean it unless someone chooses another. A code that another plugin has already, a name or
    citation that is missing, or days in the wrong order keep the plugin from running.

    Example: `return [ServiceCode(code="OH-1", name_en="Site visit", name_es="Visita", citation="Manual, p. 4", first_day=date(2026, 7, 1), kinds=("visit",))]`
    """


@hookspec
def fields() -> "list[CustomField]":  # type: ignore[empty-body]
    """Fields of employers, worksites and people. Asked for once, at start.

    Returns fields, each with its labels and the sentence that says why it is asked in English and Spanish, who sees it, and how
    long its values are kept. A key begins with the plugin's name and never changes. They are in forms, lists, files, imports and
    the API like the state's own, marked with the plugin and locked; while the plugin is off they are hidden, and their values
    stay. A key that is taken, a kind that does not exist, bounds the wrong way round or a choice without its names keep the
    plugin from running.

    Example: `return [CustomField(subject="employer", key="ohio_permit", kind="text", label_en="Permit", label_es="Permiso", purpose_en="…", purpose_es="…")]`
    """


@hookspec
def obligations() -> "list[Obligations]":  # type: ignore[empty-body]
    """What falls due for employers by a rule. Asked for once, at start; each one's coroutine runs each night and when it may have changed.

    Returns kinds of obligation: a name and `gather(employer_ids, today)`, which answers every duty that stands now
    for these employers, with its day, its words and its citation. Each becomes a task, follows its day when that
    moves, and goes when the duty goes. A kind that fails keeps the tasks that it has. Needs the capability `jobs`.

    Example: `return [Obligations("ohio.coverage", gather_coverage)]`
    """


@hookspec
def check_stage_move(move: "StageMoveFacts") -> "list[StageFinding]":  # type: ignore[empty-body]
    """May this employer move to that stage of the pipeline? Asked before each move.

    `move` holds the stages by code, the reason given, and what is on file for the employer. Returns findings, each
    with its sentence; one finding refuses the move, none lets it through.

    Example: `return [StageFinding("contact-missing")] if not move.has_contact else []`
    """


@hookspec
async def employer_created(event: "Event") -> None:
    """An employer joined the directory. Subject: employer_id.

    Example: `await refresh(event.subject["employer_id"])`
    """


@hookspec
async def employer_changed(event: "Event") -> None:
    """An employer's facts changed. Subject: employer_id.

    Example: `await refresh(event.subject["employer_id"])`
    """


@hookspec
async def employers_merged(event: "Event") -> None:
    """Two employers became one, or two again. Subject: employer_id (the one that was kept), other_id.

    Example: `await refresh([event.subject["employer_id"], event.subject["other_id"]])`
    """


@hookspec
async def stage_moved(event: "Event") -> None:
    """An engagement moved along the pipeline. Subject: engagement_id, employer_id, move_id.

    Example: `await greet(event.subject["engagement_id"])`
    """


@hookspec
async def activity_logged(event: "Event") -> None:
    """A call, visit or note was logged. Subject: activity_id, employer_id.

    Example: `await count(event.subject["activity_id"])`
    """


@hookspec
async def contact_stopped(event: "Event") -> None:
    """A person or an employer wants no contact. Subject: contact_id or employer_id; the other is empty.

    Example: `await leave_alone(event.subject["contact_id"])`
    """


@hookspec
async def employer_claimed(event: "Event") -> None:
    """A board leads the conversation with an employer for some days. Subject: employer_id, board_id.

    Example: `await step_back(event.subject["employer_id"])`
    """


@hookspec
async def import_finished(event: "Event") -> None:
    """An import of employers was written. Subject: import_id.

    Example: `await assign(event.subject["import_id"])`
    """


@hookspec
async def estimate_made(event: "Event") -> None:
    """An incentive estimate was saved. Subject: estimate_id, employer_id.

    Example: `await remember(event.subject["estimate_id"])`
    """


@cache
def kinds() -> dict[str, str]:
    """Each hook's kind: collect, ask or tell."""
    return {name: _kind(name, value) for name, value in globals().items() if hasattr(value, "crm_spec")}


def _kind(name: str, function: Any) -> str:
    if inspect.iscoroutinefunction(function):
        return "tell"
    return "ask" if name.startswith("check_") else "collect"


def arguments(name: str) -> tuple[str, ...]:
    """What a hook may take."""
    return tuple(inspect.signature(globals()[name]).parameters)


def answer_type(name: str) -> type:
    """The type of each item of the list that a hook returns."""
    item = str(globals()[name].__annotations__["return"]).removeprefix("list[").removesuffix("]")
    found: type = getattr(import_module(ANSWERS[item]), item)
    return found


def hooks_page() -> str:
    """The manual's page of hooks, drawn from this module."""
    lines = ["# Hooks", "", "<!-- Drawn from crm/hookspecs.py by `crm docs`. -->", "", inspect.cleandoc(__doc__ or ""), ""]
    lines += ["| hook | kind |", "|---|---|", *(f"| [`{name}`](#{name}) | {kind} |" for name, kind in kinds().items()), ""]
    for name, kind in kinds().items():
        function = globals()[name]
        begin = "async def" if kind == "tell" else "def"
        signature = str(inspect.signature(function)).replace("'", "")
        lines += [f"## {name}", "", "```", f"{begin} {name}{signature}", "```", "", f"*{kind}.* {inspect.getdoc(function)}", ""]
    return "\n".join(lines).rstrip() + "\n"

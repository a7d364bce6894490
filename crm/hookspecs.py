"""Every hook, and what it is for.

The name tells the kind. A noun is *collected* at start: return a list; a plugin that fails is quarantined and named,
and the rest starts. `check_…` is *asked* in a request: a plain function with a time limit; one that fails refuses the
action with its reason. A past tense is *told* by the worker after the commit: a coroutine that gets the `Event`
(ids, never values); one that fails is tried again in a job of its own, and others go on.

Import inside the function what a hook returns, so that a command that does not need it does not pay for it.
Data needs no hook: `programs/`, `parameters/`, `templates/`, `locale/` and `static/` beside a plugin's code are
picked up because they are there.
"""

from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    import click
    from litestar.handlers.base import BaseRouteHandler

    from crm.documents import Document
    from crm.engagements.rules import StageFinding, StageMoveFacts
    from crm.events import Event
    from crm.panels import NavigationItem, Panel
    from crm.rulebook.networks import Network
    from crm.work import Job

hookspec = pluggy.HookspecMarker("crm")
hookimpl = pluggy.HookimplMarker("crm")


@hookspec
def routes() -> "list[BaseRouteHandler]":  # type: ignore[empty-body]
    """Pages and API operations. A plugin's paths start with /plugins/ and its name.

    Example: `return [show_board, move_card]`
    """


@hookspec
def jobs() -> "list[Job]":  # type: ignore[empty-body]
    """What runs later, by name.

    Example: `return [Job("massachusetts.refresh", refresh)]`
    """


@hookspec
def commands() -> "list[click.Command]":  # type: ignore[empty-body]
    """Commands for the command line.

    Example: `return [import_group]`
    """


@hookspec
def documents() -> "list[Document]":  # type: ignore[empty-body]
    """Documents on paper: name, template, style, and sample data for a preview.

    Example: `return [Document(name="estimate", …)]`
    """


@hookspec
def navigation() -> "list[NavigationItem]":  # type: ignore[empty-body]
    """Entries of the header, shown to those who hold the permission.

    Example: `return [NavigationItem("Pipeline", "/pipeline", Permission.SEE_PIPELINE, 20)]`
    """


@hookspec
def panels() -> "list[Panel]":  # type: ignore[empty-body]
    """Panels on the employer page: a template and a coroutine that gathers what it shows, or None to leave it out.

    Example: `return [Panel("network", "Your board", "panels/network.html", gather, order=10)]`
    """


@hookspec
def networks() -> "list[Network]":  # type: ignore[empty-body]
    """Intermediary networks: boards, regions and territories as dated data.

    Example: `return [connecting_activities()]`
    """


@hookspec
def check_stage_move(move: "StageMoveFacts") -> "list[StageFinding]":  # type: ignore[empty-body]
    """May this employer move to that stage of the pipeline? Findings refuse the move, each with its sentence.

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
async def import_finished(event: "Event") -> None:
    """An import of employers was written. Subject: import_id.

    Example: `await assign(event.subject["import_id"])`
    """


@hookspec
async def estimate_made(event: "Event") -> None:
    """An incentive estimate was saved. Subject: estimate_id, employer_id.

    Example: `await remember(event.subject["estimate_id"])`
    """


def kinds() -> dict[str, str]:
    """Each hook's kind: collect, ask or tell."""
    import inspect

    return {name: _kind(name, value) for name, value in globals().items() if inspect.isfunction(value)
            and getattr(value, "crm_spec", None) is not None}  # fmt: skip


def _kind(name: str, function: Any) -> str:
    import inspect

    if inspect.iscoroutinefunction(function):
        return "tell"
    return "ask" if name.startswith("check_") else "collect"


def hooks_page() -> str:
    """The manual's page of hooks, drawn from this module."""
    import inspect

    lines = ["# Hooks", "", inspect.cleandoc(__doc__ or ""), ""]
    for name, kind in kinds().items():
        function = globals()[name]
        lines += [f"## `{name}{inspect.signature(function)}`".replace("'", ""), "", f"*{kind}*", "",
                  inspect.getdoc(function) or "", ""]  # fmt: skip
    return "\n".join(lines).rstrip() + "\n"

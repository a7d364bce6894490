"""Estimates for programs: what `crm incentives estimate` and `stack` answer, and the vocabulary. Nothing that is sent is kept."""

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from litestar.di import NamedDependency
from msgspec import Struct

from crm import api
from crm.access import Actor, Permission
from crm.errors import Invalid
from crm.incentives import api_shapes as shapes
from crm.incentives import installed
from crm.incentives.command_line import claimed_files, facts_files, plan_files, plan_wording
from crm.incentives.command_line.choosing import chosen
from crm.incentives.wording import as_shown, stack_shown
from crm.rulebook import hiring, screening, stacking
from crm.rulebook.claimed import Earlier
from crm.translation import _
from crm.web import AnyRequest, today

TAG = "Incentives"
LISTED = "/api/v1/incentives/facts"


class ProgramQuery(Struct, frozen=True):
    state: str = ""


@api.works_out("/incentives/estimates", Permission.ESTIMATE, TAG, "Estimate what programs bring")
async def estimates(request: AnyRequest, actor: NamedDependency[Actor], data: shapes.EstimateQuestion) -> shapes.Estimates:
    """Each program for one hire: the amount with every step and citation, or which facts are missing. Sentences are in your language."""
    return await asyncio.to_thread(_estimated, data, data.as_of or today(request))


def _estimated(data: shapes.EstimateQuestion, day: date) -> shapes.Estimates:
    library = installed.library()
    facts, earlier = _facts(data.facts), _earlier(data)
    found = screening.screen(library, chosen(library, data.wanted, data.states), facts, day, data.known_as_of, earlier=earlier)
    shown = {"as_of": day.isoformat(), "estimates": [as_shown(each, library) for each in found.estimates], "questions": found.questions}
    return msgspec.convert(shown, shapes.Estimates)


def _facts(told: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return facts_files.facts_of(told, installed.library(), "facts", LISTED)
    except Invalid as problem:
        raise Invalid(_("Some facts are not right; each is named under “fields”."), fields={f"facts.{key}": text for key, text in problem.fields.items()}) from problem


def _earlier(data: shapes.EstimateQuestion | shapes.StackQuestion) -> Earlier:
    return claimed_files.earlier_of(msgspec.to_builtins({claimed_files.ALREADY: data.already, claimed_files.PERSON: data.person}), installed.library(), _("question"))


@api.works_out("/incentives/stacks", Permission.ESTIMATE, TAG, "Find what to claim together")
async def stacks(request: AnyRequest, actor: NamedDependency[Actor], data: shapes.StackQuestion) -> shapes.HireStack | shapes.PlanStack:
    """Of all sets of claims that the law allows, the one that brings most: for one hire (“facts”) or for a plan (“hires”)."""
    if (data.facts is None) == (data.hires is None):
        problem = _("Send the facts of one hire as “facts”, or a plan as “hires”: one of the two.")
        raise Invalid(problem, fields={"facts": problem})
    if data.employer and data.hires is None:
        raise Invalid(problem := _("Facts of the employer go with a plan. For one hire they stand under “facts”."), fields={"employer": problem})
    if data.person and data.facts is None:
        raise Invalid(problem := _("Of a plan each hire has its own “person”."), fields={"person": problem})
    return await asyncio.to_thread(_stacked, data, data.as_of or today(request))


def _stacked(data: shapes.StackQuestion, day: date) -> shapes.HireStack | shapes.PlanStack:
    library, known = installed.library(), data.known_as_of
    programs = chosen(library, data.wanted, data.states)
    try:
        if data.facts is not None:
            facts = library.completed(_facts(data.facts))
            found = stacking.stack(programs, facts, day, known, if_renewed=data.if_renewed, earlier=_earlier(data))
            return msgspec.convert({"as_of": day.isoformat(), **stack_shown(found, facts)}, shapes.HireStack)
        told = {plan_files.EMPLOYER: data.employer, plan_files.HIRES: data.hires, claimed_files.ALREADY: msgspec.to_builtins(data.already)}
        plan = plan_files.plan_of(told, library, _("plan"), LISTED, shapes.MOST_HIRES)
        best = hiring.plan(programs, plan.employer, plan.hires, day, known, if_renewed=data.if_renewed, already=plan.already)
        return msgspec.convert({"as_of": day.isoformat(), **plan_wording.shown(best, plan, library.programs)}, shapes.PlanStack)
    except stacking.TooMany as problem:
        raise Invalid(str(problem), fields={"programs": str(problem)}) from problem


@api.lists("/incentives/programs", Permission.ESTIMATE, TAG, "List programs", query=ProgramQuery)
async def list_programs(request: AnyRequest, actor: NamedDependency[Actor]) -> api.Page[shapes.Program]:
    """Every program that is installed, bills too, on one page; with “state”, the federal ones and those of that state."""
    state = api.query_of(request, ProgramQuery).state
    wanted = {each.id for each in chosen(installed.library(), (), [state])} if state else None
    found = [each for each in installed.library().programs.values() if wanted is None or (each.scenario_of or each.id) in wanted]
    return api.Page([_program(each) for each in sorted(found, key=lambda each: each.id)], None)


def _program(found: Any) -> shapes.Program:
    names = {field.name for field in msgspec.structs.fields(shapes.Program)}
    return msgspec.convert({name: getattr(found, name) for name in names}, shapes.Program, from_attributes=True)


@api.lists("/incentives/facts", Permission.ESTIMATE, TAG, "List facts")
async def list_facts(actor: NamedDependency[Actor]) -> api.Page[shapes.Fact]:
    """The vocabulary: every fact that programs ask, with its kind, bounds, choices and question, on one page."""
    return api.Page(msgspec.convert(msgspec.to_builtins(list(installed.library().facts.values())), list[shapes.Fact]), None)


HANDLERS = [estimates, stacks, list_programs, list_facts]

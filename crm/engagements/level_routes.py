"""Pages of the level of engagement: how one employer's comes about, and what counts how much."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Permission, load, may_manage
from crm.actions import reading
from crm.database import fetch
from crm.engagements import level_rules, levels
from crm.engagements.forms import EndRuleForm, RuleForm
from crm.errors import Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.translation import _
from crm.web import AnyRequest, needs, program_of, redirect, render, today

SEES = [needs(Permission.SEE_PIPELINE)]
DESIGNS = [needs(Permission.MANAGE_PIPELINES)]


@get("/employers/{employer_id:uuid}/level", guards=SEES)
async def show_level(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[str]:
    """Each entry with its day and level, and the sum."""
    employer = await load(actor, "employer", employer_id)
    found = await levels.explained(actor, employer_id, program_of(request).settings.time_zone)
    return render(request, "pages/engagements/levels/employer.html", employer=employer, found=found, rules=level_rules, meaning=meaning())


def meaning() -> dict[int, str]:
    """What the tracker says that each level is."""
    return {
        1: _("Early contact: a fair, an online list, a cold call"),
        2: _("Some relationship: one or two events, hired once or twice"),
        3: _("Regular involvement: talks, more hiring, postings"),
        4: _("Responds at once, gives feedback on the program and on hiring"),
        5: _("Constant and reliable, hires steadily and gives money or support"),
    }


@get("/engagement-levels", guards=SEES)
async def show_rules(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    return await _page(request, actor, form_for(RuleForm, initial={"first_day": today(request)}))


async def _page(request: AnyRequest, actor: Actor, form: BoundForm, status: int = 200) -> Response[str]:
    listed = await fetch("select * from engagement_rule order by level nulls first, kind, outcome, first_day nulls first")
    spread = await levels.spread(actor)
    return render(
        request, "pages/engagements/levels/rules.html", status=status, listed=listed, spread=spread, meaning=meaning(), rules=level_rules, form=form,
        keeps=may_manage(actor, None), today=today(request), counted=sum(count for level, count in spread.items() if level),
    )  # fmt: skip


@post("/engagement-levels/rules", guards=DESIGNS)
async def add_rule(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    levels.require_state(actor)
    form = await read_form(RuleForm, request)
    if form.validate():
        try:
            await levels.add_rule(actor, form.struct())
            return redirect(request, "/engagement-levels", say=_("Kept. All levels are being worked out anew."))
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _page(request, actor, form, 422)


@post("/engagement-levels/rules/{rule_id:uuid}/end", guards=DESIGNS)
async def end_rule(request: AnyRequest, actor: NamedDependency[Actor], rule_id: FromPath[UUID]) -> Response[Any]:
    levels.require_state(actor)
    form = await read_form(EndRuleForm, request)
    if not form.validate():
        raise Invalid(_("The day is not one: write it as 2026-11-23."))
    await levels.end_rule(actor, rule_id, form.struct())
    return redirect(request, "/engagement-levels", say=_("Kept. All levels are being worked out anew."))


HANDLERS = [show_level, show_rules, add_rule, end_rule]

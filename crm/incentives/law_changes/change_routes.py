"""What changed in the law since a day, and which cases to look at again."""

from datetime import date, timedelta
from typing import Annotated, Any

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from crm.access import Actor
from crm.errors import Invalid
from crm.incentives import installed
from crm.incentives.claims import case_listing
from crm.incentives.claims.case_listing import Filters
from crm.incentives.hire_routes import READS
from crm.incentives.law_changes import change_wording
from crm.rulebook import changes
from crm.rulebook.library import Library
from crm.states import state_name
from crm.translation import _
from crm.web import AnyRequest, filtered, read_filters, render, today

FEDERAL = "US"
A_YEAR = timedelta(days=365)
WHENS = ("coming", "for_days_past", "in_force")  # what one can still prepare for comes first


class Asking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Since when, and of which state beside the federal programs; empty for a year, and for all."""

    since: date | None = None
    state: Annotated[str, Meta(max_length=2)] = ""


@get("/incentives/changed", guards=READS)
async def show_changes(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    asking, day, library = read_filters(request, Asking), today(request), installed.library()
    since = asking.since or day - A_YEAR
    if since > day:
        raise Invalid(_("This day is still to come. Choose one that has passed."))
    found = [_shown(each, library) for each in changes.since(library, since, day) if _concerns(each, library, asking.state)]
    marked = Filters(state="all", law="changed")
    cases = await case_listing.cases(actor, marked, day, most=case_listing.ROWS + 1)
    states = sorted({program.jurisdiction for program in library.programs.values()} - {FEDERAL}, key=state_name)
    return render(
        request, "pages/incentives/changed.html", since=since, today=day, state=asking.state, states=[(code, state_name(code)) for code in states], found=found,
        parts=[(when, [each for each in found if each["when"] == when]) for when in WHENS], cases=cases[: case_listing.ROWS], name=case_listing.program_name,
        more=filtered("/cases", marked) if len(cases) > case_listing.ROWS else "",
    )  # fmt: skip


def _concerns(change: changes.Change, library: Library, state: str) -> bool:
    return not state or any(library.programs[name].jurisdiction in {FEDERAL, state} for name in change.programs)


def _shown(change: changes.Change, library: Library) -> dict[str, Any]:
    """Statuses in words, numbers with what they count."""
    shown, (before, after) = change_wording.change_shown(change), change_wording.both(change)
    if change.kind == "parameter" and change.differs == "value":
        kind = library.parameters[change.name].kind
        before, after = change_wording.as_read(before, kind), change_wording.as_read(after, kind)
    return shown | {
        "day": change.day, "known": change.known, "before": before, "after": after,
        "names": [case_listing.program_name(name) for name in change.programs],
    }  # fmt: skip


HANDLERS = [show_changes]

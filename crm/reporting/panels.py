"""What the dashboard says, in the reader's words: each panel with its sentence, its chart and its tables. The page and the paper show the same."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct

from crm.engagements import level_rules
from crm.engagements.pipelines import stage_name
from crm.pledges.rules import pace
from crm.reporting.charts import Chart, bars
from crm.reporting.measures import SLOTS
from crm.reporting.rules import DEFINITIONS, LEVEL_MOVES, LEVELS, PARTS, quarter_of, share
from crm.reporting.showing import Dashboard, Drive
from crm.templating import label
from crm.translation import _, exact_day, long_day, ngettext, number, percent

RowsUrl = Callable[..., str]  # of a measure and a part: where its rows are listed


class Cell(Struct, frozen=True):
    """A number as it is written, and where it leads."""

    text: str
    url: str = ""


class Line(Struct, frozen=True):
    name: str
    cells: list[Cell]
    note: str = ""


class Table(Struct, frozen=True):
    """`heads`: of the first column, then of the cells."""

    title: str
    heads: list[str]
    lines: list[Line]


class Panel(Struct, frozen=True, kw_only=True):
    """`words`: what it shows, in a sentence or two. `notes`: what the numbers mean."""

    key: str
    title: str
    words: str
    chart: Chart | None = None
    tables: list[Table]
    notes: list[str] = []
    url: str = ""


def panels(found: Dashboard, today: date, rows_url: RowsUrl) -> list[Panel]:
    """In the order in which they are read; in the language that is spoken."""

    def count(value: int, measure: str, part: str = "") -> Cell:
        return Cell(number(value), rows_url(measure, part) if value else "")

    return [
        *[_pipeline(stages, place, count) for place, stages in enumerate(found.pipelines)], _weeks(found, count), _answers(found, count),
        _late(found, count), _whom(found, count), _served(found, count), _levels(found, today, count),
        *[_drive(drive, today, count) for drive in found.drives],
    ]  # fmt: skip


Count = Callable[..., Cell]


def _pipeline(stages: list[Mapping[str, Any]], place: int, count: Count) -> Panel:
    name, title = stage_name(), stages[0][stage_name().replace("name", "pipeline")]
    lines = [
        Line(stage[name], [
            *[count(stage[measure], measure, stage["id"]) for measure in ("stage", "moved_in", "moved_out")],
            Cell("–" if stage["days"] is None else number(stage["days"])), count(stage["long"], "long", stage["id"]),
        ]) for stage in stages
    ]  # fmt: skip
    words = ngettext("%(num)s employer is on this pipeline; %(late)s longer in the stage than expected.",
                     "%(num)s employers are on this pipeline; %(late)s longer in the stage than expected.", _all(stages, "stage"))  # fmt: skip
    return Panel(
        key=f"pipeline-{place}", title=title, words=words % {"num": number(_all(stages, "stage")), "late": number(_all(stages, "long"))},
        chart=bars([(stage[name], stage["stage"]) for stage in stages]),
        tables=[Table(title, [_("Stage"), _("Now"), _("In, 28 days"), _("Out, 28 days"), _("Usual stay, days"), _("Too long")], lines)],
    )  # fmt: skip


def _all(rows: list[Mapping[str, Any]], key: str) -> int:
    return sum(row[key] for row in rows)


def _weeks(found: Dashboard, count: Count) -> Panel:
    newest = found.weeks[::-1]
    kinds = list(newest[0].kinds)
    total, most = sum(week.total for week in newest), max(week.total for week in newest)
    words = ngettext("%(num)s activity in twelve weeks, at most %(most)s in one.", "%(num)s activities in twelve weeks, at most %(most)s in one.", total)
    lines = [
        Line(exact_day(week.monday), [Cell(number(week.total)), *[count(week.kinds[kind], "activity", f"{week.monday} {kind}") for kind in kinds]])
        for week in newest
    ]
    return Panel(
        key="weeks", title=_("Activities by week"), words=words % {"num": number(total), "most": number(most)},
        chart=bars([(exact_day(week.monday).partition(",")[2].strip() or exact_day(week.monday), week.total) for week in newest], beside=True),
        tables=[Table(_("Activities by week"), [_("Week of"), _("All"), *[label(kind) for kind in kinds]], lines)],
    )  # fmt: skip


def _answers(found: Dashboard, count: Count) -> Panel:
    half, most = found.hours.get("half"), found.hours.get("most")
    if half is None or most is None:
        words, chart = _("No message of theirs was answered in the last 90 days."), None
    else:
        words = _("Half of the answers came within %(half)s hours, nine of ten within %(most)s hours.") % {"half": number(half), "most": number(most)}
        chart = bars([(_("Half of the answers, hours"), half), (_("Nine of ten answers, hours"), most)])
    lines = [Line(_("We answered"), [count(found.numbers["answered"], "answered")]), Line(_("Still waiting"), [count(found.numbers["waiting"], "waiting")])]
    title = _("How quickly we answer")
    return Panel(key="answers", title=title, words=words, chart=chart, notes=_means("answers"),
                 tables=[Table(title, [_("Messages"), _("Number")], lines)])  # fmt: skip


def _late(found: Dashboard, count: Count) -> Panel:
    late, title = found.numbers["overdue"], _("What is late")
    return Panel(
        key="late", title=title, words=ngettext("%(num)s task is past its day.", "%(num)s tasks are past their day.", late) % {"num": number(late)},
        tables=[Table(title, [_("Tasks"), _("Number")], [Line(_("Tasks past their day"), [count(late, "overdue")])])],
    )  # fmt: skip


def _whom(found: Dashboard, count: Count) -> Panel:
    title, numbers = _("New, kept and lapsed employers"), {part: number(value) for part, value in found.employers.items()}
    return Panel(
        key="whom", title=title, words=_("%(new)s new, %(kept)s kept, %(back)s back, %(lapsed)s lapsed.") % numbers,
        chart=bars([(_(PARTS[part]), value) for part, value in found.employers.items()]),
        tables=[Table(title, [_("Employers"), _("Number")], [Line(_(PARTS[part]), [count(value, "employers", part)]) for part, value in found.employers.items()])],
        notes=_means("served", "new", "kept", "back", "lapsed"),
    )  # fmt: skip


def _served(found: Dashboard, count: Count) -> Panel:
    title, served, repeat = _("Establishments we serve"), found.numbers["served"], found.numbers["repeat"]
    area = found.total["establishments"] if found.total else None
    words = [
        _("No establishment was served in the last 12 months.") if found.repeat is None
        else _("%(share)s of the establishments served in the last 12 months were served in the three years before as well.") % {"share": percent(found.repeat / 100)},
        _("Employer penetration is unknown: the number of establishments in the area is missing.") if found.penetration is None
        else _("We served %(share)s of the establishments in the area.") % {"share": percent(found.penetration / 100)},
    ]  # fmt: skip
    source = _("Establishments in the area: %(number)s (%(source)s, as of %(day)s).") % {
        "number": number(area), "source": found.total["source"], "day": long_day(found.total["as_of"])} if found.total else ""  # fmt: skip
    rows = [(_("Establishments in the area"), area)] if area else []
    return Panel(
        key="served", title=title, words=" ".join(words),
        chart=bars([*rows, (_("Served in the last 12 months"), served), (_("Of these, in the three years before as well"), repeat)], hollow=len(rows)),
        tables=[Table(title, [_("Measure"), _("Percent"), _("Number"), _("Of")], [
            Line(_("Repeat business customers"), [_percent(found.repeat), count(repeat, "repeat"), count(served, "served")]),
            Line(_("Employer penetration"), [_percent(found.penetration), count(served, "served"), Cell(number(area) if area else _("not entered"))]),
            Line(_("Without a worksite"), [Cell("–"), count(found.numbers["unplaced"], "unplaced"), Cell("–")], _("services that name no worksite are not counted here")),
        ])],
        notes=[*([source] if source else []), *_means("repeat", "penetration"), _(
            "Both were pilots of the federal measure of effectiveness in serving employers; since March 25, 2024 the one measure is retention with the same "
            "employer, which needs wage records.")],
    )  # fmt: skip


def _means(*names: str) -> list[str]:
    return [_(DEFINITIONS[name]) for name in names]


def _percent(value: Decimal | None) -> Cell:
    return Cell(_("unknown") if value is None else percent(value / 100))


def _levels(found: Dashboard, today: date, count: Count) -> Panel:
    title, since = _("Levels of engagement"), exact_day(quarter_of(today))
    top, known = found.levels["5"], sum(value for level, value in found.levels.items() if level != "0")
    said = {"share": percent((share(top, known) or 0) / 100), "known": number(known), "since": since, **{part: number(value) for part, value in found.level_moves.items()}}
    words = _("No employer has a level yet: nothing that counts has been logged.") if not known else _(
        "%(share)s of the %(known)s employers with a level stand at level 5. Since %(since)s, %(up)s rose and %(down)s fell.") % said
    names = {level: _("Not known") if level == "0" else _("Level %(level)s") % {"level": level} for level in found.levels}
    moves = [Line(_(LEVEL_MOVES[part]), [count(value, "level_moved", part)]) for part, value in found.level_moves.items()]
    return Panel(
        key="levels", title=title, words=words, chart=bars([(names[level], value) for level, value in found.levels.items()]) if known else None,
        tables=[
            Table(title, [_("Level"), _("Employers")], [Line(names[level], [count(value, "level", level)], _(LEVELS[level])) for level, value in found.levels.items()]),
            Table(_("Since %(day)s") % {"day": since}, [_("Level"), _("Employers")], moves),
        ],
        notes=[*_means("level_moved"), _(level_rules.CITATION) + "."], url="/engagement-levels",
    )  # fmt: skip


def _drive(drive: Drive, today: date, count: Count) -> Panel:
    slots = drive.slots[""]
    steps = {"pledged": _("Pledged"), "matched": _("Matched"), "started": _("Started"), "completed": _("Completed")}
    said = {**{step: number(slots[step]) for step in SLOTS}, "until": exact_day(drive.last_day)}
    words = ngettext("%(pledged)s slot is pledged, %(matched)s matched, %(started)s started, %(completed)s completed.",
                     "%(pledged)s slots are pledged, %(matched)s matched, %(started)s started, %(completed)s completed.", slots["pledged"]) % said  # fmt: skip
    if drive.goal:
        even = pace(drive.first_day, drive.last_day, drive.goal, slots["pledged"], today)
        words += " " + _("The goal is %(goal)s until %(until)s; an even pace would have brought %(expected)s by now.") % {
            **said, "goal": number(drive.goal), "expected": number(even.expected)}  # fmt: skip
    goal = [(_("Goal"), drive.goal)] if drive.goal else []
    lines = [
        Line(label(kind) if kind else _("All"), [count(numbers[step], step, f"{drive.id} {kind}" if kind else str(drive.id)) for step in SLOTS])
        for kind, numbers in drive.slots.items()
    ]
    return Panel(
        key=f"drive-{drive.id}", title=_("Pledges: %(drive)s") % {"drive": drive.name}, words=words,
        chart=bars([*goal, *[(steps[step], slots[step]) for step in SLOTS]], hollow=len(goal)),
        tables=[Table(_("Slots by kind of experience"), [_("Kind of experience"), *steps.values()], lines)], url=f"/pledge-drives/{drive.id}",
    )  # fmt: skip

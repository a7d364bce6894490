"""What a simulation shows, in the reader's words: panels with a sentence, a chart and its table, and the same as rows of a file."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from crm import industries
from crm.incentives import installed
from crm.incentives.simulator.hire_files import LABELS
from crm.incentives.wording import text
from crm.reporting.charts import bars
from crm.reporting.panels import Cell, Line, Panel, Table
from crm.translation import _, lazy_, money, ngettext, number

LETTERS = ("A", "B")
SPREADS = {"size": lazy_("By size of the employer"), "region": lazy_("By region"), "sector": lazy_("By sector"), "learner_group": lazy_("By group of learners")}
OUTCOMES = {"reached": lazy_("Get something"), "shut_out": lazy_("Get nothing because of a limit"), "not_eligible": lazy_("Not eligible"), "unknown": lazy_("Not known")}
SUMS = {"cost": lazy_("Total cost"), "before_limits": lazy_("Cost before limits"), "average": lazy_("Average for a hire")}


def panels(trial: Mapping[str, Any]) -> list[Panel]:
    """The whole, then the spreads over labels that tell groups apart, then what is not known."""
    result = trial["result"]
    programs = result["programs"]
    found = [_whole(result, programs), *[_spread(trial, programs, label) for label in LABELS if label in SPREADS and _tells(programs, label)]]
    return [*found, *([_missing(programs)] if any(each["missing"] for each in programs) else [])]


def rows(trial: Mapping[str, Any]) -> Iterator[list[Any]]:
    """The same for a file: draft, part, group, hires and cost. What is held back says so."""
    for letter, each in zip(LETTERS, trial["result"]["programs"], strict=False):
        for name, title in SUMS.items():
            yield [letter, _(title), "", None, _sum(each[name])]
        yield [letter, _("Employers reached"), "", _told(each["employers"]), None]
        for name, title in OUTCOMES.items():
            yield [letter, _(title), "", _told(each[name]), None]
        for label, title in SPREADS.items():
            for group, hires, cost in each["groups"][label]:
                yield [letter, _(title), group_name(trial, label, group), _told(hires), _sum(cost)]
        for key, count in each["missing"]:
            yield [letter, _("Not known"), key, _told(count), None]


def heads() -> list[str]:
    return [_("Draft"), _("What"), _("Group"), _("Hires"), _("Cost")]


def _told(count: int | None) -> int | str:
    return too_few() if count is None else count


def _sum(amount: str | None) -> Decimal | str:
    return too_few() if amount is None else Decimal(amount)


def too_few() -> str:
    return _("too few to show")


def group_name(trial: Mapping[str, Any], label: str, group: str) -> str:
    """As people read it; of a file as it stands there."""
    if not group:
        return _("Not told")
    if trial["file_id"] is None and label == "sector":
        return _(industries.name(group)) or group
    fact = installed.library().facts.get(trial["result"].get("group", ""))
    if label == "learner_group" and fact is not None:
        return next((text(choice.text) for choice in fact.choices if choice.value == group), group)
    return group


def _count(found: int | None) -> Cell:
    return Cell(too_few() if found is None else number(found))


def _money(found: str | None) -> Cell:
    return Cell(too_few() if found is None else money(found))


def _apart(pair: Sequence[str | int | None]) -> Decimal | None:
    one, other = pair
    return None if one is None or other is None else Decimal(one) - Decimal(other)


def _whole(result: Mapping[str, Any], programs: Sequence[Mapping[str, Any]]) -> Panel:
    two = len(programs) == 2
    lines = []
    for name, title in [*SUMS.items(), ("employers", _("Employers reached")), *OUTCOMES.items()]:
        said = _money if name in SUMS else _count
        cells = [said(each[name]) for each in programs]
        if two:
            gap = _apart([each[name] for each in programs])
            cells.append(Cell(too_few() if gap is None else money(gap) if name in SUMS else number(gap)))
        lines.append(Line(_(str(title)), cells))
    head = [_("Draft %(letter)s") % {"letter": letter} for letter in LETTERS[: len(programs)]]
    known = [(name, each["cost"]) for name, each in zip(head, programs, strict=True) if each["cost"] is not None]
    chart = bars([(name, max(Decimal(cost), Decimal(0))) for name, cost in known], said=money) if two else \
        bars([(_(title), programs[0][name]) for name, title in OUTCOMES.items() if programs[0][name] is not None])  # fmt: skip
    return Panel(
        key="whole", title=_("The whole"), words=" ".join(_sentences(result, programs)), chart=chart,
        tables=[Table(_("The whole"), [_("What"), *head, *([_("A less B")] if two else [])], lines)], notes=list(_notes(result, programs)),
    )  # fmt: skip


def _sentences(result: Mapping[str, Any], programs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for letter, each in zip(LETTERS, programs, strict=False):
        if each["cost"] is None:
            yield _("Draft %(letter)s: it reaches too few hires, or leaves out too few, to show sums.") % {"letter": letter}
            continue
        said = ngettext("Draft %(letter)s: %(cost)s for %(num)s hire of %(all)s.", "Draft %(letter)s: %(cost)s for %(num)s hires of %(all)s.", each["reached"])
        yield said % {"letter": letter, "cost": money(each["cost"]), "num": number(each["reached"]), "all": number(result["rows"])}
    if result.get("too_alike"):
        yield _("The two drafts differ for fewer than ten hires, so only the first is shown: their difference would tell of these few.")
    if apart := result.get("difference"):
        counts = {name: too_few() if apart[name] is None else number(apart[name]) for name in ("more", "less", "same")}
        yield _("A brings more than B for: %(more)s hires; less: %(less)s; the same: %(same)s.") % counts


def _notes(result: Mapping[str, Any], programs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield _("As if the draft were in force. What is not known counts as nothing here, and is listed below: it is never guessed.")
    for letter, each in zip(LETTERS, programs, strict=False):
        for pool in each["pools"]:
            said = {"letter": letter, "year": pool["year"], "most": money(pool["most"]), "text": text(pool["text"]), "citation": pool["citation"],
                    "claimed": too_few() if pool["claimed"] is None else money(pool["claimed"])}  # fmt: skip
            yield _("Draft %(letter)s, %(year)s: %(claimed)s claimed of %(most)s. %(text)s (%(citation)s)") % said


def _tells(programs: Sequence[Mapping[str, Any]], label: str) -> bool:
    return any(group for each in programs for group, _hires, _cost in each["groups"][label])


def _spread(trial: Mapping[str, Any], programs: Sequence[Mapping[str, Any]], label: str) -> Panel:
    by_group: dict[str, list[tuple[int | None, str | None]]] = {}
    for place, each in enumerate(programs):
        for group, hires, cost in each["groups"][label]:
            by_group.setdefault(group, [(0, "0")] * len(programs))[place] = (hires, cost)
    named = sorted(((group_name(trial, label, group), pairs) for group, pairs in by_group.items()), key=lambda each: each[0])
    two = len(programs) == 2
    lines, bared = [], []
    for name, pairs in named:
        cells = [cell for hires, cost in pairs for cell in (_count(hires), _money(cost))]
        if two:
            gap = _apart([cost for _hires, cost in pairs])
            cells.append(Cell(too_few() if gap is None else money(gap)))
        lines.append(Line(name, cells))
        bared += [(f"{name} · {letter}" if two else name, Decimal(cost)) for letter, (_hires, cost) in zip(LETTERS, pairs, strict=False) if cost is not None]
    head = [part for letter in LETTERS[: len(programs)] for part in ((_("Hires, %(letter)s"), _("Cost, %(letter)s")) if two else (_("Hires"), _("Cost")))
            for part in [part % {"letter": letter}]]  # fmt: skip
    title, small = _(SPREADS[label]), sum(any(hires is None for hires, _cost in pairs) for _name, pairs in named)
    words = ngettext("%(num)s group, by cost.", "%(num)s groups, by cost.", len(named)) % {"num": number(len(named))}
    if small:
        words += " " + ngettext("%(num)s is too small to show, or would let a smaller one be reckoned.",
                                "%(num)s are too small to show, or would let a smaller one be reckoned.", small) % {"num": number(small)}  # fmt: skip
    return Panel(key=label, title=title, words=words, chart=bars(bared, said=money),
                 tables=[Table(title, [_("Group"), *head, *([_("Cost, A less B")] if two else [])], lines)])  # fmt: skip


def _missing(programs: Sequence[Mapping[str, Any]]) -> Panel:
    facts = installed.library().facts
    counts: dict[str, list[int | None]] = {}
    for place, each in enumerate(programs):
        for key, count in each["missing"]:
            counts.setdefault(key, [0] * len(programs))[place] = count
    lines = [Line(text(facts[key].question) if key in facts else key, [_count(count) for count in each], key) for key, each in counts.items()]
    title = _("What is not known")
    head = [_("Hires, %(letter)s") % {"letter": letter} for letter in LETTERS] if len(programs) == 2 else [_("Hires")]
    return Panel(key="missing", title=title, words=_("How many hires wait for each answer. One hire may wait for several."),
                 tables=[Table(title, [_("Question"), *head], lines)])  # fmt: skip

"""A visit in sentences: its line on the timeline, and its fields beside each other where two differ."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from msgspec.structs import fields

from crm.forms import choice_label
from crm.setting_kinds import meta_of
from crm.translation import LANGUAGES, _, exact_day, speaking, time_of_day
from crm.visits.forms import VisitFields
from crm.visits.rules import CHECKLIST, OUTCOMES

LABELS = {field.name: meta_of(field.type).title or "" for field in fields(VisitFields)}
LINE = 200


def summary(values: Mapping[str, Any]) -> str:
    """What came of it, and how the notes begin."""
    begin = values["notes"].partition("\n")[0]
    outcome = OUTCOMES[values["outcome"]]
    line = _(outcome) + (f". {begin}" if begin else "")
    return line if len(line) <= LINE else line[: LINE - 1].rstrip() + "…"


def body(values: Mapping[str, Any]) -> str:
    """The notes, then what was looked at."""
    looked = {
        _("Seen: %(points)s."): [_(point.text) for code, point in CHECKLIST.items() if values[code] == "yes"],
        _("Not there yet: %(points)s."): [_(point.text) for code, point in CHECKLIST.items() if values[code] == "no"],
    }
    told = [sentence % {"points": "; ".join(points)} for sentence, points in looked.items() if points]
    return "\n\n".join(part for part in (values["notes"], "\n".join(told)) if part)


def is_line(said: str, more: str, values: Mapping[str, Any]) -> bool:
    """Whether a line says just what these values say, in the language of whoever logged it."""
    for language in LANGUAGES:
        with speaking(language):
            if (said, more) == (summary(values), body(values)):
                return True
    return False


def label(name: str) -> str:
    return _(LABELS[name])


def in_words(name: str, value: Any, known: Mapping[str, str]) -> str:
    """A field's value for people; `known` names worksites and people by id."""
    if name == "task_done":
        return {True: _("done"), False: _("still to do"), None: _("dropped")}[value]
    if name == "outcome":
        return _(OUTCOMES[value])
    if isinstance(value, date):
        return exact_day(value)
    if name == "at":
        return time_of_day(time.fromisoformat(value))
    if name in CHECKLIST:
        return choice_label(value) if value else ""
    return known.get(str(value), "" if value is None else str(value))

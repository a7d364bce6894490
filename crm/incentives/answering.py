"""Answers of those who are no staff: the person by their own link, the employer in the portal.

They answer what is theirs to know and no one else told, and change what they told themselves. What is right is kept, also where something else is wrong.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from crm.actions import Act
from crm.incentives import hires, installed, told
from crm.incentives.told import Known
from crm.incentives.wording import wanted
from crm.rulebook.facts import Fact, FactError
from crm.translation import _

LONGEST = 40  # characters of an answer: the longest that fits is an amount


async def keep(
    act: Act, hire: Mapping[str, Any], given: Mapping[str, str], *, source: str, theirs: Callable[[Fact], bool], beside: Mapping[str, Any], by: UUID | None = None
) -> dict[str, str]:
    """Within an action that holds the hire (a row of `told.HIRES`); what is wrong, in words, by the key of the answer.

    Two that contradict each other are told apart by their order. What others told is never said.
    """
    known, facts = await told.of(hire), installed.library().facts
    own = {key: text[:LONGEST] for key, text in given.items() if text and key in facts and theirs(facts[key]) and may_answer(known.get(key), source)}
    values, wrong = told.read(own)
    problems = {key: wanted(facts[key]) for key in wrong}
    all_told, changed = told.values_of(known), {}
    for key, value in values.items():
        try:
            installed.library().completed(all_told | {key: value})
        except FactError:
            problems[key] = _("This does not fit with something else that was told. Leave it open, and your board will ask.")
            continue
        all_told[key] = value
        if key not in known or known[key].value != value:
            changed[key] = told.as_text(value)
    if changed:
        await hires.keep(act, hire, changed, source=source, by=by, beside=beside)
    else:
        act.unchanged()
    return problems


def may_answer(known: Known | None, source: str) -> bool:
    return known is None or known.source == source

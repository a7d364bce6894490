"""Two people edit one record at once: field by field, and what both changed is shown to whoever saves later.

A form sends back what it showed (`base`), so that only what its person changed is written.
"""

import json
from collections.abc import Mapping
from typing import Any

from crm.errors import Conflict, Invalid
from crm.translation import _

BASE = 200_000  # characters of what a form sends back at most: its longest texts and those of added fields
_UNKNOWN = object()  # equal to no value


class EditConflict(Conflict):
    """Both changed the same fields. `theirs` and `mine` hold both values, so that nothing is lost."""

    def __init__(self, theirs: dict[str, Any], mine: dict[str, Any]) -> None:
        super().__init__(_("Someone else changed the same fields meanwhile. Choose which to keep."))
        self.theirs = theirs
        self.mine = mine


def shown(values: Mapping[str, Any]) -> str:
    """What a form shows, for it to send back."""
    return json.dumps(values, default=str, ensure_ascii=False)


def shown_before(base: str) -> dict[str, Any]:
    """What the form showed, as it sent it back. Raises `Invalid` where that is damaged."""
    try:
        found = json.loads(base or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid(_("This form is damaged. Load the page again."))
    return found


def shown_again(base: str, now: Mapping[str, Any], conflict: EditConflict) -> str:
    """Their values of the fields in conflict count as shown: saving again keeps mine of these, and theirs of all others."""
    return shown(shown_before(base) | {name: now[name] for name in conflict.theirs if name in now})


def merge(
    now: Mapping[str, Any], values: Mapping[str, Any], base: str, *, stale: bool,
    derived: frozenset[str] = frozenset(), together: frozenset[str] = frozenset(),
) -> tuple[dict[str, Any], list[str]]:  # fmt: skip
    """What I changed, and the names of what others changed and I did not.

    stale: the record was saved by another since the form was loaded. `derived` fields follow others and are in no one's
    way. Fields that only make sense `together`, as those of an address, conflict as one. Raises `EditConflict`.
    """
    before = shown_before(base)
    if stale and not before:  # no one can say who changed what, so whoever saves later looks at all of it
        before = dict.fromkeys(values, _UNKNOWN)
    mine = {key: value for key, value in values.items() if key in now and _plain(value) != before.get(key, _plain(now[key]))}
    theirs = {key for key in before if key in now and _plain(now[key]) != before[key]} if stale else set()
    both = {key for key in theirs & mine.keys() if now[key] != mine[key]} - derived
    if theirs & together and mine.keys() & together:
        both |= {key for key in together if key in values and now[key] != values[key]}
    if both:
        raise EditConflict({key: now[key] for key in both}, {key: values[key] for key in both})
    return {key: value for key, value in mine.items() if value != now[key]}, sorted(theirs - mine.keys() - derived)


def _plain(value: Any) -> Any:
    """As JSON gives it back."""
    return json.loads(json.dumps(value, default=str))

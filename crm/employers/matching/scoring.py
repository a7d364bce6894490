"""How likely two employers are one, out of 100, and why in words: the same for every way in and for the sweep."""

from collections.abc import Iterator

from msgspec import Struct

from crm.employers.matching.keys import Facts
from crm.names import Score, compare_keys
from crm.translation import _

LIKELY = 80  # goes into the queue of duplicates
WORTH_ASKING = 78  # whoever adds someone is asked
CERTAIN = 99  # only a person says that two are one


class Likeness(Struct, frozen=True):
    score: int
    reasons: tuple[str, ...]

    @property
    def why(self) -> str:
        """The reasons strung together; each may be a sentence of its own elsewhere."""
        return "; ".join(reason.rstrip(".") for reason in self.reasons)


def likeness(first: Facts, second: Facts) -> Likeness:
    """Two FEINs are two employers, whatever else they share."""
    same_fein = bool(first.feins & second.feins)
    if first.feins and second.feins and not same_fein:
        return Likeness(0, (_("Their FEINs differ."),))
    names = _names(first, second)
    score, reasons = names.value, [names.why] if names.why else []
    if same_fein:
        score, reasons = CERTAIN, [_("same FEIN"), *reasons]
    if first.domain and first.domain == second.domain:
        score, reasons = max(score, min(score + 25, 92)), [*reasons, _("same website")]
    if first.phones & second.phones:
        score, reasons = min(score + 15, max(score, CERTAIN)), [*reasons, _("same phone")]
    if first.doors & second.doors:
        score, reasons = min(score + 10, max(score, CERTAIN)), [*reasons, _("same address")]
    elif _elsewhere(first, second) and not same_fein:
        score, reasons = score - 15, [*reasons, _("another town")]
    if first.domain and first.domain == second.domain:
        score = max(score, WORTH_ASKING)  # whatever the names: a firm and the name that it trades under
    return Likeness(max(0, min(100, round(score))), tuple(reasons))


def _names(first: Facts, second: Facts) -> Score:
    """The likest two of their names; a trade or a former name never counts for quite as much as two legal ones."""
    legal = compare_keys(first.names[0], second.names[0])
    if legal.value < 95 and any(ours == theirs for ours, theirs in _others(first, second)):
        return Score(95.0, _("One trades, or traded, under the other's name."))
    return legal


def _others(first: Facts, second: Facts) -> Iterator[tuple[str, str]]:
    for at, ours in enumerate(first.names):
        for place, theirs in enumerate(second.names):
            if ours and (at or place):
                yield ours, theirs


def _elsewhere(first: Facts, second: Facts) -> bool:
    towns, states = (first.town, second.town), (first.state, second.state)
    return all(towns) and (towns[0] != towns[1] or (all(states) and states[0] != states[1]))

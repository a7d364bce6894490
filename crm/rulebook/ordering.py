"""In which order open questions are asked: first the one whose answer is likely to settle the most programs.

Chances are rough and only order what is asked; no answer rests on them. A program counts as far as the questions before are likely to have left it
open, so that a few questions asked together do not all ask about the same one.
"""

import heapq
from collections.abc import Iterable, Mapping
from decimal import Decimal

from crm.rulebook.estimates import Estimate
from crm.rulebook.facts import KNOWN_BY, Fact

LARGE = Decimal(20_000)  # what an amount without an end, or with a far one, weighs where two questions settle as much
DIGITS = 9  # so that what is worth the same weighs the same
STEP = 0.5  # an answer that does not end the program is a step of the way to its amount; all of them together weigh so much
PAPERS = {"yes_no": 0, "choice": 0, "date": 1, "number": 1, "money": 2}  # what one can say at once, what one looks up, what stands in books
ASKED_FIRST = ("record", "board", "employer", "learner")  # a specialist knows it, asks the employer, asks the person
assert set(ASKED_FIRST) == set(KNOWN_BY)


def ordered(estimates: Iterable[Estimate], facts: Mapping[str, Fact]) -> dict[str, float]:
    """Those of the facts that these wait for, each with the chance that a program still waits for it once all before it are answered."""
    asking: dict[str, list[_Waiting]] = {}
    for each in [_Waiting(found) for found in estimates if found.missing]:
        for key in each.settles:
            if key in facts:
                asking.setdefault(key, []).append(each)
    worth = {key: round(sum(each.settles[key] for each in those), DIGITS) for key, those in asking.items()}
    ranks = {key: rank for rank, key in enumerate(sorted(asking, key=lambda key: _ease(facts[key], asking[key])))}
    heap = [(-worth[key], ranks[key], key) for key in asking]
    heapq.heapify(heap)
    found: dict[str, float] = {}
    while heap:  # no question is worth more for others having been asked, so the first is right once it is weighed anew
        weighed, rank, key = heap[0]
        if -weighed != worth[key]:
            heapq.heapreplace(heap, (-worth[key], rank, key))
            continue
        heapq.heappop(heap)
        found[key] = max(each.open for each in asking[key])
        for each in asking[key]:
            for other, less in each.answered(key):
                if other in worth:
                    worth[other] = round(worth[other] - less, DIGITS)
    return found


def _ease(fact: Fact, asking: list["_Waiting"]) -> tuple[int, int, Decimal]:
    """Of two questions that are worth as much: first what one can say at once, then whom one need not ask, then for how much money."""
    return PAPERS[fact.kind], ASKED_FIRST.index(fact.known_by), -sum((each.amount for each in asking), Decimal(0))


class _Waiting:
    """A program that waits for answers. `open` is the chance that it is still open; `settles` how far each answer likely brings it to an end."""

    def __init__(self, found: Estimate) -> None:
        self.open = 1.0
        self.amount = LARGE if found.at_most is None else min(found.at_most, LARGE)
        self.ends = dict(found.program.emptied_by)
        for each in found.outcomes:
            if each.state == "unknown":
                for key, chance in each.condition.ended_by.items():
                    self.ends[key] = max(chance, self.ends.get(key, 0.0))
        undated = found.missing[0] == found.program.date_key
        step = STEP / (len(found.program.facts) if undated else len(found.missing))
        self.settles = {key: step + (1 - step) * self.ends.get(key, 0.0) for key in found.missing}

    def answered(self, key: str) -> Iterable[tuple[str, float]]:
        """By how much the other questions are worth less once this one is asked."""
        ended = self.open * self.ends.get(key, 0.0)
        self.open -= ended
        return [(other, ended * settles) for other, settles in self.settles.items()] if ended else ()

"""Bars with their words and numbers beside them, so that a chart needs neither colour nor a key. Drawn by `macros/charts.html`."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from crm.translation import number

WIDTH = 300  # of the drawing, in its own units: as wide as a card on a small phone, so that words stay readable there
LONGEST, LONGEST_OF_MONEY = 240, 200  # of a bar, which leaves room for its number
ABOVE, BESIDE = 40, 20  # height of a row whose words stand above the bar, or beside it
BESIDE_LEFT = 78  # where bars begin whose words stand beside


class Bar(Struct, frozen=True, kw_only=True):
    """A bar and its words, placed. One that is `hollow` is what the others are measured by."""

    label: str
    label_y: int
    value: str
    x: int
    y: int
    width: float
    value_x: float
    value_y: int
    hollow: bool = False


class Chart(Struct, frozen=True):
    width: int
    height: int
    bars: list[Bar]


def bars(rows: Sequence[tuple[str, int | Decimal]], *, hollow: int = 0, beside: bool = False, said: Callable[[Any], str] = number) -> Chart | None:
    """One below the other, each as long as its share of the longest; the first `hollow` of them as outlines. None where all are nothing.

    `said` writes a value: as a number, or as money.
    """
    most = max((value for _label, value in rows), default=0)
    if not most:
        return None
    height, left = (BESIDE, BESIDE_LEFT) if beside else (ABOVE, 0)
    longest = LONGEST if said is number else LONGEST_OF_MONEY
    placed = []
    for place, (label, value) in enumerate(rows):
        top = place * height
        width = round(float((longest - left) * value / most), 1)
        y = top + (4 if beside else 19)
        placed.append(Bar(label=label, label_y=top + 14, value=said(value), x=left, y=y, width=width, value_x=left + width + 6, value_y=y + 10,
                          hollow=place < hollow))  # fmt: skip
    return Chart(WIDTH, height * len(rows) + 2, placed)

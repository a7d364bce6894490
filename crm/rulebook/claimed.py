"""What was claimed or paid before a plan is made. It uses up limits, and a person whom a program paid in a year is not counted again.

How much it was may not be known. Then nothing is taken to be left under the limits that it falls under, and whoever plans is told what is missing.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from msgspec import Struct


class Claimed(Struct, frozen=True):
    """A claim of a program in a year (of its date key): its amount in USD, None where that is not known, and whose it is, where one person's.

    `people` is for how many it was, where no person is named; None is not known. `source` says where it comes from.
    """

    program: str
    year: int
    amount: Decimal | None
    person: str = ""
    people: int | None = 1
    source: str = ""


class Used(Struct, frozen=True):
    """What falls under a limit already: money, and people by name and by number. None is not known."""

    money: Decimal | None
    persons: frozenset[str]
    others: int | None

    def money_left(self, most: Decimal) -> Decimal:
        """Nothing where it is not known how much was used."""
        return Decimal(0) if self.money is None else max(most - self.money, Decimal(0))

    def people_left(self, most: int) -> int:
        return 0 if self.others is None else max(most - len(self.persons) - self.others, 0)


def used(already: Iterable[Claimed], program: str, falls: Callable[[Claimed], bool]) -> Used:
    """Of the claims of a program those that fall under a limit."""
    under: Sequence[Claimed] = [each for each in already if each.program == program and falls(each)]
    amounts = [each.amount for each in under]
    people = [each.people for each in under if not each.person]
    return Used(
        None if None in amounts else sum((each for each in amounts if each is not None), Decimal(0)),
        frozenset(each.person for each in under if each.person), None if None in people else sum(each for each in people if each is not None),
    )  # fmt: skip

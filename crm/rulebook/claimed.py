"""What was claimed or paid before. It uses up limits, and a person whom a program paid in a year is not counted again.

How much it was may not be known. A plan then takes nothing to be left under the limits that it falls under, and the answer for one hire lies between bounds.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from msgspec import Struct


class Claimed(Struct, frozen=True):
    """A claim of a program in a year (of its date key): its amount in USD, None where that is not known, and whose it is, where one person's.

    `people` is for how many it was, where no person is named; None is not known. `source` says where it comes from. `case` is the case it was
    counted from: such a claim says nothing of what was claimed elsewhere, as one does that was told for a program and year.
    """

    program: str
    year: int
    amount: Decimal | None
    person: str = ""
    people: int | None = 1
    source: str = ""
    case: str = ""


class Earlier(Struct, frozen=True):
    """What the employer claimed before one hire, and who the hire is among the persons of these claims."""

    claims: tuple[Claimed, ...] = ()
    person: str = ""


class Used(Struct, frozen=True):
    """What falls under a limit already: money and people as far as they are known, people by name and by number; `more` where some of it is not known."""

    money: Decimal
    more_money: bool
    persons: frozenset[str]
    others: int
    more_people: bool

    @property
    def people(self) -> int:
        return len(self.persons) + self.others

    def money_left(self, most: Decimal) -> Decimal:
        """Nothing where it is not known how much was used."""
        return Decimal(0) if self.more_money else max(most - self.money, Decimal(0))

    def people_left(self, most: int) -> int:
        return 0 if self.more_people else max(most - self.people, 0)


def used(already: Iterable[Claimed], program: str, falls: Callable[[Claimed], bool]) -> Used:
    """Of the claims of a program those that fall under a limit."""
    under: Sequence[Claimed] = [each for each in already if each.program == program and falls(each)]
    amounts = [each.amount for each in under]
    people = [each.people for each in under if not each.person]
    return Used(
        sum((each for each in amounts if each is not None), Decimal(0)), None in amounts,
        frozenset(each.person for each in under if each.person), sum(each for each in people if each is not None), None in people,
    )  # fmt: skip

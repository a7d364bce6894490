"""What each number means. Plain functions and words: the same definition stands in the page, in the count and in the list behind it."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from crm.translation import lazy_

WEEKS = 12
MOVES_DAYS = 28
ANSWERS_DAYS = 90
DRIVES_DAYS = 365  # a drive is shown until a year after its last day
SERVED_YEARS = 3  # before the year, as the former federal pilot of repeat business customers has it

TITLES = {
    "stage": lazy_("Employers in the stage"), "moved_in": lazy_("Moved into the stage"), "moved_out": lazy_("Moved out of the stage"),
    "long": lazy_("Longer in the stage than expected"), "activity": lazy_("Activities of the week"), "answered": lazy_("Messages that we answered"),
    "waiting": lazy_("Messages that still wait for an answer"), "overdue": lazy_("Tasks past their day"), "employers": lazy_("Employers"),
    "served": lazy_("Establishments served in the year"), "repeat": lazy_("Repeat business customers"),
    "unplaced": lazy_("Services that name no worksite"), "level": lazy_("Employers at the level of engagement"),
    "level_moved": lazy_("Employers whose level of engagement changed"), "pledged": lazy_("Slots pledged"), "matched": lazy_("Slots matched"),
    "started": lazy_("Slots started"), "completed": lazy_("Slots completed"),
}  # fmt: skip
DEFINITIONS = {
    "served": lazy_("Served: a call, email, visit, meeting, event or letter on the timeline in which we reached them."),
    "new": lazy_("New: served in the last 12 months, and never before."),
    "kept": lazy_("Kept: served in the last 12 months, and in the 12 months before."),
    "back": lazy_("Back: served in the last 12 months, not in the 12 months before, but earlier."),
    "lapsed": lazy_("Lapsed: served in the 12 months before the last 12, and not since."),
    "repeat": lazy_("Repeat business customers: establishments served in the last 12 months that were also served in the three years before, "
                    "over all establishments served in the last 12 months."),
    "penetration": lazy_("Employer penetration: establishments served in the last 12 months over all establishments in the area."),
    "level_moved": lazy_("Rose and fell: against the level that the entries of the days before the quarter make by today's rules. "
                         "Came in: no entry counted before."),
    "answers": lazy_("From the first message of theirs that waits for us to our first answer by any way, in the last 90 days."),
}  # fmt: skip
LEVELS = {
    "5": lazy_("Constant and reliable, hires steadily and gives money or support"),
    "4": lazy_("Responds at once, gives feedback on the program and on hiring"),
    "3": lazy_("Regular involvement: talks, more hiring, postings"),
    "2": lazy_("Some relationship: one or two events, hired once or twice"),
    "1": lazy_("Early contact: a fair, an online list, a cold call"),
    "0": lazy_("Nothing that counts has been logged."),
}
LEVEL_MOVES = {"up": lazy_("Rose"), "down": lazy_("Fell"), "first": lazy_("Came in")}
PARTS = {"new": lazy_("New"), "kept": lazy_("Kept"), "back": lazy_("Back again"), "lapsed": lazy_("Lapsed")}


def year_before(day: date, years: int = 1) -> date:
    """The same day of an earlier year; the last of February where that year has no such day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def quarter_of(today: date) -> date:
    """The first day of the quarter of the year in which the day falls."""
    return date(today.year, (today.month - 1) // 3 * 3 + 1, 1)


def first_week(today: date) -> date:
    """The Monday of the first week that is shown."""
    return today - timedelta(days=today.weekday(), weeks=WEEKS - 1)


def share(part: int, whole: int | None) -> Decimal | None:
    """Percent with one decimal; None where the whole is unknown or nothing."""
    if not whole:
        return None
    return (Decimal(100) * part / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)

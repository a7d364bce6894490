"""Units of facts in words. The rule files have them in English; what is not listed here is shown as it stands."""

from crm.translation import _, lazy_

UNITS = {
    "calendar days": lazy_("calendar days"),
    "days": lazy_("days"),
    "full months": lazy_("full months"),
    "hours": lazy_("hours"),
    "hours a month": lazy_("hours a month"),
    "hours a week": lazy_("hours a week"),
    "hours of instruction": lazy_("hours of instruction"),
    "jobs": lazy_("jobs"),
    "months": lazy_("months"),
    "months in a row": lazy_("months in a row"),
    "people": lazy_("people"),
    "points": lazy_("points"),
    "programs": lazy_("programs"),
    "tax year of employment": lazy_("tax year of employment"),
    "tax years": lazy_("tax years"),
    "weeks": lazy_("weeks"),
    "year of the apprenticeship": lazy_("year of the apprenticeship"),
    "year of work": lazy_("year of work"),
    "years": lazy_("years"),
}


def in_words(unit: str) -> str:
    return _(UNITS.get(unit, unit)) if unit else ""

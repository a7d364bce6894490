"""The days to keep of cases, for a calendar."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

from crm.incentives.claims.case_listing import program_name
from crm.translation import _


def calendar(cases: Iterable[Mapping[str, Any]], url: str) -> bytes:
    """Each case that has a next day to keep, as an all-day event that blocks no time (RFC 5545). No answer is in it."""
    made = Calendar()
    made.add("prodid", "-//crm//cases//EN")
    made.add("version", "2.0")
    for case in cases:
        if case["due"] is None:
            continue
        event = Event()
        event.add("uid", f"case-{case['id']}@{url.partition('//')[2]}")
        event.add("dtstamp", datetime.now(UTC))
        event.add("dtstart", case["due"])
        event.add("dtend", case["due"] + timedelta(days=1))
        event.add("summary", _("%(program)s: %(who)s, %(employer)s") % {"program": program_name(case["program"]), "who": case["label"], "employer": case["employer"]})
        event.add("transp", "TRANSPARENT")
        event.add("url", f"{url}/cases/{case['id']}")
        made.add_component(event)
    return bytes(made.to_ical())

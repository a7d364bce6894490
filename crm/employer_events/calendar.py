"""An event for a calendar."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from icalendar import Calendar, Event

from crm.employer_events.wording import about, title


def calendar(event: Mapping[str, Any], language: str, url: str) -> bytes:
    """One event as iCalendar (RFC 5545), with its moments in UTC, which every calendar shows in its reader's zone."""
    made, entry = Calendar(), Event()
    made.add("prodid", "-//crm//events//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    entry.add("uid", f"event-{event['id']}@{url.partition('//')[2]}")
    entry.add("dtstamp", datetime.now(UTC))
    entry.add("sequence", event["version"])
    entry.add("dtstart", event["starts_at"].astimezone(UTC))
    entry.add("dtend", event["ends_at"].astimezone(UTC))
    entry.add("summary", title(event, language))
    if event["place"]:
        entry.add("location", event["place"])
    if event["link"]:
        entry.add("url", event["link"])
    if text := about(event, language):
        entry.add("description", text)
    entry.add("status", "CANCELLED" if event["cancelled_at"] else "CONFIRMED")
    made.add_component(entry)
    return bytes(made.to_ical())

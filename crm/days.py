"""Which day it is for the agency, wherever its servers stand."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

_zone = ["UTC"]


def start(zone: str) -> None:
    """Keep the agency's zone. Called at start."""
    _zone[:] = [zone]


def agency_today() -> date:
    return datetime.now(ZoneInfo(_zone[0])).date()

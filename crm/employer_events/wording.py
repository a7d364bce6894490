"""An event in words: its title, when and where it is, in the reader's language and the agency's zone."""

from collections.abc import Mapping
from typing import Any

from crm.translation import span, speaking


def title(event: Mapping[str, Any], language: str) -> str:
    """In Spanish where there is one."""
    return str((event["title_es"] if language == "es" else "") or event["title_en"])


def about(event: Mapping[str, Any], language: str) -> str:
    return str((event["about_es"] if language == "es" else "") or event["about_en"])


def when(event: Mapping[str, Any], language: str, zone: str) -> str:
    with speaking(language):
        return span(event["starts_at"], event["ends_at"], zone)


def where(event: Mapping[str, Any]) -> str:
    return " · ".join(part for part in (event["place"], event["link"]) if part)

"""Answers as a form brings them. They travel in bodies alone, never in an address."""

from crm.forms import clean
from crm.web import AnyRequest

PREFIX = "f-"  # before the key of a fact in a form, so that no fact is taken for another field


async def given(request: AnyRequest) -> tuple[dict[str, str], dict[str, str]]:
    """The answers by the keys of their facts, and what else the form holds."""
    data = await request.form()
    values = {name: str(clean(value)) for name, value in data.multi_items() if isinstance(value, str)}
    facts = {name.removeprefix(PREFIX): value for name, value in values.items() if name.startswith(PREFIX)}
    return facts, {name: value for name, value in values.items() if not name.startswith(PREFIX)}

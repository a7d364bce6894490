"""Panels of the employer page: one that fails is left out, and the page goes on."""

import pytest

from crm import gathering
from crm.actions import reading
from crm.database import fetch_value
from crm.gathering import gather_panels

PANEL = """
from crm.sdk import fetch_value
async def gather(actor, employer_id):
    {body}
@hookimpl
def panels():
    from crm.sdk import Panel
    return [Panel("{name}", "Title", "{name}/panels/p.html", gather)]
"""


def panel(name, body):
    return PANEL.format(name=name, body=body)


@pytest.mark.parametrize("body", [
    "raise ValueError", "return 3", "return await fetch_value('select no_such_column')",
    "import asyncio; await asyncio.sleep(60)", "return await fetch_value('select pg_sleep(60)')",
])  # fmt: skip
async def test_leaves_out_a_panel_that_fails(body, make_plugin, load, people, employers, monkeypatch):
    monkeypatch.setattr(gathering, "LIMIT", 0.3 if "sleep" in body else 30)
    manager = load(make_plugin("broken", panel("broken", body)), make_plugin("good", panel("good", "return {'a': 1}")))
    manager.panels = [each for each in manager.panels if each.name in {"broken", "good"}]

    async with reading(people.alice):
        shown = await gather_panels(people.alice, employers.erins)

        assert [(each.panel.name, each.context) for each in shown] == [("good", {"a": 1})]
        assert await fetch_value("select 1") == 1


async def test_leaves_out_what_has_nothing_to_show(make_plugin, load, people, employers):
    manager = load(make_plugin("quiet", panel("quiet", "return None")))
    manager.panels = [each for each in manager.panels if each.name == "quiet"]

    async with reading(people.alice):
        assert await gather_panels(people.alice, employers.erins) == []

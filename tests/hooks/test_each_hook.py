"""Each hook reaches a plugin and brings its answer home."""

import asyncio

import pytest

from crm.engagements.rules import StageMoveFacts
from crm.events import Event

MOVE = StageMoveFacts(
    from_stage="met", to_stage="pledged", to_kind="open", reason="", state="MA", has_contact=True, has_address=True
)  # fmt: skip


def test_hook_routes(make_plugin, load):
    entry = make_plugin("ohio", """
        @hookimpl
        def routes():
            from litestar import get
            from crm.sdk import Permission, needs
            @get("/plugins/ohio/hello", guards=[needs(Permission.SEE_DIRECTORY)])
            async def hello() -> str:
                return "hello"
            return [hello]
    """)  # fmt: skip

    manager = load(entry)

    assert "/plugins/ohio/hello" in [path for handler in manager.routes() for path in handler.paths]


def test_hook_routes_survives_a_module_of_the_same_name(make_plugin, load, tmp_path):
    entry = make_plugin("ohio", """
        @hookimpl
        def jobs():
            from crm_ohio.jobs import JOBS
            return JOBS
    """)  # fmt: skip
    (tmp_path / "crm_ohio" / "jobs.py").write_text("from crm.sdk import Job\nasync def run(job): ...\nJOBS = [Job('ohio.run', run)]\n")
    __import__("crm_ohio.jobs")

    assert "ohio.run" in [job.name for job in load(entry).jobs()]


def test_hook_jobs(make_plugin, load):
    entry = make_plugin("ohio", """
        from crm.sdk import Job
        async def refresh(job): ...
        @hookimpl
        def jobs():
            return [Job("ohio.refresh", refresh)]
    """)  # fmt: skip

    assert "ohio.refresh" in [job.name for job in load(entry).jobs()]


def test_hook_commands(make_plugin, load):
    entry = make_plugin("ohio", """
        import click
        @hookimpl
        def commands():
            return [click.Command("ohio-refresh")]
    """)  # fmt: skip

    assert "ohio-refresh" in [command.name for command in load(entry).commands()]


def test_hook_documents(make_plugin, load):
    entry = make_plugin("ohio", """
        @hookimpl
        def documents():
            from crm.sdk import Document
            return [Document(name="ohio.letter", title="Letter", template="a.html", css="a.css", sample=dict)]
    """)  # fmt: skip

    assert "ohio.letter" in [document.name for document in load(entry).documents()]


def test_hook_navigation(make_plugin, load):
    entry = make_plugin("ohio", """
        @hookimpl
        def navigation():
            from crm.sdk import NavigationItem, Permission
            return [NavigationItem("Ohio", "/plugins/ohio", Permission.SEE_DIRECTORY, 0)]
    """)  # fmt: skip

    assert load(entry).navigation[0].label == "Ohio"


def test_hook_panels(make_plugin, load):
    entry = make_plugin("ohio", """
        async def gather(actor, employer_id): ...
        @hookimpl
        def panels():
            from crm.sdk import Panel
            return [Panel("ohio.board", "Board", "ohio/panels/board.html", gather, order=0)]
    """)  # fmt: skip

    assert load(entry).panels[0].name == "ohio.board"


def test_hook_networks(make_plugin, load):
    entry = make_plugin("ohio", """
        @hookimpl
        def networks():
            from datetime import date
            from crm.sdk import Network
            return [Network(id="ohio", name="O", state="OH", description="", source="", valid_from=date(2026, 1, 1),
                            boards=[], territories=[])]
    """)  # fmt: skip

    assert [network.id for network in load(entry).networks()] == ["ohio"]


def test_hook_service_codes(make_plugin, load):
    entry = make_plugin("ohio", """
        @hookimpl
        def service_codes():
            from datetime import date
            from crm.sdk import ServiceCode
            return [ServiceCode(code="OH-1", name_en="Visit", name_es="Visita", citation="Manual, p. 4", first_day=date(2026, 7, 1),
                                kinds=("visit",))]
    """)  # fmt: skip

    assert [code.code for code in load(entry).service_codes()] == ["OH-1"]


def test_hook_fields(make_plugin, load):
    entry = make_plugin("ohio", """
        @hookimpl
        def fields():
            from crm.sdk import Choice, CustomField
            return [CustomField(subject="employer", key="ohio_permit", kind="choice", label_en="Permit", label_es="Permiso", purpose_en="So that minors may work",
                                purpose_es="Para que trabajen menores", choices=(Choice("held", "Held", "Lo tiene"),))]
    """)  # fmt: skip

    assert [(plugin, field.key) for plugin, field in load(entry).fields()] == [("ohio", "ohio_permit")]


def test_hook_obligations(make_plugin, load):
    entry = make_plugin("ohio", """
        from crm.sdk import Obligation, Obligations
        async def gather(employer_ids, today): return []
        @hookimpl
        def obligations():
            return [Obligations("ohio.coverage", gather)]
    """)  # fmt: skip

    assert "ohio.coverage" in [kind.name for kind in load(entry).obligations]


async def test_hook_check_stage_move(make_plugin, load):
    entry = make_plugin("ohio", """
        from crm.sdk import StageFinding
        @hookimpl
        def check_stage_move(move):
            return [StageFinding("no-pledge")] if move.to_stage == "pledged" else []
    """)  # fmt: skip

    findings = await load(entry).ask("check_stage_move", move=MOVE)

    assert [finding.code for finding in findings] == ["no-pledge"]


async def _told(make_plugin, load, hook, subject, features=()):
    entry = make_plugin("ohio", f"""
        heard = []
        @hookimpl
        async def {hook}(event):
            heard.append(event)
    """)  # fmt: skip
    manager = load(entry)
    assert manager.listeners()[hook] == [*features, "ohio"]
    tell = next(job for job in manager.jobs() if job.name == "events.tell")

    await tell.function(None, event=7, name=hook, subject=subject, plugin="ohio")

    assert manager.plugin("ohio").module.heard == [Event(hook, subject, 7)]


async def test_hook_employer_created(make_plugin, load):
    await _told(make_plugin, load, "employer_created", {"employer_id": "e"})


async def test_hook_employer_changed(make_plugin, load):
    await _told(make_plugin, load, "employer_changed", {"employer_id": "e"})


async def test_hook_employers_merged(make_plugin, load):
    await _told(make_plugin, load, "employers_merged", {"employer_id": "e", "other_id": "f"}, features=["engagements"])


async def test_hook_stage_moved(make_plugin, load):
    await _told(make_plugin, load, "stage_moved", {"engagement_id": "g", "employer_id": "e", "move_id": "m"}, features=["outreach"])


async def test_hook_activity_logged(make_plugin, load):
    await _told(make_plugin, load, "activity_logged", {"activity_id": "a", "employer_id": "e"}, features=["outreach"])


async def test_hook_contact_stopped(make_plugin, load):
    await _told(make_plugin, load, "contact_stopped", {"contact_id": "c", "employer_id": None}, features=["outreach"])


async def test_hook_employer_claimed(make_plugin, load):
    await _told(make_plugin, load, "employer_claimed", {"employer_id": "e", "board_id": "b"}, features=["outreach"])


async def test_hook_import_finished(make_plugin, load):
    await _told(make_plugin, load, "import_finished", {"import_id": "i"})


async def test_hook_estimate_made(make_plugin, load):
    await _told(make_plugin, load, "estimate_made", {"estimate_id": "s", "employer_id": "e"})


async def test_takes_only_the_arguments_that_it_wants(make_plugin, load):
    entry = make_plugin("ohio", """
        @hookimpl
        def check_stage_move():
            return []
    """)  # fmt: skip

    assert await load(entry).ask("check_stage_move", move=MOVE) == []


async def test_facts_are_frozen(make_plugin, load):
    entry = make_plugin("ohio", """
        @hookimpl
        def check_stage_move(move):
            move.to_stage = "hosting"
            return []
    """)  # fmt: skip

    with pytest.raises(Exception, match="'ohio' could not check"):
        await load(entry).ask("check_stage_move", move=MOVE)
    assert MOVE.to_stage == "pledged"


async def test_a_check_speaks_the_language_of_the_person(make_plugin, load):
    from crm.translation import speaking

    entry = make_plugin("ohio", """
        from crm.sdk import StageFinding
        @hookimpl
        def check_stage_move(move):
            from crm.translation import language
            return [StageFinding(language())]
    """)  # fmt: skip
    manager = load(entry)

    with speaking("es"):
        findings = await asyncio.create_task(manager.ask("check_stage_move", move=MOVE))

    assert findings[0].code == "es"

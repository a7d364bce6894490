"""A plugin's fault is its own: it is quarantined and named, and the rest works."""

import threading
import time

import pytest

from crm.engagements.rules import StageMoveFacts
from crm.errors import Unavailable, UserError
from crm.events import Event
from crm.plugins import Limits

GOOD = """
from crm.sdk import Job
async def run(job): ...
@hookimpl
def jobs():
    return [Job("good.run", run)]
"""
MOVE = StageMoveFacts(
    from_stage="met", to_stage="pledged", to_kind="open", reason="", state="MA", has_contact=True, has_address=True
)  # fmt: skip
FIELDS = """@hookimpl
def fields():
    from crm.sdk import CustomField
    made = {"subject": "employer", "key": "broken_x", "kind": "text", "label_en": "X", "label_es": "X", "purpose_en": "For x", "purpose_es": "Por x"}
    return [CustomField(**made | more) for more in MORE]
"""
HANGS = "import threading; threading.Event().wait(20)"
AT_START = [
    ("raises at import", "raise ValueError('no rules')", "import raised ValueError: no rules"),
    ("ends the program at import", "import sys; sys.exit(3)", "import raised SystemExit: 3"),
    ("cannot be parsed", "def (", "could not be read: SyntaxError"),
    ("imports what is not there", "import not_installed_anywhere", "No module named 'not_installed_anywhere'"),
    ("raises in a hook", "@hookimpl\ndef panels():\n    raise KeyError('x')", "hook 'panels' raised KeyError"),
    ("ends the program in a hook", "@hookimpl\ndef panels():\n    raise SystemExit", "hook 'panels' raised SystemExit"),
    ("answers no list", "@hookimpl\ndef panels():\n    return None", "must return a list of Panel; it returned None"),
    ("answers junk", "@hookimpl\ndef panels():\n    return [3]", "must return a list of Panel; in it is a int"),
    ("misspells a hook", "@hookimpl\ndef pannels():\n    return []", "'pannels', which is no hook. Did you mean 'panels'?"),
    ("misspells an argument", "@hookimpl\ndef check_stage_move(mov):\n    return []", "'check_stage_move' has the argument 'mov'"),
    ("forgets the marker", "def panels():\n    return []", "without @hookimpl"),
    ("wraps", "@hookimpl(wrapper=True)\ndef panels():\n    return (yield)", "has the option 'wrapper'"),
    ("wraps in the old way", "@hookimpl(hookwrapper=True)\ndef panels():\n    yield", "has the option 'hookwrapper'"),
    ("pushes first", "@hookimpl(tryfirst=True)\ndef panels():\n    return []", "has the option 'tryfirst'"),
    ("goes last", "@hookimpl(trylast=True)\ndef panels():\n    return []", "has the option 'trylast'"),
    ("hides a misspelling", "@hookimpl(optionalhook=True)\ndef pannels():\n    return []", "'pannels', which is no hook"),
    ("goes round our marker", "import pluggy\n@pluggy.HookimplMarker('crm')(tryfirst=True)\ndef panels():\n    return []", "'tryfirst'"),
    ("tells without async", "@hookimpl\ndef stage_moved(event): ...", "must be `async def`"),
    ("collects with async", "@hookimpl\nasync def panels(): ...", "must be a plain `def`"),
    ("takes the core's job name", "from crm.sdk import Job\n@hookimpl\ndef jobs():\n    return [Job('events.tell', print)]", "Begin with its own name"),
    ("takes a core command", "import click\n@hookimpl\ndef commands():\n    return [click.Command('migrate')]", "Call it 'broken'"),
    ("leads elsewhere", "@hookimpl\ndef navigation():\n    from crm.sdk import NavigationItem, Permission\n    return [NavigationItem('A', '//evil', Permission.USE_PORTAL)]", "leads to '//evil'"),
    ("lists a service without a citation", "@hookimpl\ndef service_codes():\n    from datetime import date\n    from crm.sdk import ServiceCode\n    return [ServiceCode(code='A', name_en='A', name_es='A', citation='', first_day=date(2026, 1, 1))]", "needs a citation"),
    ("lists a service twice", "@hookimpl\ndef service_codes():\n    from datetime import date\n    from crm.sdk import ServiceCode\n    return [ServiceCode(code='A', name_en='A', name_es='A', citation='x', first_day=date(2026, 1, 1))] * 2", "answers 'A', which 'it' has already"),
    ("adds a field of another's name", FIELDS.replace("MORE", "[{'key': 'permit'}]"), "'permit'. Begin with its own name: 'broken_permit'"),
    ("adds a field without its purpose", FIELDS.replace("MORE", "[{'purpose_es': ''}]"), "the purpose_es of 'broken_x': This is needed in English and in Spanish"),
    ("adds a field of no kind", FIELDS.replace("MORE", "[{'kind': 'color'}]"), "the kind of 'broken_x': “color” is no kind. There are: text, long_text"),
    ("adds a field twice", FIELDS.replace("MORE", "[{}, {}]"), "answers 'employer.broken_x', which 'it' has already"),
    ("adds a choice without choices", FIELDS.replace("MORE", "[{'kind': 'choice'}]"), "needs 1 to 60 choices; it has 0"),
    ("adds a field whose lowest value is no Decimal", FIELDS.replace("MORE", "[{'kind': 'money', 'lowest': 9}]"), "the lowest of 'broken_x': This must be a finite Decimal; it is int 9"),
    ("changes its manifest", "manifest = Manifest(title='Other')", "changes 'title'"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "reason"), [case[1:] for case in AT_START], ids=[case[0] for case in AT_START])
def test_quarantines_a_plugin_that(code, reason, make_plugin, load):
    manager = load(make_plugin("broken", code), make_plugin("good", GOOD))

    broken = manager.plugin("broken")
    assert broken.state == "quarantined"
    assert reason in broken.reason
    assert manager.plugin("good").state == "on"
    assert "good.run" in [job.name for job in manager.jobs()]
    assert manager.plugin("employers").state == "on"


ROUTES = """
@hookimpl
def routes():
    from litestar import get
    from crm.sdk import Permission, needs
    @get("{path}", {options})
    async def page({arguments}) -> str:
        return ""
    return [page]
"""
GUARD = "guards=[needs(Permission.SEE_DIRECTORY)]"


@pytest.mark.parametrize(
    ("path", "options", "arguments", "reason"),
    [
        ("/employers", GUARD, "", "Begin with its own: '/plugins/broken/employers'"),
        ("/plugins/other/page", GUARD, "", "Begin with its own"),
        ("/plugins/brokenish", GUARD, "", "Begin with its own"),
        ("/plugins/broken", GUARD, "", "hides the program's own"),
        ("/plugins/broken/switch", GUARD, "", "hides the program's own"),
        ("/plugins/broken/{word:str}", GUARD, "word: str", "hides the program's own"),
        ("/plugins/broken/page", "", "", "open to anyone"),
        ("/plugins/broken/page", GUARD + ", opt={'public': True}", "", "open to anyone"),
        ("/plugins/broken/page", GUARD, "body", "not put together well"),
    ],
)
def test_refuses_a_page(path, options, arguments, reason, make_plugin, load):
    code = ROUTES.format(path=path, options=options, arguments=arguments)

    manager = load(make_plugin("broken", code))

    assert reason in manager.plugin("broken").reason
    assert not [handler for handler in manager.routes() if handler.fn.__module__ == "crm_broken"]


def test_leaves_nothing_of_a_plugin_that_one_hook_quarantined(make_plugin, load):
    code = GOOD.replace("good", "broken") + "@hookimpl\ndef panels():\n    return 3\n"

    manager = load(make_plugin("broken", code))

    assert "broken.run" not in [job.name for job in manager.jobs()]


def test_quarantines_a_plugin_that_hangs_at_import(make_plugin, load):
    # each its own name: the abandoned thread still holds the import lock of its package
    manager = load(make_plugin("asleep", HANGS), make_plugin("good", GOOD), limits=Limits(start=3))

    assert "Its import did not end within 3 seconds" in manager.plugin("asleep").reason
    assert manager.plugin("good").state == "on"


def test_quarantines_a_plugin_that_hangs_in_a_hook(make_plugin, load):
    manager = load(make_plugin("broken", f"@hookimpl\ndef panels():\n    {HANGS}"), limits=Limits(start=3))

    assert "hook 'panels' did not end within 3 seconds" in manager.plugin("broken").reason


@pytest.mark.parametrize("body", ["raise ValueError", "return 3", "return None", "return ['x']", "raise SystemExit"])
async def test_refuses_what_a_broken_check_could_not_check(body, make_plugin, load):
    manager = load(make_plugin("broken", f"@hookimpl\ndef check_stage_move(move):\n    {body}"))

    with pytest.raises(UserError, match="'broken' could not check this, so it was not done"):
        await manager.ask("check_stage_move", move=MOVE)


async def test_leaves_a_hanging_check_behind_and_soon_does_not_try_it(make_plugin, load):
    code = "import threading\nopened = threading.Event()\n@hookimpl\ndef check_stage_move(move):\n    opened.wait(60)\n    return []"
    manager = load(make_plugin("broken", code), limits=Limits(start=30, ask=0.05))

    for _ in range(5):
        with pytest.raises(Unavailable, match="broken"):
            await manager.ask("check_stage_move", move=MOVE)
    left_behind = [thread for thread in threading.enumerate() if thread.name == "plugin" and thread.is_alive()]
    assert len(manager.plugin("broken").hung) == 3
    assert len(left_behind) >= 3
    assert all(thread.daemon for thread in left_behind)

    manager.plugin("broken").module.opened.set()
    for call in manager.plugin("broken").hung:
        call.result(30)
    manager.limits = Limits(ask=30)
    assert await manager.ask("check_stage_move", move=MOVE) == []


@pytest.mark.parametrize(("body", "says"), [("raise ValueError('secret')", "raised ValueError"), ("await asyncio.sleep(60)", "took longer")])
async def test_a_told_hook_that_fails_is_told_again(body, says, make_plugin, load):
    limits = Limits(start=30, tell=0.05 if "sleep" in body else 30)
    manager = load(make_plugin("broken", f"import asyncio\n@hookimpl\nasync def stage_moved(event):\n    {body}"), limits=limits)

    # Unavailable is what the worker tries again
    with pytest.raises(Unavailable, match=f"'broken' {says}") as problem:
        await manager.tell("broken", "stage_moved", Event("stage_moved", {}))
    assert "secret" not in str(problem.value)


async def test_an_event_waits_for_a_plugin_that_does_not_run(make_plugin, load):
    manager = load(make_plugin("broken", "raise ValueError"))

    with pytest.raises(Unavailable, match="'broken' does not run now"):
        await manager.tell("broken", "stage_moved", Event("stage_moved", {}))


def test_refuses_two_plugins_of_one_name(make_plugin, load):
    first = make_plugin("twin", GOOD.replace("good", "twin"))
    second = make_plugin("twin", package="crm_other", distribution="crm-other")

    manager = load(first, second, make_plugin("good", GOOD))

    assert [p.name for p in manager.plugins].count("twin") == 1
    assert "Two installed plugins are called 'twin': crm-other and crm-twin" in manager.plugin("twin").reason
    assert manager.plugin("good").state == "on"
    assert "crm_twin" not in __import__("sys").modules


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"requires": "crm>=0.2,<0.3"}, "It asks for crm <0.3,>=0.2; this is 0.1"),
        ({"requires": "crm"}, "It asks for crm of any version"),
        ({"requires": None}, "Write 'crm>=0.1,<0.2'"),
        ({"before_code": ""}, "has no `manifest = Manifest(title=…)`"),
        ({"before_code": "from crm.sdk import Manifest\nmanifest = Manifest(title='T', capabilities=frozenset({'root'}))"}, "It asks for 'root'"),
        ({"before_code": "from crm.sdk import Manifest\nmanifest = Manifest(title='T'.upper())"}, "Write plain values"),
        ({"entry": "crm_broken:thing"}, "Name the package alone"),
        ({"entry": "crm_nowhere"}, "'crm_nowhere' is not installed whole"),
    ],
)
def test_refuses_a_plugin_by_its_papers(options, reason, make_plugin, load):
    assert reason in load(make_plugin("broken", **options)).plugin("broken").reason


@pytest.mark.parametrize("name", ["Broken", "bro-ken", "employers", "x"])
def test_refuses_a_name(name, make_plugin, load):
    found = [p for p in load(make_plugin(name)).plugins if p.name == name and not p.core]

    assert found[0].state == "quarantined"
    assert f"It is called '{name}'" in found[0].reason


def test_refuses_what_was_not_asked_for(make_plugin, load):
    manifest = "from crm.sdk import Manifest, hookimpl\nmanifest = Manifest(title='T')\n"

    manager = load(make_plugin("broken", GOOD.replace("good", "broken"), before_code=manifest))

    assert "hook 'jobs' needs the capability 'jobs'" in manager.plugin("broken").reason


def test_starts_soon_when_a_plugin_hangs(make_plugin, load):
    began = time.monotonic()

    load(make_plugin("endless", HANGS), limits=Limits(start=0.5))

    assert time.monotonic() - began < 15

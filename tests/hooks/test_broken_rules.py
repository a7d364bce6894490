"""A slip in a rule file or in a network's table: that plugin is quarantined with file, line, what was found and what is allowed."""

import json
import shutil
from pathlib import Path

import crm_massachusetts
import pytest

from crm.incentives import installed
from crm.plugin_commands import described, table
from tests.hooks.test_broken_plugins import GOOD
from tests.rulebook.conftest import FACTS, PARAMETER, PROGRAM

RULES = {
    "facts.yaml": FACTS, "programs/test.yaml": PROGRAM,
    "parameters/rate.yaml": PARAMETER.format(description="Share", unit="rate", values="  2020-01-01: 0.50"),
    "parameters/cap.yaml": PARAMETER.format(description="Cap", unit="USD", values="  2020-01-01: 1000"),
}  # fmt: skip


@pytest.fixture
def with_rules(make_plugin, tmp_path):
    def make(name, files):
        entry = make_plugin(name, GOOD.replace("good", name))
        for path, text in (RULES | files).items():
            file = tmp_path / f"crm_{name}" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return entry

    return make


SLIPS = [
    ("programs/test.yaml", PROGRAM.replace("kind: credit", "kind: credti"), "Its file programs/test.yaml, line 4: 'kind' is 'credti'. Did you mean 'credit'? Allowed: bond"),
    ("parameters/cap.yaml", "unti: USD\n", "Its file parameters/cap.yaml, line 1: unknown key 'unti'. Did you mean 'unit'?"),
    ("facts.yaml", "age:\n\tkind: number\n", "Its file facts.yaml, line 2: this is not YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "reason"), SLIPS, ids=[slip[0] for slip in SLIPS])
def test_a_slip_in_a_rule_file_quarantines_the_plugin_and_it_alone(path, text, reason, with_rules, make_plugin, load):
    sound = {"programs/test.yaml": PROGRAM.replace("id: test", "id: sound")}
    manager = load(with_rules("broken", {path: text}), make_plugin("good", GOOD), with_rules("sound", sound))

    assert manager.plugin("broken").state == "quarantined"
    assert manager.plugin("broken").reason.startswith(reason)
    assert [manager.plugin(name).state for name in ("good", "sound")] == ["on", "on"]
    assert list(installed.library().programs) == ["sound"]
    assert "broken.run" not in [job.name for job in manager.jobs()]
    assert "good.run" in [job.name for job in manager.jobs()]


def test_crm_plugins_names_it(with_rules, load):
    manager = load(with_rules("broken", {"programs/test.yaml": PROGRAM.replace("at_least", "atleast")}))

    shown = [described(plugin) for plugin in manager.plugins if not plugin.core]

    assert "broken: Its file programs/test.yaml, line 11: unknown key 'atleast'. Did you mean 'at_least'?" in table(shown)
    assert "line 11" in json.dumps(shown)


NETWORK = """
@hookimpl
def networks():
    from pathlib import Path
    from crm_massachusetts.network import read_network
    return [read_network(Path(__file__).parent / "networks")]
"""


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("municipalities.csv", "Acton,Middlesex,", "Acton,Midlesex,", "line 3: 'Midlesex' is no county. Did you mean 'Middlesex'? Allowed: Barnstable"),
        ("municipalities.csv", "Metro South/West,Greater Boston,recalled,muni+msw-n\nAcushnet", "Metro West,Greater Boston,recalled,muni\nAcushnet", "line 3: 'Metro West' is no board. Did you mean 'Metro South/West'?"),
        ("municipalities.csv", "recalled,muni\nActon", "recaled,muni\nActon", "line 2: 'recaled' is no mark. Did you mean 'recalled'?"),
        ("municipalities.csv", "\nActon,", "\nAbington,", "line 3: 'Abington' stands twice"),
        ("municipalities.csv", "Adams,Berkshire,", "Adams,Berkshire,,", "line 5: 7 values for 6 columns"),
        ("municipalities.csv", "municipality,county", "municipality,country", "line 1: the columns are municipality,country"),
        ("boards.csv", "verified", "verifyed", "line 2: 'verifyed' is no review_status"),
    ],
)  # fmt: skip
def test_a_slip_in_a_network_table_quarantines_the_plugin(file, old, new, reason, make_plugin, load, tmp_path):
    entry = make_plugin("broken", NETWORK)
    folder = tmp_path / "crm_broken" / "networks"
    shutil.copytree(Path(crm_massachusetts.__file__).parent / "networks", folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    manager = load(entry, make_plugin("good", GOOD))

    assert manager.plugin("broken").state == "quarantined"
    assert manager.plugin("broken").reason.startswith(f"Its file networks/{file}, {reason}")
    assert manager.plugin("good").state == "on"
    assert manager.networks() == []


OVERLAP = """
from datetime import date
from crm.sdk import Network, NetworkBoard, Territory
BOARDS = [NetworkBoard(code=code, name=code, public_name=code, region="R") for code in ("a", "b")]
@hookimpl
def networks():
    def town(board, first, last=None):
        return Territory(kind="municipality", name="Town", board=board, valid_from=date(first, 1, 1), valid_to=last and date(last, 12, 31))
    return [Network(id="n", name="N", state="MA", description="", source="", valid_from=date(2020, 1, 1), boards=BOARDS,
                    territories=[%s])]
"""


@pytest.mark.parametrize(
    ("towns", "reason"),
    [
        ('town("a", 2020), town("b", 2024)', "Town is served twice on some days: by 'a' and by 'b'"),
        ('town("a", 2020, 2024), town("b", 2024)', "served twice"), ('town("c", 2020)', "the board 'c', which the network 'n' does not have"),
        ('town("a", 2020, 2019)', "before its first day"),
    ],
)  # fmt: skip
def test_refuses_a_network_whose_places_overlap_or_have_no_board(towns, reason, make_plugin, load):
    manager = load(make_plugin("broken", OVERLAP % towns))

    assert reason in manager.plugin("broken").reason


def test_a_place_may_pass_from_board_to_board(make_plugin, load):
    manager = load(make_plugin("broken", OVERLAP % 'town("a", 2020, 2023), town("b", 2024)'))

    assert manager.plugin("broken").state == "on"

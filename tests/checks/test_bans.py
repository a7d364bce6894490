"""What the code never does, because it was measured to go wrong: each ban names what to do instead."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [p for folder in ("crm", "plugins") for p in sorted((ROOT / folder).rglob("*.py"))
         if not {"tests", "plugin_template", "static", "node_modules"} & set(p.parts)]  # fmt: skip

# Names that leave our transaction, run what a stranger sent, or put text unescaped into a page.
CALLS = {
    "batch": "it opens a connection of its own; use crm.database.rows()",
    "run_sync": "it leaves the transaction; await it",
    "Atomic": "it leaves the transaction; use crm.database.transaction()",
    "eval": "it runs what it is given", "exec": "it runs what it is given",
    "Markup": "it passes by the escaping of templates",
    "system": "a shell reads what it is given; use subprocess with a list",
}  # fmt: skip
REASONED = {("crm/templating.py", "Markup")}  # our own catalogue; the values are escaped as they go in
MODULES = {
    "pickle": "it runs what it reads; use JSON", "marshal": "it runs what it reads; use JSON",
    "shelve": "it runs what it reads; use JSON", "random": "it can be guessed; use secrets",
}  # fmt: skip
# Children of a task inherit its transaction, and work on it after it is gone.
STARTS = {"create_task", "ensure_future", "gather", "TaskGroup"}
# Where tasks start on purpose: outside any action, or in an empty context.
STARTERS = {
    "crm/worker.py": "each job runs in an empty context",
    "crm/work.py": "the bell rings in an empty context",
    "crm/audit.py": "a refusal is recorded in an empty context, whatever becomes of the request",
    "crm/backups/journal.py": "it ships beside the server; no transaction is open",
    "crm/serving.py": "the server's own loops; no transaction is open",
}
GUESSABLE = {"crm/demonstration": "invented people, the same each time"}


def found_in(file):
    return ast.walk(ast.parse(file.read_text(encoding="utf-8")))


def name_of(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def told(file):
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", FILES, ids=told)
def test_calls_nothing_that_is_banned(file):
    calls = [(node.lineno, name_of(node)) for node in found_in(file) if isinstance(node, ast.Call)]
    found = [(line, name, CALLS[name]) for line, name in calls if name in CALLS and (told(file), name) not in REASONED]
    assert found == []


@pytest.mark.parametrize("file", FILES, ids=told)
def test_asks_the_agency_for_the_day_and_not_the_database(file):
    """Where servers keep UTC the day turns in the American evening: days.agency_today() says which one it is for the agency."""
    found = [node.lineno for node in found_in(file) if isinstance(node, ast.Constant) and re.search(r"\bcurrent_date\b", str(node.value))]
    assert found == []


@pytest.mark.parametrize("file", FILES, ids=told)
def test_imports_nothing_that_is_banned(file):
    imported = {name.name.partition(".")[0] for node in found_in(file) if isinstance(node, ast.Import) for name in node.names}
    imported |= {(node.module or "").partition(".")[0] for node in found_in(file) if isinstance(node, ast.ImportFrom)}
    banned = imported & set(MODULES)
    if any(told(file).startswith(where) for where in GUESSABLE):
        banned -= {"random"}
    assert {name: MODULES[name] for name in banned} == {}


@pytest.mark.parametrize("file", [f for f in FILES if told(f) not in STARTERS], ids=told)
def test_starts_no_task_that_would_inherit_a_transaction(file):
    started = [
        (node.lineno, name_of(node)) for node in found_in(file)
        if isinstance(node, ast.Call) and name_of(node) in STARTS and _is_asyncio(node)
    ]  # fmt: skip
    assert started == [], "Enqueue a job, or give the task an empty context and add the file to STARTERS with the reason."


def _is_asyncio(call):
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return owner is None or isinstance(owner, ast.Call) or getattr(owner, "id", "") in {"asyncio", "loop", "group"}


@pytest.mark.parametrize("file", FILES, ids=told)
def test_gives_no_command_to_a_shell(file):
    shells = [node.lineno for node in found_in(file) if isinstance(node, ast.keyword) and node.arg == "shell"]
    assert shells == []


@pytest.mark.parametrize("file", FILES, ids=told)
def test_swallows_no_exception_unseen(file):
    """`except …: pass` hides what went wrong; `contextlib.suppress` names what may."""
    silent = [node.lineno for node in found_in(file) if isinstance(node, ast.ExceptHandler)
              and all(isinstance(line, ast.Pass) for line in node.body)]  # fmt: skip
    assert silent == []


def test_only_the_gate_writes_sql_from_pieces_of_text():
    """Values never become part of the text of a statement: where an f-string makes SQL, its pieces are names of ours."""
    made = {}
    for file in FILES:
        for node in found_in(file):
            if isinstance(node, ast.JoinedStr) and _is_sql(node):
                pieces = {ast.unparse(part.value) for part in node.values if isinstance(part, ast.FormattedValue)}
                if odd := {piece for piece in pieces if not _is_ours(piece)} - PIECES.get(told(file), set()):
                    made[told(file)] = odd
    assert made == {}, "Give values as arguments. A piece that is a name of ours is added to PIECES, with the file."


def _is_sql(node):
    text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant)).lower().lstrip()
    return re.match(r"(select|insert into|update|delete from|create|alter|explain) |with \w+ as ", text) is not None


def _is_ours(piece):
    """A constant of the module."""
    return piece.replace("_", "").isupper()


# Looked at one by one: names of tables, columns and orders that the code itself chooses, and numbers.
PIECES = {
    "crm/access.py": {"table", "lock"},
    "crm/backups/taking.py": {"table['relname']"},
    "crm/boards/api.py": {"api.PAGE + 1"}, "crm/contacts/api.py": {"api.PAGE + 1"}, "crm/employers/api.py": {"api.PAGE + 1"},
    "crm/contacts/actions.py": {"names", "places"},
    "crm/database.py": {"table", "', '.join(columns)", "places", "assignments"},
    "crm/engagements/agenda.py": {"order"}, "crm/engagements/designing.py": {"column"}, "crm/engagements/sharing.py": {"table"}, "crm/incentives/outside/links.py": {"kind.table"},
    "crm/engagements/timeline.py": {"pieces", "subject.kind"}, "crm/engagements/timeline_routes.py": {"subject.kind"},
    "crm/employers/searching.py": {"page + 1", "most", "min(most, 100)", "order", "number", "run.place", "run.order"},
    "crm/employers/bulk.py": {"name"}, "crm/joining.py": {"table", "column", "stays"}, "crm/contacts/roles.py": {"SAME.format('f', 'n')"},
    "crm/reporting/counting.py": {"detail", "value"}, "crm/reporting/measures.py": {"stage", "step"}, "crm/reporting/showing.py": {"way", "slots", "most"}, "crm/reporting/mailing.py": {"schedules.KEPT_LINKS"},
    "crm/fields/own.py": {"subject"}, "crm/fields/beside.py": {"subject"}, "crm/fields/showing.py": {"subject"}, "crm/fields/importing.py": {"subject", "of_id"},
    "crm/housekeeping.py": {"spent.table", "spent.condition"},
    "crm/key_rotation.py": {"column.column", "column.table", "chosen", "assigned", "where"},
    "crm/roles.py": {"database", "name_of(Login.OWNER)", "extension", "name", "limit", "value", "name_of(login)", "password_of(found[login])"},
    "crm/sessions.py": {"_ACTOR.replace('$1', 's.account_id')"},
    "crm/testing/cluster.py": {"name", "template"},
}  # fmt: skip

"""Every hook is documented, tested, called, and typed; the manual says what the code says."""

import ast
import inspect
from pathlib import Path

import pytest

import crm
from crm import hookspecs, sdk

ROOT = Path(crm.__file__).parent.parent
HOOKS = hookspecs.kinds()


@pytest.mark.parametrize("name", HOOKS)
def test_has_a_docstring_with_an_example(name):
    text = inspect.getdoc(getattr(hookspecs, name))

    assert text
    ast.parse(text.partition("Example: `")[2].rpartition("`")[0].replace("await ", "").strip() or "!")


@pytest.mark.parametrize("name", HOOKS)
def test_has_a_test_of_its_own(name):
    assert f"def test_hook_{name}(" in Path(__file__).with_name("test_each_hook.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name, kind in HOOKS.items() if kind != "collect"])
def test_has_a_caller(name):
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "crm").rglob("*.py") if file.name != "hookspecs.py")

    assert f'"{name}"' in code


@pytest.mark.parametrize("name", [name for name, kind in HOOKS.items() if kind != "tell"])
def test_knows_the_type_of_its_answers(name):
    assert inspect.isclass(hookspecs.answer_type(name))


def test_the_name_tells_the_kind():
    for name, kind in HOOKS.items():
        assert (kind == "ask") == name.startswith("check_")
        assert (kind == "tell") == name.endswith(("ed", "made"))


def test_the_page_of_hooks_is_up_to_date():
    page = ROOT / "docs" / "extend" / "hooks.md"

    assert page.read_text(encoding="utf-8") == hookspecs.hooks_page(), "Run `crm docs`."


def test_the_sdk_has_what_it_says():
    tree = ast.parse(Path(sdk.__file__).read_text(encoding="utf-8"))
    typed = {alias.name: node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
             if node.module and node.module.startswith("crm.")}  # fmt: skip

    assert typed == sdk._HOME
    assert set(sdk.__all__) == set(typed)
    assert all(getattr(sdk, name) is not None for name in sdk.__all__)


def test_the_sdk_names_what_it_does_not_have():
    with pytest.raises(AttributeError, match="has no 'DB'"):
        _ = sdk.DB

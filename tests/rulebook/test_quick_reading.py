"""The quick way reads a sound file exactly as the careful way does, and leaves every other to it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rulebook import reading
from crm.rulebook.reading import line_of

ROOT = Path(__file__).parents[2]
FILES = sorted([*ROOT.glob("plugins/*/crm_*/**/*.yaml"), *ROOT.glob("crm/rulebook/*.yaml"), *ROOT.glob("plugins/*/tests/cases/*.yaml")])
WORDS = [
    "a", "b", "12", "0.50", "-3", "1e3", "0o17", "012", ".5", "1_000", "2024-01-01", "2024-02-30", "2024-1-1", "2024-01-01T10:00:00Z", "true", "True", "yes",
    "no", "null", "~", "", "<<", "=", "'it''s'", '"x\\ny"', '"\\/"', '"\\u00e9"', "é", "don't", "a#b", "a #b", "- x", "x: y", "x:y", "&a b", "*a", "!!str 3", "|", ">",
    "[1, 2]", "[a, b,]", "{a: 1}", "{a: 1, a: 2}", "{a:1}", "{a}", "[a: 1]", "? q", "%", "@", "`", ",", "]", "\t", "\x85", "\u2028", "\ufeff", "\x07", "\U0001f600",
]  # fmt: skip


def known(value):
    """A value with the lines of all keys and items in it, and the types, since 1 and true are equal."""
    if hasattr(value, "lc"):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return line_of(value), [(type(key), key, line_of(value, key), known(item)) for key, item in items]
    return type(value), value


@pytest.mark.parametrize("part", range(8))
def test_every_file_of_the_plugins_comes_out_the_same_line_for_line(part):
    """Its cases too, in eight parts so that all workers take some."""
    assert len(FILES) > 300
    for file in FILES[part::8]:
        text = file.read_text()
        quick = reading.quickly(text)
        assert quick is not None, f"{file} is not read by the quick way"
        assert known(quick) == known(reading.carefully(text)), file


@st.composite
def texts(draw):
    """Lines as a person may write them, right and wrong."""
    lines = draw(st.lists(st.tuples(st.sampled_from(["", "  ", "    ", "- ", "  - ", "\t"]), st.sampled_from(["a: ", "b: ", "2024-01-01: ", "1: ", "'q': ", "", "? ", ": "]),
                                    st.sampled_from(WORDS), st.sampled_from(["", " # said", "  "])), max_size=7))  # fmt: skip
    return draw(st.sampled_from(["", "", "", "---\n", "%YAML 1.1\n---\n"])) + "\n".join(map("".join, lines)) + draw(st.sampled_from(["", "\n", "\n...\n", "\n---\n"]))


@given(texts())
def test_what_the_quick_way_reads_the_careful_way_reads_the_same(text):
    quick = reading.quickly(text)
    if quick is not None:
        assert known(quick) == known(reading.carefully(text))


def test_a_mistake_is_still_named_with_its_line(tmp_path):
    (tmp_path / "odd.yaml").write_text("a: 1\nb: 2024-02-30\n")
    with pytest.raises(reading.RuleFileError, match=r"line 2: '2024-02-30' is no day"):
        reading.read(tmp_path / "odd.yaml")


def test_lines_are_those_that_a_person_counts(tmp_path):
    (tmp_path / "sound.yaml").write_text("# a comment\na: 1\n\nb:\n  - {c: 2}\n")
    found = reading.read(tmp_path / "sound.yaml")
    assert (line_of(found, "a"), line_of(found, "b"), line_of(found["b"][0], "c")) == (2, 4, 5)

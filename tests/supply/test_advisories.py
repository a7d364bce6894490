"""A known hole in what is inside is named, with the version that closes it and the day by which we promise to."""

import json
from datetime import date

import advisories
import pytest

BILL = {"components": [
    {"name": "jinja2", "purl": "pkg:pypi/jinja2@3.1.2", "components": [{"name": "postgresql", "purl": "pkg:generic/postgresql@18.3"}]},
    {"name": "uswds", "purl": "pkg:npm/%40uswds/uswds@3.14.0"},
]}  # fmt: skip


def advisory(name="Jinja2", events=({"introduced": "0"}, {"fixed": "3.1.3"}), ecosystem="PyPI", severity="HIGH", **more):
    return {
        "id": "TEST-1", "published": "2026-11-02T00:00:00Z", "modified": "2026-11-09T00:00:00Z", "database_specific": {"severity": severity},
        "affected": [{"package": {"ecosystem": ecosystem, "name": name}, "ranges": [{"type": "ECOSYSTEM", "events": list(events)}]}],
    } | more  # fmt: skip


def test_an_old_version_is_told_with_its_cure_and_its_day():
    assert advisories.holes(BILL, [advisory()]) == [
        {"id": "TEST-1", "package": "Jinja2", "version": "3.1.2", "fixed": ["3.1.3"], "severity": "high", "close_by": date(2026, 11, 16)}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("severity", "day"), [("CRITICAL", date(2026, 11, 9)), ("HIGH", date(2026, 11, 16)), ("MODERATE", date(2027, 1, 1)), (None, date(2027, 1, 1))]
)
def test_the_worse_the_sooner(severity, day):
    assert advisories.holes(BILL, [advisory(severity=severity or "")])[0]["close_by"] == day


@pytest.mark.parametrize(
    ("events", "hit"),
    [
        ([{"introduced": "3.1.3"}], False),
        ([{"introduced": "3.0"}, {"fixed": "3.1"}, {"introduced": "3.1.1"}, {"fixed": "3.1.9"}], True),
        ([{"introduced": "0"}, {"last_affected": "3.1.2"}], True),
        ([{"introduced": "0"}, {"last_affected": "3.1.1"}], False),
        ([{"introduced": "3.10"}], False),
    ],
)
def test_versions_count_as_their_package_counts_them(events, hit):
    assert bool(advisories.holes(BILL, [advisory(events=events)])) is hit


def test_servers_inside_and_scoped_names_are_found():
    known = [advisory("postgresql", [{"introduced": "18"}, {"fixed": "18.4"}], "generic"), advisory("@uswds/uswds", [{"introduced": "3"}], "npm")]
    assert {hole["package"] for hole in advisories.holes(BILL, known)} == {"postgresql", "@uswds/uswds"}


def test_what_was_taken_back_or_concerns_others_is_not_told(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(advisory(withdrawn="2026-11-10T00:00:00Z")))
    (tmp_path / "b.json").write_text(json.dumps(advisory("flask")))
    assert advisories.holes(BILL, advisories.read(tmp_path)) == []


@pytest.mark.parametrize("content", ['{"name": "x"}', "[]"])
def test_a_folder_of_something_else_is_refused_in_words(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(SystemExit, match="not an advisory in OSV format"):
        advisories.read(tmp_path)


def test_an_empty_folder_is_not_good_news(tmp_path):
    with pytest.raises(SystemExit, match="no advisory"):
        advisories.read(tmp_path)

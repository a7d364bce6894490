"""A server of a version that is known to have holes is named, with the version to bring it to."""

import pytest

from crm.alerts import standing
from crm.measuring import measure
from crm.server_versions import OLDEST, judged, servers


@pytest.mark.parametrize(
    ("name", "version", "verdict", "oldest"),
    [
        ("PostgreSQL", "18.4", "safe", "18.4"), ("PostgreSQL", "18.10", "safe", "18.4"), ("PostgreSQL", "18.3", "old", "18.4"),
        ("PostgreSQL", "15.18", "safe", "15.18"), ("PostgreSQL", "15.9", "old", "15.18"), ("PostgreSQL", "14.23", "old", ""),
        ("PostgreSQL", "19.0", "unknown", ""), ("PostgreSQL", "19beta1", "unknown", ""),
        ("Valkey", "9.0.3", "safe", "9.0.3"), ("Valkey", "9.0.2", "old", "9.0.3"), ("Valkey", "8.0.7", "safe", "8.0.7"),
        ("Valkey", "8.1.5", "old", "8.1.6"), ("Valkey", "9.1.2", "unknown", ""), ("Valkey", "7.0.1", "old", ""),
        ("Redis", "7.0.15", "unknown", ""),
    ],
)  # fmt: skip
def test_a_version_is_judged_within_its_branch(name, version, verdict, oldest):
    found = judged(name, version)
    assert (found.verdict, found.oldest) == (verdict, oldest)


@pytest.mark.parametrize("name", OLDEST)
def test_the_list_says_who_says_so_and_of_which_day(name):
    listed = OLDEST[name]
    assert listed.reference and listed.as_of
    assert list(listed.versions) == sorted(listed.versions)


async def test_the_page_names_the_version_and_an_alert_stands_while_it_is_old(program, browse, people, monkeypatch):
    [postgres] = await servers(program)
    page = (await browse(people.sam).get("/status")).text
    assert postgres.version in page and "No hole was known" in page and OLDEST["PostgreSQL"].reference in page

    newer = tuple(int(part) + 1 if place else int(part) for place, part in enumerate(postgres.version.split(".")))
    listed = OLDEST["PostgreSQL"]
    monkeypatch.setitem(OLDEST, "PostgreSQL", type(listed)(listed.as_of, (newer,), 1, listed.reference))
    assert [each.name for each in standing(await measure(program))] == ["server_old"]
    assert f"Bring it to {'.'.join(map(str, newer))} or later" in (await browse(people.sam).get("/status")).text

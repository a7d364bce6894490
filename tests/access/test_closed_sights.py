"""Where a rule of sight becomes narrower, every door follows: no page, list or answer has a rule of its own.

Today staff see every employer. Here the rules are changed so that they see Erin's alone, and all of Frank's that is planted
must be out of reach: a query that forgot to ask the gate would still show it.
"""

import msgspec
import pytest

from crm import access
from crm.sql import Sql
from tests.access.test_canaries import crawl, planted  # noqa: F401

CLOSED = {
    "employer": ("id", ["Frank&#39;s Garage", "Frank's Garage", "canary-franks-remark"]),
    "establishment": ("employer_id", ["canary-franks-site"]),
    "affiliation": ("employer_id", ["canary-franks-person"]),
}


@pytest.mark.parametrize("table", CLOSED)
@pytest.mark.parametrize("name", ["alice", "sam"])
async def test_every_door_follows_the_rule(planted, browse, people, employers, monkeypatch, table, name):  # noqa: F811
    column, secrets = CLOSED[table]
    sight = access.sights()[table]

    def erins(_actor, alias):
        return Sql(f"{alias}.{column} = {{}}", employers.erins)

    monkeypatch.setitem(access._sights, table, msgspec.structs.replace(sight, scopes=dict.fromkeys(sight.scopes, erins)))
    read = await crawl(browse(getattr(people, name)), planted.addresses)
    assert [(address, secret) for address, text in read for secret in secrets if secret in text] == []
    assert len(read) > 50

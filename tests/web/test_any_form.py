"""Whatever is typed into any form, and whatever JSON the API is sent: an answer in words, never a fault."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.database import fetch_value, transaction
from crm.testing.figures import note, soaking
from tests.access.world import address
from tests.faults.acts import TRIES, named

NASTY = ["", " ", "\x00", "\u202e", "é" * 300, "x" * 20_001, "-1", "0", "99999999999999999999", "1e400", "NaN", "Infinity", "true",
         "null", "[]", "{}", "2026-02-30", "0000-00-00", "9999-12-31", "00000000-0000-0000-0000-000000000000", "=1+1", "<b>x</b>",
         "'; drop table employer; --", "{{ 7*7 }}", "%s%n", "../../etc/passwd", "a@b", "\ud83d\ude00", "\r\nBcc: x@y.z"]  # fmt: skip
values = st.one_of(st.sampled_from(NASTY), st.text(max_size=40), st.integers().map(str), st.uuids().map(str))
anything = st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), values),
                        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
                        max_leaves=6)  # fmt: skip
few = settings(max_examples=200 if soaking() else 8, deadline=None, derandomize=not soaking(),
               suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
# what a route does with its file, key or password, no matter what is typed beside it, is proved in its own place
SLOW = {"POST /imports", "POST /account/password", "POST /step-up", "POST /sign-in"}


@pytest.fixture
async def filled(world, boards):
    async with transaction(read_only=True):
        stage = await fetch_value("select id from stage where kind = 'open' order by position offset 2 limit 1")
    return SimpleNamespace(**vars(world) | {"other_board_id": boards.south, "later_stage_id": stage, "soon": "2026-12-24",
                                           "session_id": uuid4(), "grant_id": uuid4()})  # fmt: skip


def mixed(draw, fields):
    """The good try with some fields spoiled, some gone, and now and then one that no form has."""
    found = {name: draw(st.one_of(st.just(value), values)) for name, value in fields.items() if draw(st.integers(0, 9))}
    return found | (draw(st.dictionaries(st.text(min_size=1, max_size=10), values, max_size=1)))


@pytest.mark.parametrize("route", sorted(set(TRIES) - SLOW))
async def test_gets_an_answer_in_words(browse, people, filled, route):
    line = TRIES[route]
    browser = browse(getattr(people, line.who, None))
    method, _blank, path = route.partition(" ")
    token = await browser.token("/help/keys" if line.who != "nobody" else "/sign-in")
    url = address(path, SimpleNamespace(**vars(filled) | named(line, filled)))
    sent = []

    @few
    @given(data=st.data())
    def draw_all(data):
        if line.json is not None:
            sent.append(data.draw(st.one_of(anything, st.builds(dict, st.just({name: data.draw(anything) for name in line.json})))))
        else:
            given_fields = {name: str(value).format_map(vars(filled)) for name, value in line.fields.items()}
            sent.append(mixed(data.draw, given_fields or {"anything": "x"}))

    draw_all()
    wrong = []
    for body in sent:
        if line.json is not None:
            answer = await browser.request(method, url, json=_finite(body), headers={"x-csrf-token": token, **line.headers})
        else:
            encoded = {name.encode("utf-8", "replace").decode(): value.encode("utf-8", "replace") for name, value in body.items()}
            answer = await browser.request(method, url, data={**encoded, "_token": token})
        if answer.status_code >= 500 or "Traceback" in answer.text:
            wrong.append((body, answer.status_code))
    note("requests with anything in them", len(sent))
    note("of them answered with a fault", len(wrong))
    assert not wrong


def _finite(value):
    """JSON knows no NaN; bytes that are no JSON at all are sent in test_bytes.py."""
    if isinstance(value, float):
        return value if abs(value) < 1e308 else 0
    if isinstance(value, dict):
        return {name.encode("utf-8", "replace").decode(): _finite(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value

"""What a password must be: fifteen characters, not easily guessed, anything else."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.accounts import passwords
from crm.accounts.rules import LONGEST_WAIT, MOST_MISSES, normalised, password_problem, wait_after


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("x" * 14, "short"), ("fourteen chars", "short"), ("fifteen  chars!", None), ("a" * 129, "long"),
        ("password12345678", "common"), ("aaaaaaaaaaaaaaaaaa", "common"), ("qwertyuiop12345", "common"),
        ("alice.alice.alice", "own"), ("four quiet words here", None), ("größe über alles ß", None),
        ("пароль из пяти слов", None), ("🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧🐦🦆🦅", None),
    ],
)  # fmt: skip
def test_says_what_is_wrong(password, problem):
    assert password_problem(password, ["Alice", "alice"]) == problem


@given(st.text(min_size=15, max_size=128))
def test_takes_any_characters_or_says_why_not(password):
    assert password_problem(password, ["Alice"]) in {None, "common", "own", "short", "long"}


def test_a_name_that_is_not_known_costs_the_hash_of_one_that_is():
    assert not passwords._hasher.check_needs_rehash(passwords._NOBODY)


def test_one_password_typed_on_two_keyboards_is_one():
    assert normalised("cafe\u0301") == normalised("café")


@settings(max_examples=5, deadline=None)
@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=15, max_size=40))
def test_no_prefix_or_addition_opens(password):
    async def tried():
        kept = await passwords.hash_password(password)
        return [await passwords.password_fits(text, kept) for text in (password, password[:-1], password + "x")]

    assert asyncio.run(tried()) == [True, False, False]


async def test_no_more_hashes_at_once_than_the_machine_can_bear(monkeypatch):
    inside, most = 0, 0
    real = passwords._verify

    def counted(*given):
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        try:
            return real(*given)
        finally:
            inside -= 1

    monkeypatch.setattr(passwords, "_verify", counted)
    await asyncio.gather(*(passwords.password_fits("x", None) for _ in range(12)))
    assert most <= passwords.AT_ONCE


def test_waiting_grows_and_has_an_end():
    waits = [wait_after(misses) for misses in range(MOST_MISSES)]
    assert waits == sorted(waits)
    assert waits[0].total_seconds() == 0
    assert waits[-1] == LONGEST_WAIT

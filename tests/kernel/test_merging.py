"""Two people edit one record at once: nothing that either changed is lost unseen."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crm.errors import Invalid
from crm.merging import EditConflict, merge, shown, shown_again

FIELDS = ("name", "phone", "note", "line1", "zip")
ADDRESS = frozenset({"line1", "zip"})
records = st.fixed_dictionaries({name: st.sampled_from("abc") for name in FIELDS})


def merged(now, mine, base):
    """What is written and kept, or the conflict that is shown instead."""
    try:
        return (*merge(now, mine, shown(base), stale=now != base, together=ADDRESS), None)
    except EditConflict as conflict:
        return {}, [], conflict


@given(base=records, theirs=records, mine=records)
def test_both_changes_are_kept_or_both_are_shown(base, theirs, mine):
    changed_by_me = {name for name in FIELDS if mine[name] != base[name]}
    changed_by_them = {name for name in FIELDS if theirs[name] != base[name]}
    written, kept, conflict = merged(theirs, mine, base)
    if conflict:
        assert all(conflict.theirs[name] == theirs[name] and conflict.mine[name] == mine[name] for name in conflict.theirs)
        assert changed_by_me & changed_by_them or (changed_by_me & ADDRESS and changed_by_them & ADDRESS)
        return
    after = theirs | written
    assert all(after[name] == mine[name] for name in changed_by_me)
    assert all(after[name] == theirs[name] for name in set(FIELDS) - changed_by_me)
    assert set(kept) == changed_by_them - changed_by_me
    assert {after[name] for name in ADDRESS} and ([after[name] for name in sorted(ADDRESS)] in
            [[side[name] for name in sorted(ADDRESS)] for side in (mine, theirs)])  # fmt: skip


@given(base=records, theirs=records, mine=records)
def test_saving_again_after_looking_keeps_mine_of_what_was_shown_and_theirs_of_the_rest(base, theirs, mine):
    _written, _kept, conflict = merged(theirs, mine, base)
    assume(conflict)
    again = shown_again(shown(base), theirs, conflict)
    written, _kept = merge(theirs, mine, again, stale=True, together=ADDRESS - conflict.theirs.keys())
    assert all((theirs | written)[name] == mine[name] for name in conflict.theirs)


@given(now=records, mine=records)
def test_who_does_not_say_what_they_saw_writes_over_nothing(now, mine):
    if now == mine:
        assert merge(now, mine, "", stale=True) == ({}, [])
        return
    with pytest.raises(EditConflict) as told:
        merge(now, mine, "", stale=True)
    assert told.value.theirs == {name: now[name] for name in FIELDS if now[name] != mine[name]}


@pytest.mark.parametrize("base", ["x", "[]", "1", '{"a":'])
def test_a_damaged_form_is_said_to_be_so(base):
    with pytest.raises(Invalid, match="damaged"):
        merge({}, {}, base, stale=False)

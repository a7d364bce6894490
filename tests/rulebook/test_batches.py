"""Very many hires at once come out as each does by itself, to the cent; what is not known is never a number."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.rulebook.batches import Batch
from crm.rulebook.estimates import estimate
from tests.rulebook.test_unknown_facts import PROGRAMS, TODAY, asked_by, program_of, told

quickly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def one_by_one(program, facts):
    found = estimate(program, facts, TODAY)
    amount = found.amount if found.potential_amount is None else found.potential_amount
    return ("yes", amount) if found.eligible == "yes" and amount else ("no" if found.eligible == "yes" else found.eligible, 0)


@pytest.mark.parametrize("name", PROGRAMS)
@given(data=st.data())
@quickly
def test_a_hire_of_whom_all_is_known_comes_out_as_by_itself(real, name, data):
    program = program_of(real, name)
    facts = told(data.draw, asked_by(real, program))
    found = Batch(program, facts.keys()).brief(facts)

    assert (found.eligible, found.amount) == one_by_one(program, facts)


@pytest.mark.parametrize("name", PROGRAMS)
@given(data=st.data())
@quickly
def test_what_is_not_known_is_never_taken_for_known(real, name, data):
    """An answer that a batch gives is the answer; where it gives none, it names a fact that no one told."""
    program = program_of(real, name)
    values = told(data.draw, asked_by(real, program))
    keys = data.draw(st.sets(st.sampled_from(sorted(values))))
    row = {key: values[key] for key in keys if data.draw(st.booleans())}
    found = Batch(program, keys).brief(row)

    if found.eligible == "unknown":
        assert one_by_one(program, row)[0] != "yes"
        assert not set(found.missing) & row.keys()
    else:
        assert (found.eligible, found.amount) == one_by_one(program, row) == one_by_one(program, values)

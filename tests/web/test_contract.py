"""The API keeps to its own description, whatever it is sent: checked by another program, Schemathesis, on a real server."""

import asyncio
from collections import Counter

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from crm.forms import clean
from crm.testing.figures import note, soaking
from tests.web.api import token_of

EXCLUDED = {
    "positive_data_acceptance": "a state, a ZIP code or an industry has rules beyond its length",
    "allow_header_conformance": "Litestar answers OPTIONS with the methods of the handler of a path that it met first",
}
EXAMPLES = 200 if soaking() else 6  # of each operation, beyond those made from its limits


@pytest.fixture
async def description(browse, people):
    token = await token_of(people.alice)
    answer = await browse().get("/api/v1/schema/openapi.json", headers={"authorization": f"Bearer {token}"})
    return token, answer.json()


def forgiven(check, sent):
    """A text is measured after it was cleaned: one that is too long may then fit."""
    texts = [text for part in (sent.body, sent.query) if isinstance(part, dict) for text in part.values()]
    return check.name == "negative_data_rejection" and any(clean(text) != text for text in texts)


def tried(description, token, port):
    """Every phase of it: examples, limits, drawn values, and what was created used, changed, and used again."""
    schema = schemathesis.openapi.from_dict(description, config=SchemathesisConfig(seed=None if soaking() else 1))
    schema.config.update(base_url=f"http://127.0.0.1:{port}", headers={"Host": "crm.test", "Authorization": f"Bearer {token}"})
    schema.config.generation.update(max_examples=EXAMPLES)
    schema.config.checks.update(excluded_check_names=list(EXCLUDED))
    schema.config.checks.missing_required_header.expected_statuses = [401, 428]  # 428: RFC 6585, for a change without If-Match
    counts, failures = Counter(), []
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            failures.append(f"{event.label}: {event.value}" if isinstance(event, events.NonFatalError) else str(event))
        if isinstance(event, events.ScenarioFinished):
            for case_id, checks in event.recorder.checks.items():
                sent = event.recorder.cases[case_id].value
                failures += [f"{check.name}: {check.failure_info.failure.message}\n{sent.as_curl_command()[:600]}"
                             for check in checks if check.failure_info and not forgiven(check, sent)]  # fmt: skip
            counts[event.phase.value] += len(event.recorder.cases)
    return counts, failures


async def test_holds_for_any_request(served, description):
    token, described = description
    counts, failures = await asyncio.to_thread(tried, described, token, served.port)
    note("requests made from the API's description", sum(counts.values()))
    assert not failures, f"{len(failures)} of {counts}:\n" + "\n".join(sorted(set(failures)))
    assert all(counts[phase] for phase in ("coverage", "fuzzing", "stateful")), counts
    assert [line for line in served.log() if line["level"] in {"error", "critical"}] == []

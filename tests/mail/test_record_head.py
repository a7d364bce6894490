"""Each night the auditors get the head of the record, by which anyone can check it later."""

import email
from datetime import UTC, datetime

from crm import audit, nightly, work
from crm.access import SYSTEM
from crm.audit_heads import parse
from crm.database import transaction


async def mail_head(program):
    async with transaction():
        await work.add(SYSTEM, "record.mail_head", {}, title="Head of the record")
    await program.worker().run_until_idle()


async def test_the_mailed_head_checks_the_record(sending, postbox, people):
    assert await audit.seal()
    await mail_head(sending)
    (arrived,) = postbox.arrived
    assert arrived.rcpt_tos == ["walter@example.org"], "auditors alone"
    text = email.message_from_bytes(arrived.content).get_payload()[0].get_payload(decode=True).decode()
    head = parse(text.partition("--head ")[2])
    verdict = await audit.verify([head])
    assert (verdict.heads, verdict.problems) == (1, [])


async def test_goes_out_once_a_night_where_there_is_a_mail_server(sending, people):
    (due,) = [each for each in sending.worker().nightly if each.job == "record.mail_head"]
    after_midnight = datetime(2026, 11, 24, 5, 6, tzinfo=UTC)  # 00:06 in New York
    assert [await nightly.enqueue(due, after_midnight) for _ in range(2)] == [True, False]

"""What a message says: garbage is kept and never ends the run, its page becomes words, and its harmless files are kept."""

from email.message import EmailMessage

import pytest

from crm.correspondence import deciding, filing, messages
from crm.database import fetch, transaction
from tests.correspondence.conftest import letter, outcomes, timeline

ERIN, ALICE = "Erin Reyes <erins@work.example.com>", "Alice <alice@example.org>"


# ── what cannot be read ──

GARBAGE = {
    "zeros": b"\0" * 2000, "noise": bytes(range(256)) * 40, "no head": b"\r\n\r\nhello\r\n",
    "half a head": b"From: =?utf-8?b?////\r\nTo: ;;;,,,<<<\r\nContent-Type: multipart/mixed; boundary=\r\nMessage-ID: <<<>>\r\n\r\n--\r\n",
    "unknown letters": b"From: erins@work.example.com\r\nMessage-ID: <c@x>\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe\r\n",
    "nested": b"From: erins@work.example.com\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" + b"".join(
        b"--a%d\r\nContent-Type: multipart/mixed; boundary=a%d\r\n\r\n" % (number, number + 1) for number in range(2000)),
    "one long line": b"From: erins@work.example.com\r\nSubject: " + b"x" * 60_000 + b"\r\n\r\n" + b"y" * 60_000 + b"\r\n",
    "a bad date": b"From: erins@work.example.com\r\nDate: Feb 99 99:99 -9999\r\nMessage-ID: <d@x>\r\n\r\nhi\r\n",
}  # fmt: skip


@pytest.mark.parametrize("what", GARBAGE)
async def test_garbage_is_kept_and_never_ends_the_run(desk, bring, browse, people, what):
    row = await bring(GARBAGE[what], desk.alice)
    assert row["state"] in ("quarantined", "waiting", "filed") and row["file_id"]
    page = await browse(people.alice).get(f"/emails/{row['id']}")
    original = await browse(people.alice).get(f"/emails/{row['id']}/original")
    assert page.status_code == 200 and original.content.startswith(GARBAGE[what][:20])
    assert (await bring(letter(ERIN, ALICE), desk.alice))["state"] == "filed"


async def test_a_reader_that_takes_too_long_or_falls_is_ended_and_the_message_quarantined(desk, bring, monkeypatch):
    from crm.correspondence import reading

    monkeypatch.setattr(filing, "read", lambda body: reading.read(body, seconds=0.0))
    row = await bring(letter(ERIN, ALICE), desk.alice)
    assert (row["state"], row["reason_values"]) == ("quarantined", {"problem": "slow"})


async def test_a_reader_has_no_more_memory_than_it_may(desk, bring, monkeypatch):
    monkeypatch.setattr(filing, "read", small_reader)
    assert (await bring(letter(ERIN, ALICE), desk.alice))["reason_values"] == {"problem": "fell"}


async def small_reader(body):
    import sys

    from crm.correspondence import reading

    real = sys.executable
    sys.executable = "/bin/false"
    try:
        return await reading.read(body)
    finally:
        sys.executable = real


async def test_what_is_quarantined_is_brought_back_and_read_again(desk, bring, work, people, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(filing, "read", small_reader)
        row = await bring(letter(ERIN, ALICE), desk.alice)
    assert row["state"] == "quarantined"
    await deciding.read_again(people.alice, row["id"])
    await work()
    assert await outcomes() == [("filed", "from_known")]
    assert len(await timeline()) == 1


# ── the text and the files ──


def test_a_page_becomes_its_words_and_nothing_of_it_is_fetched_or_run():
    message = EmailMessage()
    message["From"], message["To"] = "a@b.example", "c@d.example"
    message.set_content("<html><head><title>T</title><style>p{}</style></head><body><p>One<br>two</p><script>alert(1)</script>"
                        "<img src='https://track.example/x.gif' alt='x'><ul><li>three &amp; four</li></ul></body></html>", subtype="html")  # fmt: skip
    assert messages.read(message.as_bytes()).text.split() == ["One", "two", "three", "&", "four"]


async def test_a_page_in_a_message_is_shown_as_text(desk, bring, browse, people):
    message = letter(ERIN, ALICE, subject="<img src=x onerror=alert(1)>", text="<script>alert(2)</script> & more")
    row = await bring(message, desk.alice)
    page = (await browse(people.alice).get(f"/emails/{row['id']}")).text
    assert "<script>alert(2)" not in page and "&lt;script&gt;alert(2)" in page and "<img src=x" not in page


async def test_files_of_harmless_kinds_are_kept_and_others_stay_in_the_message(desk, bring, browse, people):
    message = letter(ERIN, ALICE)
    message.add_attachment(b"name,city\nAcme,Worcester\n", maintype="text", subtype="csv", filename="../../list.csv")
    message.add_attachment(b"MZ\x90\x00", maintype="application", subtype="octet-stream", filename="setup.exe")
    message.add_attachment(b"MZ not a picture", maintype="image", subtype="png", filename="photo.png")
    row = await bring(message, desk.alice)
    async with transaction(read_only=True):
        parts = await fetch("select * from email_part where email_id = $1 order by position", row["id"])
    assert [(part["name"], part["note"], part["file_id"] is not None) for part in parts] == [
        (".._.._list.csv", "", True), ("setup.exe", "kind", False), ("photo.png", "content", False)]  # fmt: skip
    answer = await browse(people.alice).get(f"/email-parts/{parts[0]['id']}")
    assert answer.content == b"name,city\nAcme,Worcester\n" and answer.headers["content-disposition"].startswith("attachment")
    assert (await browse(people.alice).get(f"/email-parts/{parts[1]['id']}")).status_code == 404

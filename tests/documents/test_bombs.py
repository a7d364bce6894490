"""No document takes the machine, reads a file, or reaches another: it fails with words, and the next one is made."""

import asyncio
import tempfile

import pytest

from crm import documents
from crm.documents import DocumentFaulty, DocumentTooLarge
from crm.errors import Unavailable
from crm.renderers import Order, Renderer, Setup


@pytest.fixture
async def next_one_works(written):
    yield
    good = written("<p>Fine</p>")
    assert (await documents.render(good, {})).pages == 1


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 900 + "deep",
        "<table>" + "<tr><td>row</td></tr>" * 301 + "</table>",
        "{% for i in range(31000) %}<hr>{% endfor %}",
        "{% for i in range(90000) %}" + "a long text that goes on and on and on and on and on" + "{% endfor %}",
        "<p style='break-after: page'>page</p>" * 7,
        "<table><tr><td colspan=1000000000 rowspan=100000000>x</table>",
        "<div style='display: grid; grid-template: repeat(100000, 1mm) / repeat(100000, 1mm)'>grid</div>",
    ],
    ids=["deep nesting", "too many rows", "too many parts", "too much text", "too many pages", "huge spans",
         "endless grid"],
)  # fmt: skip
async def test_refuses_what_is_too_large(written, next_one_works, body):
    with pytest.raises(DocumentTooLarge, match="too large"):
        await documents.render(written(body), {})


async def test_a_huge_size_costs_nothing(written):
    huge = written("<div style='columns: 100000; width: 1000000000mm; height: 1000000000mm'><p>wide</div>")

    assert (await documents.render(huge, {})).pages == 2


async def test_a_template_cannot_count_for_ever(written, next_one_works):
    with pytest.raises(DocumentFaulty, match="Range too big"):
        await documents.render(written("{% for i in range(10**12) %}x{% endfor %}"), {})


@pytest.mark.parametrize(
    ("body", "css"),
    [
        ("<img src='https://example.com/spy.png' alt=''>", ""),
        ("<img src='file:///etc/passwd' alt=''>", ""),
        ("<img src='data:image/png;base64,AAAA' alt=''>", ""),
        ("<img src='../../etc/passwd' alt=''>", ""),
        ("<link rel=attachment href='file:///etc/passwd'>", ""),
        ("<a rel=attachment href='file:///etc/passwd'>take it</a>", ""),
        ("<link rel=stylesheet href='http://127.0.0.1:1/x.css'>", ""),
        ("<base href='file:///etc/'><img src='passwd' alt=''>", ""),
        ("<p>x</p>", "p { background: url(file:///etc/passwd) }"),
        ("<p>x</p>", "@import url(http://127.0.0.1:1/x.css);"),
        ("<p style='font-family: Spy'>x</p>", "@font-face { font-family: Spy; src: url(file:///etc/passwd) }"),
        ("<object data='file:///etc/passwd'></object>", ""),
        ("<svg width='9' height='9'><image href='file:///etc/passwd' width='9' height='9'/></svg>", ""),
    ],
)
async def test_refuses_to_fetch_anything_but_our_assets(written, next_one_works, body, css):
    with pytest.raises(DocumentFaulty, match="may not load"):
        await documents.render(written(body, css), {})


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("{{ employer.name }}", "'employer' is undefined"),
        ("{% if %}", "Expected an expression"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "unsafe"),
        ("{{ '<b>' | safe }}", "No filter named 'safe'"),
        ("{% include '../../../etc/passwd' %}", "passwd"),
    ],
)
async def test_says_what_is_wrong_with_a_template(written, body, told):
    with pytest.raises(DocumentFaulty, match=told):
        await documents.render(written(body), {})


async def test_what_people_type_is_shown_and_never_run(written):
    document = written("<p>{{ name }}</p>")

    made = await documents.render(document, {"name": "<img src='file:///etc/passwd'>{{ 7 * 7 }}"})

    assert made.pages == 1


async def test_a_cancelled_document_ends_its_process(written, next_one_works):
    slow = written("<div style='display: grid; grid-template: repeat(100000, 1mm) / repeat(100000, 1mm)'>grid</div>")
    renderers = documents._Workshop.renderers
    making = asyncio.create_task(documents.render(slow, {}))
    while not renderers.busy:
        await asyncio.sleep(0.01)
    process = next(iter(renderers.busy.values())).process

    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making

    assert await asyncio.to_thread(process.wait, 5) == -9


async def test_says_that_nothing_is_started():
    running, documents._Workshop.renderers = documents._Workshop.renderers, None
    try:
        with pytest.raises(Unavailable, match="cannot be made right now"):
            await documents.render(documents.Document(name="x", title="x", template="x", css="x", sample=dict), {})
    finally:
        documents._Workshop.renderers = running


@pytest.mark.parametrize("gone", [Renderer.end, lambda renderer: renderer.process.communicate(timeout=60)], ids=["ended", "left alone"])
def test_leaves_nothing_on_the_disk(tmp_path, monkeypatch, gone):
    (tmp_path / "letter.html").write_text("{{ body }}<h1>Letter</h1>")
    (tmp_path / "letter.css").write_text("")
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    renderer = Renderer(Setup([str(tmp_path)], {}))
    renderer.make(Order("letter.html", ["letter.css"], {"body": "Dear"}, "en", "America/New_York", "00"))

    gone(renderer)

    assert list(aside.iterdir()) == []

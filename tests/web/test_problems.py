"""What goes wrong is told kindly to people and exactly to programs, and never in the machine's words."""

import re

import httpx
import msgspec
import pytest
from jinja2 import Environment
from litestar import get, post
from litestar.exceptions import HTTPException
from structlog.testing import capture_logs

from crm.app import create_app
from crm.database import fetch, transaction
from crm.errors import Denied, Invalid, SignInNeeded, TooMany, Unavailable
from tests.conftest import Browser

PUBLIC = {"public": True}
MACHINE_WORDS = re.compile(r"Traceback|File \"|line \d+|select |insert |geheim|asyncpg|psycopg|litestar|ZeroDivision|0x[0-9a-f]{6}", re.IGNORECASE)


async def _query():
    async with transaction():
        await fetch("select geheim from nowhere_at_all where name = 'geheim'")


async def _slow_query():
    async with transaction():
        await fetch("set local statement_timeout = 10")
        await fetch("select pg_sleep(20)")


FAULTS = {
    "fault": ZeroDivisionError("geheim"), "answer": HTTPException(status_code=502, detail="geheim"), "away": ConnectionError("geheim"),
    "slow": TimeoutError("geheim"), "sign-in": SignInNeeded("Please sign in."), "denied": Denied("Not yours."),
    "invalid": Invalid("This is wrong.", fields={"name": "Too short."}), "often": TooMany("Too often.", wait=7),
    "busy": Unavailable("Not now."), "sql": _query, "long": _slow_query, "media": HTTPException(status_code=415, detail="geheim"),
}  # fmt: skip
STATUS = {"fault": 500, "answer": 500, "away": 503, "slow": 503, "sign-in": 401, "denied": 403, "invalid": 422, "often": 429,
          "busy": 503, "sql": 500, "long": 503, "media": 415}  # fmt: skip


@get("/broken/{what:str}", opt=PUBLIC)
async def broken(what: str) -> None:
    await _break(what)


@post("/broken/{what:str}", opt=PUBLIC)
async def broken_form(what: str) -> None:
    await _break(what)


async def _break(what):
    fault = FAULTS[what]
    if isinstance(fault, Exception):
        raise fault
    await fault()


@pytest.fixture
async def breaking(program):
    """`breaking(**settings)`: a browser of the program, with addresses that break."""
    browsers = []

    def new(**settings):
        made = msgspec.structs.replace(program.settings, **settings)
        app = create_app(type(program)(made, program.addresses, program.plugins, None))
        app.app.register(broken)
        app.app.register(broken_form)
        browsers.append(Browser(transport=httpx.ASGITransport(app=app, raise_app_exceptions=False), base_url="http://crm.test"))
        browsers[-1].app = app
        return browsers[-1]

    yield new
    for browser in browsers:
        await browser.aclose()


@pytest.fixture(autouse=True)
def logged():
    """What the program logged."""
    with capture_logs() as lines:
        yield lines


def is_kind_page(answer):
    text = answer.text
    return (
        answer.headers["content-type"].startswith("text/html") and "<html lang=" in text and "<h1>" in text
        and answer.headers["x-request-id"] in text and not MACHINE_WORDS.search(re.sub(r"<[^>]*>", " ", text))
    )  # fmt: skip


def is_exact(answer, status):
    body = answer.json()
    return (
        answer.headers["content-type"].startswith("application/problem+json") and body["status"] == answer.status_code == status
        and body["title"] and body["code"] and body["detail"] and body["request_id"] == answer.headers["x-request-id"]
        and not MACHINE_WORDS.search(answer.text)
    )  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("what", FAULTS)
async def test_is_a_kind_page_and_a_problem_document(breaking, what, method):
    browser = breaking()
    token = {"x-csrf-token": await browser.token()}
    page = await browser.request(method, f"/broken/{what}", headers=token | {"accept": "text/html"})
    if STATUS[what] == 401 and method == "GET":
        assert page.headers["location"] == "/sign-in?next=/broken/sign-in"
    else:
        assert page.status_code == STATUS[what] and is_kind_page(page), page.text
    told = await browser.request(method, f"/broken/{what}", headers=token | {"accept": "application/json"})
    assert is_exact(told, STATUS[what]), told.text
    assert (told.headers.get("retry-after") is not None) == (STATUS[what] in {429, 503})
    part = await browser.request(method, f"/broken/{what}", headers=token | {"hx-request": "true"})
    assert part.status_code == STATUS[what] and 'role="alert"' in part.text and "<html" not in part.text


async def test_what_the_router_and_the_limits_refuse(breaking, program):
    browser = breaking(upload_limit_mb=1, sign_in_rate=1)
    token = {"x-csrf-token": await browser.token()}
    form = {"content-type": "application/x-www-form-urlencoded"}
    tries = {
        404: ("GET", "/nowhere", {}), 405: ("DELETE", "/sign-in", token), 403: ("POST", "/sign-out", {}),
        413: ("POST", "/sign-in", form | {"x-big": "1"}), 429: ("POST", "/sign-in", token | form),
    }  # fmt: skip
    for status, (method, path, headers) in tries.items():
        content = b"a=" + b"x" * 1_500_000 if "x-big" in headers else b"a=b" if method == "POST" else None
        for _time in range(2):
            page = await browser.request(method, path, headers=headers | {"accept": "text/html"}, content=content)
            told = await browser.request(method, path, headers=headers | {"accept": "application/json"}, content=content)
        assert page.status_code == status and is_kind_page(page), (status, page.status_code, page.text)
        assert is_exact(told, status), (status, told.text)


async def test_speaks_spanish(breaking):
    for what, word in (("fault", "Algo salió mal"), ("media", "No pudimos leer"), ("denied", "No permitido")):
        page = await breaking().get(f"/broken/{what}", headers={"accept": "text/html", "accept-language": "es"})
        assert 'lang="es"' in page.text and word in page.text, page.text


async def test_a_program_hears_what_is_wrong_with_each_field(breaking):
    told = await breaking().get("/broken/invalid", headers={"accept": "application/json"})
    assert told.json()["fields"] == {"name": "Too short."}


@pytest.mark.parametrize("what", ["fault", "sql"])
async def test_the_log_has_what_the_page_hides(breaking, logged, what):
    page = await breaking().get(f"/broken/{what}")
    [line] = [line for line in logged if line["event"] == "request_failed"]
    assert "geheim" in str(line["exc_info"]) or "nowhere_at_all" in str(line["exc_info"])
    [told] = [line for line in logged if line["event"] == "request"]
    assert told["request"] == page.headers["x-request-id"] and told["status"] == 500


async def test_a_fault_in_telling_a_fault_is_told_plainly(breaking, logged):
    browser = breaking()
    browser.app.app.state.templates = Environment(autoescape=True)  # has no page at all
    page = await browser.get("/broken/fault", headers={"accept": "text/html"})
    assert page.status_code == 500 and page.headers["x-request-id"] in page.text and "content-security-policy" in page.headers
    assert not MACHINE_WORDS.search(page.text) and [line for line in logged if line["event"] == "request_failed"]


async def test_after_a_fault_the_next_request_is_answered(breaking):
    browser = breaking()
    for what in FAULTS:
        for _time in range(8):  # more than the pool has connections
            await browser.get(f"/broken/{what}", headers={"accept": "application/json"})
    assert (await browser.get("/sign-in")).status_code == 200

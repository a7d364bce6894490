"""Every answer tells the browser how to defend the person: pages, files, redirects, refusals and faults."""

import re
from uuid import UUID

import httpx
import msgspec
import pytest

from crm.app import create_app, create_routes

SECRET = ("/sign-in", "/rsvp/", "/report-mails/", "/screenings/", "/my-answers/")  # the address itself lets in
CACHED = re.compile("^/(static/|agency)")  # names no one; kept for speed
POLICY = {"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "object-src": "'none'", "base-uri": "'none'",
          "frame-ancestors": "'none'", "form-action": "'self'"}  # fmt: skip


def shortcomings(path, headers, https=False):
    """What a browser would miss in these headers."""
    policy = dict(part.strip().split(" ", 1) for part in headers.get("content-security-policy", "x y").split(";"))
    found = {
        "policy": {name: policy.get(name) for name in POLICY} == POLICY,
        "nothing inline": not re.search("unsafe|\\*|http:", headers.get("content-security-policy", "")),
        "sniffing": headers.get("x-content-type-options") == "nosniff",
        "referrer": headers.get("referrer-policy") == ("no-referrer" if path.startswith(SECRET) else "same-origin"),
        "windows": headers.get("cross-origin-opener-policy") == "same-origin",
        "embedding": headers.get("cross-origin-resource-policy") == "same-origin",
        "permissions": "camera=()" in headers.get("permissions-policy", ""),
        "kept nowhere": bool(CACHED.match(path)) or headers.get("cache-control") == "no-store",
        "https": ("max-age=" in headers.get("strict-transport-security", "")) == https,
        "number": len(headers.get("x-request-id", "")) == 16,
        "no banner": "server" not in headers and "x-powered-by" not in headers,
    }
    return [name for name, holds in found.items() if not holds]


def addresses(program):
    """Each method and address that the router knows, filled with what is not there, and methods that are not."""
    for route in create_routes(program).routes:
        path = re.sub(r"\{\w+:uuid\}", str(UUID(int=1)), getattr(route, "path", route.path_format))
        path = re.sub(r"\{\w+:\w+\}", "nothing", path)
        for method in sorted(route.methods | {"DELETE", "PUT"}):
            yield method, path


@pytest.mark.parametrize("who", ["nobody", "sam", "erin"])
async def test_are_on_the_answer_of_every_address(browse, people, program, who):
    browser = browse(getattr(people, who, None))
    wrong, seen = [], set()
    for method, path in addresses(program):
        if method == "POST" and path == "/sign-out":
            continue
        for headers in ({"accept": "text/html"}, {"accept": "application/json"}, {"hx-request": "true"}):
            answer = await browser.request(method, path, headers=headers)
            seen.add(answer.status_code)
            if found := shortcomings(path, answer.headers):
                wrong.append((method, path, answer.status_code, found))
    assert not wrong[:10]
    assert {200, 303, 401, 403, 404, 405} - ({401} if who != "nobody" else set()) <= seen and max(seen) < 500


async def test_are_on_answers_from_before_the_router(browse, program):
    stranger = browse()
    for answer in (await stranger.get("/sign-in", headers={"host": "evil.example"}), await stranger.request("BREW", "/today")):
        assert 400 <= answer.status_code < 500 and shortcomings(answer.request.url.path, answer.headers) == []


async def test_ask_for_https_where_people_use_https(program, people):
    settings = msgspec.structs.replace(program.settings, url="https://crm.test")
    app = create_app(type(program)(settings, program.addresses, program.plugins, None))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://crm.test") as client:
        for path in ("/sign-in", "/", "/nowhere", "/health/live", "/today"):
            answer = await client.get(path)
            assert shortcomings(path, answer.headers, https=True) == []
            for cookie in answer.headers.get_list("set-cookie"):
                assert cookie.startswith("__Host-") and {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))


async def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(browse, people):
    answer = await browse().get("/sign-in")
    [cookie] = answer.headers.get_list("set-cookie")
    assert {"httponly", "samesite=lax", "path=/"} <= set(cookie.lower().split("; "))


async def test_no_page_needs_anything_inline(browse, people):
    for page in ("/employers", "/today", "/boards", "/account", "/people", "/plugins", "/jobs", "/api/v1/docs", "/settings", "/nowhere"):
        text = (await browse(people.sam).get(page, headers={"accept": "text/html"})).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=\"|javascript:|hx-on", text), page

"""A real server with the demonstration, and a real browser."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest
from playwright.sync_api import sync_playwright

from crm.demonstration.people import PASSWORD
from tests.browser.slowness import slowed

CHROMIUM = "/usr/bin/chromium"
STARTS = re.compile("/(employers|portal)$")  # where someone is after signing in
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--no-first-run"]  # fmt: skip

ZONE = "America/New_York"  # of the demonstration: people stand where their agency does, whatever the day is where the tests run


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="package")
def door():
    """The port at which the server takes mail for the dropbox."""
    return free_port()


# not for the run: a server that no one asks still works, and its worker has other tests to do
@pytest.fixture(scope="package")
def server(tmp_path_factory, door):
    """The address of `crm serve --demo` on a folder of its own."""
    settings = {"CRM_MAIL_IN_LISTEN": f"lmtp://127.0.0.1:{door}", "CRM_MAIL_IN_ADDRESS": "log@crm.example"}
    with serving(tmp_path_factory.mktemp("serving"), settings) as address:
        yield address


@contextmanager
def serving(folder, settings):
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "crm.cli", "serve", "--demo", "--port", str(port)],
            env={**kept, "CRM_DATA": str(folder / "data"), "CRM_LOG_LEVEL": "warning", **settings}, stdout=log, stderr=log,
        )  # fmt: skip
    address = f"http://localhost:{port}"
    try:
        _wait(address, process, folder / "log")
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _wait(address, process, log):
    for _try in range(600):
        try:
            urllib.request.urlopen(f"{address}/health/ready", timeout=1)
            return
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
    raise AssertionError(log.read_text())


# for a module, not for the run: while it is open, its driver holds the thread's event loop
@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield slowed(browser)
        browser.close()


@pytest.fixture
def page(chromium, server):
    """A page that tells of anything that a browser complains about."""
    context = chromium.new_context(base_url=server, viewport={"width": 1280, "height": 900}, accept_downloads=True, timezone_id=ZONE)
    page = context.new_page()
    page.set_default_timeout(30_000)  # a machine that runs the whole suite may be slow
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if not request.url.startswith((server, "data:")) else None)
    page.complaints = complaints
    yield page
    context.close()
    # a refused form is a 4xx on purpose, and who leaves cuts off what is looked up; all else is a fault of the page
    assert [c for c in complaints if not re.search(r"status of 4\d\d|htmx:(sendAbort|afterRequest),", c)] == []


@pytest.fixture(scope="package")
def signed_in():
    """The cookies of who signed in on a server, and when."""
    return {}


FRESH = 300  # seconds: for longer the program may ask again who someone is


@pytest.fixture
def sign_in(page, server, signed_in):
    """`sign_in(email)`: by the form, or as who did so a moment ago and has not left."""

    def enter(email):
        cookies, at = signed_in.get((server, email), ([], 0))
        if time.monotonic() - at < FRESH:
            page.context.add_cookies(cookies)
            page.goto("/")
            if STARTS.search(page.url):
                return
        page.goto("/sign-in")
        page.locator("#email").fill(email)
        page.locator("#password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(STARTS)
        signed_in[server, email] = page.context.cookies(), time.monotonic()

    return enter

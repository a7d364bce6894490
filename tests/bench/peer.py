"""Creme CRM and ours side by side: the same rows in the same PostgreSQL, one process each, asked in turns."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import asyncpg
import importing
import lxml.html
import report
from creme import Browser, Creme
from creme_rows import FIRST, copy
from directory import directory, superuser
from loopback import Client
from pages import hosted
from seed import Size
from timing import in_turns, percentile, ratio

SIZE = Size(establishments=25_000, employers=25_000, contacts=60_000, activities=250_000)
ROWS = 2_196  # of the import
TYPED = ("harbor", "dental", "granite", "cedar opt", "summit", "worcester")
NEEDS = {"list": 18, "list: industry": 18, "search as you type": 60, "employer page": 15}
# what they write in one place and Creme in another, by Creme's name of the field
COLUMNS = {"name": 0, "phone": 6, "billaddr_address": 2, "billaddr_city": 3, "billaddr_state": 4, "billaddr_zipcode": 5}


async def measure(folder: Path, *, times: int) -> dict[str, Any]:
    """Milliseconds of each work, ours and Creme's; rows a second of the import."""
    async with directory(SIZE, folder) as program:
        owner = superuser(program)
        creme = Creme((folder / "creme").absolute(), sockets=owner.rpartition("host=")[2])
        await creme.install()
        theirs = owner.replace("/crm?", "/creme?")
        report.say("giving Creme CRM its database")
        await creme.make_database(owner)
        await copy(owner, theirs)
        async with hosted(SIZE, folder) as ours, creme.serving() as browser:
            report.say("side by side")
            found = {"pages": await _pages(ours, browser, theirs, times), "create": await _create(ours["ours"], browser, times)}
        async with creme.serving() as browser:
            report.say("imports")
            found["import"] = await _imports(program.settings.data, browser, theirs)
    return found


async def _pages(ours: dict[str, Any], browser: Browser, theirs: str, times: int) -> dict[str, Any]:
    connection = await asyncpg.connect(theirs)
    sector = await connection.fetchval("select id from persons_sector where title = 'NAICS 31-33'")
    await connection.close()
    addresses = {
        "list": ["/persons/organisations?rows=50"],
        "list: industry": [f"/persons/organisations?{urlencode({'rows': 50, 'hfilter': 'persons-hf_leadcustomer', 'search-regular_field-sector': sector})}"],
        "search as you type": [f"/creme_core/search/light?{urlencode({'value': typed})}" for typed in TYPED],
        "employer page": [f"/persons/organisation/{FIRST['organisation'] + 1 + n * 1000}" for n in range(20)],
    }
    client = Client(browser.port, browser.cookie)
    await client.open()
    found = {}
    for name, theirs_addresses in addresses.items():
        own = [turn[0] for turn in ours["works"][name]]
        timed = await in_turns(
            {"ours": _getting(ours["ours"], own), "creme": _getting(client, theirs_addresses)}, times=times, warm=6
        )
        found[name] = _figures(timed) | {"aim": NEEDS[name]}
    client.close()
    return found


def _getting(client: Client, addresses: list[str]) -> Callable[[int], Awaitable[bytes]]:
    return lambda turn: client.get(addresses[turn % len(addresses)])


def _figures(timed: dict[str, list[float]]) -> dict[str, float]:
    return {"ours": percentile(timed["ours"], 0.5), "creme": percentile(timed["creme"], 0.5), "ratio": ratio(timed["creme"], timed["ours"])}


async def _create(client: Client, browser: Browser, times: int) -> dict[str, Any]:
    """From the press of the button to the answer. Ours looks for duplicates and keeps the record; Creme does not look."""
    page = lxml.html.fromstring(await client.get("/employers/new"))
    own = dict(next(form for form in page.forms if "name" in form.fields and form.method == "POST").form_values())
    theirs = await browser.form("/persons/organisation/add", "name")

    async def ours(turn: int) -> None:
        await client.post("/employers/new", own | _company())

    async def creme(turn: int) -> None:
        given = _company()
        answer = await browser.http.post("/persons/organisation/add", data=theirs | {
            "name": given["name"], "phone": given["phone"], "billing_address-address": given["line1"], "billing_address-city": given["city"]})  # fmt: skip
        if answer.status_code != 302:
            raise RuntimeError(f"Creme made no organisation: {answer.status_code}")

    return _figures(await in_turns({"ours": ours, "creme": creme}, times=times, warm=3))


def _company() -> dict[str, str]:
    name = uuid4().hex
    return {"name": f"{name[:9]} {name[9:18]} Works", "line1": "1 Main Street", "city": "Worcester", "state": "MA", "zip": "01608",
            "phone": f"+1508555{int(name[-6:], 16) % 10000:04d}"}  # fmt: skip


async def _imports(data: Path, browser: Browser, theirs: str) -> dict[str, Any]:
    """Ours by its command, start of the process included; Creme's by its form and its worker."""
    file = data.parent / "peer.csv"
    importing.write(file, importing.rows(ROWS, await importing.known()))
    ours = importing.command(data, str(file))
    importing.command(data, "--revert", ours["printed"]["import"])
    creme = await _import_into_creme(file, browser, theirs)
    return {"rows": ROWS, "ours": ROWS / ours["seconds"], "creme": ROWS / creme, "ratio": creme / ours["seconds"]}


async def _import_into_creme(file: Path, browser: Browser, theirs: str) -> float:
    connection = await asyncpg.connect(theirs)
    kind = await connection.fetchval("select id from django_content_type where app_label = 'persons' and model = 'organisation'")
    await browser.submit("/documents/document/add", "filedata", files={"filedata": (file.name, file.read_bytes(), "text/csv")}, title=f"Import {uuid4()}")
    document = await connection.fetchval("select max(cremeentity_ptr_id) from documents_document")
    before = await connection.fetchval("select count(*) from persons_organisation")
    page = f"/creme_core/mass_import/{kind}"
    answer = await browser.submit(page, "document", document=str(document), has_header="on")
    form = await browser.form(answer, "name_colselect") | {f"{name}_colselect": str(column + 1) for name, column in COLUMNS.items()}
    started = time.perf_counter()
    answer = await browser.http.post(page, data=form)
    if answer.status_code != 302:
        raise RuntimeError(f"Creme takes no import: {answer.status_code}")
    while await connection.fetchval("select status from creme_core_job order by id desc limit 1") == 1:
        await asyncio.sleep(0.1)
    seconds = time.perf_counter() - started
    came = await connection.fetchval("select count(*) from persons_organisation") - before
    await connection.close()
    if came < ROWS * 9 // 10:
        raise RuntimeError(f"Creme imported {came} of {ROWS} rows.")
    return seconds

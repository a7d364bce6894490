"""An import of many rows, by the command that people use, against COPY of the same rows."""

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import asyncpg

from crm.database import fetch, transaction

HEAD = ["Company", "DBA", "Address", "City", "State", "Zip", "Phone", "NAICS", "Employees", "Contact first name",
        "Contact last name", "Contact email"]  # fmt: skip
KNOWN, TWICE = 20, 50  # one row in so many is an employer of the directory, or the row before once more
FIRST = ("Ana", "Marcus", "Priya", "Daniel", "Linh", "Grace", "Rafael", "Nadia")
TRADES = ("Machine", "Dental", "Foods", "Electric", "Software", "Marine", "Printing", "Logistics", "Optics", "Bakery")
NAICS = ("332710", "621210", "722511", "238210", "541511", "311811", "493110", "623312", "811111")
COPY = ("name", "dbas", "line1", "city", "state", "zip", "phone", "naics", "employees", "given", "family", "email")


async def measure(data: Path, superuser: str, *, count: int) -> dict[str, Any]:
    """Seconds, ratios and the peak memory of the command's process; what was imported is taken back."""
    employers = await known()
    small, large = data.parent / "small.csv", data.parent / "large.csv"
    write(small, rows(count // 10, employers))
    write(large, rows(count, employers))
    first = command(data, str(small))
    command(data, "--revert", first["printed"]["import"])
    bare, indexed = await _copy(superuser, list(rows(count, employers)))
    whole = command(data, str(large))
    taken_back = command(data, "--revert", whole["printed"]["import"])
    return {
        "rows": count, "totals": whole["printed"]["totals"], "seconds": whole["seconds"], "copy": bare, "copy_indexed": indexed,
        "ratio": whole["seconds"] / bare, "ratio_indexed": whole["seconds"] / indexed, "mb": whole["mb"], "mb_tenth": first["mb"],
        "revert_seconds": taken_back["seconds"],
    }  # fmt: skip


async def known() -> list[tuple[str, str, str]]:
    async with transaction(read_only=True):
        rows = await fetch("select name, city, zip from employer where source = 'bench' order by id limit 5000")
    return [tuple(row) for row in rows]


def rows(count: int, known: list[tuple[str, str, str]]) -> Any:
    places = sorted({(city, code) for _name, city, code in known})
    row: list[str] = []
    for n in range(count):
        if row and n % TWICE == 0:
            yield row
            continue
        city, code = places[n % len(places)]
        name = f"{FIRST[n % 8]}'s {TRADES[n // 8 % 10]} {n:06d} LLC"
        if n % KNOWN == 1:
            name, city, code = known[n // KNOWN % len(known)]
        row = [name, "", f"{n % 900 + 1} Main Street", city, "MA", code, f"508555{n % 10000:04d}", NAICS[n % 9], str(n % 300 + 1),
               FIRST[n // 3 % 8], f"Family{n % 7919}", f"person{n}@example.com"]  # fmt: skip
        yield row


def write(file: Path, rows: Any) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([HEAD, *rows])


def command(data: Path, *given: str) -> dict[str, Any]:
    """Run `crm import employers` beside the running servers; what it printed, its seconds and its peak memory in MB."""
    command = [sys.executable, "-m", "crm.cli", "import", "employers", *given, "--json"]
    environ = {**os.environ, "CRM_DATA": str(data), "CRM_SECRET_KEY": "0" * 64, "CRM_LOG_LEVEL": "error",
               "CRM_URL": "http://localhost"}  # fmt: skip
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environ, text=True)
    printed = process.stdout.read()  # type: ignore[union-attr]
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {printed[-500:]}")
    return {"seconds": time.perf_counter() - started, "mb": usage.ru_maxrss / 1024, "printed": json.loads(printed)}


async def _copy(superuser: str, rows: list[list[str]]) -> tuple[float, float]:
    """Seconds of COPY into a bare table, and into tables with the directory's indexes."""
    connection = await asyncpg.connect(superuser)
    await connection.execute(
        "drop table if exists bench_bare, bench_employer, bench_site, bench_person; "
        f"create table bench_bare ({', '.join(f'{name} text' for name in COPY)}); "
        "create table bench_employer (like employer including all); create table bench_site (like establishment including all); "
        "create table bench_person (like contact including all)"
    )
    started = time.perf_counter()
    await connection.copy_records_to_table("bench_bare", records=rows, columns=COPY)
    bare = time.perf_counter() - started
    started = time.perf_counter()
    ids = [row[0] for row in await connection.fetch("select gen_random_uuid() from generate_series(1, $1::int)", len(rows))]
    for table, columns, records in (
        ("bench_employer", ("id", "name", "phone", "naics", "employee_count"),
         [(i, r[0], r[6], r[7], int(r[8])) for i, r in zip(ids, rows, strict=True)]),
        ("bench_site", ("employer_id", "line1", "city", "state", "zip", "is_primary"),
         [(i, *r[2:6], True) for i, r in zip(ids, rows, strict=True)]),
        ("bench_person", ("given_name", "family_name"), [tuple(r[9:11]) for r in rows]),
    ):  # fmt: skip
        await connection.copy_records_to_table(table, records=records, columns=columns)
    indexed = time.perf_counter() - started
    await connection.execute("drop table bench_bare, bench_employer, bench_site, bench_person")
    await connection.close()
    return bare, indexed

"""The rules of law: a hire screened, planned and reckoned, many at once; beside a bare function and OpenFisca where it is asked for."""

import asyncio
import csv
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import report
from timing import ratio

from crm.incentives.simulator import hire_files, simulation
from crm.plugins import PluginManager
from crm.rulebook import hiring, screening
from crm.rulebook.batches import Batch
from crm.rulebook.estimates import estimate
from crm.rulebook.facts import parse
from crm.rulebook.library import Library

OPENFISCA = Path(__file__).parent / "peers" / "openfisca"
TODAY = date(2026, 11, 23)
GROUPS = ("A", "B-a", "B-b", "B-c", "B-d", "B-e", "C", "D", "E", "G", "H", "I", "J")
NUMBERS = ("first_year_hours", "first_year_wages", "second_year_wages", "ojt_wages", "tanf_supplement")
SURE = {"wotc_certificate": True, "related_to_owner": False, "majority_owner": False, "worked_here_before": False, "replaces_striker": False,
        "half_pay_for_business": True, "leased_to_client": False, "farm_work": False}  # fmt: skip
MASSACHUSETTS = {"tax_year_begins": "2025-01-01", "hire_tax_year_begins": "2025-01-01", "application_date": "2025-02-01", "apprentice_registered": "yes", "apprentice_occupation_listed": "yes",
                 "apprentice_workplace_ma": "yes", "apprentice_days": "180", "apprentice_years_claimed": "0", "detc_certified": "yes",
                 "detc_certificate_in_time": "yes", "lives_and_works_ma": "yes", "detc_months": "12", "detc_year": "1", "wtfp_course_starts": "2025-04-07",
                 "wtfp_other_programs": "0", "wtfp_course_hours": "24", "ma_employees": "40", "ojt_contract_signed": "2025-02-01", "wioa_participant": "yes",
                 "ojt_trainees_kept": "yes", "ojt_suits": "yes", "displaces_worker": "no", "ojt_rate_raised": "no", "ojt_contract_hours": "1040",
                 "ojt_contract_most": "20000", "hourly_wage": "20"}  # fmt: skip


def measure(folder: Path, *, quick: bool, openfisca: bool) -> dict[str, Any]:
    manager = PluginManager()
    started = time.process_time()
    manager.load()
    library = manager.rules
    found: dict[str, Any] = {"load_ms": (time.process_time() - started) * 1000}
    people = list(_people(library, 200))
    found["screen_ms"] = _screened(library)
    massachusetts = screening.programs_for(library, ["MA"])
    hires = [hiring.Hire(f"{place}", facts) for place, facts in enumerate(people)]
    found["one_ms"] = _least(lambda: hiring.plan(massachusetts, {}, hires[:1], TODAY))
    found["many_s"] = _least(lambda: hiring.plan(massachusetts, {}, hires, TODAY), times=1) / 1000
    found["proved"] = hiring.plan(massachusetts, {}, hires, TODAY).best.proved
    found["batch"] = _batch(library, manager, folder, 10_000 if quick else 100_000)
    found["wotc"] = _wotc(library, people, asyncio.run(_openfisca(folder, people)) if openfisca else None)
    return found


def _people(library: Library, count: int) -> Any:
    """Hires of whom all is known that the WOTC and most Massachusetts programs ask."""
    chance = random.Random(5)
    for _turn in range(count):
        wages, start = Decimal(chance.randrange(300_000, 4_000_000)) / 100, date(2025, 3, 3) + timedelta(chance.randrange(200))
        numbers = {"first_year_hours": Decimal(chance.randrange(60, 1800)), "first_year_wages": wages, "second_year_wages": wages, "ojt_wages": Decimal(0),
                   "tanf_supplement": Decimal(0), "tax_year_wages": wages, "ojt_hours": Decimal(chance.randrange(480)),
                   "wtfp_course_cost": Decimal(chance.randrange(500, 4500))}  # fmt: skip
        told = {key: parse(library.facts[key], value) for key, value in MASSACHUSETTS.items()}
        yield told | SURE | numbers | {"work_start": start, "form_8850_sent": start + timedelta(chance.randrange(35)), "wotc_group": chance.choice(GROUPS)}


def _least(work: Callable[[], object], times: int = 20) -> float:
    """Milliseconds of this process alone, at best."""
    found = []
    for _turn in range(times):
        started = time.process_time()
        work()
        found.append((time.process_time() - started) * 1000)
    return min(found)


def _screened(library: Library) -> dict[str, float]:
    """A hire of whom the first day alone is known, which leaves most open."""
    facts = {"work_start": date(2025, 3, 3)}
    places = {"state": ["MA"], "all": None}
    return {name: _least(lambda states=states: screening.screen(library, screening.programs_for(library, states), facts, TODAY)) for name, states in places.items()}  # type: ignore[misc]


def _batch(library: Library, manager: PluginManager, folder: Path, count: int) -> dict[str, Any]:
    file = folder / "hires.csv"
    people, chance = list(_people(library, 1000)), random.Random(7)
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["employer", "region", *people[0]])
        for place in range(count):
            told = people[place % len(people)] | {"first_year_wages": Decimal(chance.randrange(300_000, 4_000_000)) / 100}
            values = ("yes" if value is True else "no" if value is False else value for value in told.values())
            writer.writerow([f"E{place % (count // 5)}", f"R{place % 16}", *values])
    read = hire_files.read(file, library)
    packages = tuple(plugin.home for plugin in manager.plugins if not plugin.core and plugin.home)
    ids = tuple(program.id for program in screening.programs_for(library, None))
    started, before = time.perf_counter(), os.times()
    simulation.simulate(simulation.Tried(packages, ids), read)
    seconds, after = time.perf_counter() - started, os.times()
    return {"hires": count, "programs": len(ids), "seconds": seconds, "processor": sum(after[:4]) - sum(before[:4])}


def _wotc(library: Library, people: list[dict[str, Any]], beside: dict[str, Any] | None) -> dict[str, Any]:
    """Microseconds of a certified hire: with every condition and step, and the amount alone."""
    program, batch = library.programs["us-wotc"], Batch(library.programs["us-wotc"], people[0].keys())
    explained, bare, amounts = [], [], []
    for facts in people:
        started = time.process_time()
        found = estimate(program, facts, TODAY)
        explained.append((time.process_time() - started) * 1e6)
        amounts.append(found.amount)
        started = time.process_time()
        batch.brief(facts)
        bare.append((time.process_time() - started) * 1e6)
    result = {"explained": statistics.median(explained), "amount": statistics.median(bare)}
    if beside:
        wrong = [(ours, theirs) for ours, theirs in zip(amounts, beside["amounts"], strict=True) if abs(float(ours or 0) - theirs) > 0.02]
        if wrong:
            raise RuntimeError(f"OpenFisca and ours do not agree: {wrong[:3]}")
        result |= {"traced": statistics.median(beside["traced"]), "plain": statistics.median(beside["plain"]), "python": statistics.median(beside["bare"]),
                   "together": beside["batch"], "ratio": 1 / ratio(explained, beside["traced"]), "ratio_python": ratio(bare, beside["bare"])}  # fmt: skip
    return result


async def _openfisca(folder: Path, people: list[dict[str, Any]]) -> dict[str, Any]:
    """The same hires by OpenFisca in an environment of its own, made once a folder."""
    environment = (folder / "openfisca").absolute()
    python = environment / "bin" / "python"
    if not python.exists():
        report.say("installing OpenFisca")
        await _run(sys.executable, "-m", "venv", str(environment))
        await _run(str(python), "-m", "pip", "install", "--quiet", "--no-deps", "-r", str(OPENFISCA / "requirements.txt"))
    cases = [{**{key: float(facts[key]) for key in NUMBERS}, **{key: facts[key] for key in SURE if key != "wotc_certificate"},
              "wotc_group": facts["wotc_group"].replace("-", "_"), "request_after": (facts["form_8850_sent"] - facts["work_start"]).days} for facts in people]  # fmt: skip
    found: dict[str, Any] = json.loads(await _run(str(python), str(OPENFISCA / "wotc.py"), told=json.dumps(cases).encode()))
    return found


async def _run(*command: str, told: bytes = b"") -> bytes:
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    said, _errors = await process.communicate(told)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command[:4])} ended with {process.returncode}.")
    return said

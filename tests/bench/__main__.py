"""`make bench`: speed as ratios within one run. See docs/develop/speed.md."""

import argparse
import asyncio
import compileall
import json
import tempfile
from pathlib import Path
from typing import Any

import importing
import jobs
import mailing
import pages
import peer
import report
import rules
from directory import directory, superuser
from seed import size_of

ROOT = Path(__file__).parents[2]
PARTS = ["pages", "import", "jobs", "mail", "rules"]


async def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"sizes": options.sizes}
    if "pages" in options.only:
        found["pages"] = await pages.measure(options.sizes, folder, times=options.times)
    if {"jobs", "import"} & set(options.only):
        async with directory(size_of(options.sizes[0]), folder) as program:
            if "jobs" in options.only:
                report.say("jobs")
                found["jobs"] = await jobs.measure(program, count=1000 if options.quick else 4000)
            if "import" in options.only:
                report.say("import")
                found["import"] = await importing.measure(
                    program.settings.data, superuser(program), count=10_000 if options.quick else 100_000
                )
    if "mail" in options.only:
        report.say("mail")
        size = size_of(options.sizes[-1])
        found["mail"] = await mailing.measure(size, folder, queued=size.contacts // 4, sent=200 if options.quick else 500)
    if "rules" in options.only:
        report.say("rules")
        found["rules"] = await asyncio.to_thread(rules.measure, folder, quick=options.quick, openfisca=options.openfisca)
    if options.peer:
        found["peer"] = await peer.measure(folder, times=10 if options.quick else 30)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="25,000 establishments only, and less of everything")
    parser.add_argument("--sizes", nargs="+", type=int, metavar="ESTABLISHMENTS", help="other sizes of the directory")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--only", nargs="+", choices=PARTS)
    parser.add_argument("--data", type=Path, help="keep the seeded servers in this folder, and use them again")
    parser.add_argument("--peer", action="store_true", help="beside ours, Creme CRM in an environment of its own; alone, nothing else")
    parser.add_argument("--openfisca", action="store_true", help="beside our rules, OpenFisca in an environment of its own; alone, the rules only")
    options = parser.parse_args()
    options.only = options.only if options.only is not None else ["rules"] if options.openfisca else [] if options.peer else PARTS
    options.sizes = options.sizes or ([25_000] if options.quick else [25_000, 250_000])
    options.times = 60 if options.quick else 120
    for code in ("crm", "plugins"):
        compileall.compile_dir(ROOT / code, quiet=1)  # as whatever is installed is compiled; a start that compiles takes a third of a second more
    with tempfile.TemporaryDirectory(prefix="crm-bench-", ignore_cleanup_errors=True) as throwaway:
        Path(throwaway).chmod(0o711)  # the database server's own user walks in
        found = asyncio.run(run(options, options.data or Path(throwaway)))
    print(json.dumps(found, indent=1) if options.json else report.table(found))


if __name__ == "__main__":
    main()

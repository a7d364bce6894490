"""`make soak`: every proof in its long gear, again and again for an hour, and one page of figures at the end."""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import load

from crm.testing.figures import FIGURES, SOAK

ROOT = Path(__file__).parents[2]
PROOFS = {
    "Killed with everything, under writers": ["tests/faults/test_killed.py"],
    "Died at every point": ["tests/faults/test_crash_points.py"],
    "The disk full at every point": ["tests/faults/test_full_disk.py"],
    "Workers killed, stopped and cut off": ["tests/faults/test_nemesis.py"],
    "The database away, slow, cut, read-only": ["tests/faults/test_database_faults.py"],
    "Slow clients, overload, restarts": ["tests/faults/test_crowds.py"],
    "Cancels and failing commits": ["tests/kernel/test_transactions.py"],
    "Anything typed into any form": ["tests/web/test_any_form.py", "tests/web/test_contract.py", "tests/web/test_bytes.py", "tests/web/test_forms.py"],
    "The gate and its reference": ["tests/access/test_oracle.py", "tests/access/test_matrix.py"],
    "Planted secrets": ["tests/access/test_canaries.py"],
    "Imports in and out": ["tests/employers/test_importing.py"],
    "Backups put back": ["tests/backups"],
    "Mailings under kill -9": ["tests/outreach"],
    "Pages whose answers come late": ["tests/browser"],
}  # fmt: skip


def prove(paths: list[str], figures: Path) -> str:
    """Run the files long; an empty text when all passed, else their last words."""
    there = [path for path in paths if (ROOT / path).exists()]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2", "-q", "--tb=short", "-p", "no:cacheprovider", *there], cwd=ROOT,
        env={**os.environ, SOAK: "1", FIGURES: str(figures)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "" if ran.returncode == 0 else ran.stdout[-4000:]


def main() -> None:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    options = parser.parse_args()
    end = time.monotonic() + options.minutes * 60
    with tempfile.TemporaryDirectory(prefix="crm-soak-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        figures, rounds, failures = Path(folder) / "figures", defaultdict(int), []
        asyncio.run(load.run(Path(folder), options.minutes / 6, figures))
        while time.monotonic() < end:
            for title, paths in PROOFS.items():
                print(f"… {title}", file=sys.stderr)
                if told := prove(paths, figures):
                    failures.append((title, told))
                rounds[title] += 1
                if time.monotonic() > end:
                    break
        print(page(figures, rounds, failures))
    sys.exit(1 if failures else 0)


def page(figures: Path, rounds: dict[str, int], failures: list[tuple[str, str]]) -> str:
    """What was run, how often, what it counted, and what failed."""
    lines = ["", "Proof".ljust(44) + "rounds  failed"]
    for title, count in rounds.items():
        lines.append(f"{title.ljust(44)}{count:6}{sum(1 for name, _told in failures if name == title):8}")
    sums: dict[tuple[str, str], list[float]] = defaultdict(list)
    for line in figures.read_text(encoding="utf-8").splitlines() if figures.exists() else []:
        found = json.loads(line)
        sums[found["name"], found["unit"]].append(found["value"])
    lines += ["", "Figure".ljust(60) + "value"]
    for (name, unit), values in sums.items():
        shown = max(values) if unit in {"ms", "s"} else sum(values)  # the worst of what was timed, all of what was counted
        lines.append(f"{name.ljust(60)}{shown:,.0f} {unit}")
    return "\n".join([*lines, *(f"\n{title} failed:\n{told}" for title, told in failures)])


if __name__ == "__main__":
    main()

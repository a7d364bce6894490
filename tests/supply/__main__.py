"""`make sbom`: the bills of materials in `dist/`. `make advisories FROM=FOLDER`: the known holes in what is inside."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import advisories
import bill
from parts import ROOT


def main():
    parser = argparse.ArgumentParser(prog="make sbom", description=__doc__)
    parser.add_argument("--advisories", type=Path, metavar="FOLDER", help="advisories in OSV format, to look for what is inside")
    options = parser.parse_args()
    made_at = int(subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    texts = bill.bills(made_at)
    if options.advisories is None:
        (ROOT / "dist").mkdir(exist_ok=True)
        for name, text in texts.items():
            (ROOT / "dist" / name).write_text(text, encoding="utf-8")
            print(f"dist/{name}")
        return
    known = advisories.read(options.advisories)
    found = [hole for text in texts.values() for hole in advisories.holes(json.loads(text), known)]
    standing = [hole for hole in found if hole["id"] not in advisories.ANSWERED]
    for hole in found:
        if hole not in standing:
            print(f"{hole['id']}: {hole['package']} {hole['version']} is not concerned. {advisories.ANSWERED[hole['id']]}")
    for hole in standing:
        fixed = " or ".join(hole["fixed"]) or "no version yet"
        print(f"{hole['id']}: {hole['package']} {hole['version']} ({hole['severity']}), fixed in {fixed}; to be closed by {hole['close_by']}")
    print(f"{len(standing)} known holes; {len(known)} advisories, the newest of {advisories.newest(known)}. Later ones are not known here.")
    sys.exit(1 if standing else 0)


if __name__ == "__main__":
    main()

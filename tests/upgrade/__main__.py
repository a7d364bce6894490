"""Write tests/upgrade/releases/<version>.sql: the schema of this version with a few rows. `make release-schema` runs it.

The commit that sets a version runs it too, so that every later version proves that it upgrades from this one.
"""

import sys
from pathlib import Path

from landed import ALL, dumped, landed

from crm import __version__
from crm.database import Login
from crm.testing import cluster

ROOT = Path(__file__).parents[2]


def main():
    servers = cluster.shared()
    try:
        servers.create_database("release")
        url = servers.url("release", Login.OWNER)
        landed(url, len(ALL))
        target = ROOT / f"tests/upgrade/releases/{__version__}.sql"
        target.write_text(dumped(url, "--inserts"), encoding="utf-8")
    finally:
        cluster.stop_run()
    sys.stdout.write(f"{target.relative_to(ROOT)}: {target.stat().st_size:,} bytes, up to {ALL[-1].name}.\n")


if __name__ == "__main__":
    main()

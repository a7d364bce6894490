"""`make test-external`: a short pass against Debian's PostgreSQL 15 and Redis 7, each started for it and thrown away."""

import os
import sys

import pytest
import servers

CHOSEN = (
    "tests/external", "tests/kernel/test_transactions.py", "tests/kernel/test_work.py", "tests/kernel/test_audit.py",
    "tests/access/test_portal_role.py", "tests/employers/test_importing.py",
)  # fmt: skip


def main() -> int:
    if packages := servers.missing():
        sys.stderr.write(f"Missing: {', '.join(packages)}. Install them: bash tests/setup/debian.sh {' '.join(packages)}\n")
        return 1
    with servers.postgres() as address:
        os.environ["CRM_TEST_DATABASE_URL"] = address
        return pytest.main(["-n0", *CHOSEN, *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())

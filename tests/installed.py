"""An installation after its first `crm migrate`, made once for a run: to make one takes seconds, to copy one a tenth of that."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from crm.testing import cluster

KEY = "0" * 64  # the secret key of every copy


def copy_to(data: Path) -> None:
    """Make this data folder a copy: migrated, empty, its servers stopped. All copies are of one database cluster."""
    subprocess.run(["cp", "-a", _made(), data], check=True)


def _made() -> Path:
    cluster.shared()  # makes the folder of the run, which goes with the run
    folder = cluster.run_folder() / "installed"
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            kept = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
            subprocess.run([sys.executable, "-m", "crm.cli", "migrate"], check=True, stdout=subprocess.DEVNULL,
                           env={**kept, "CRM_DATA": str(folder / "data"), "CRM_SECRET_KEY": KEY})  # fmt: skip
            (folder / "ready").touch()
    return folder / "data"

"""The wheels are whole: installed into a new environment, away from the checkout, the program starts and serves."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [ROOT, *sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml"))]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """The wheels of the core and of each plugin, built offline with the tools of this environment."""
    folder = tmp_path_factory.mktemp("wheels")
    _pip("wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, *SOURCES)
    return sorted(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheels, tmp_path_factory):
    """A new environment: ours from the wheels alone, the libraries borrowed from this one (no .pth of it is followed)."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    site = next((folder / "lib").glob("python3*/site-packages"))
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    _pip("--python", folder / "bin/python", "install", "--no-index", "--no-deps", *wheels)
    return folder


@pytest.fixture
def elsewhere():
    """An empty folder that the embedded servers' own user may pass through."""
    with tempfile.TemporaryDirectory(prefix="crm-wheel-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def _pip(*arguments):
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tempfile.gettempdir())
    assert done.returncode == 0, done.stderr


def _environment(folder):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CRM_", "PYTHON"))}
    return {**kept, "CRM_DATA": str(folder / "data"), "PATH": f"/usr/bin:/bin:{os.environ['PATH']}"}


def test_the_core_wheel_holds_pages_assets_and_data(wheels):
    core = next(wheel for wheel in wheels if wheel.name.startswith("crm-"))
    with zipfile.ZipFile(core) as opened:
        names = set(opened.namelist())
    assert {"crm/templates/base.html", "crm/static/built/manifest.json", "crm/locale/es/LC_MESSAGES/crm.po"} <= names
    assert any(name.startswith("crm/static/built/site.") for name in names)
    assert [name for name in names if name.startswith(("tests/", "plugins/", "node_modules/"))] == []


def test_the_same_source_makes_the_same_wheels(wheels, tmp_path):
    """In another folder, at another time, with the assets built anew."""
    source, again = tmp_path / "elsewhere", tmp_path / "wheels"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    (source / "node_modules").symlink_to(ROOT / "node_modules")
    _pip("wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", again, *(source / path.relative_to(ROOT) for path in SOURCES))
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in again.glob("*.whl")}
    assert digests == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in wheels}


def test_starts_from_the_wheels_and_serves_a_page_with_its_style(installed, elsewhere):
    told = subprocess.run(
        [installed / "bin/crm", "--version"], capture_output=True, text=True, check=True, cwd=elsewhere, env=_environment(elsewhere)
    )
    assert "0.1.0" in told.stdout

    port = _free_port()
    log = (elsewhere / "log").open("w+")
    server = subprocess.Popen(
        [installed / "bin/crm", "serve", "--port", str(port)],
        cwd=elsewhere, env=_environment(elsewhere), stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        page = _page(f"http://127.0.0.1:{port}/sign-in", server, elsewhere / "log")
        style = page.split('href="/static/site.', 1)[1].split('"', 1)[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/static/site.{style}", timeout=10) as answer:
            assert answer.headers["content-type"].startswith("text/css")
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0, (elsewhere / "log").read_text()
        log.close()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _page(url, server, log):
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as problem:
            pytest.fail(f"{url}: {problem.code}\n{log.read_text()}")
        except OSError:
            time.sleep(0.1)  # until it listens
    pytest.fail(f"The server did not answer.\n{log.read_text()}")

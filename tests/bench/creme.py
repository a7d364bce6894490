"""Creme CRM in an environment of its own, as a program beside ours: installed, given a database, served, spoken to over HTTP."""

import asyncio
import contextlib
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import lxml.html
import report
from msgspec import Struct

HERE = Path(__file__).parent / "peers" / "creme"
PASSWORD = "bench"  # of a database that only the owner of a folder reaches
PREPARE = ("migrate", "creme_populate", "generatemedia")  # as its manual says


class Creme(Struct):
    """A folder with Creme's environment, its project, and the sockets of our PostgreSQL."""

    folder: Path
    sockets: str

    @property
    def environ(self) -> dict[str, str]:
        return {**os.environ, "CREME_SECRET_KEY": "0" * 50, "CREME_PASSWORD": PASSWORD, "CREME_SOCKETS": self.sockets,
                "CREME_RUN": f"{self.folder}/run/", "PYTHONWARNINGS": "ignore"}  # fmt: skip

    @property
    def project(self) -> Path:
        return self.folder / "peer"

    async def run(self, *command: str, where: Path | None = None) -> None:
        """A command of its environment, to its end."""
        log = self.folder / "log"
        with log.open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                str(self.folder / "env" / "bin" / command[0]), *command[1:], cwd=where or self.project, env=self.environ, stdout=out, stderr=out
            )
        if await process.wait():
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}; see {log}")

    async def install(self) -> None:
        """Its environment and its project, once a folder."""
        if self.project.exists():
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "run").mkdir(parents=True)
        report.say("installing Creme CRM")
        making = await asyncio.create_subprocess_exec(sys.executable, "-m", "venv", str(self.folder / "env"))
        await making.wait()
        await self.run("python", "-m", "pip", "install", "--quiet", "--no-deps", "-r", str(HERE / "requirements.txt"), where=self.folder)
        await self.run("creme", "creme_start_project", "peer", where=self.folder)
        shutil.copy(HERE / "local_settings.py", self.project / "peer" / "local_settings.py")
        with (self.project / "peer" / "settings.py").open("a", encoding="utf-8") as settings:
            settings.write("\nfrom .local_settings import *\n")

    async def make_database(self, superuser: str) -> None:
        """Once a cluster."""
        connection = await asyncpg.connect(superuser)
        try:
            if await connection.fetchval("select true from pg_database where datname = 'creme'"):
                return
            await connection.execute(f"create role creme login password '{PASSWORD}'")
            await connection.execute("create database creme owner creme template template0")
        finally:
            await connection.close()
        for command in PREPARE:
            await self.run("creme", command, "--settings=peer.settings")

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["Browser"]:
        """Served by one process, as ours is, with its worker beside it; someone is signed in."""
        port = _free_port()
        web = await self._start("waitress-serve", f"--listen=127.0.0.1:{port}", "--threads=4", "peer.wsgi:application")
        worker = await self._start("creme", "creme_job_manager", "--settings=peer.settings")
        try:
            browser = Browser(port)
            await browser.sign_in()
            yield browser
            await browser.http.aclose()
        finally:
            for process in (web, worker):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, 15)
                await process.wait()

    async def _start(self, *command: str) -> asyncio.subprocess.Process:
        with (self.folder / "log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                str(self.folder / "env" / "bin" / command[0]), *command[1:], cwd=self.project, env=self.environ, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Browser:
    """Someone at Creme's pages."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=120)

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())

    async def sign_in(self) -> None:
        for _try in range(600):
            with contextlib.suppress(httpx.TransportError):
                await self.http.get("/creme_login/")
                break
            await asyncio.sleep(0.1)
        answer = await self.submit("/creme_login/", "username", username="root", password="root")
        if "sessionid" not in self.http.cookies:
            raise RuntimeError(f"Creme lets no one in: {answer.status_code}")

    async def form(self, page: str | httpx.Response, field: str) -> dict[str, Any]:
        """What the form of a page that has this field would send as it stands."""
        answer = await self.http.get(page) if isinstance(page, str) else page
        forms = lxml.html.fromstring(answer.text).forms
        return dict(next(form for form in forms if field in form.fields).form_values())

    async def submit(self, page: str, field: str, *, files: dict[str, Any] | None = None, **typed: str) -> httpx.Response:
        return await self.http.post(page, data={**await self.form(page, field), **typed}, files=files)



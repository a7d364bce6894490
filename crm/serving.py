"""`crm serve` (everything on one machine), `crm web` and `crm work` (by number, against real servers)."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from crm.errors import UserError

if TYPE_CHECKING:
    from crm.program import Program
    from crm.settings import Settings


class PortTaken(UserError):
    status = 503
    code = "port"
    exit_code = 1


@click.command()
@click.option("--host", help="Address to listen on (CRM_HOST).")
@click.option("--port", type=int, help="Port to listen on (CRM_PORT).")
@click.option("--demo", is_flag=True, help="Load the demonstration when the database is empty.")
@click.option("--no-plugins", is_flag=True, help="Start without plugins.")
def serve(host: str | None, port: int | None, demo: bool, no_plugins: bool) -> None:
    """Run everything on this machine: database, pages and jobs."""
    asyncio.run(_run(_settings(host, port, no_plugins), pages=True, jobs=True, mail=True, demo=demo))


@click.command()
@click.option("--host", help="Address to listen on (CRM_HOST).")
@click.option("--port", type=int, help="Port to listen on (CRM_PORT).")
def web(host: str | None, port: int | None) -> None:
    """Serve the pages alone; jobs are left to `crm work`."""
    asyncio.run(_run(_settings(host, port, False), pages=True, jobs=False))


async def run_mail_in() -> None:
    """What `crm mail-in` runs. Raises `SettingsError` where no mail is to be taken in."""
    from crm.settings import SettingsError

    settings = _settings(None, None, False)
    if not settings.mail_in_listen and not settings.imap_urls:
        raise SettingsError("No mail is taken in: set CRM_MAIL_IN_LISTEN and CRM_MAIL_IN_ADDRESS, or CRM_IMAP_URLS.")
    await _run(settings, pages=False, jobs=False, mail=True)


@click.command()
def work() -> None:
    """Run the jobs alone."""
    asyncio.run(_run(_settings(None, None, False), pages=False, jobs=True))


def _settings(host: str | None, port: int | None, no_plugins: bool) -> "Settings":
    from crm.settings import load_settings

    given = {"CRM_HOST": host, "CRM_PORT": port and str(port), "CRM_NO_PLUGINS": "true" if no_plugins else None}
    return load_settings({**os.environ, **{name: value for name, value in given.items() if value}})


async def _run(settings: "Settings", *, pages: bool, jobs: bool, mail: bool = False, demo: bool = False) -> None:
    from crm.embedded import refuse_when_held

    serving = pages and jobs
    if serving:
        refuse_when_held(settings)
    if pages:
        _check_port(settings.host, settings.port)
    if mail and settings.mail_in_listen:
        door = urlsplit(settings.mail_in_listen)
        _check_port(door.hostname or "", door.port or 0, "CRM_MAIL_IN_LISTEN=lmtp://127.0.0.1:{port}")

    from crm.backups.journal import shipping
    from crm.log import start_logging
    from crm.program import running_program

    start_logging(settings)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with running_program(settings, serving=serving) as program:
        await _warn_about_valkey(program)
        if pages:
            await _welcome(program, demo)
        async with shipping(settings) if serving else contextlib.nullcontext(), asyncio.TaskGroup() as group:
            ending = []
            if jobs:
                ending.append(_start_worker(program, group))
            if pages:
                ending.append(_start_pages(program, group, in_process_jobs=jobs))
            if mail:
                ending.append(_start_mail_in(program, group))
            gc.collect()
            gc.freeze()  # what was loaded stays, and is not looked through again while someone waits for a page
            await stopped.wait()
            for end in reversed(ending):
                end()


def _start_worker(program: "Program", group: asyncio.TaskGroup):  # type: ignore[no-untyped-def]
    from crm import work as rows
    from crm.worker import listen

    worker = program.worker()
    rows.bell.local = worker.wake
    group.create_task(worker.run())
    listening = group.create_task(_listen(listen(worker, program.valkey)))  # type: ignore[arg-type]

    def end() -> None:
        worker.stop()
        listening.cancel()

    return end


async def _listen(listening) -> None:  # type: ignore[no-untyped-def]
    with contextlib.suppress(asyncio.CancelledError):
        await listening


def _start_mail_in(program: "Program", group: asyncio.TaskGroup):  # type: ignore[no-untyped-def]
    from crm.correspondence.polling import take_mail_in

    taking = [group.create_task(_listen(part)) for part in take_mail_in(program.settings)]

    def end() -> None:
        for each in taking:
            each.cancel()

    return end


def _start_pages(program: "Program", group: asyncio.TaskGroup, *, in_process_jobs: bool):  # type: ignore[no-untyped-def]
    import uvicorn

    from crm.app import create_app
    from crm.slow_clients import WatchedProtocol, watch
    from crm.stopping import PatientServer

    settings = program.settings
    server = PatientServer(
        uvicorn.Config(
            create_app(program), host=settings.host, port=settings.port, log_config=None, access_log=False,
            server_header=False, proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=list(settings.trusted_proxies) or None, timeout_keep_alive=15,
            timeout_graceful_shutdown=10, http=WatchedProtocol, h11_max_incomplete_event_size=65536,
        )  # fmt: skip
    )
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    watching = group.create_task(watch(server, settings.client_patience))
    serving = group.create_task(server.serve())
    serving.add_done_callback(lambda _done: watching.cancel())

    def end() -> None:
        server.should_exit = True

    return end


def _check_port(host: str, port: int, other: str = "crm serve --port {port}") -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise PortTaken(f"Port {port} may not be used by this user. Choose one above 1023: CRM_PORT=8000.") from None
        except OSError as problem:
            raise PortTaken(
                f"Port {port} on {host} cannot be used: {problem.strerror}. "
                f"Stop the program that has it, or choose another: {other.format(port=port + 1)}"
            ) from None


async def _warn_about_valkey(program: "Program") -> None:
    """Without it all works, only later: no reason to end, but to say so."""
    from redis.exceptions import RedisError

    try:
        await program.valkey.ping()  # type: ignore[union-attr]
    except (RedisError, OSError) as problem:
        click.echo(
            f"crm: Valkey does not answer: {str(problem).rstrip('.')}. Pages and jobs work, but a job starts up to five "
            "seconds later. Start it, or mend CRM_REDIS_URL.",
            err=True,
        )


async def _welcome(program: "Program", demo: bool) -> None:
    """What the person at the terminal needs next: the address and how to sign in."""
    from crm.accounts.welcome import first_admin_link
    from crm.demonstration import load_demonstration, sign_ins

    if demo:
        await load_demonstration(program)
    click.echo(f"\n  {program.settings.agency_name} is at {program.settings.url}\n")
    for line in await sign_ins(program):
        click.echo(f"    {line}")
    link = await first_admin_link(program.settings)
    if link:
        click.echo(f"  No one can sign in yet. Open this link once, within a day, to make the first admin:\n    {link}")
    click.echo("\n  Stop with Ctrl+C.\n")

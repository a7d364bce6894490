"""The web application, from features and plugins."""

from pathlib import Path

import structlog
from litestar import Litestar, Response, Router, get
from litestar.di import Provide
from litestar.middleware import ASGIMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.params import FromPath
from litestar.types import ASGIApp, Receive, Scope, Send
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from crm import __version__, alerts, api_schema, problems, translation
from crm.database import fetch_value, transaction
from crm.errors import NotFound
from crm.limiting import Limits
from crm.measuring import for_prometheus, measure
from crm.program import Program
from crm.requests import Doorman, Sessions
from crm.templating import BUILT, make_environment
from crm.web import AnyRequest, provide_actor, signed_in

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".woff2": "font/woff2",
    ".svg": "image/svg+xml", ".png": "image/png", ".json": "application/json", ".ico": "image/x-icon",
    ".map": "application/json", ".ttf": "font/ttf",
}  # fmt: skip
PUBLIC = {"public": True}
log = structlog.get_logger("crm.web")


def create_app(program: Program) -> Doorman:
    """The application of a running program, with the doorman in front."""
    return in_front(create_routes(program), program)


def in_front(app: Litestar, program: Program) -> Doorman:
    """The routes at the service of a program, with the doorman in front."""
    translation.use_folders([folder for _name, folder in program.plugins.folders("locale")])
    app.state.program = program
    app.state.templates = make_environment(program.settings, program.plugins)
    app.state.sessions, app.state.limits = Sessions(program.settings), Limits(program)
    return Doorman(app, program.settings)


def create_routes(program: Program) -> Litestar:
    """The routes of features and plugins, with what every request passes. Takes a third of a second: each is analysed."""
    core = [static_file, live, ready, metrics, agency_style, agency_logo, nowhere]
    return Litestar(
        [*core, *program.plugins.routes()],
        middleware=[Serving("sessions"), Serving("limits")],
        dependencies={"actor": Provide(provide_actor, sync_to_thread=False)},
        exception_handlers=problems.handlers(),
        openapi_config=OpenAPIConfig(
            title=f"{program.settings.agency_name} API", version=__version__,
            description=api_schema.DESCRIPTION, components=api_schema.COMPONENTS, use_handler_docstrings=True,
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
            openapi_router=Router(path="/api/v1/schema", route_handlers=[], guards=[signed_in]),
        ),
        request_max_body_size=program.settings.upload_limit_mb * 1_000_000,
        logging_config=None,
        include_in_schema=False,  # pages are for people; an address of the API says that it is one
        debug=False,
    )  # fmt: skip


class Serving(ASGIMiddleware):
    """Passes a request through a middleware of the program that the routes serve."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        await scope["litestar_app"].state[self.name].handle(scope, receive, send, next_app)


def _static_files() -> dict[str, Path]:
    """Only what the build made, by name: nothing is looked up on the disk from an address."""
    if not BUILT.is_dir():
        return {}
    return {
        str(p.relative_to(BUILT)): p for p in BUILT.rglob("*") if p.is_file() and not p.is_symlink()
    }


_files = _static_files()


@get("/static/{name:path}", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
def static_file(name: FromPath[str]) -> Response[bytes]:
    found = _files.get(name.lstrip("/"))
    if found is None:
        return Response(b"not found", status_code=404, media_type="text/plain")
    return Response(
        found.read_bytes(), media_type=MEDIA_TYPES.get(found.suffix, "application/octet-stream"),
        headers={"cache-control": "public, max-age=31536000, immutable"},
    )  # fmt: skip


@get("/{rest:path}", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
def nowhere(rest: FromPath[str]) -> None:
    """Any other address: a page that does not exist, in the frame of whoever asks."""
    raise NotFound(translation._("This page does not exist, or it is not yours to see."))


@get("/health/live", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
def live() -> dict[str, str]:
    return {"state": "live"}


@get("/health/ready", opt=PUBLIC, include_in_schema=False)
async def ready(request: AnyRequest) -> Response[dict[str, str]]:
    """Whether requests can be answered: the database must be there; Valkey only slows work when it is away."""
    states = {"database": "up", "valkey": "up"}
    try:
        async with transaction(read_only=True):
            await fetch_value("select 1")
    except Exception:
        states["database"] = "down"
    try:
        await request.app.state.program.valkey.ping()
    except Exception:
        states["valkey"] = "down"
    return Response(states, status_code=200 if states["database"] == "up" else 503)


@get("/metrics", opt=PUBLIC, include_in_schema=False)
async def metrics(request: AnyRequest) -> Response[bytes]:
    """For Prometheus on this machine; behind a proxy the address is not served. Without a database it tells of itself alone."""
    client = request.client.host if request.client else ""
    if client not in {"127.0.0.1", "::1"} or "x-forwarded-for" in request.headers:
        return Response(b"not found", status_code=404, media_type="text/plain")
    measured = b""
    try:
        found = await measure(request.app.state.program)
        measured = for_prometheus(found, alerts.states(found))
    except Exception as problem:
        log.warning("not_measured", problem=type(problem).__name__)
    return Response(generate_latest() + measured, media_type=CONTENT_TYPE_LATEST)


@get("/agency.css", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
def agency_style(request: AnyRequest) -> Response[str]:
    """The agency's accent; its contrast was checked at the start."""
    accent = request.app.state.program.settings.accent_color
    return Response(
        f":root {{ --accent: {accent}; }}\n", media_type="text/css; charset=utf-8",
        headers={"cache-control": "public, max-age=300"},
    )  # fmt: skip


@get("/agency-logo", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
def agency_logo(request: AnyRequest) -> Response[bytes]:
    logo = request.app.state.program.settings.agency_logo
    if not logo:
        return Response(b"", status_code=404, media_type="text/plain")
    file = Path(logo)
    return Response(
        file.read_bytes(), media_type=MEDIA_TYPES.get(file.suffix, "image/png"),
        headers={"cache-control": "public, max-age=300"},
    )  # fmt: skip

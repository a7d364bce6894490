"""What happens around every request: limits, headers, the session, the form token, the transaction of a GET."""

import secrets
import time
from collections.abc import Awaitable, Callable
from functools import partial
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import structlog
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

from crm import api_tokens, audit, csrf, headers, sessions
from crm.access import NOBODY, Actor
from crm.admission import Admission, Budget
from crm.database import Login, transaction
from crm.errors import Denied, SignInNeeded, Unavailable
from crm.log import set_request_id
from crm.settings import HERE, Settings
from crm.translation import LANGUAGES, _, use_language
from crm.web import session_cookie, visit_cookie

log = structlog.get_logger("crm.web")

PLAIN = ("/static/", "/health/", "/metrics", "/agency", "/favicon.ico")  # no session, no transaction
# Pages of one's own sign-in: served by the app's login, for the portal's reads no accounts.
OWN = ("/sign-in", "/account", "/step-up", "/calendars/", "/unsubscribe/", "/rsvp/", "/come/", "/report-mails/", "/screenings/", "/my-answers/")
OPEN = ("/unsubscribe/",)
SECRET = ("/sign-in", "/rsvp/", "/report-mails/", "/screenings/", "/my-answers/")  # addresses that are a right by themselves: no page hears where its visitor came from
OWN_LANE = ("/sign-in", "/health/", "/static/")
Use = Callable[[], Awaitable[None]]
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PATCH", "PUT", "DELETE"})
requests_total = Counter("crm_requests_total", "Requests by route and status", ["method", "route", "status"])
request_seconds = Histogram("crm_request_seconds", "Seconds from request to response", ["route"])


class Doorman:
    """Outermost, around the whole application: hosts, admission, deadline, headers, one line in the log."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.https = settings.url.startswith("https://")
        host = urlsplit(settings.url).hostname or "localhost"
        self.hosts = {host, *settings.allowed_hosts} | ({"localhost", "127.0.0.1", "::1"} if not self.https else set())
        self.admission = Admission()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        set_request_id(request_id)
        scope.setdefault("state", {})["request_id"] = request_id
        seen = _Seen(send, request_id, https=self.https, secret=scope["path"].startswith(SECRET))
        if _host(scope) not in self.hosts:
            text = _("This server does not answer for that host name. Check the address, or CRM_ALLOWED_HOSTS.")
            await _say(seen, 400, text)
            return
        if _by_number(scope, self.settings.url):
            await _call_by_name(scope, seen)
            return
        started = time.perf_counter()
        if not await self.admission.enter(own_lane=scope["path"].startswith(OWN_LANE)):
            await _say(seen, 503, _("Many people are here just now. Try again in a few seconds."))
            requests_total.labels(scope["method"] if scope["method"] in METHODS else "other", "sent away", "503").inc()
            return
        try:
            await self._within_time(scope, receive, seen)
        finally:
            self.admission.leave()
            self._note(scope, seen, time.perf_counter() - started)

    async def _within_time(self, scope: Scope, receive: Receive, seen: "_Seen") -> None:
        budget = Budget(self.admission, self.settings.request_timeout)

        async def received() -> Any:
            async with budget.paused():
                return await receive()

        async def sent(message: Message) -> None:
            async with budget.paused():
                await seen(message)

        try:
            async with budget.timeout:
                await self.app(scope, received, sent)
        except TimeoutError:
            if not seen.status:
                await _say(seen, 503, _("This took too long, and was given up. Try again in a moment."))
        except Exception:
            # telling the fault failed too
            log.exception("request_failed")
            if not seen.status:
                told = _("Something went wrong on our side, and nothing was changed. If it happens again, tell your administrator "
                         "this number: %(number)s")  # fmt: skip
                await _say(seen, 500, told % {"number": seen.request_id})

    def _note(self, scope: Any, seen: "_Seen", seconds: float) -> None:
        route = str(scope.get("path_template") or "unknown")
        method = scope["method"] if scope["method"] in METHODS else "other"
        requests_total.labels(method, route, str(seen.status)).inc()
        request_seconds.labels(route).observe(seconds)
        if not scope["path"].startswith(PLAIN):
            log.info("request", method=method, route=route, status=seen.status, ms=round(seconds * 1000, 1),
                     request=seen.request_id)  # fmt: skip


def _host(scope: Scope) -> str:
    try:
        named = urlsplit(f"//{Headers.from_scope(scope).get('host', '')}")
        return (named.hostname or "") if named.port is None or named.port else ""
    except ValueError:  # also from a port that is no number
        return ""


def _by_number(scope: Any, url: str) -> bool:
    """A person who opens this machine by its number: passkeys, links and cookies belong to its name."""
    found = Headers.from_scope(scope)
    return (
        scope["method"] == "GET" and _host(scope) in HERE and urlsplit(url).hostname == "localhost"
        and found.get("sec-fetch-mode") == "navigate" and "text/html" in found.get("accept", "")
    )  # fmt: skip


async def _call_by_name(scope: Any, send: Send) -> None:
    """The same page at the name, on the port that was asked for."""
    port = (Headers.from_scope(scope).get("host") or "").rpartition(":")[2]
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    there = b"http://localhost" + (b":" + port.encode() if port.isdecimal() and port.isascii() else b"") + scope["raw_path"] + query
    await send({"type": "http.response.start", "status": 307, "headers": [(b"location", there)]})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _say(send: Send, status: int, text: str) -> None:
    """An answer that needs neither database nor template."""
    given = [(b"content-type", b"text/plain; charset=utf-8")] + ([(b"retry-after", b"5")] if status == 503 else [])
    await send({"type": "http.response.start", "status": status, "headers": given})
    await send({"type": "http.response.body", "body": text.encode(), "more_body": False})


class _Seen:
    """Passes the response on with our headers, and remembers its status."""

    def __init__(self, send: Send, request_id: str, *, https: bool, secret: bool) -> None:
        self.send = send
        self.request_id = request_id
        self.https = https
        self.secret = secret
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            given = [*message.get("headers", []), (b"x-request-id", self.request_id.encode())]
            message["headers"] = headers.complete(list(given), https=self.https, secret=self.secret)
        await self.send(message)


class Sessions(ASGIMiddleware):
    """Who asks, in which language; a GET runs in one READ ONLY transaction with the login of whoever asks."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.https = settings.url.startswith("https://")

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope["type"] != ScopeType.HTTP or scope["path"].startswith(PLAIN):
            await next_app(scope, receive, send)
            return
        token = _bearer(scope)
        cookies = {} if token else _cookies(scope)
        scope["state"]["actor"] = NOBODY
        use_language(_language(scope, cookies, NOBODY))
        given = token or cookies.get(session_cookie(self.https), "")
        if scope["method"] in csrf.SAFE:
            await self._read(scope, receive, send, next_app, cookies, given)
        else:
            await self._identify(scope, cookies, given)
            try:
                await self._check_token(scope, receive)
            except Denied:
                await _keep_denial(scope, f"{scope['method']} {scope['path'][:200]}")
                raise
            replay = scope["state"].pop("body", None)
            held = _Held(send)
            await next_app(scope, _replayed(replay, receive) if replay is not None else receive, held)
            await _settle(scope, held)

    async def _read(
        self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp, cookies: dict[str, str], given: str
    ) -> None:
        held = _Held(send)
        async with transaction(read_only=True):
            stale = await self._found(scope, cookies, given)
            actor: Actor = scope["state"]["actor"]
            login = Login.APP if scope["path"].startswith(OWN) else actor.login
            if login is Login.APP:
                await next_app(scope, receive, self._with_visit(scope, held))
        if login is not Login.APP:
            async with transaction(actor.login, read_only=True, session_secret=actor.session_secret):
                await next_app(scope, receive, self._with_visit(scope, held))
        # after the transaction: a slow reader must not hold a connection
        await _settle(scope, held)
        if stale is not None:
            await _note_use(stale)

    async def _identify(self, scope: Scope, cookies: dict[str, str], given: str) -> None:
        async with transaction():
            stale = await self._found(scope, cookies, given)
            if stale is not None:
                await stale()

    async def _found(self, scope: Scope, cookies: dict[str, str], given: str) -> Use | None:
        """Puts whoever asks into the state; what notes the use of their session or token, when that is due."""
        state = scope["state"]
        if _bearer(scope):
            return await _found_token(scope, given)
        state["visit"] = cookies.get(visit_cookie(self.https), "")
        state["holder"] = state["visit"]
        found = await sessions.find(given) if given else None
        if found is None:
            return None
        state["session"] = found
        state["session_secret"] = given
        state["holder"] = given
        if found.actor is not None:
            state["actor"] = found.actor
            use_language(_language(scope, cookies, found.actor))
        return partial(sessions.touch, found.session_id) if found.stale else None

    async def _check_token(self, scope: Scope, receive: Receive) -> None:
        """Every change carries the form token of the session, and comes from our own pages."""
        found = {k.lower(): v for k, v in Headers.from_scope(scope).items()}
        if _bearer(scope):
            return  # a browser never adds this header by itself
        if scope["path"].startswith(OPEN):
            return  # the link is the right to it, and mail programs press it without a page of ours
        if scope["path"].startswith("/api/") and "session" not in scope["state"]:
            return  # no one's; the route says that it needs a token
        given = found.get(csrf.HEADER, "")
        if not given and found.get("content-type", "").startswith(("application/x-www-form", "multipart/form-data")):
            given = await _field_of(scope, receive, self.settings.upload_limit_mb)
        if csrf.is_foreign(found, self.settings.url) or not csrf.fits(
            self.settings.secret_keys, scope["state"].get("holder", ""), given
        ):
            raise Denied(_("This form is out of date. Load the page again and try once more; what you typed is still there."))

    def _with_visit(self, scope: Scope, send: Send) -> Send:
        """A visitor without a session gets a cookie that form tokens and sign-in links are bound to."""
        if scope["state"].get("holder") or scope["path"].startswith("/api/"):
            return send
        value = secrets.token_urlsafe(24)
        scope["state"]["visit"] = scope["state"]["holder"] = value
        if Headers.from_scope(scope).get("sec-fetch-dest", "document") != "document":
            return send  # asked for by a script that left before the person did: its late answer must not outdate the form they now have open

        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                secure = "; Secure" if self.https else ""
                MutableScopeHeaders(message).add(
                    "set-cookie", f"{visit_cookie(self.https)}={value}; Path=/; HttpOnly; SameSite=Lax{secure}"
                )
            await send(message)

        return wrapped


async def _found_token(scope: Scope, given: str) -> Use | None:
    """Whoever a bearer token stands for. A cookie beside it counts for nothing."""
    found = await api_tokens.find(given)
    if found is None:
        raise SignInNeeded(_("This token is not valid: it has ended, was taken back, or its owner may not sign in any more."))
    scope["state"]["actor"] = found.actor
    use_language(found.actor.language)
    return partial(api_tokens.touch, found.id) if found.stale else None


async def _note_use(use: Use) -> None:
    """When a session or token was last used, once the answer has left; the answer does not hang on it."""
    try:
        async with transaction():
            await use()
    except (OSError, asyncpg.PostgresError, Unavailable):
        log.warning("use_not_noted")


class _Held:
    """Keeps a response until the transaction has ended; a long one that is made in parts is passed on as they come."""

    MOST = 2_000_000

    def __init__(self, send: Send) -> None:
        self.send = send
        self.messages: list[Message] = []
        self.size = 0

    async def __call__(self, message: Message) -> None:
        self.messages.append(message)
        self.size += len(message.get("body", b""))  # type: ignore[arg-type]
        if self.size > self.MOST and message.get("more_body"):
            await self.release()

    async def release(self) -> None:
        messages, self.messages = self.messages, []
        for message in messages:
            await self.send(message)


async def _settle(scope: Scope, held: _Held) -> None:
    """A refusal is on record before the answer leaves."""
    if denied := scope["state"].get("denied"):
        await _keep_denial(scope, denied)
    await held.release()


async def _keep_denial(scope: Scope, what: str) -> None:
    try:
        await audit.record_denial(scope["state"]["actor"], what)
    except (OSError, asyncpg.PostgresError, Unavailable):
        log.exception("denial_not_recorded")


def _cookies(scope: Scope) -> dict[str, str]:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(Headers.from_scope(scope).get("cookie", ""))
    except Exception:  # a cookie that cannot be read is no cookie
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _language(scope: Scope, cookies: dict[str, str], actor: Actor) -> str:
    if actor.is_signed_in:
        return actor.language
    if cookies.get("crm-language") in LANGUAGES:
        return cookies["crm-language"]
    accepted = Headers.from_scope(scope).get("accept-language", "").lower()
    return "es" if accepted.startswith("es") else "en"


def _bearer(scope: Scope) -> str:
    kind, _space, value = Headers.from_scope(scope).get("authorization", "").partition(" ")
    return value if kind.lower() == "bearer" and scope["path"].startswith("/api/") else ""


async def _field_of(scope: Scope, receive: Receive, limit_mb: int) -> str:
    """The form token out of the body, which is kept for the handler."""
    body = await _body(receive, limit_mb * 1_000_000)
    scope["state"]["body"] = body
    if b"multipart" in dict(scope["headers"]).get(b"content-type", b""):
        # our forms put the token first
        _before, _name, rest = body[: 64 * 1024].partition(f'name="{csrf.FIELD}"'.encode())
        return rest.lstrip(b"\r\n").split(b"\r\n", 1)[0].decode("ascii", "replace").strip()
    for part in body.split(b"&"):
        name, _eq, value = part.partition(b"=")
        if name == csrf.FIELD.encode():
            return value.decode("ascii", "replace")
    return ""


async def _body(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        part = bytes(message.get("body", b""))  # type: ignore[call-overload]
        size += len(part)
        if size > limit:
            from litestar.exceptions import HTTPException

            raise HTTPException(status_code=413)
        parts.append(part)
        more = bool(message.get("more_body", False))
    return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def again() -> Any:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again



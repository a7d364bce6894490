"""What every address of the API shares: how it is declared, its pages, its versions, its problems.

A feature's `api.py` is as thin as its `routes.py`: the same actions, the same gate, JSON instead of a page.
"""

import base64
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from litestar import Response, handlers
from litestar.datastructures import ResponseHeader
from litestar.openapi.datastructures import ResponseSpec
from msgspec import UNSET, Meta, Struct, UnsetType

from crm.access import Actor, Permission, load
from crm.api_checking import Checked, checked
from crm.api_schema import with_parameters
from crm.database import transaction
from crm.errors import Invalid, Outdated, VersionNeeded
from crm.translation import _
from crm.web import AnyRequest, needs

T = TypeVar("T")
S = TypeVar("S", bound=Struct)
PAGE = 50
ROOT = "/api/v1"
After = Annotated[str, Meta(description="What “next” of the page before says", max_length=600)]


class Page(Struct, Generic[T], frozen=True):
    """One page of a list. `next` goes into `after` to get the page that follows; null at the end."""

    items: list[T]
    next: str | None


class Alike(Struct, frozen=True):
    """Someone who is here already and may be who was sent: how sure that is, out of 100, and why."""

    id: UUID
    name: str
    score: int
    reasons: list[str]


class Problem(Struct, frozen=True):
    """What went wrong, as RFC 9457 has it. `fields` names every field that is not right, with what to do.

    `candidates`: who is here already. `elsewhere`: someone of another board is, of whom no more can be told.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    fields: dict[str, str] | UnsetType = UNSET
    candidates: list[Alike] | UnsetType = UNSET
    elsewhere: bool | UnsetType = UNSET


_TOLD = {
    400: "The request could not be read.",
    401: "No token, or one that has ended or was taken back.",
    403: "The token, or its owner, may not do this.",
    404: "It does not exist, or is not yours to see.",
    409: "It goes against what is here already.",
    412: "It was changed since the version that If-Match names.",
    422: "Some fields are not right. Each is named.",
    428: "If-Match is missing.",
    429: "Too many requests. Retry-After says how many seconds to wait.",
}
_VERSION = ResponseHeader(name="ETag", documentation_only=True, description="Its version, for If-Match.")
_READ = (400, 401, 403, 404, 422, 429)
_CREATE = (400, 401, 403, 404, 409, 422, 429)
_CHANGE = (400, 401, 403, 404, 409, 412, 422, 428, 429)


def _problems(statuses: tuple[int, ...]) -> dict[int, ResponseSpec]:
    return {
        status: ResponseSpec(Problem, description=_TOLD[status], media_type="application/problem+json", generate_examples=False)
        for status in statuses
    }  # fmt: skip


def _declared(
    make: Any, path: str, permission: Permission, statuses: tuple[int, ...], tag: str, summary: str, query: type[Struct] | None,
    headers: Mapping[str, str], **more: Any,
) -> Callable[..., Any]:  # fmt: skip
    found: Callable[..., Any] = make(
        ROOT + path, guards=[needs(permission)], tags=[tag], summary=summary, responses=_problems(statuses),
        security=[{"token": []}], operation_class=with_parameters(query, headers),
        include_in_schema=True, **more,
    )  # fmt: skip
    return found


def lists(path: str, permission: Permission, tag: str, summary: str, *, query: type[Struct] | None = None) -> Callable[..., Any]:
    """Declares the GET of a list, a page at a time."""
    return _declared(handlers.get, path, permission, _READ, tag, summary, query, {}, response_description="A page of the list.")


def reads(path: str, permission: Permission, tag: str, summary: str) -> Callable[..., Any]:
    """Declares the GET of one thing, with its version."""
    return _declared(handlers.get, path, permission, _READ, tag, summary, None, {}, response_headers=[_VERSION],
                     response_description="It is this.")  # fmt: skip


def works_out(path: str, permission: Permission, tag: str, summary: str) -> Callable[..., Any]:
    """Declares a POST that answers a question and keeps nothing."""
    return _declared(handlers.post, path, permission, _READ, tag, summary, None, {}, dto=Checked, return_dto=None, status_code=200,
                     response_description="The answer. Nothing of it is kept.")  # fmt: skip


def creates(path: str, permission: Permission, tag: str, summary: str) -> Callable[..., Any]:
    """Declares a POST that may be sent twice with the same Idempotency-Key."""
    headers = {"Idempotency-Key": "Any text of your own, up to 200 characters. Sent again within a day, it creates nothing new."}
    return _declared(handlers.post, path, permission, _CREATE, tag, summary, None, headers, dto=Checked, return_dto=None,
                     response_headers=[_VERSION], response_description="It is created.")  # fmt: skip


def changes(path: str, permission: Permission, tag: str, summary: str) -> Callable[..., Any]:
    """Declares a PATCH that names the version it is for."""
    headers = {"If-Match": "The ETag that you read, or * to change whatever is there now."}
    return _declared(handlers.patch, path, permission, _CHANGE, tag, summary, None, headers, dto=Checked, return_dto=None,
                     response_headers=[_VERSION], response_description="It is changed; this is how it is now.")  # fmt: skip


def query_of(request: AnyRequest, kind: type[S]) -> S:
    """The query of a list, checked field by field. A name that stands twice is refused."""
    pairs = list(request.query_params.multi_items())
    given = dict(pairs)
    if len(given) != len(pairs):
        twice = {name: _("This stands twice.") for name, _value in pairs if sum(name == n for n, _v in pairs) > 1}
        raise Invalid(_("Some fields are not right; each is named under “fields”."), fields=twice)
    return checked(kind, given, strict=False)


def shown(kind: type[S], row: Mapping[str, Any], **more: Any) -> S:
    """The row as it goes out. A column that the gate hid is not there, and so is absent from the answer."""
    values = dict(row) | more
    names = {field.name for field in msgspec.structs.fields(kind)}
    return kind(**{name: value for name, value in values.items() if name in names})


def answer(thing: Any, version: int, *, status: int = 200, again: bool = False) -> Response[Any]:
    """One thing with its version."""
    headers = {"etag": f'"{version}"'} | ({"idempotency-replayed": "true"} if again else {})
    return Response(thing, status_code=status, headers=headers)


def page(rows: list[Any], kind: type[S], *keys: str) -> Page[S]:
    """A page out of up to `PAGE + 1` rows; `keys` are the columns that the list is sorted by."""
    items = [shown(kind, row) for row in rows[:PAGE]]
    return Page(items, cursor([rows[PAGE - 1][key] for key in keys]) if len(rows) > PAGE else None)


def cursor(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values, default=str).encode()).decode()


def after(text: str, *kinds: Any) -> list[Any]:
    """The values of a cursor. Raises `Invalid` for one that is not ours."""
    with suppress(ValueError, msgspec.ValidationError):
        given = json.loads(base64.urlsafe_b64decode(text))
        if isinstance(given, list) and len(given) == len(kinds):
            return [msgspec.convert(value, kind) for value, kind in zip(given, kinds, strict=True)]
    problem = _("This is not the “next” of a page. Start the list anew.")
    raise Invalid(problem, fields={"after": problem})


@asynccontextmanager
async def changing(request: AnyRequest, actor: Actor, table: str, row_id: UUID) -> AsyncIterator[dict[str, Any]]:
    """The row, held until its change is committed, in the version that If-Match names."""
    given = request.headers.get("if-match", "").strip()
    if not given:
        raise VersionNeeded(_("Say which version you change: send If-Match with the ETag that you read, or If-Match: *."))
    async with transaction(actor.login, session_secret=actor.session_secret):
        row = await load(actor, table, row_id, for_update=True)
        now = row["version"]
        if given != "*" and f'"{now}"' not in [tag.strip().removeprefix("W/") for tag in given.split(",")]:
            raise Outdated(_("This was changed meanwhile: it is at version %(version)s now. Read it again, then change it.") % {"version": now})
        yield row

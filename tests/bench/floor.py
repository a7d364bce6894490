"""The floor: our stack bare. One transaction, three look-ups, the rows by raw asyncpg, a Jinja page of the same bytes."""

import hashlib
from typing import Any

import asyncpg
from jinja2 import Environment
from litestar import Litestar, Request, Response, get

LOOK_UPS = (
    "select s.id, s.account_id from session s where s.secret_hash = $1 and s.revoked_at is null and s.expires_at > now()",
    "select a.id, a.name, a.kind from account a where a.id = (select account_id from session where secret_hash = $1)",
    "select g.role, g.board_id from role_grant g where g.revoked_at is null "
    "and g.account_id = (select account_id from session where secret_hash = $1)",
)
PAGE = """<!doctype html><title>{{ title }}</title><main>
{% for rows in found %}<table>{% for row in rows %}<tr>{% for value in row %}<td>{{ value }}</td>{% endfor %}</tr>
{% endfor %}</table>{% endfor %}</main>"""


class Floor:
    """Answers `/n` with the n-th work that was added: its statements, and how many bytes its page has."""

    def __init__(self, address: str, secret: str) -> None:
        self.address = address
        self.secret = hashlib.sha256(secret.encode()).digest()
        self.works: list[tuple[list[tuple[str, list[Any]]], int]] = []
        self.template = Environment(autoescape=True).from_string(PAGE)

    async def open(self) -> None:
        self.pool = await asyncpg.create_pool(self.address, min_size=1, max_size=4)

    def add(self, statements: list[tuple[str, list[Any]]], size: int) -> str:
        """Keep what an address does; the address."""
        self.works.append((statements, size))
        return f"/{len(self.works) - 1}"

    def app(self) -> Litestar:
        @get("/{number:int}")
        async def page(request: Request[Any, Any, Any], number: int) -> Response[str]:
            statements, size = self.works[number]
            async with self.pool.acquire() as connection, connection.transaction(readonly=True):
                for look_up in LOOK_UPS:
                    await connection.fetch(look_up, self.secret)
                found = [await connection.fetch(sql, *values) for sql, values in statements]
            text = self.template.render(title="Floor", found=found)
            return Response(text.ljust(size), media_type="text/html")

        return Litestar([page], openapi_config=None, logging_config=None)



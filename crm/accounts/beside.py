"""The portal's login reads no accounts and no sessions: what a person does to their own sign-in is done by the app's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from crm import database
from crm.access import Actor, ActorKind
from crm.database import Login, transaction


def as_app(actor: Actor) -> Actor:
    """The same person, writing with the app's login. Only for rows of their own account."""
    return msgspec.structs.replace(actor, kind=ActorKind.STAFF) if actor.kind is ActorKind.EMPLOYER else actor


@asynccontextmanager
async def reading_as_app() -> AsyncIterator[None]:
    """A READ ONLY transaction of the app's login: the request's own, or one beside the portal's."""
    if database.in_transaction() and database.current().login is Login.APP:
        yield
        return
    token = database._current.set(None)
    try:
        async with transaction(Login.APP, read_only=True):
            yield
    finally:
        database._current.reset(token)

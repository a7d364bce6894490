"""The portal's login reads no accounts and no sessions: what a person does to their own sign-in is done by the app's."""

import msgspec

from crm.access import Actor, ActorKind


def as_app(actor: Actor) -> Actor:
    """The same person, writing with the app's login. Only for rows of their own account."""
    return msgspec.structs.replace(actor, kind=ActorKind.STAFF) if actor.kind is ActorKind.EMPLOYER else actor

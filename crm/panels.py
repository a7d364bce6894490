"""What features and plugins add to pages: entries of the header and panels of the employer page."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from msgspec import Struct

from crm.access import Actor, Permission


class NavigationItem(Struct, frozen=True):
    """An entry of the header. `label` is translated where it is shown; it stands as open at `url` and `also`, and below them."""

    label: str
    url: str
    permission: Permission
    order: int = 50
    key: str = ""
    also: tuple[str, ...] = ()

    @property
    def rooms(self) -> tuple[str, ...]:
        return (self.url, *self.also)


class Panel(Struct, frozen=True):
    """A panel of the employer page. `gather(actor, employer_id)` answers inside the page's transaction.

    One that is not what people open the page for comes `later`: after the page, with the others of its kind.
    """

    name: str
    title: str
    template: str
    gather: Callable[[Actor, UUID], Awaitable[dict[str, Any] | None]]
    order: int = 50
    permission: Permission = Permission.SEE_DIRECTORY
    later: bool = False

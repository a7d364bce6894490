"""The pages that one can go to by name: those of the header, plugins' among them, and those that stand deeper."""

from collections.abc import Iterable

from crm.access import Actor, Permission, may
from crm.folding import fold
from crm.panels import NavigationItem
from crm.translation import _, lazy_

DEEPER = (
    NavigationItem(lazy_("All tasks"), "/tasks", Permission.WORK_PIPELINE),
    NavigationItem(lazy_("Calendar and morning mail"), "/tasks/reminders", Permission.WORK_PIPELINE),
    NavigationItem(lazy_("Add employer"), "/employers/new", Permission.EDIT_EMPLOYERS),
    NavigationItem(lazy_("Import a list"), "/imports", Permission.IMPORT),
    NavigationItem(lazy_("Duplicates"), "/duplicates", Permission.EDIT_EMPLOYERS),
    NavigationItem(lazy_("Views"), "/views", Permission.SEE_DIRECTORY),
    NavigationItem(lazy_("Words to write with"), "/email-templates", Permission.WORK_PIPELINE),
    NavigationItem(lazy_("Set up pipelines"), "/pipelines", Permission.MANAGE_PIPELINES),
    NavigationItem(lazy_("People"), "/people", Permission.MANAGE_PEOPLE),
    NavigationItem(lazy_("Record"), "/audit", Permission.SEE_AUDIT),
    NavigationItem(lazy_("Jobs"), "/jobs", Permission.SEE_DIRECTORY),
    NavigationItem(lazy_("My account"), "/account", Permission.SEE_DIRECTORY),
    NavigationItem(lazy_("Keyboard shortcuts"), "/help/keys", Permission.SEE_DIRECTORY),
)


def places(actor: Actor, header: Iterable[NavigationItem], typed: str, *, most: int) -> list[tuple[str, str]]:
    """Names with their addresses: a word of each begins as what is typed does; all where nothing is."""
    wanted = fold(" ".join(typed.split()))
    named = {item.url: _(item.label) for item in (*header, *DEEPER) if may(actor, item.permission)}
    return [(name, url) for url, name in named.items() if f" {wanted}" in f" {fold(name)}"][:most]

"""All that a plugin may import, with crm.testing. Whatever is not here may change without notice.

Each name is imported when it is asked for, so that `crm --help` does not pay for pages and documents.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crm.access import Actor, Permission, load, may, require, visible
    from crm.actions import acting, reading
    from crm.custom_fields import Choice, CustomField
    from crm.database import execute, fetch, fetch_one, fetch_value
    from crm.days import agency_today
    from crm.documents import Document
    from crm.employers.actions import add_employer
    from crm.employers.forms import NewEmployerForm
    from crm.employers.matching.admitting import LikelyDuplicate
    from crm.engagements.rules import StageFinding, StageMoveFacts
    from crm.errors import Conflict, Denied, Invalid, NotFound, Unavailable, UserError
    from crm.events import Event
    from crm.hookspecs import hookimpl
    from crm.manifests import Manifest
    from crm.obligations import Obligation, Obligations
    from crm.panels import NavigationItem, Panel
    from crm.plugins import settings_of
    from crm.rulebook.file_errors import RuleFileError
    from crm.rulebook.networks import Network, NetworkBoard, Territory
    from crm.rulebook.rows import rows
    from crm.rulebook.services import ServiceCode
    from crm.sql import Sql
    from crm.translation import _, lazy_
    from crm.web import AnyRequest, needs, redirect, render
    from crm.work import Job, RunningJob

_PLACES = {
    "crm.access": ("Actor", "Permission", "load", "may", "require", "visible"),
    "crm.actions": ("acting", "reading"),
    "crm.custom_fields": ("Choice", "CustomField"),
    "crm.database": ("execute", "fetch", "fetch_one", "fetch_value"),
    "crm.days": ("agency_today",),
    "crm.documents": ("Document",),
    "crm.employers.actions": ("add_employer",),
    "crm.employers.forms": ("NewEmployerForm",),
    "crm.employers.matching.admitting": ("LikelyDuplicate",),
    "crm.engagements.rules": ("StageFinding", "StageMoveFacts"),
    "crm.errors": ("Conflict", "Denied", "Invalid", "NotFound", "Unavailable", "UserError"),
    "crm.events": ("Event",),
    "crm.hookspecs": ("hookimpl",),
    "crm.manifests": ("Manifest",),
    "crm.obligations": ("Obligation", "Obligations"),
    "crm.panels": ("NavigationItem", "Panel"),
    "crm.plugins": ("settings_of",),
    "crm.rulebook.file_errors": ("RuleFileError",),
    "crm.rulebook.networks": ("Network", "NetworkBoard", "Territory"),
    "crm.rulebook.rows": ("rows",),
    "crm.rulebook.services": ("ServiceCode",),
    "crm.sql": ("Sql",),
    "crm.translation": ("_", "lazy_"),
    "crm.web": ("AnyRequest", "needs", "redirect", "render"),
    "crm.work": ("Job", "RunningJob"),
}
_HOME = {name: module for module, names in _PLACES.items() for name in names}

__all__ = [
    "Actor", "AnyRequest", "Choice", "Conflict", "CustomField", "Denied", "Document", "Event", "Invalid", "Job", "LikelyDuplicate", "Manifest",
    "NavigationItem", "Network", "NetworkBoard", "NewEmployerForm", "NotFound", "Obligation", "Obligations", "Panel",
    "Permission", "RuleFileError", "RunningJob", "ServiceCode", "Sql", "StageFinding", "StageMoveFacts", "Territory",
    "Unavailable", "UserError", "_", "acting", "add_employer", "agency_today", "execute", "fetch", "fetch_one", "fetch_value", "hookimpl",
    "lazy_", "load", "may", "needs", "reading", "redirect", "render", "require", "rows", "settings_of", "visible",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"crm.sdk has no '{name}'. It has: {', '.join(__all__)}.")
    return getattr(import_module(_HOME[name]), name)

"""All that a plugin may import, with crm.testing. Whatever is not here may change without notice."""

from crm.access import Actor, Permission
from crm.actions import acting, reading
from crm.database import execute, fetch, fetch_one, fetch_value
from crm.documents import Document
from crm.engagements.rules import StageFinding, StageMoveFacts
from crm.events import Event
from crm.hookspecs import hookimpl
from crm.panels import NavigationItem, Panel
from crm.plugins import Manifest
from crm.rulebook.networks import Network, NetworkBoard, Territory
from crm.translation import _, lazy_
from crm.work import Job, RunningJob

__all__ = [
    "Actor", "Document", "Event", "Job", "Manifest", "NavigationItem", "Network", "NetworkBoard", "Panel", "Permission",
    "RunningJob", "StageFinding", "StageMoveFacts", "Territory", "_", "acting", "execute", "fetch", "fetch_one",
    "fetch_value", "hookimpl", "lazy_", "reading",
]  # fmt: skip

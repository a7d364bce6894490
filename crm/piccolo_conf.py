"""Where Piccolo looks for the engine and the apps."""

from piccolo.conf.apps import AppRegistry

from crm.database import DB

__all__ = ["APP_REGISTRY", "DB"]

APP_REGISTRY = AppRegistry(apps=["crm.piccolo_app"])

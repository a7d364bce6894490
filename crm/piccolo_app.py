"""The core as a Piccolo app, for Piccolo's own command line: its tables and its one history of migrations."""

from piccolo.conf.apps import AppConfig

from crm.migrations import CORE

APP_CONFIG = AppConfig(app_name=CORE.name, migrations_folder_path=str(CORE.folder), table_classes=[], migration_dependencies=[])

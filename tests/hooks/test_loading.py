"""What a command pays for that serves no page."""

import subprocess
import sys

SERVES_NO_PAGE = """
import sys
from crm.plugins import PluginManager
from crm.program import declare_sights
declare_sights()
manager = PluginManager(switched_off=set(), settings={}, approved={}, no_plugins=False)
manager.load()
print(len(manager.jobs()) > 20, [name for name in ("litestar", "weasyprint", "altair", "us") if name in sys.modules])
"""


def test_jobs_and_plugins_are_loaded_without_the_library_of_pages():
    shown = subprocess.run([sys.executable, "-c", SERVES_NO_PAGE], check=False, capture_output=True, text=True)
    assert shown.stdout.strip() == "True []", shown.stderr[-2000:]

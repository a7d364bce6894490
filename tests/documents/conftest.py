"""A workshop with templates of the test's own beside the core's, and tight limits."""

import pytest

from crm import documents
from crm.documents import Agency, Document
from crm.renderers import Limits
from crm.templating import templates_folder

HEAD = '<!DOCTYPE html><html lang="en"><head><title>Test</title></head><body><h1>Test</h1>'


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("templates")
    (made / "plain.css").write_text("")
    return made


@pytest.fixture(scope="session")
def workshop(folder):
    limits = Limits(processor_seconds=3, wall_seconds=6, memory=700 * 1024 * 1024, pages=5)
    documents.start(
        Agency(name="Agencia de Empleo", zone="America/New_York"), [folder, templates_folder()],
        plugin_folders=[("ohio", folder)], limits=limits,
    )  # fmt: skip
    yield
    documents.stop()


@pytest.fixture
def written(workshop, folder, request):
    """`written(html, css="")`: a document with this body."""

    def make(body, css="", head=HEAD):
        name = request.node.name.partition("[")[0]
        (folder / f"{name}.html").write_text(head + body)
        (folder / f"{name}.css").write_text(css)
        return Document(name=name, title="Test", template=f"{name}.html", css=f"{name}.css", sample=dict)

    return make

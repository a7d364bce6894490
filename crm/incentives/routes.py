"""Stored files."""

from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm import audit, files
from crm.access import Actor, load
from crm.web import download as sent
from crm.web import signed_in


@get("/files/{file_id:uuid}", guards=[signed_in])
async def download(actor: NamedDependency[Actor], file_id: FromPath[UUID]) -> Response[bytes]:
    """A stored file, for those who may see it; that it was fetched is on record."""
    row = await load(actor, "stored_file", file_id)
    body = await files.read(row["storage_key"])
    await audit.record_disclosure(actor, "file.downloaded", subject_kind="file", subject_id=file_id, employer_id=row["employer_id"])
    return sent(body, row["name"], row["media_type"])


HANDLERS = [download]

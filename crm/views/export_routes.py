"""A list as a file to download."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from crm.access import Actor, Permission
from crm.listings import listing_of
from crm.views.exporting import MEDIA, Format, export
from crm.web import AnyRequest, needs, program_of, read_filters


class Wanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which file, and what the list is asked, as its address has it."""

    format: Annotated[Format, Meta(description="The kind of file")] = "csv"
    query: Annotated[str, Meta(max_length=4000)] = ""
    beside: Annotated[bool, Meta(description="A workbook with what belongs to the rows in sheets of their own")] = False


@get("/exports/{list_name:str}", guards=[needs(Permission.SEE_DIRECTORY)])
async def download_list(request: AnyRequest, actor: NamedDependency[Actor], list_name: FromPath[str]) -> Response[bytes]:
    wanted = read_filters(request, Wanted)
    listing = listing_of(list_name[:40])
    zone = program_of(request).settings.time_zone
    today = datetime.now(ZoneInfo(zone)).date()
    body = await export(actor, listing, wanted.query, wanted.format, today=today, zone=zone, beside=wanted.beside)
    return Response(
        body, media_type=MEDIA[wanted.format],
        headers={"content-disposition": f'attachment; filename="{listing.name}-{today}.{wanted.format}"', "cache-control": "no-store"},
    )  # fmt: skip


HANDLERS = [download_list]

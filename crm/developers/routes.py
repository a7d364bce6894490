"""The API's manual as a page: ours, from our own address, without a script."""

import json
from typing import Any

from litestar import Response, get
from litestar.serialization import encode_json

from crm.developers.manual import operations
from crm.web import API_DOCS, AnyRequest, program_of, render, signed_in


@get(API_DOCS, guards=[signed_in], sync_to_thread=False)
def show_manual(request: AnyRequest) -> Response[Any]:
    settings = program_of(request).settings
    description = json.loads(encode_json(request.app.openapi_schema.to_schema()))
    groups = operations(description, settings.url)
    return render(request, "pages/developers/manual.html", groups=groups, url=settings.url, rate=settings.api_rate)


HANDLERS = [show_manual]

"""The one field of search: as one types, and as a page."""

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from crm.access import Actor, Permission
from crm.search.finding import MOST, MOST_ON_A_PAGE, find
from crm.web import AnyRequest, is_htmx, needs, render


@get("/search", guards=[needs(Permission.SEE_DIRECTORY)])
async def search(request: AnyRequest, actor: NamedDependency[Actor], q: FromQuery[str] = "") -> Response[str]:
    typed = q[:200]
    found = await find(actor, typed, most=MOST if is_htmx(request) else MOST_ON_A_PAGE)
    return render(request, "pages/search/options.html" if is_htmx(request) else "pages/search/page.html", groups=found, q=typed)


HANDLERS = [search]

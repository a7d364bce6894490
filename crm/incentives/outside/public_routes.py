"""A screening for someone who has a link to it and no account. It shows what may leave the board, and changes nothing."""

from litestar import Response, get
from litestar.params import FromPath

from crm.incentives import screening, told
from crm.incentives.earlier_claims import earlier
from crm.incentives.outside import links
from crm.incentives.secrecy import is_secret
from crm.incentives.wording import text
from crm.states import state_name
from crm.translation import speaking
from crm.web import AnyRequest, render, today


@get("/screenings/{token:str}", opt={"public": True})
async def show_screening(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    day = today(request)
    hire, link = await links.opened(token, day)
    with speaking(links.language_of(link, request.cookies)):
        found = screening.screened(hire, await told.of(hire), day, outside=True, before=await earlier.of(hire))
        page = render(request, "pages/incentives/shared.html", hire=hire, found=found, text=text, sealed=is_secret, prefix="", today=day, place=state_name(told.place_of(hire)))
    page.headers["x-robots-tag"] = "noindex, nofollow"
    return page


HANDLERS = [show_screening]

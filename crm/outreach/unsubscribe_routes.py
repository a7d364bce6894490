"""For readers of our mails, who have no account. A GET changes nothing, for mail scanners fetch links."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from crm.errors import Invalid
from crm.forms import clean
from crm.outreach import unsubscribing
from crm.translation import _, speaking
from crm.web import AnyRequest, render

PUBLIC = {"public": True}
ONE_CLICK = "One-Click"


@get("/unsubscribe/{token:str}", opt=PUBLIC)
async def show_preferences(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    mail = await unsubscribing.whose(token)
    with speaking(mail["language"]):
        return render(request, "pages/outreach/preferences.html", mail=mail, token=token, kept="")


@post("/unsubscribe/{token:str}", opt=PUBLIC, status_code=200)
async def keep_wish(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """From a mail program (`List-Unsubscribe=One-Click`), or from the page. The link is the right to it."""
    typed = await request.form()
    one_click = typed.get("List-Unsubscribe") == ONE_CLICK
    wanted = "all" if one_click else clean(str(typed.get("wish", "")))
    if wanted not in ("board", "all", "again"):
        raise Invalid(_("Choose what you want."))
    said = {
        "board": _("No more mail from this board, by the link in a mail."), "all": _("No more mail from any board, by the link in a mail."),
        "again": _("Mail is welcome again, by the link in a mail."),
    }[wanted]  # fmt: skip
    mail = await unsubscribing.wish(token, wanted, said)
    if one_click:
        return Response("OK", media_type="text/plain")
    with speaking(mail["language"]):
        return render(request, "pages/outreach/preferences.html", mail=mail, token=token, kept=wanted)


HANDLERS = [show_preferences, keep_wish]

"""A person's own API tokens: make one, list them, take one back."""

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from crm.access import Actor, load, visible
from crm.accounts import notices
from crm.accounts.forms import TokenForm
from crm.actions import acting
from crm.api_tokens import LONGEST, new_token
from crm.database import Record, execute, fetch, fetch_value
from crm.errors import Invalid, NotFound
from crm.sessions import hashed
from crm.sql import Sql
from crm.translation import _

MOST = 20


async def make_token(actor: Actor, form: TokenForm, *, zone: str, today: date) -> str:
    """A new token, which only this answer holds. Raises `Invalid` naming the field."""
    assert actor.account_id
    _check_last_day(form.expires_on, today)
    # the end of the last day where the agency is
    ends = datetime.combine(form.expires_on + timedelta(days=1), time(), ZoneInfo(zone))
    token = new_token()
    async with acting(actor, "api_token.made") as act:
        if form.board_id is not None:
            await load(actor, "board", form.board_id)
        await _check_count(actor)
        token_id = await fetch_value(
            "insert into api_token (account_id, name, secret_hash, hint, may_write, board_ids, expires_at) "
            "values ($1, $2, $3, $4, $5, $6, $7) returning id",
            actor.account_id, form.name, hashed(token), token[-4:], form.rights == "write",
            [form.board_id] if form.board_id else [], ends,
        )  # fmt: skip
        await notices.tell(act, actor.account_id, notices.TOKEN_MADE)
        act.record("api_token", token_id, board_id=form.board_id,
                   after={"name": form.name, "rights": form.rights, "expires_on": form.expires_on})  # fmt: skip
    return token


def _check_last_day(last: date, today: date) -> None:
    if last < today:
        message = _("This day has passed. Choose today or later.")
    elif last > today + LONGEST:
        message = _("A token lives for a year at most. Choose an earlier day.")
    else:
        return
    raise Invalid(message, fields={"expires_on": message})


async def _check_count(actor: Actor) -> None:
    # one at a time for each person, so that two requests do not both find room
    await execute("select from account where id = $1 for no key update", actor.account_id)
    held = await fetch_value(
        "select count(*) from api_token where account_id = $1 and revoked_at is null and expires_at > now()", actor.account_id
    )
    if held >= MOST:
        raise Invalid(_("You have %(count)s tokens already. Take back one that is no longer needed.") % {"count": held})


async def revoke_token(actor: Actor, token_id: UUID) -> None:
    """End one of one's own tokens; its next request is refused."""
    assert actor.account_id
    async with acting(actor, "api_token.revoked") as act:
        token = await load(actor, "api_token", token_id, for_update=True)
        if token["revoked_at"] is not None:
            raise NotFound(_("This token was taken back already."))
        await execute("update api_token set revoked_at = now() where id = $1", token_id)
        await notices.tell(act, actor.account_id, notices.TOKEN_REVOKED)
        act.record("api_token", token_id, before={"name": token["name"]})


async def own_tokens(actor: Actor) -> list[Record]:
    """The person's tokens that are not taken back, newest first; those that ended stay for a month."""
    return await fetch(
        Sql("select t.id, t.name, t.hint, t.may_write, t.created_at, t.expires_at, t.last_used_at, "
            "t.expires_at <= now() as ended, b.name as board_name from api_token t "
            "left join board b on b.id = t.board_ids[1] "
            "where t.revoked_at is null and t.expires_at > now() - interval '30 days' and {} order by t.created_at desc",
            visible(actor, "api_token", "t"))  # fmt: skip
    )

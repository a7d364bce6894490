"""What stories about the API share: its address, what a refusal looks like, a token and one value from the database."""

from datetime import date, timedelta

from crm.accounts import tokens
from crm.accounts.forms import TokenForm
from crm.database import fetch_value, transaction

ROOT = "/api/v1"


async def token_of(person, rights="write", board_id=None):
    form = TokenForm(name="Sync", rights=rights, board_id=board_id, expires_on=date.today() + timedelta(days=30))
    return await tokens.make_token(person, form, zone="America/New_York", today=date.today())


def is_problem(answer, status, code):
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["detail"]
    assert body["title"]
    return body


async def count(sql, *values):
    async with transaction(read_only=True):
        return await fetch_value(sql, *values)

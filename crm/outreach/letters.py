"""What one reader gets: the words in their language, filled, with the board's address and the way out below."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from crm.database import fetch_one
from crm.mail import Letter, rendered
from crm.outreach.audiences import more_values
from crm.outreach.rules import filled


class Written(Struct, frozen=True):
    letter: Letter
    language: str
    board: str  # as readers know it
    reply_to: str  # empty: neither the writer nor the board has an address


async def written(mailing: Mapping[str, Any], recipient: Mapping[str, Any], out: str) -> Written:
    """The mail to one person, whose way out is the address `out`."""
    values = await values_of(mailing, recipient, out.rpartition("/")[2])
    subject, body = (filled(text, values) for text in words(mailing, recipient["language"]))
    language = "es" if recipient["language"] == "es" and mailing["body_es"] else "en"
    board = await fetch_one("select b.address, coalesce(a.email, nullif(b.email, ''), '') as reply_to from board b "
                            "left join account a on a.id = $2 where b.id = $1", mailing["board_id"], mailing["made_by"])  # fmt: skip
    assert board is not None
    letter = rendered("mailing", language, {"subject": subject, "body": body, "board": values["board"], "address": board["address"], "out": out})
    return Written(letter, language, values["board"], board["reply_to"])


async def values_of(mailing: Mapping[str, Any], recipient: Mapping[str, Any], secret: str = "") -> dict[str, str]:
    """What the fields of a mail are filled with; `secret` is that of the links in it."""
    row = await fetch_one(
        "select c.given_name as first_name, c.family_name as last_name, e.name as employer, e.city, coalesce(nullif(b.public_name, ''), b.name) "
        "as board, coalesce(a.name, '') as sender from mailing_recipient r join mailing m on m.id = r.mailing_id join contact c on c.id = r.contact_id "
        "join employer e on e.id = r.employer_id join board b on b.id = m.board_id left join account a on a.id = m.made_by where r.id = $1",
        recipient["id"],
    )  # fmt: skip
    found = {key: str(value) for key, value in row.items()} if row else {}
    return found | await more_values(mailing, recipient["language"], secret)


def words(mailing: Mapping[str, Any], language: str) -> tuple[str, str]:
    """Subject and text in the reader's language; English where there are no others."""
    if language == "es" and mailing["body_es"]:
        return mailing["subject_es"], mailing["body_es"]
    return mailing["subject_en"], mailing["body_en"]

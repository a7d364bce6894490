"""Who this might already be: hints while typing, each with its reason."""

from msgspec import Struct

from crm.access import Actor, visible
from crm.database import Record, execute, fetch
from crm.names import compare_keys, match_key
from crm.phones import tidy_phone
from crm.sql import Sql
from crm.translation import _
from crm.web_addresses import tidy_website

MOST = 5
LIKELY = 78


class Hint(Struct, frozen=True):
    """A likely duplicate: the employer, how sure we are out of 100, and why in words."""

    employer: Record
    score: int
    why: str


async def hints(actor: Actor, *, name: str, city: str = "", phone: str = "", website: str = "") -> list[Hint]:
    """Employers of the directory that what was typed may already be, the likeliest first."""
    key = match_key(name)
    if len(key) < 3:
        return []
    number = tidy_phone(phone).number if phone else ""
    domain = tidy_website(website).domain if website else ""
    await execute("set local plan_cache_mode = force_custom_plan")
    found = await fetch(
        Sql(
            "select e.id, e.name, e.dbas, e.city, e.state, e.match_key, e.phone, e.domain from employer e where {} and "
            "e.archived_at is null and (e.match_key = {} or ({} <> '' and e.domain = {}) or fold({}) <% e.search_text) "
            "limit 60",
            visible(actor, "employer", "e"), key, domain, domain, name,
        )  # fmt: skip
    )
    scored = [_scored(row, key, city, number, domain) for row in found]
    return sorted((hint for hint in scored if hint.score >= LIKELY), key=lambda hint: -hint.score)[:MOST]


def _scored(row: Record, key: str, city: str, number: str, domain: str) -> Hint:
    names = compare_keys(key, row["match_key"])
    score, reasons = float(names.value), [names.why] if names.why else []
    if domain and row["domain"] == domain:
        score, reasons = max(score, 92), [*reasons, _("same website")]
    if number and row["phone"] == number:
        score, reasons = min(score + 10, 99), [*reasons, _("same phone")]
    if city and row["city"] and row["city"].casefold() != city.strip().casefold():
        score, reasons = score - 6, [*reasons, _("another town")]
    return Hint(row, round(min(score, 100)), "; ".join(str(reason) for reason in reasons))

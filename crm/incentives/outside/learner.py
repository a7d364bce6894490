"""What the person who was hired tells by a link of their own: only what they alone know, voluntarily, and they may take it back.

What they told is never shown again, so that no one who comes upon the link reads it.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct

from crm import mail
from crm.access import SYSTEM, Actor
from crm.actions import acting
from crm.database import Record, execute
from crm.incentives import answering, hires, screening, told
from crm.incentives.earlier_claims import earlier
from crm.incentives.forms import AskForm
from crm.incentives.outside import links
from crm.rulebook.facts import Fact
from crm.rulebook.learner_words import to_learner

SOURCE = "own_link"


def theirs(fact: Fact) -> bool:
    """Whether the person alone knows it."""
    return fact.known_by == "learner"


async def ask(actor: Actor, hire_id: UUID, form: AskForm, today: date) -> str:
    """A new secret, shown once; with an address it also goes there by mail. Raises `Invalid` for one that is none."""
    async with acting(actor, "learner.asked") as act:
        hire = await hires.own(actor, hire_id)
        secret = await links.add(act, links.ANSWERS, hire, form.days, today, form.language)
        if form.email:
            context = {"who": actor.name, "board": hire["board"], "days": form.days, "path": f"/my-answers/{secret}"}
            await mail.queue_mail(act, "learner_link", to=form.email, language=form.language, context=context)
    return secret


class Asked(Struct, frozen=True):
    """What to ask now, the keys of what was left open, how many questions come after these, and what was answered by a link."""

    now: list[Fact]
    left_open: list[str]
    to_come: int
    answered: list[Fact]


async def questions(hire: Mapping[str, Any], left_open: Collection[str], wrong: Collection[str], today: date) -> Asked:
    """In words to the person, and only what can still change what a program brings. What was left open is not asked again by itself: it is theirs to leave so."""
    known = await told.of(hire)
    own = screening.asked_of(screening.screened(hire, known, today, before=await earlier.of(hire)), theirs).questions
    again = [fact for fact in own if fact.key in wrong]
    fresh = [fact for fact in own if fact.key not in wrong and fact.key not in left_open]
    now = [*again, *fresh[: max(screening.ASKED_AT_ONCE - len(again), 0)]]
    return Asked([to_learner(fact) for fact in now], [fact.key for fact in own if fact.key in left_open and fact not in again], len(again) + len(fresh) - len(now),
                 [to_learner(each.fact) for each in known.values() if each.source == SOURCE])  # fmt: skip


async def answer(secret: str, given: Mapping[str, str], today: date) -> dict[str, str]:
    """Keep what is right of it, sealed; what is wrong, by the key of its question. Raises `NotFound` as `links.opened` does."""
    async with acting(SYSTEM, "hire.told_by_link") as act:
        hire, link = await _held(secret, today)
        return await answering.keep(act, hire, given, source=SOURCE, theirs=theirs, beside={"learner_link": link["id"]})


async def withdraw(secret: str, key: str, today: date) -> None:
    """Erase what was answered by a link: one answer, or all where no key is given. Earlier versions of it go too."""
    async with acting(SYSTEM, "hire.withdrawn_by_link") as act:
        hire, link = await _held(secret, today)
        keys = [each for each, found in (await told.of(hire)).items() if found.source == SOURCE and key in ("", each)]
        if not keys:
            act.unchanged()
            return
        await hires.keep(act, hire, dict.fromkeys(keys), source=SOURCE, beside={"learner_link": link["id"]})
        await execute("update hire_fact set value_sealed = null where hire_id = $1 and key = any($2) and source = $3", hire["id"], keys, SOURCE)


async def _held(secret: str, today: date) -> tuple[Record, Record]:
    hire, link = await links.opened(secret, today, links.ANSWERS)
    return await hires.one(SYSTEM, hire["id"], held=True), link

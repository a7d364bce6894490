"""The person's own link: they answer what they alone know, voluntarily; it is kept sealed, never shown again, and erased when they take it back."""

import hashlib
import json
import re
from datetime import date, timedelta

import pytest

from crm.database import fetch, fetch_one, fetch_value, transaction
from crm.errors import Denied, NotFound
from crm.incentives import answering, hires, installed, told
from crm.incentives.asking import PREFIX
from crm.incentives.forms import AskForm
from crm.incentives.outside import learner, links
from crm.incentives.secrecy import is_secret
from crm.rulebook.facts import parse
from tests.incentives.test_hires import WOTC, known

TODAY = date(2025, 10, 6)


@pytest.fixture
async def link(hire, people):
    """Erin's hire; all is told that is not the person's to tell."""
    await hires.tell(people.alice, hire, {key: value for key, value in WOTC.items() if not is_secret(installed.library().facts[key])})
    return await learner.ask(people.alice, hire, AskForm(language="es"), date.today())


async def asked(hire, left_open=(), wrong=()):
    async with transaction(read_only=True):
        return await learner.questions(await told.row(hire), left_open, wrong, TODAY)


async def test_only_what_the_person_alone_knows_is_asked_and_a_few_at_a_time(hire, link):
    found = await asked(hire)
    assert 0 < len(found.now) <= 4 and all(fact.known_by == "learner" for fact in found.now)
    seen, left_open = set(), []
    while (found := await asked(hire, left_open)).now:
        seen |= {fact.key for fact in found.now}
        left_open += [fact.key for fact in found.now]
    assert "wotc_group" in seen and all(is_secret(installed.library().facts[key]) for key in seen)
    assert set(found.left_open) == seen  # and it does not press for what was left open


async def test_they_are_spoken_to_and_staff_of_them(hire, link, people, browse):
    await learner.answer(link, {"wotc_group": "E"}, date.today())
    english = (await browse(None).get(f"/my-answers/{link}", headers={"cookie": "crm-language=en"})).text.partition("<main")[2]
    assert "does your pre-screening or your certificate name?" in english and "the person" not in english
    assert "Were you referred under a rehabilitation plan" in english
    spanish = (await browse(None).get(f"/my-answers/{link}")).text.partition("<main")[2]
    assert "¿Cuál de estos grupos nombra su preselección" in spanish and "la persona" not in spanish
    ours = (await browse(people.alice).get(f"/hires/{hire}")).text
    assert "Which target group does the pre-screening or the certificate name?" in ours


async def test_an_answer_is_kept_sealed_with_its_source_and_the_link_on_record(hire, link, people):
    assert await learner.answer(link, {"wotc_group": "A", "tanf_months": "12"}, date.today()) == {}
    found = (await known(people.alice, hire))["wotc_group"]
    assert (found.value, found.source, found.by) == ("A", "own_link", "")
    async with transaction(read_only=True):
        rows = await fetch("select value, value_sealed, employer_sees from hire_fact where hire_id = $1 and source = 'own_link'", hire)
        entry = await fetch_one("select * from audit_entry where verb = 'hire.told_by_link'")
        link_id = await fetch_value("select id from learner_link")
    assert len(rows) == 2 and all(row["value"] is None and row["value_sealed"] and not row["employer_sees"] for row in rows)
    assert entry["actor_name"] == "the program" and entry["after"] == {"wotc_group": "told, sealed", "tanf_months": "told, sealed", "learner_link": str(link_id)}


async def test_a_wrong_answer_is_said_in_their_language_and_the_right_ones_are_kept(hire, link, people, browse):
    visitor, page = browse(None), f"/my-answers/{link}"
    answer = await visitor.submit(page, page=page, asked="wotc_group,tanf_months", later="", **{PREFIX + "wotc_group": "A", PREFIX + "tanf_months": "99"})
    assert answer.status_code == 422 and "Escriba un número entero de 0 a 18." in answer.text and 'value="99"' in answer.text
    found = await known(people.alice, hire)
    assert found["wotc_group"].value == "A" and "tanf_months" not in found


async def test_what_is_not_theirs_and_what_staff_told_is_left_alone(hire, link, people):
    await hires.tell(people.alice, hire, {"birth_date": "2000-01-01"})
    await learner.answer(link, {"birth_date": "1999-01-01", "worked_here_before": "yes", "nonsense": "1"}, date.today())
    found = await known(people.alice, hire)
    assert (found["birth_date"].value, found["birth_date"].source, found["worked_here_before"].value) == (date(2000, 1, 1), "learner", False)


async def test_an_answer_that_contradicts_what_was_told_says_nothing_of_it(hire, link, people, monkeypatch):
    """Ages follow from the day of birth; here an age is the person's to tell."""
    await hires.tell(people.alice, hire, {"birth_date": "2000-01-01"})
    monkeypatch.setattr(learner, "theirs", lambda fact: fact.key == "age_at_hire")
    problems = await learner.answer(link, {"age_at_hire": "40"}, date.today())
    assert set(problems) == {"age_at_hire"} and "25" not in problems["age_at_hire"]


async def test_what_is_taken_back_is_erased_and_cannot_be_brought_back(hire, link, people, browse):
    visitor, page = browse(None), f"/my-answers/{link}"
    await learner.answer(link, {"wotc_group": "A", "tanf_months": "12"}, date.today())
    await learner.answer(link, {"wotc_group": "G"}, date.today())
    shown = (await visitor.get(page)).text
    assert "Lo que respondió" in shown and not re.search("A: familia con TANF</dd>|selected", shown)
    answer = await visitor.submit(f"{page}/withdraw", page=page, key="wotc_group")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{page}#answered")
    assert set(await known(people.alice, hire)) & {"wotc_group", "tanf_months"} == {"tanf_months"}
    await hires.take_back(people.alice, hire, "wotc_group")
    assert "wotc_group" not in await known(people.alice, hire)
    await visitor.submit(f"{page}/withdraw", page=page, key="")
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from hire_fact where source = 'own_link' and value_sealed is not null") == 0
        assert await fetch_value("select count(*) from audit_entry where verb = 'hire.withdrawn_by_link'") == 2


async def test_the_link_ends_on_its_day_is_taken_back_and_does_not_outlive_its_hire(hire, link, people, browse):
    async with transaction(read_only=True):
        row = await fetch_one("select * from learner_link")
        assert row["secret_hash"] == hashlib.sha256(link.encode()).digest() and link not in str(dict(row))
        await links.opened(link, date.today() + timedelta(days=14), links.ANSWERS)
        for secret, day, kind in ((link, timedelta(days=15), links.ANSWERS), (link, timedelta(), links.READS), ("x" * 43, timedelta(), links.ANSWERS)):
            with pytest.raises(NotFound):
                await links.opened(secret, date.today() + day, kind)
    await hires.put_away(people.alice, hire)
    assert (await browse(None).get(f"/my-answers/{link}")).status_code == 404
    await hires.put_away(people.alice, hire, restore=True)
    await links.revoke(people.alice, row["id"], links.ANSWERS)
    with pytest.raises(NotFound):
        await learner.answer(link, {"wotc_group": "A"}, date.today())
    with pytest.raises(NotFound):
        await learner.withdraw(link, "", date.today())


async def test_another_boards_hire_and_an_auditor_make_no_link(hire, people):
    with pytest.raises(NotFound):
        await learner.ask(people.charlie, hire, AskForm(), TODAY)
    with pytest.raises(Denied):
        await learner.ask(people.walter, hire, AskForm(), TODAY)


async def test_the_page_is_kept_nowhere_and_tells_nothing_of_the_hire_but_who_asks(hire, link, browse):
    answer = await browse(None).get(f"/my-answers/{link}")
    assert (answer.headers["referrer-policy"], answer.headers["cache-control"], answer.headers["x-robots-tag"]) == ("no-referrer", "no-store", "noindex, nofollow")
    assert '<html lang="es">' in answer.text and "R.L." not in answer.text and "nunca ve sus respuestas" in answer.text
    english = await browse(None).get(f"/my-answers/{link}", headers={"cookie": "crm-language=en"})
    assert '<html lang="en">' in english.text and "never sees your answers" in english.text


async def test_the_mail_carries_the_link_and_nothing_of_the_person(hire, people, browse):
    page = f"/hires/{hire}"
    alice = browse(people.alice)
    answer = await alice.submit(f"{page}/learner-links", page=page, language="en", days="7", email="ana@home.example.com")
    secret = re.search(r"/my-answers/([\w-]{43})", answer.text)[1]
    assert answer.status_code == 200 and "on its way to ana@home.example.com" in answer.text and secret not in (await alice.get(page)).text
    async with transaction(read_only=True):
        mail = await fetch_one("select * from mail_message where template = 'learner_link'")
    assert f"/my-answers/{secret}" in mail["text_body"] and not re.search("R\\.L\\.|Erin|Baker", mail["text_body"] + mail["html_body"])
    wrong = await alice.submit(f"{page}/learner-links", page=page, language="en", days="7", email="no address")
    assert wrong.status_code == 422 and "my-answers" not in wrong.text


async def test_every_answer_that_a_field_can_take_fits_or_is_told_how(program):
    """What a person is asked, any text answers: it is kept, or the page says what is wanted."""
    from crm.incentives.wording import wanted

    for fact in filter(learner.theirs, installed.library().facts.values()):
        assert wanted(fact)
        values, wrong = told.read({fact.key: "1" * answering.LONGEST})
        assert not (set(values) & set(wrong)) and (wrong or parse(fact, values[fact.key]) is not None)
        assert "111" not in json.dumps(wanted(fact))

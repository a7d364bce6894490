"""Forms: only from our own page and this session; every error at once, in its place, with what was typed."""

import pytest

from crm import csrf
from crm.database import fetch, transaction

ADDRESS = "/account/preferences"


@pytest.fixture
async def alice(browse, people):
    return browse(people.alice)


def good(token, **more):
    return {"_token": token, "name": "Alice B.", "language": "en", "density": "comfortable", **more}


async def name_of(person):
    async with transaction(read_only=True):
        return (await fetch("select name from account where id = $1", person.account_id))[0]["name"]


async def test_takes_a_change_from_our_own_page(alice, people):
    token = await alice.token("/account")
    for headers in ({}, {"origin": "http://crm.test", "sec-fetch-site": "same-origin"}, {"origin": "null", "sec-fetch-site": "same-origin"}):
        answer = await alice.post(ADDRESS, data=good(token, name=f"Alice {len(headers)}"), headers=headers)
        assert answer.status_code == 303, answer.text
    by_script = await alice.post(ADDRESS, data={"name": "Alice S.", "language": "en", "density": "comfortable"}, headers={"x-csrf-token": token})
    assert by_script.status_code == 303 and await name_of(people.alice) == "Alice S."


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"}, {"origin": "http://crm.test:81"}, {"origin": "http://crm.test.evil.example"},
        {"origin": "null"}, {"origin": "http://["}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"},
        {"origin": "http://crm.test", "sec-fetch-site": "cross-site"}, {"origin": "null", "sec-fetch-site": "cross-site"},
    ],
    ids=str,
)  # fmt: skip
async def test_refuses_another_site_that_knows_the_token(alice, people, headers):
    answer = await alice.post(ADDRESS, data=good(await alice.token("/account")), headers=headers)
    assert answer.status_code == 403 and await name_of(people.alice) == "Alice"


@pytest.mark.parametrize(("origin", "foreign"), [("https://desk.gov", False), ("http://desk.gov", True), ("ftp://desk.gov", True), ("https://desk.gov:444", True)])
def test_behind_https_a_page_that_came_unencrypted_is_another_site(origin, foreign):
    assert csrf.is_foreign({"origin": origin, "host": "desk.gov"}, "https://desk.gov") is foreign


async def test_refuses_a_token_that_is_missing_wrong_or_another_sessions(alice, browse, people):
    own = await alice.token("/account")
    tokens = ["", "x", "é", own[:-1], own.upper(), own + " x", await browse(people.bob).token("/account"), await browse().token(), await browse(people.alice).token() + "0"]
    for token in tokens:
        answer = await alice.post(ADDRESS, data=good(token))
        assert answer.status_code == 403, token
    assert (await alice.post(ADDRESS, data={key: value for key, value in good("").items() if key != "_token"})).status_code == 403
    assert (await alice.post(f"{ADDRESS}?_token={own}", data=good(""))).status_code == 403
    assert (await alice.post(ADDRESS, json=good(own))).status_code == 403
    assert await name_of(people.alice) == "Alice"


async def test_the_token_of_before_signing_in_ends_with_it(browse, people):
    visitor = browse()
    before = await visitor.token()
    visitor.cookies.set("crm-session", people.alice.session_secret, domain="crm.test", path="/")
    assert (await visitor.post(ADDRESS, data=good(before))).status_code == 403


async def test_each_refusal_is_on_record(alice, people):
    await alice.post(ADDRESS, data=good("x"))
    async with transaction(read_only=True):
        rows = await fetch("select actor_name, verb from audit_entry where outcome = 'denied'")
    assert [tuple(row) for row in rows] == [("Alice", f"POST {ADDRESS}")]


def group_of(text, field):
    """The part of the page that belongs to a field: its label, its hint, its error, its control."""
    return next(part for part in text.split('<div class="usa-form-group')[1:] if f'name="{field}"' in part)


async def test_every_error_stands_at_its_field_at_once_and_what_was_typed_stays(alice, employers):
    address = f"/employers/{employers.erins}/edit"
    token = await alice.token(address)
    typed = {"name": "", "employee_count": "many", "ownership": "mine", "website": 'Not a website <b> "x"', "note": "Called twice"}
    page = await alice.post(address, data={"_token": token, "version": "1", **typed})

    assert page.status_code == 422
    for name in ("name", "employee_count", "ownership"):
        part = group_of(page.text, name)
        assert f'id="{name}-error"' in part and 'aria-invalid="true"' in part and f"{name}-error" in part.partition("aria-describedby=")[2]
        assert f'<a href="#{name}">' in page.text, "the summary leads to the field"
    assert "usa-error-message" not in group_of(page.text, "note")
    assert 'value="many"' in page.text and "Called twice" in group_of(page.text, "note")
    assert "Not a website &lt;b&gt; &#34;x&#34;" in page.text and "<b>" not in page.text


async def test_what_no_form_of_ours_has_is_refused_in_words(alice):
    page = await alice.post(ADDRESS, data=good(await alice.token("/account"), role="state_admin"))
    assert page.status_code == 422 and "Unknown field: role" in page.text
    many = "&".join(f"f{number}=1" for number in range(1_500))
    page = await alice.post(ADDRESS, content=f"_token={await alice.token('/account')}&{many}",
                            headers={"content-type": "application/x-www-form-urlencoded"})  # fmt: skip
    assert page.status_code in {400, 422} and "<h1>" in page.text


async def test_text_is_cleaned_the_same_way_everywhere(alice, people):
    answer = await alice.post(ADDRESS, data=good(await alice.token("/account"), name="  Ali\x00ce\x07 Pen\u0303a\u200b "))
    assert answer.status_code == 303
    assert (await name_of(people.alice)).replace("\u200b", "") == "Alice Peña"


async def test_what_a_script_asked_for_does_not_outdate_the_form_that_is_open(client):
    """The answer to a page that is gone comes late; who is about to sign in has another page open by then."""
    open_form = await client.token("/sign-in")
    visit = dict(client.cookies)
    client.cookies.clear()
    late = await client.get("/visits/shell", headers={"sec-fetch-dest": "empty", "sec-fetch-mode": "cors"}, follow_redirects=True)
    assert late.status_code == 200 and "set-cookie" not in late.headers
    client.cookies.update(visit)
    answer = await client.post("/sign-in", data={"_token": open_form, "email": "nobody@example.org", "password": "wrong"})
    assert answer.status_code == 422

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.email_addresses import normalise_email
from crm.phones import display_phone, phone_url, tidy_phone
from crm.web_addresses import domain_of_email, tidy_website


@pytest.mark.parametrize(
    ("text", "number", "extension"),
    [
        ("(413) 555-0123", "+14135550123", ""),
        ("413.555.0123", "+14135550123", ""),
        ("1-413-555-0123", "+14135550123", ""),
        ("4135550123.0", "+14135550123", ""),
        ("+1 413 555 0123 ext. 12", "+14135550123", "12"),
        ("413-555-0123 x5", "+14135550123", "5"),
        ("1 (800) FLOWERS", "+18003569377", ""),
        ("+44 20 7946 0958", "+442079460958", ""),
    ],
)
def test_phone_numbers_have_one_form(text, number, extension):
    assert tidy_phone(text) == (number, extension, "")


@pytest.mark.parametrize("text", ["n/a", "555-0123", "123", "call Bob", "4" * 200])
def test_refuses_what_is_no_phone_number(text):
    found = tidy_phone(text)

    assert found.number == ""
    assert "phone number" in found.note


def test_phone_numbers_are_shown_and_dialled():
    assert display_phone("+14135550123", "12") == "(413) 555-0123 ext. 12"
    assert display_phone("+442079460958") == "+44 20 7946 0958"
    assert phone_url("+14135550123", "12") == "tel:+14135550123;ext=12"
    assert display_phone("") == ""


@pytest.mark.parametrize(
    ("text", "url", "domain"),
    [
        ("WWW.Acme.com/", "https://www.acme.com", "acme.com"),
        ("http://acme.com/jobs?x=1#top", "http://acme.com/jobs?x=1", "acme.com"),
        ("https://facebook.com/JoesDiner/", "https://facebook.com/JoesDiner", "facebook.com/joesdiner"),
        ("facebook.com", "https://facebook.com", ""),
        ("peña.com", "https://xn--pea-8ma.com", "xn--pea-8ma.com"),
        ("N/A", "", ""),
    ],
)
def test_websites_become_links_and_domains(text, url, domain):
    assert tidy_website(text) == (url, domain, "")


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "https://user:pw@acme.com",
        "data:text/html,x",
        "acme",
        "192.168.0.1",
        "http://[::1]/",
    ]
    + ["http://a b.com", 'acme.com/"><script>', "file:///etc/passwd", "//", "a" * 600 + ".com"],
)
def test_refuses_what_is_no_web_address(text):
    found = tidy_website(text)

    assert (found.url, found.domain) == ("", "")
    assert found.note


def test_free_mail_providers_are_no_employers_domain():
    assert domain_of_email("bob@GMAIL.com") == ""
    assert domain_of_email("bob@acme.com") == "acme.com"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Bob <BOB@Acme.COM>", "BOB@acme.com"),
        ("mailto:a@b.org", "a@b.org"),
        ("josé@acme.com", "josé@acme.com"),
    ]
    + [("bob@acme", ""), ("a@b.test", ""), ("", "")],
)
def test_mail_addresses_have_one_form(text, address):
    assert normalise_email(text).address == address


def test_demonstration_addresses_pass_where_asked_for():
    assert normalise_email("a@b.test", test_environment=True).address == "a@b.test"


@given(st.text())
def test_no_text_breaks_a_reader(text):
    for function in (tidy_phone, tidy_website, normalise_email):
        function(text)

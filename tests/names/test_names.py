import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.folding import fold, squeeze, words
from crm.letter_case import tidy_address_line, tidy_name
from crm.names import EmployerName, compare_keys, match_key, similarity, split_name
from crm.person_names import split_person_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Boeing Company", "BOEING CO."),
        ("BOEING COMPANY, THE", "Boeing"),
        ("GTUIT LLC", "GTUIT, L.L.C."),
        ("Smith & Sons, Inc.", "SMITH AND SONS INCORPORATED"),
        ("Peña Óptica, S.A. de C.V.", "PENA OPTICA"),
        ("A.B.C. Plumbing Corp", "ABC Plumbing Corporation"),
        ("Joe’s Diner", "JOE'S DINER LLC"),
        ("J. P. Morgan & Company, N.A.", "JP Morgan"),
        ("Animal Clinic of Billings, P.C.", "Animal Clinic of Billings"),
        ("Innovative Panel, LP", "Innovative Panel Limited Partnership"),
        ("ABC Holdings LLC dba Joe's Diner", "ABC HOLDINGS"),
        ("Northern Mfg", "Northern Manufacturing, Ltd."),
        ("St. Patrick Hospital", "Saint Patrick Hosp"),
        ("MIDWEST WELDING&AMP; MACHINE, INC.", "Midwest Welding & Machine"),
    ],
)
def test_spellings_of_one_name_have_one_key(one, other):
    assert match_key(one) == match_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("Limited Brands", "Brands"), ("Big Sky", "Big Sky Homes"), ("School 5", "School 7"), ("A&W", "AW")],
)
def test_different_names_have_different_keys(one, other):
    assert match_key(one) != match_key(other)


@pytest.mark.parametrize("name", ["The Company", "The Limited", "LLC", "Inc.", "The"])
def test_a_name_of_nothing_but_legal_words_keeps_a_key(name):
    assert match_key(name) != ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ABC HOLDINGS LLC dba Joe's Diner", EmployerName("ABC HOLDINGS LLC", ("Joe's Diner",), ())),
        ("ABC, d/b/a Joe's; t/a Moe's", EmployerName("ABC", ("Joe's", "Moe's"), ())),
        ("ABC (doing business as Joe's)", EmployerName("ABC", ("Joe's",), ())),
        (
            "LUMENAD, INC. (FKA BIG SKY DIGITAL INC.)",
            EmployerName("LUMENAD, INC.", (), ("BIG SKY DIGITAL INC.",)),
        ),
        ("Old Co n/k/a New Co", EmployerName("New Co", (), ("Old Co",))),
        ("ENGINEERING INC. DBA SANDERSON/STEW", EmployerName("ENGINEERING INC.", ("SANDERSON/STEW",), ())),
        ("DBA Consulting Inc", EmployerName("DBA Consulting Inc", (), ())),
        ("KISMET LLC DBA", EmployerName("KISMET LLC DBA", (), ())),
        ("  Two   spaces ", EmployerName("Two spaces", (), ())),
    ],
)
def test_names_that_an_employer_goes_by_are_split(text, expected):
    assert split_name(text) == expected


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("BETTER BUSINESS SYSTEMS INC", "Better Business Systems Inc"),
        ("MANN MORTGAGE, LLC", "Mann Mortgage, LLC"),
        ("COMMUNITY HOSPITAL OF ANACONDA", "Community Hospital of Anaconda"),
        ("CTA ARCHITECTS ENGINEERS", "CTA Architects Engineers"),
        ("MCDONALD'S OF O'BRIEN", "McDonald's of O'Brien"),
        ("LEHRKIND'S INC", "Lehrkind's Inc"),
        ("AUGUSTUS ENERGY PARTNERS II LLC", "Augustus Energy Partners II LLC"),
        ("BILLINGS FAMILY YMCA INC", "Billings Family YMCA Inc"),
        ("4G PLUMBING & HEATING INC", "4G Plumbing & Heating Inc"),
        ("MORRISON-MAIERLE INC", "Morrison-Maierle Inc"),
        ("MIDWEST WELDING&AMP; MACHINE, INC.", "Midwest Welding & Machine, Inc."),
        ("joe's diner", "Joe's Diner"),
        ("eBay Inc.", "eBay Inc."),
        ("PEÑA Y ASOCIADOS", "Peña Y Asociados"),
    ],
)
def test_names_in_capitals_become_readable(typed, shown):
    assert tidy_name(typed) == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("401 W PENNSYLVANIA AVE NE", "401 W Pennsylvania Ave NE"),
        ("2900 12TH AVE N #4E", "2900 12th Ave N #4E"),
        ("PO BOX 5", "PO Box 5"),
        ("1 MCCOY LN STE 4", "1 McCoy Ln Ste 4"),
        ("175 North 27th Street", "175 North 27th Street"),
    ],
)
def test_address_lines_in_capitals_become_readable(typed, shown):
    assert tidy_address_line(typed) == shown


@pytest.mark.parametrize(
    ("first", "second", "least", "most"),
    [
        ("Better Business System", "BETTER BUSINESS SYSTEMS INC", 95, 99),
        ("Bigsky Homes", "BIG SKY HOMES LLC", 98, 98),
        ("School District 5", "School District 7", 0, 60),
        ("CLC Restaurants LLC", "CE Restaurants LLC", 50, 80),
        ("Acme Tools", "Zenith Bakery", 0, 50),
        ("Acme Inc", "ACME, LLC", 100, 100),
        ("", "Acme", 0, 0),
    ],
)
def test_similarity_lies_where_a_person_would_put_it(first, second, least, most):
    score = similarity(first, second)

    assert least <= score.value <= most
    assert score.why


def test_similarity_names_the_words_that_differ():
    assert "homes" in compare_keys("big sky", "big sky homes").why


@pytest.mark.parametrize(
    ("text", "given", "family"),
    [
        ("SMITH, JOHN Q JR", "John Q", "Smith Jr"),
        ("Ms. María de la Cruz", "María", "de la Cruz"),
        ("DE LA CRUZ, MARIA", "Maria", "de la Cruz"),
        ("John Smith, Jr.", "John", "Smith Jr."),
        ("JOHN MCDONALD III", "John", "McDonald III"),
        ("VAN DYKE, DICK", "Dick", "Van Dyke"),
        ("O'BRIEN, PAT", "Pat", "O'Brien"),
        ("cher", "Cher", ""),
        ("", "", ""),
    ],
)
def test_names_of_people_are_split(text, given, family):
    assert split_person_name(text) == (given, family)


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_no_text_breaks_a_name_function(text):
    for function in (match_key, split_name, tidy_name, tidy_address_line, words, squeeze, split_person_name):
        function(text)


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_capitals_never_change_the_key(text):
    assert match_key(text.upper()) == match_key(text.lower())

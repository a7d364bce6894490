import pytest

from crm.employers.columns import EMPLOYER_FIELDS, ownership_from
from crm.spreadsheets.columns import Field, Kind, guess_columns, header_hash, header_words


def fields_of(headers, rows=(), saved=None):
    return [guess.field for guess in guess_columns(headers, rows, EMPLOYER_FIELDS, saved)]


def test_the_columns_of_a_federal_loan_list_are_known():
    headers = [
        "LoanRange",
        "BusinessName",
        "Address",
        "City",
        "State",
        "Zip",
        "NAICSCode",
        "BusinessType",
        "NonProfit",
    ]

    assert fields_of([*headers, "JobsRetained", "Lender", "CD"]) == [
        None, "name", "line1", "city", "state", "zip", "naics", "ownership", "nonprofit",
        "employee_count", None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Employer", "name"), ("COMPANY_NAME", "name"), ("Legal Name", "name"), ("DBA", "dbas"),
        ("d/b/a", "dbas"), ("FEIN", "fein"), ("EIN", "fein"), ("Tax ID", "fein"), ("Street", "line1"),
        ("Address Line 2", "line2"), ("Town", "city"), ("Postal Code", "zip"), ("ZIP+4", None),
        ("NAICS", "naics"), ("Web site", "website"), ("# of Employees", "employee_count"),
        ("Contact First Name", "contact_given_name"), ("E-mail", "contact_email"),
        ("Contact Last Name", "contact_family_name"), ("Job Title", "contact_role"),
        ("Contact Phone", "contact_phone"), ("Telephone", "phone"), ("Notes", "note"),
        ("Bussiness Name", "name"), ("Gender", None), ("", None),
    ],
)  # fmt: skip
def test_columns_are_known_by_name(header, field):
    assert fields_of([header]) == [field]


def test_columns_without_a_telling_name_are_known_by_their_values():
    headers = ["A", "B", "C", "D", "E"]
    rows = [["Acme", "02139", "(413) 555-0123", "bob@acme.com", "www.acme.com"]] * 4

    assert fields_of(headers, rows) == [None, "zip", "phone", "contact_email", "website"]


def test_a_telling_name_over_the_wrong_values_is_doubted():
    rows = [["Boston"], ["Salem"], ["Lynn"]]

    guess = guess_columns(["Zip"], rows, EMPLOYER_FIELDS)[0]

    assert guess.score < 60
    assert "values" in guess.why


def test_one_field_takes_one_column_unless_it_takes_many():
    assert fields_of(["Company", "Employer", "Notes", "Comments"]) == ["name", None, "note", "note"]


def test_what_a_person_chose_before_wins_and_an_unknown_field_is_guessed_anew():
    saved = {"Company": "", "Firm": "name", "Town": "gone"}

    assert fields_of(["Company", "Firm", "Town"], saved=saved) == [None, "name", "city"]


def test_the_same_columns_have_the_same_hash():
    assert header_hash(["Name", "CITY"]) == header_hash(["name", "City"]) != header_hash(["name city"])


@pytest.mark.parametrize(
    ("header", "known_as"),
    [
        ("BusinessName", "business name"),
        ("NAICSCode", "naics code"),
        ("tax_id", "tax id"),
        ("E-Mail", "e mail"),
    ],
)
def test_headers_are_read_as_words(header, known_as):
    assert header_words(header) == known_as


def test_every_field_of_an_employer_is_named_once():
    names = [field.name for field in EMPLOYER_FIELDS]
    synonyms = [synonym for field in EMPLOYER_FIELDS for synonym in (*field.synonyms, *field.near)]

    assert len(names) == len(set(names))
    assert len(synonyms) == len(set(synonyms))
    assert [field.name for field in EMPLOYER_FIELDS if field.required] == ["name"]


def test_another_feature_brings_its_own_fields():
    fields = [Field("learner", "Learner", ("student",)), Field("born", "Born", ("birth date",), Kind.TEXT)]

    assert [guess.field for guess in guess_columns(["Student", "BirthDate"], [], fields)] == [
        "learner",
        "born",
    ]


@pytest.mark.parametrize(
    ("business_type", "nonprofit", "ownership"),
    [
        ("Corporation", "", "private"),
        ("Limited  Liability Company(LLC)", "", "private"),
        ("Non-Profit Organization", "", "nonprofit"),
        ("Corporation", "Y", "nonprofit"),
        ("Sole Proprietorship", "", "self_employed"),
        ("Self-Employed Individuals", "", "self_employed"),
        ("Tribal Concerns", "", "tribal"),
        ("State Government", "", "public"),
        ("Employee Stock Ownership Plan(ESOP)", "", "private"),
        ("", "", ""),
        ("Unanswered", "N", ""),
    ],
)
def test_ownership_is_read_from_the_words_of_a_list(business_type, nonprofit, ownership):
    assert ownership_from(business_type, nonprofit) == ownership

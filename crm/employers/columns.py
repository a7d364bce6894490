"""The columns of a list of employers: what each field is called out there, and what its words mean."""

from crm.folding import fold, words
from crm.spreadsheets.columns import Field, Kind
from crm.translation import lazy_

EMPLOYER_FIELDS: tuple[Field, ...] = (
    Field(
        "name",
        lazy_("Name"),
        (
            "business name",
            "employer",
            "employer name",
            "company",
            "company name",
            "legal name",
            "name",
            "firm",
        )
        + (
            "organization",
            "organization name",
            "organisation",
            "legal business name",
            "entity name",
            "business",
        )
        + ("account name", "customer name", "borrower name", "empresa", "nombre"),
        required=True,
    ),
    Field(
        "dbas",
        lazy_("Doing business as"),
        ("dba", "dbas", "doing business as", "trade name", "dba name", "trading as", "also known as", "aka")
        + ("other name", "store name", "brand"),
        many=True,
    ),
    Field(
        "fein",
        lazy_("FEIN"),
        (
            "fein",
            "ein",
            "tax id",
            "federal id",
            "federal ein",
            "federal tax id",
            "tin",
            "fein number",
            "ein number",
        )
        + ("employer identification number", "federal employer identification number", "tax id number"),
        Kind.FEIN,
    ),
    Field(
        "ownership",
        lazy_("Ownership"),
        (
            "ownership",
            "business type",
            "ownership type",
            "entity type",
            "organization type",
            "legal structure",
        )
        + ("type of business", "company type", "sector type", "legal form"),
    ),
    Field(
        "nonprofit",
        lazy_("Nonprofit (yes or no)"),
        ("non profit", "nonprofit", "not for profit", "is nonprofit", "501c3"),
        Kind.YES_NO,
    ),
    Field(
        "employee_count",
        lazy_("Employees"),
        (
            "employees",
            "employee count",
            "number of employees",
            "size",
            "company size",
            "headcount",
            "staff count",
        )
        + ("total employees", "no of employees", "num employees", "fte", "employer size", "workforce"),
        Kind.NUMBER,
        near=("jobs retained", "jobs reported", "jobs", "jobs supported"),
    ),
    Field(
        "naics",
        lazy_("NAICS code"),
        ("naics", "naics code", "naics 2022", "naics number", "industry code", "primary naics", "naics 2017"),
        Kind.NAICS,
    ),
    Field(
        "website",
        lazy_("Website"),
        (
            "website",
            "web site",
            "url",
            "web",
            "web address",
            "homepage",
            "company website",
            "domain",
            "sitio web",
        ),
        Kind.WEBSITE,
    ),
    Field(
        "phone",
        lazy_("Phone"),
        (
            "phone",
            "telephone",
            "phone number",
            "main phone",
            "business phone",
            "company phone",
            "tel",
            "telefono",
        ),
        Kind.PHONE,
    ),
    Field(
        "establishment_name",
        lazy_("Name of the worksite"),
        (
            "site name",
            "worksite",
            "location name",
            "branch",
            "branch name",
            "site",
            "worksite name",
            "location",
        ),
    ),
    Field(
        "line1",
        lazy_("Street address"),
        (
            "address",
            "street",
            "street address",
            "address 1",
            "address line 1",
            "address1",
            "mailing address",
            "line 1",
        )
        + ("business address", "physical address", "site address", "borrower address", "direccion"),
    ),
    Field(
        "line2",
        lazy_("Suite, floor, unit"),
        ("address 2", "address line 2", "address2", "line 2", "suite", "unit", "apt", "floor"),
    ),
    Field(
        "city",
        lazy_("City or town"),
        ("city", "town", "municipality", "city town", "borrower city", "ciudad"),
    ),
    Field(
        "state",
        lazy_("State"),
        ("state", "st", "state code", "province", "borrower state", "estado"),
        Kind.STATE,
    ),
    Field(
        "zip",
        lazy_("ZIP code"),
        (
            "zip",
            "zip code",
            "zipcode",
            "postal code",
            "postal",
            "zip 5",
            "zip5",
            "zip plus 4",
            "borrower zip",
        ),
        Kind.ZIP,
    ),
    Field(
        "contact_name",
        lazy_("Contact: full name"),
        ("contact", "contact name", "contact person", "primary contact"),
    ),
    Field(
        "contact_given_name",
        lazy_("Contact: first name"),
        ("first name", "contact first name", "given name", "first", "fname", "contact first"),
    ),
    Field(
        "contact_family_name",
        lazy_("Contact: last name"),
        ("last name", "contact last name", "family name", "surname", "last", "lname", "contact last"),
    ),
    Field(
        "contact_role",
        lazy_("Contact: job title"),
        ("title", "job title", "contact title", "position", "role", "contact role", "contact position"),
    ),
    Field(
        "contact_email",
        lazy_("Contact: email"),
        ("email", "e mail", "contact email", "email address", "contact email address", "correo"),
        Kind.EMAIL,
    ),
    Field(
        "contact_phone",
        lazy_("Contact: phone"),
        (
            "contact phone",
            "contact telephone",
            "mobile",
            "cell",
            "cell phone",
            "contact cell",
            "direct phone",
        ),
        Kind.PHONE,
    ),
    Field(
        "note",
        lazy_("Note"),
        ("note", "notes", "comment", "comments", "remarks", "description", "notas"),
        many=True,
    ),
)

# Words in a business type, in the order in which they decide.
_OWNERSHIP = (
    ("tribal", ("tribal", "tribe", "tribally")),
    ("nonprofit", ("nonprofit", "non profit", "not for profit", "501 c", "501c", "charity", "church")),
    ("self_employed", ("sole prop", "self employed", "independent contractor", "freelance")),
    (
        "public",
        (
            "government",
            "public sector",
            "public school",
            "municipal",
            "school district",
            "state agency",
            "federal agency",
        ),
    ),
    (
        "private",
        (
            "corporation",
            "company",
            "partnership",
            "cooperative",
            "private",
            "trust",
            "professional",
            "llc",
            "inc",
        )
        + ("employee stock ownership", "limited liability", "for profit"),
    ),
)


def ownership_from(business_type: str, nonprofit: str = "") -> str:
    """A value of employer.ownership for what a list says; empty when it does not say."""
    if fold(nonprofit.strip()) in ("y", "yes", "true", "t", "1", "x", "si"):
        return "nonprofit"
    text = f" {' '.join(words(business_type.replace('(', ' ')))} "
    return next((value for value, marks in _OWNERSHIP if any(f" {mark}" in text for mark in marks)), "")

"""Employers (legal entities) and their establishments (worksites)."""

from piccolo.columns import JSONB, UUID, Array, Boolean, Bytea, ForeignKey, Integer, Numeric, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from crm.access import Actor, Role, Sight, everything, own_account, own_board, own_employer, see
from crm.boards.tables import Board
from crm.database import DB
from crm.employers.fein import fein_hash
from crm.sealed_columns import SealedColumn, sealed
from crm.sql import Sql, both


class Employer(Table, db=DB, tablename="employer"):
    id = UUID(primary_key=True)
    name = Text()
    dbas = Array(Text())
    name_folded = Text()
    search_text = Text()
    match_key = Text()
    fein_sealed = Bytea(null=True)
    fein_hash = Bytea(null=True)
    fein_last4 = Text()
    ownership = Text()
    employee_count = Integer(null=True)
    size_band = Text()
    naics = Text()
    sector = Text()
    website = Text()
    domain = Text()
    phone = Text()
    status = Text()
    note = Text()
    source = Text()
    city = Text()
    city_folded = Text()
    state = Text()
    zip = Text()
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=True)
    establishment_count = Integer()
    created_at = Timestamptz()
    updated_at = Timestamptz()
    created_by = UUID(null=True)
    archived_at = Timestamptz(null=True)
    version = Integer()
    merged_into = UUID(null=True)
    engagement_level = Integer(null=True)
    engagement_score = Numeric(digits=(3, 2), null=True)
    former_names = Array(Text())
    other_keys = Array(Text())
    keyed = Boolean()


class Establishment(Table, db=DB, tablename="establishment"):
    id = UUID(primary_key=True)
    employer_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=False)
    name = Text()
    line1 = Text()
    line2 = Text()
    city = Text()
    state = Text()
    zip = Text()
    county = Text()
    address_key = Text()
    phone = Text()
    naics = Text()
    capacity = Integer(null=True)
    access_note = Text()
    is_primary = Boolean()
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=True)
    board_territory_id = UUID(null=True)
    board_set_by = UUID(null=True)
    board_set_reason = Text()
    created_at = Timestamptz()
    updated_at = Timestamptz()
    archived_at = Timestamptz(null=True)
    version = Integer()


class StoredFile(Table, db=DB, tablename="stored_file"):
    id = UUID(primary_key=True)
    storage_key = Text()
    name = Text()
    media_type = Text()
    size = Integer()
    sha256 = Bytea()
    kind = Text()
    employer_id = UUID(null=True)
    board_id = UUID(null=True)
    created_by = UUID(null=True)
    created_at = Timestamptz()
    expires_at = Timestamptz(null=True)


class ImportBatch(Table, db=DB, tablename="import_batch"):
    id = UUID(primary_key=True)
    board_id = UUID(null=True)
    account_id = UUID(null=True)
    file_id = UUID(null=True)
    file_name = Text()
    encoding = Text()
    delimiter = Text()
    headers = Array(base_column=Text())
    mapping = JSONB()
    options = JSONB()
    state = Text()
    reason = Text()
    totals = JSONB()
    job_id = UUID(null=True)
    created_at = Timestamptz()
    imported_at = Timestamptz(null=True)
    reverted_at = Timestamptz(null=True)


class EmployerMerge(Table, db=DB, tablename="employer_merge"):
    id = UUID(primary_key=True)
    kept_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=False)
    gone_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=False)
    before = JSONB()
    after = JSONB()
    moved = JSONB()
    made_by = UUID(null=True)
    made_at = Timestamptz()
    undone_at = Timestamptz(null=True)
    undone_by = UUID(null=True)


class BulkChange(Table, db=DB, tablename="bulk_change"):
    id = UUID(primary_key=True)
    kind = Text()
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=True)
    rows = JSONB()
    made_by = UUID(null=True)
    made_at = Timestamptz()
    undone_at = Timestamptz(null=True)


class MatchPolicy(Table, db=DB, tablename="match_policy"):
    source = Text(primary_key=True)
    policy = Text()
    changed_by = UUID(null=True)
    changed_at = Timestamptz()


class DuplicatePair(Table, db=DB, tablename="duplicate_pair"):
    id = UUID(primary_key=True)
    left_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=False)
    right_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=False)
    score = Integer()
    why = Text()
    state = Text()
    found_at = Timestamptz()
    decided_at = Timestamptz(null=True)
    decided_by = UUID(null=True)


_STAFF = (Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR, Role.BOARD_MANAGER, Role.BOARD_STAFF, Role.PARTNER)
_OWN = (Role.EMPLOYER_OWNER, Role.EMPLOYER_MEMBER)
_FEIN = frozenset({"fein_sealed", "fein_hash"})
_LEVEL = frozenset({"engagement_level", "engagement_score"})
_INNER = frozenset({"note", "source", "match_key", "other_keys", "keyed", "search_text"}) | _LEVEL


def _but_mail(actor: Actor, alias: str) -> Sql:
    """Mail belongs to no board and is for those who took part: see crm/correspondence/tables.py."""
    return Sql(f"{alias}.kind <> 'email'")


def _but_what_is_told_of_people(actor: Actor, alias: str) -> Sql:
    """Nor papers of incentives, which may say why a person belongs to a group: they are for the board and the state's administrators."""
    return both([_but_mail(actor, alias), Sql(f"{alias}.kind not like 'estimate:%' and {alias}.kind not like 'case%' and {alias}.kind <> 'tried_hires'")])


see(
    Sight(
        "employer",
        scopes=dict.fromkeys(_STAFF, everything) | dict.fromkeys(_OWN, own_employer("id")),
        hidden=dict.fromkeys((Role.STATE_ANALYST, Role.AUDITOR, Role.BOARD_STAFF), _FEIN)
        | {Role.PARTNER: _FEIN | _INNER | {"fein_last4", "phone"}}
        | dict.fromkeys(_OWN, _FEIN | _INNER),
    )
)
sealed(SealedColumn("employer", "fein_sealed", "fein", beside=lambda digits: {"fein_hash": fein_hash(digits)}))
sealed(SealedColumn("import_row", "fein_sealed", "fein", key=("import_id", "row_number"), bound_by="import_id",
                    beside=lambda digits: {"fein_hash": fein_hash(digits)}))  # fmt: skip
see(Sight("establishment", scopes=dict.fromkeys(_STAFF, everything) | dict.fromkeys(_OWN, own_employer())))
see(
    Sight(
        "stored_file",
        scopes={Role.STATE_ADMIN: _but_mail} | dict.fromkeys((Role.AUDITOR, Role.STATE_ANALYST), _but_what_is_told_of_people)
        | dict.fromkeys((Role.BOARD_MANAGER, Role.BOARD_STAFF), own_board())
        | dict.fromkeys(_OWN, own_employer()),
    )
)
see(
    Sight(
        "import_batch",
        scopes={Role.STATE_ADMIN: everything, Role.AUDITOR: everything}
        | dict.fromkeys((Role.BOARD_MANAGER, Role.BOARD_STAFF), own_account()),
    )
)
_TIDYING = dict.fromkeys((Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR, Role.BOARD_MANAGER, Role.BOARD_STAFF), everything)
see(Sight("employer_merge", scopes=_TIDYING))
see(Sight("duplicate_pair", scopes=_TIDYING))
see(
    Sight(
        "bulk_change",
        scopes=dict.fromkeys((Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR), everything)
        | dict.fromkeys((Role.BOARD_MANAGER, Role.BOARD_STAFF), own_board()),
    )
)

create table import_batch (
    id uuid primary key default gen_random_uuid(),
    board_id uuid references board on delete restrict,
    account_id uuid references account on delete restrict,
    file_id uuid references stored_file on delete restrict,
    file_name text not null,
    encoding text not null default '',
    delimiter text not null default '',
    headers text[] not null default '{}',
    mapping jsonb not null default '{}',
    options jsonb not null default '{}',
    state text not null default 'uploaded' check (state in ('uploaded', 'checking', 'checked', 'importing',
        'imported', 'reverting', 'reverted', 'failed')),
    reason text not null default '',
    totals jsonb not null default '{}',
    job_id uuid references job on delete restrict,
    created_at timestamptz not null default now(),
    imported_at timestamptz,
    reverted_at timestamptz
);
create index import_batch_recent on import_batch (created_at desc);

-- A mapping that a person corrected, kept for the next file with the same columns.
create table import_mapping (
    account_id uuid not null references account on delete restrict,
    header_hash bytea not null,
    mapping jsonb not null,
    saved_at timestamptz not null default now(),
    primary key (account_id, header_hash)
);

-- Staging: one row for each source row, ending in exactly one outcome.
create table import_row (
    import_id uuid not null references import_batch on delete restrict,
    row_number integer not null,
    cells text[] not null,
    name text not null default '',
    dbas text[] not null default '{}',
    match_key text not null default '',
    fein_hash bytea,
    address_key text not null default '',
    place_key text not null default '',
    state text not null default '',
    zip text not null default '',
    domain text not null default '',
    facts jsonb not null default '{}',
    notes text[] not null default '{}',
    outcome text check (outcome in ('created', 'updated', 'unchanged', 'merged', 'rejected')),
    reason text not null default '',
    employer_id uuid,
    establishment_id uuid,
    contact_id uuid,
    before jsonb,
    after jsonb,
    primary key (import_id, row_number)
);
create index import_row_outcome on import_row (import_id, outcome, row_number);
create index import_row_employer on import_row (employer_id) where employer_id is not null;

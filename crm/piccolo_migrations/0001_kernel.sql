-- Text folding that every search, sort and match agrees on. unaccent() alone is only STABLE; naming its
-- dictionary makes the answer depend on the arguments alone, so an index may hold it.
create function fold(value text) returns text
language sql immutable strict parallel safe
return lower(public.unaccent('public.unaccent'::regdictionary, value));

create function fold_all(value text, more text[]) returns text
language plpgsql immutable parallel safe as $$
begin
    return trim(public.fold(coalesce(value, '') || ' ' || coalesce(array_to_string(more, ' '), '')));
end
$$;

-- People who sign in.
create table account (
    id uuid primary key default gen_random_uuid(),
    email citext not null unique,
    name text not null,
    kind text not null check (kind in ('staff', 'employer', 'partner')),
    language text not null default 'en' check (language in ('en', 'es')),
    password_hash text,
    totp_sealed bytea,
    totp_last_step bigint not null default 0,
    recovery_hashes text[] not null default '{}',
    density text not null default 'comfortable' check (density in ('comfortable', 'compact')),
    demonstration boolean not null default false,
    disabled_at timestamptz,
    last_signed_in_at timestamptz,
    created_at timestamptz not null default now(),
    version integer not null default 1
);

create table session (
    id uuid primary key default gen_random_uuid(),
    secret_hash bytea not null unique,
    account_id uuid not null references account on delete restrict,
    method text not null check (method in ('password', 'passkey', 'link', 'first_admin')),
    -- waiting for the second factor: the session opens nothing but the page that asks for it
    complete boolean not null default false,
    stepped_up_at timestamptz,
    user_agent text not null default '',
    address text not null default '',
    created_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index session_account on session (account_id) where revoked_at is null;

create table link_token (
    id uuid primary key default gen_random_uuid(),
    secret_hash bytea not null unique,
    code_hash bytea,
    code_tries integer not null default 0,
    browser_hash bytea,
    purpose text not null check (purpose in ('first_admin', 'invitation', 'sign_in', 'recovery', 'passkey')),
    account_id uuid references account on delete restrict,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    revoked_at timestamptz
);
create index link_token_account on link_token (account_id);

create table passkey (
    id uuid primary key default gen_random_uuid(),
    account_id uuid not null references account on delete restrict,
    credential_id bytea not null unique,
    public_key bytea not null,
    sign_count bigint not null default 0,
    name text not null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    removed_at timestamptz
);
create index passkey_account on passkey (account_id) where removed_at is null;

-- Misses per account and network, so that guessing slows down without locking the owner out.
create table sign_in_throttle (
    key text primary key,
    misses integer not null default 0,
    next_try_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create table api_token (
    id uuid primary key default gen_random_uuid(),
    account_id uuid not null references account on delete restrict,
    name text not null,
    secret_hash bytea not null unique,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
);

-- The record: append-only, chained in blocks by one sealer.
create table audit_entry (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    actor_kind text not null,
    actor_id uuid,
    actor_name text not null,
    verb text not null,
    outcome text not null default 'done' check (outcome in ('done', 'denied', 'disclosed')),
    subject_kind text not null default '',
    subject_id uuid,
    board_id uuid,
    employer_id uuid,
    before jsonb,
    after jsonb,
    request_id text not null default ''
);
create index audit_entry_subject on audit_entry (subject_kind, subject_id, id desc);
create index audit_entry_employer on audit_entry (employer_id, id desc) where employer_id is not null;
create index audit_entry_actor on audit_entry (actor_id, id desc);

create table audit_block (
    number bigint primary key,
    entry_count integer not null,
    first_entry bigint not null,
    last_entry bigint not null,
    previous_hash bytea not null,
    hash bytea not null,
    sealed_at timestamptz not null default now()
);
create table audit_block_entry (
    entry_id bigint primary key references audit_entry on delete restrict,
    block_number bigint not null references audit_block on delete restrict
);
create index audit_block_entry_block on audit_block_entry (block_number);

-- The outbox: written with the change, told by the worker.
create table event (
    id bigint generated always as identity primary key,
    name text not null,
    at timestamptz not null default now(),
    subject jsonb not null default '{}',
    actor_id uuid,
    told_at timestamptz
);
create index event_untold on event (id) where told_at is null;

create table job (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    title text not null,
    arguments jsonb not null default '{}',
    key text,
    state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'stopped')),
    attempt integer not null default 0,
    attempts_allowed integer not null default 5,
    run_after timestamptz not null default now(),
    lease_until timestamptz,
    worker text not null default '',
    progress_done bigint not null default 0,
    progress_total bigint,
    message text not null default '',
    result jsonb,
    reason text not null default '',
    actor_kind text not null,
    account_id uuid references account on delete restrict,
    board_id uuid,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz
);
create unique index job_key on job (key) where key is not null and state in ('queued', 'running');
create index job_due on job (run_after) where state = 'queued';
create index job_leased on job (lease_until) where state = 'running';
create index job_account on job (account_id, created_at desc);
create index job_state on job (state, created_at desc);

create table plugin_state (
    name text primary key,
    enabled boolean not null default true,
    settings jsonb not null default '{}',
    approved_hash text,
    changed_at timestamptz not null default now(),
    changed_by uuid references account on delete restrict
);

create table mail_message (
    id uuid primary key default gen_random_uuid(),
    to_address text not null,
    subject text not null,
    text_body text not null,
    html_body text not null default '',
    language text not null default 'en',
    template text not null default '',
    message_id text not null unique,
    state text not null default 'queued'
        check (state in ('queued', 'sending', 'sent', 'failed', 'uncertain', 'outbox')),
    reason text not null default '',
    account_id uuid references account on delete restrict,
    created_at timestamptz not null default now(),
    sent_at timestamptz
);
create index mail_message_recent on mail_message (created_at desc);

create table stored_file (
    id uuid primary key default gen_random_uuid(),
    storage_key text not null unique,
    name text not null,
    media_type text not null,
    size bigint not null,
    sha256 bytea not null,
    kind text not null,
    employer_id uuid,
    board_id uuid,
    created_by uuid references account on delete restrict,
    created_at timestamptz not null default now(),
    expires_at timestamptz
);
create index stored_file_employer on stored_file (employer_id, created_at desc);

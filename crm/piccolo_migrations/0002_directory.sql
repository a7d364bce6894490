-- Boards, regions, territories, partners.
create table board (
    id uuid primary key default gen_random_uuid(),
    code text not null unique,
    name text not null,
    public_name text not null,
    network text not null default '',
    website text not null default '',
    phone text not null default '',
    email text not null default '',
    source text not null default '',
    review_status text not null default 'verified'
        check (review_status in ('verified', 'second_hand', 'recalled', 'entered')),
    valid_from date,
    valid_to date,
    created_at timestamptz not null default now(),
    version integer not null default 1
);

create table region (
    id uuid primary key default gen_random_uuid(),
    kind text not null,
    code text not null,
    name text not null,
    state text not null,
    source text not null default '',
    review_status text not null default 'verified',
    unique (kind, state, code)
);
create table board_region (
    id uuid primary key default gen_random_uuid(),
    board_id uuid not null references board on delete restrict,
    region_id uuid not null references region on delete restrict,
    valid_from date not null,
    valid_to date,
    check (valid_to is null or valid_to >= valid_from)
);
create index board_region_board on board_region (board_id);

create table territory (
    id uuid primary key default gen_random_uuid(),
    board_id uuid not null references board on delete restrict,
    kind text not null check (kind in ('municipality', 'county', 'zip')),
    name text not null,
    place_key text not null,
    county text not null default '',
    state text not null,
    valid_from date not null,
    valid_to date,
    source text not null default '',
    review_status text not null default 'verified'
        check (review_status in ('verified', 'second_hand', 'recalled', 'entered')),
    note text not null default '',
    changed_by uuid references account on delete restrict,
    created_at timestamptz not null default now(),
    check (valid_to is null or valid_to >= valid_from)
);
create unique index territory_current on territory (kind, state, place_key) where valid_to is null;
create index territory_board on territory (board_id) where valid_to is null;
-- another spelling of a place that people type
create table place_alias (
    state text not null,
    alias_key text not null,
    place_key text not null,
    primary key (state, alias_key)
);

create table partner (
    id uuid primary key default gen_random_uuid(),
    board_id uuid not null references board on delete restrict,
    kind text not null check (kind in ('school', 'district', 'intermediary', 'chamber')),
    name text not null,
    city text not null default '',
    website text not null default '',
    phone text not null default '',
    email text not null default '',
    archived_at timestamptz,
    created_at timestamptz not null default now(),
    version integer not null default 1
);
create index partner_board on partner (board_id, name);

-- Employers: legal entities and their establishments (worksites).
create table employer (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    dbas text[] not null default '{}',
    name_folded text not null generated always as (fold(name)) stored,
    search_text text not null generated always as (fold_all(name, dbas)) stored,
    match_key text not null default '',
    fein_sealed bytea,
    fein_hash bytea,
    fein_last4 text not null default '',
    ownership text not null default ''
        check (ownership in ('', 'private', 'nonprofit', 'public', 'tribal', 'self_employed')),
    employee_count integer check (employee_count >= 0),
    size_band text not null generated always as (case
        when employee_count is null then '' when employee_count <= 9 then '1-9'
        when employee_count <= 49 then '10-49' when employee_count <= 249 then '50-249'
        else '250+' end) stored,
    naics text not null default '',
    sector text not null generated always as (case
        when left(naics, 2) in ('31', '32', '33') then '31-33' when left(naics, 2) in ('44', '45') then '44-45'
        when left(naics, 2) in ('48', '49') then '48-49' else left(naics, 2) end) stored,
    website text not null default '',
    domain text not null default '',
    phone text not null default '',
    status text not null default 'prospect' check (status in ('prospect', 'active', 'inactive', 'closed')),
    note text not null default '',
    source text not null default '',
    -- roll-up of the primary establishment, kept by refresh_employers()
    city text not null default '',
    city_folded text not null generated always as (fold(city)) stored,
    state text not null default '',
    zip text not null default '',
    board_id uuid references board on delete restrict,
    establishment_count integer not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    created_by uuid references account on delete restrict,
    archived_at timestamptz,
    version integer not null default 1
);
create index employer_search on employer using gin (search_text gin_trgm_ops);
create index employer_name on employer (name_folded, id) where archived_at is null;
create index employer_prefix on employer (name_folded text_pattern_ops) where archived_at is null;
create index employer_city on employer (city_folded, name_folded, id) where archived_at is null;
create index employer_recent on employer (updated_at desc, id desc) where archived_at is null;
create index employer_board on employer (board_id, name_folded, id) where archived_at is null;
create index employer_sector on employer (sector, name_folded, id) where archived_at is null;
create index employer_size on employer (size_band, name_folded, id) where archived_at is null;
create index employer_status on employer (status, name_folded, id) where archived_at is null;
create index employer_match on employer (match_key) where archived_at is null;
create index employer_fein on employer (fein_hash) where fein_hash is not null;
create index employer_domain on employer (domain) where domain <> '';

create table establishment (
    id uuid primary key default gen_random_uuid(),
    employer_id uuid not null references employer on delete restrict,
    name text not null default '',
    line1 text not null default '',
    line2 text not null default '',
    city text not null default '',
    state text not null default '',
    zip text not null default '',
    county text not null default '',
    address_key text not null default '',
    phone text not null default '',
    naics text not null default '',
    capacity integer check (capacity >= 0),
    access_note text not null default '',
    is_primary boolean not null default false,
    board_id uuid references board on delete restrict,
    -- why it falls into this board: by which territory, or set by whom
    board_territory_id uuid references territory on delete restrict,
    board_set_by uuid references account on delete restrict,
    board_set_reason text not null default '',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    archived_at timestamptz,
    version integer not null default 1,
    unique (employer_id, id)
);
create index establishment_employer on establishment (employer_id) where archived_at is null;
create unique index establishment_primary on establishment (employer_id) where is_primary and archived_at is null;
create index establishment_address on establishment (address_key) where address_key <> '' and archived_at is null;
create index establishment_board on establishment (board_id) where archived_at is null;

create table contact (
    id uuid primary key default gen_random_uuid(),
    given_name text not null default '',
    family_name text not null default '',
    search_text text not null generated always as (fold(given_name || ' ' || family_name)) stored,
    email citext not null default '',
    phone text not null default '',
    phone_extension text not null default '',
    language text not null default 'en' check (language in ('en', 'es')),
    channel text not null default 'email' check (channel in ('email', 'phone', 'text', 'letter')),
    do_not_contact boolean not null default false,
    note text not null default '',
    account_id uuid references account on delete restrict,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    archived_at timestamptz,
    version integer not null default 1
);
create index contact_search on contact using gin (search_text gin_trgm_ops);
create index contact_email on contact (email) where email <> '';

create table affiliation (
    id uuid primary key default gen_random_uuid(),
    contact_id uuid not null references contact on delete restrict,
    employer_id uuid not null references employer on delete restrict,
    establishment_id uuid,
    role text not null default '',
    is_primary boolean not null default false,
    may_sign boolean not null default false,
    supervises_minors boolean not null default false,
    valid_from date,
    valid_to date,
    created_at timestamptz not null default now(),
    version integer not null default 1,
    foreign key (employer_id, establishment_id) references establishment (employer_id, id) on delete restrict,
    check (valid_to is null or valid_from is null or valid_to >= valid_from)
);
create index affiliation_employer on affiliation (employer_id);
create index affiliation_contact on affiliation (contact_id);

create table role_grant (
    id uuid primary key default gen_random_uuid(),
    account_id uuid not null references account on delete restrict,
    role text not null check (role in ('state_admin', 'state_analyst', 'board_manager', 'board_staff',
        'partner', 'auditor', 'employer_owner', 'employer_member')),
    board_id uuid references board on delete restrict,
    partner_id uuid references partner on delete restrict,
    employer_id uuid references employer on delete restrict,
    granted_at timestamptz not null default now(),
    granted_by uuid references account on delete restrict,
    revoked_at timestamptz,
    revoked_by uuid references account on delete restrict,
    check ((role in ('board_manager', 'board_staff')) = (board_id is not null)),
    check ((role = 'partner') = (partner_id is not null)),
    check ((role in ('employer_owner', 'employer_member')) = (employer_id is not null))
);
create index role_grant_account on role_grant (account_id) where revoked_at is null;
create index role_grant_employer on role_grant (employer_id) where employer_id is not null;

-- Keep the employer's roll-up in step with its establishments. Every writer of establishments calls it, set-wise.
create function refresh_employers(ids uuid[]) returns void language sql as $$
    update public.employer e
       set city = coalesce(p.city, ''), state = coalesce(p.state, ''), zip = coalesce(p.zip, ''),
           board_id = p.board_id, establishment_count = coalesce(n.total, 0)
      from unnest(ids) wanted(id)
      left join public.establishment p on p.employer_id = wanted.id and p.is_primary and p.archived_at is null
      left join lateral (select count(*)::int as total from public.establishment s
                          where s.employer_id = wanted.id and s.archived_at is null) n on true
     where e.id = wanted.id
       and (e.city, e.state, e.zip, e.board_id, e.establishment_count) is distinct from
           (coalesce(p.city, ''), coalesce(p.state, ''), coalesce(p.zip, ''), p.board_id, coalesce(n.total, 0))
$$;

-- Two rows that are one employer become one, and can become two again. The one that goes stays, and leads to the one that is kept.
alter table employer add column merged_into uuid references employer on delete restrict;
create index employer_phone on employer (phone) where phone <> '' and archived_at is null;
create index employer_letters on employer (replace(match_key, ' ', '')) where archived_at is null;
create index employer_block on employer (zip, left(match_key, 4)) where archived_at is null and zip <> '';
-- worksites and the people there move together
alter table affiliation alter constraint affiliation_employer_id_establishment_id_fkey deferrable;

create table employer_merge (
    id uuid primary key default gen_random_uuid(),
    kept_id uuid not null references employer on delete restrict,
    gone_id uuid not null references employer on delete restrict,
    before jsonb not null, -- fields of the kept one that the merge changed
    after jsonb not null,
    moved jsonb not null, -- rows by table, and what had to give way
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    undone_at timestamptz,
    undone_by uuid references account on delete restrict,
    check (kept_id <> gone_id)
);
create index employer_merge_made on employer_merge (made_at desc);

-- What the sweep took for one employer. What a person said are two stays apart.
create table duplicate_pair (
    id uuid primary key default gen_random_uuid(),
    left_id uuid not null references employer on delete restrict,
    right_id uuid not null references employer on delete restrict,
    score integer not null check (score between 0 and 100),
    why text not null,
    state text not null default 'open' check (state in ('open', 'merged', 'apart')),
    found_at timestamptz not null default now(),
    decided_at timestamptz,
    decided_by uuid references account on delete restrict,
    unique (left_id, right_id),
    check (left_id < right_id)
);
create index duplicate_pair_open on duplicate_pair (score desc, id) where state = 'open';
-- how far the sweep has come, so that it goes on where it was cut off
create table duplicate_sweep (
    id boolean primary key default true check (id),
    after_id uuid
);
insert into duplicate_sweep default values;
grant select, insert, update on employer_merge, duplicate_pair, duplicate_sweep to crm_app;

-- The state's own codes of services to employers; those of plugins come with the plugin.
create table service_code (
    id uuid primary key default gen_random_uuid(),
    code text not null unique,
    name_en text not null,
    name_es text not null,
    citation text not null,
    source text not null default '',
    first_day date not null,
    last_day date,
    kinds text[] not null default '{}',
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    check (last_day >= first_day)
);
create index activity_service on activity (at, id) where service_code <> '' and removed_at is null;

-- What counts how much towards an employer's level of engagement: an empty kind or outcome is any; without a level it does not count.
create table engagement_rule (
    id uuid primary key default gen_random_uuid(),
    kind text not null default '',
    outcome text not null default '',
    level integer check (level between 1 and 5),
    first_day date,
    last_day date,
    source text not null default '',
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    check (last_day >= first_day)
);
-- A proposal of ours; the state changes it on the page of levels.
insert into engagement_rule (kind, outcome, level) values
    ('call', '', 1), ('email', 'reached', 1), ('email', 'interested', 1), ('letter', 'reached', 1), ('letter', 'interested', 1),
    ('', 'no_answer', null), ('', 'left_message', null),
    ('visit', '', 2), ('meeting', '', 2), ('event', '', 2), ('', 'took_part', 2), ('', 'hired', 2),
    ('', 'posted', 3), ('', 'gave_feedback', 4), ('', 'supported', 5);

-- The level as it stands, so that lists of all employers need not work it out; null is not known.
alter table employer add column engagement_level integer, add column engagement_score numeric(3, 2);
create index employer_level on employer (engagement_level, name_folded, id) where archived_at is null and engagement_level is not null;
grant select, insert, update on service_code, engagement_rule to crm_app;

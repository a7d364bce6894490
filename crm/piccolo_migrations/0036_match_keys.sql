-- What employers are matched by is kept with them: beside the key of the legal name those of trade and former names.
alter table employer add column former_names text[] not null default '{}', add column other_keys text[] not null default '{}',
    add column keyed boolean not null default false; -- false: the other keys are to be made
create index employer_other_keys on employer using gin (other_keys) where archived_at is null;
create index employer_unkeyed on employer (id) where not keyed;
create index establishment_phone on establishment (phone) where phone <> '' and archived_at is null;
alter table import_row add column former_names text[] not null default '{}', add column other_keys text[] not null default '{}';
grant update (former_names, other_keys, keyed) on employer to crm_portal;

-- Whoever changes a name without its keys leaves them to be made: a plugin, or a program of an earlier version.
create function employer_keys_are_stale() returns trigger language plpgsql as $$
begin
    if new.other_keys = old.other_keys and new.match_key = old.match_key then
        new.keyed := false;
    end if;
    return new;
end
$$;
create trigger employer_keys before update of name, dbas, former_names on employer
    for each row when ((old.name, old.dbas, old.former_names) is distinct from (new.name, new.dbas, new.former_names))
    execute function employer_keys_are_stale();

-- What is done where someone who comes in looks like one who is here: the state office says it for each way in.
create table match_policy (
    source text primary key check (source in ('staff', 'api', 'list', 'portal', 'mail', 'plugin')),
    policy text not null check (policy in ('block', 'warn', 'queue')),
    changed_by uuid references account on delete restrict,
    changed_at timestamptz not null default now()
);
insert into match_policy (source, policy) values
    ('staff', 'warn'), ('api', 'warn'), ('list', 'queue'), ('portal', 'queue'), ('mail', 'queue'), ('plugin', 'block');
grant select, update on match_policy to crm_app;

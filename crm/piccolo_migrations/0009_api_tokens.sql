-- What a token may do, for which boards; and creates of the API that may be sent twice.
alter table api_token
    add column may_write boolean not null default false,
    add column board_ids uuid[] not null default '{}',  -- empty: wherever its owner works
    add column hint text not null default '';           -- the last four characters, to tell tokens apart
create index api_token_account on api_token (account_id, created_at);

create table api_creation (
    account_id uuid not null references account on delete restrict,
    key text not null,
    request_hash bytea not null,
    made_id uuid,
    made_at timestamptz not null default now(),
    primary key (account_id, key)
);
create index api_creation_made on api_creation (made_at);
grant select, insert, update, delete on api_creation to crm_app;

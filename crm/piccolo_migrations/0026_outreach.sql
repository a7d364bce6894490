-- Words to write to many with: in both languages, with names of fields that are filled for each.
create table email_template (
    id uuid primary key default gen_random_uuid(),
    board_id uuid references board on delete restrict, -- empty: the state's, for every board
    name text not null,
    subject_en text not null,
    body_en text not null,
    subject_es text not null default '',
    body_es text not null default '',
    archived_at timestamptz,
    updated_at timestamptz not null default now(),
    version integer not null default 1
);
create index email_template_board on email_template (board_id, name) where archived_at is null;

-- One mail to many. The words are its own: a template that changes later changes nothing that was written.
create table mailing (
    id uuid primary key default gen_random_uuid(),
    board_id uuid not null references board on delete restrict,
    name text not null,
    subject_en text not null,
    body_en text not null,
    subject_es text not null default '',
    body_es text not null default '',
    chosen jsonb not null, -- the filters and who at each employer
    state text not null default 'preparing' check (state in ('preparing', 'draft', 'sending', 'paused', 'done', 'stopped')),
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    started_at timestamptz,
    ended_at timestamptz
);
create index mailing_board on mailing (board_id, made_at desc);

create table mailing_recipient (
    id uuid primary key default gen_random_uuid(),
    mailing_id uuid not null references mailing on delete restrict,
    board_id uuid not null references board on delete restrict,
    employer_id uuid not null references employer on delete restrict,
    contact_id uuid not null references contact on delete restrict,
    email text not null,
    language text not null,
    state text not null check (state in ('queued', 'left_out', 'sending', 'sent', 'uncertain', 'failed', 'stopped')),
    reason text not null default '',
    tries integer not null default 0,
    message_id text not null default '',
    token_hashes bytea[] not null default '{}',
    sent_at timestamptz,
    -- no one is written to twice, whatever dies and however often they are listed
    unique (mailing_id, contact_id),
    unique (mailing_id, email)
);
create index mailing_recipient_state on mailing_recipient (mailing_id, state, id);
create index mailing_recipient_token on mailing_recipient using gin (token_hashes);
grant select, insert, update on email_template, mailing, mailing_recipient to crm_app;
grant delete on mailing_recipient to crm_app;

-- Who agreed to what, when, how and to which words: only added to; the newest line of a person, channel and purpose counts.
create table consent (
    id uuid primary key default gen_random_uuid(),
    contact_id uuid not null references contact on delete restrict,
    channel text not null check (channel in ('email', 'phone', 'text', 'letter')),
    purpose text not null check (purpose in ('outreach', 'news')),
    given boolean not null,
    how text not null check (how in ('said', 'written', 'form', 'link', 'import')),
    words text not null,
    at timestamptz not null default now(),
    recorded_by uuid references account on delete restrict,
    board_id uuid references board on delete restrict
);
create index consent_contact on consent (contact_id, channel, purpose, at desc, id desc);

-- Whom no one may get in touch with: a person or an employer, by one channel or any, for one board or all.
create table contact_stop (
    id uuid primary key default gen_random_uuid(),
    contact_id uuid references contact on delete restrict,
    employer_id uuid references employer on delete restrict,
    channel text not null default '' check (channel in ('', 'email', 'phone', 'text', 'letter', 'visit')),
    board_id uuid references board on delete restrict,
    reason text not null,
    until date,
    made_at timestamptz not null default now(),
    made_by uuid references account on delete restrict,
    lifted_at timestamptz,
    lifted_by uuid references account on delete restrict,
    check (num_nonnulls(contact_id, employer_id) = 1)
);
create index contact_stop_contact on contact_stop (contact_id) where lifted_at is null;
create index contact_stop_employer on contact_stop (employer_id) where lifted_at is null;
insert into contact_stop (contact_id, reason) select id, 'Marked “do not contact” before stops were kept' from contact where do_not_contact;

-- One board at a time leads the conversation with an employer, until a day.
create table outreach_claim (
    id uuid primary key default gen_random_uuid(),
    employer_id uuid not null references employer on delete restrict,
    board_id uuid not null references board on delete restrict,
    account_id uuid references account on delete restrict,
    purpose text not null default '',
    claimed_at timestamptz not null default now(),
    expires_at timestamptz not null,
    released_at timestamptz
);
create unique index outreach_claim_one on outreach_claim (employer_id) where released_at is null;

-- What a board lets another read of its conversation with an employer: for a purpose, until a day, taken back at will.
create table shared_timeline (
    id uuid primary key default gen_random_uuid(),
    employer_id uuid not null references employer on delete restrict,
    from_board_id uuid not null references board on delete restrict,
    to_board_id uuid not null references board on delete restrict,
    purpose text not null,
    until date not null,
    made_at timestamptz not null default now(),
    made_by uuid references account on delete restrict,
    revoked_at timestamptz,
    check (from_board_id <> to_board_id)
);
create index shared_timeline_read on shared_timeline (to_board_id, employer_id) where revoked_at is null;

-- first approaches are counted over the newest contacts of every board with an employer
create index activity_approach on activity (employer_id, board_id, at)
    where removed_at is null and kind in ('call', 'email', 'visit', 'meeting', 'letter') and direction <> 'in';
grant select, insert, update on consent, contact_stop, outreach_claim, shared_timeline to crm_app;
revoke update on consent from crm_app;

-- Where mail comes in: the door for the dropbox, and mailboxes that are read by IMAP.
create table mailbox (
    id uuid primary key default gen_random_uuid(),
    kind text not null check (kind in ('door', 'imap')),
    name text not null unique,
    uid_validity bigint, -- with it the server's numbers hold; another one begins anew
    last_uid bigint not null default 0,
    run_at timestamptz, -- when it was last looked at
    good_at timestamptz, -- when that last ended well
    there integer not null default 0, -- how many messages the server said it holds
    problem text not null default '',
    made_at timestamptz not null default now(),
    retired_at timestamptz -- no longer in the settings
);

-- Every message that came in, its bytes as they were; what was decided and why. No subject and no text: see email_text.
create table email (
    id uuid primary key default gen_random_uuid(),
    mailbox_id uuid not null references mailbox on delete restrict,
    uid bigint,
    recipient text not null default '', -- the dropbox address, without anyone's secret
    account_id uuid references account on delete restrict, -- whose own dropbox address it came to
    sha256 bytea not null,
    size bigint not null,
    file_id uuid references stored_file on delete restrict, -- empty where it was too large to take
    received_at timestamptz not null,
    kept_at timestamptz not null default now(),
    state text not null default 'kept' check (state in
        ('kept', 'filed', 'waiting', 'ignored', 'automatic', 'bounce', 'complaint', 'duplicate', 'quarantined', 'skipped')),
    reason text not null default '', -- a word of the program's; crm/correspondence/wording.py says it in sentences
    reason_values jsonb not null default '{}',
    direction text not null default '' check (direction in ('', 'in', 'out')),
    board_id uuid references board on delete restrict,
    sender text not null default '',
    sender_name text not null default '',
    recipients text[] not null default '{}',
    proof text not null default '', -- what a trusted server said of the sender; empty: not proved
    message_id text not null default '',
    thread text not null default '',
    content_hash bytea,
    duplicate_of uuid references email on delete restrict,
    decided_at timestamptz,
    decided_by uuid references account on delete restrict, -- empty: the program
    version integer not null default 1,
    unique nulls not distinct (mailbox_id, sha256, recipient, account_id) -- fetched or brought twice it is kept once
);
create index email_ledger on email (kept_at desc, id desc);
create index email_state on email (state, kept_at desc, id desc);
create index email_mailbox on email (mailbox_id, kept_at desc, id desc);
create index email_board on email (board_id, kept_at desc, id desc) where board_id is not null;
create index email_account on email (account_id) where account_id is not null;
create index email_thread on email (thread) where thread <> '';
create index email_content on email (content_hash) where content_hash is not null;
create index email_duplicate on email (duplicate_of) where duplicate_of is not null;

-- What it says: for those who took part alone.
create table email_text (
    id uuid primary key references email on delete restrict,
    subject text not null default '',
    body text not null default ''
);
create table email_part (
    id uuid primary key default gen_random_uuid(),
    email_id uuid not null references email on delete restrict,
    position integer not null,
    name text not null,
    media_type text not null,
    size integer not null,
    file_id uuid references stored_file on delete restrict,
    note text not null default '', -- why it is not kept as a file of its own
    unique (email_id, position)
);

-- Who took part: a person, or a board where it was written to no one in particular.
create table email_reader (
    id uuid primary key default gen_random_uuid(),
    email_id uuid not null references email on delete restrict,
    account_id uuid references account on delete restrict,
    board_id uuid references board on delete restrict,
    how text not null check (how in ('wrote', 'got', 'filed')),
    seen_at timestamptz,
    check (num_nonnulls(account_id, board_id) = 1),
    unique (email_id, account_id),
    unique (email_id, board_id)
);
create index email_reader_account on email_reader (account_id, email_id) where account_id is not null;
create index email_reader_unseen on email_reader (account_id) where seen_at is null;
create index email_reader_board on email_reader (board_id, email_id) where board_id is not null;

-- Where it stands on a timeline.
create table email_filing (
    id uuid primary key default gen_random_uuid(),
    email_id uuid not null references email on delete restrict,
    activity_id uuid not null unique references activity on delete restrict
);
create index email_filing_email on email_filing (email_id);

-- Someone who took part lets another read a conversation: for a purpose, until a day, taken back at will.
create table email_share (
    id uuid primary key default gen_random_uuid(),
    thread text not null check (thread <> ''),
    account_id uuid references account on delete restrict,
    board_id uuid references board on delete restrict,
    purpose text not null,
    until date not null,
    made_by uuid not null references account on delete restrict,
    made_at timestamptz not null default now(),
    revoked_at timestamptz,
    check (num_nonnulls(account_id, board_id) = 1)
);
create index email_share_thread on email_share (thread) where revoked_at is null;
create index email_share_account on email_share (account_id) where account_id is not null;
create index email_share_board on email_share (board_id) where board_id is not null;
create index email_share_made_by on email_share (made_by);

-- Each person's own dropbox address, by its secret.
create table dropbox (
    id uuid primary key default gen_random_uuid(),
    account_id uuid not null references account on delete restrict,
    secret_sealed bytea not null,
    secret_hash bytea not null,
    made_at timestamptz not null default now(),
    revoked_at timestamptz
);
create unique index dropbox_one on dropbox (account_id) where revoked_at is null;
create unique index dropbox_secret on dropbox (secret_hash);

-- What the mail system said of an address. A lasting one stops mail, until a person clears it.
create table address_mark (
    id uuid primary key default gen_random_uuid(),
    address text not null, -- in small letters
    kind text not null check (kind in ('bounce', 'complaint')),
    lasting boolean not null,
    reason text not null,
    at timestamptz not null default now(),
    email_id uuid references email on delete restrict,
    cleared_at timestamptz,
    cleared_by uuid references account on delete restrict
);
create index address_mark_address on address_mark (address) where cleared_at is null;
create index address_mark_email on address_mark (email_id) where email_id is not null;
create index contact_address on contact (lower(email)) where email <> '';
create index contact_domain on contact (lower(split_part(email, '@', 2))) where email <> '';

alter table mailing_recipient drop constraint mailing_recipient_state_check;
alter table mailing_recipient add constraint mailing_recipient_state_check
    check (state in ('queued', 'left_out', 'sending', 'sent', 'uncertain', 'failed', 'stopped', 'bounced'));
create index mailing_recipient_message on mailing_recipient (message_id) where message_id <> '';
create index mail_message_message on mail_message (message_id);

grant select, insert, update on mailbox, email, email_text, email_part, email_reader, email_filing, email_share, dropbox, address_mark to crm_app;
grant delete on email_reader, email_filing to crm_app;

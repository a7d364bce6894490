create table pipeline (
    id uuid primary key default gen_random_uuid(),
    board_id uuid references board on delete restrict,
    code text not null,
    name_en text not null,
    name_es text not null,
    position integer not null default 0,
    archived_at timestamptz
);
create unique index pipeline_code on pipeline (coalesce(board_id, '00000000-0000-0000-0000-000000000000'), code);

create table stage (
    id uuid primary key default gen_random_uuid(),
    pipeline_id uuid not null references pipeline on delete restrict,
    code text not null,
    name_en text not null,
    name_es text not null,
    position integer not null,
    -- open stages stand on the board in order; the others need a reason to enter
    kind text not null default 'open' check (kind in ('open', 'paused', 'declined', 'lapsed')),
    unique (pipeline_id, code),
    unique (pipeline_id, id)
);

create table engagement (
    id uuid primary key default gen_random_uuid(),
    employer_id uuid not null references employer on delete restrict,
    board_id uuid not null references board on delete restrict,
    pipeline_id uuid not null references pipeline on delete restrict,
    stage_id uuid not null,
    stage_since timestamptz not null default now(),
    reason text not null default '',
    owner_id uuid references account on delete restrict,
    next_step text not null default '',
    next_step_due date,
    slots integer not null default 0 check (slots >= 0),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    archived_at timestamptz,
    version integer not null default 1,
    unique (board_id, id),
    foreign key (pipeline_id, stage_id) references stage (pipeline_id, id) on delete restrict
);
create unique index engagement_one on engagement (employer_id, board_id, pipeline_id) where archived_at is null;
create index engagement_board on engagement (board_id, pipeline_id, stage_id, stage_since desc, id) where archived_at is null;
create index engagement_employer on engagement (employer_id) where archived_at is null;
create index engagement_owner on engagement (owner_id, board_id) where archived_at is null;

create table stage_move (
    id uuid primary key default gen_random_uuid(),
    engagement_id uuid not null references engagement on delete restrict,
    from_stage_id uuid references stage on delete restrict,
    to_stage_id uuid not null references stage on delete restrict,
    reason text not null default '',
    at timestamptz not null default now(),
    moved_by uuid references account on delete restrict,
    undone_at timestamptz
);
create index stage_move_engagement on stage_move (engagement_id, at desc);

create table activity (
    id uuid primary key default gen_random_uuid(),
    employer_id uuid not null references employer on delete restrict,
    board_id uuid references board on delete restrict,
    establishment_id uuid,
    contact_id uuid references contact on delete restrict,
    engagement_id uuid references engagement on delete restrict,
    file_id uuid references stored_file on delete restrict,
    kind text not null check (kind in ('call', 'email', 'visit', 'meeting', 'event', 'note', 'letter',
        'stage_move', 'document', 'import', 'system')),
    direction text not null default '' check (direction in ('', 'in', 'out')),
    summary text not null,
    body text not null default '',
    at timestamptz not null default now(),
    logged_by uuid references account on delete restrict,
    created_at timestamptz not null default now(),
    removed_at timestamptz,
    version integer not null default 1
);
create index activity_employer on activity (employer_id, at desc, id desc) where removed_at is null;
create index activity_board on activity (board_id, at desc) where removed_at is null;

create table task (
    id uuid primary key default gen_random_uuid(),
    board_id uuid not null references board on delete restrict,
    employer_id uuid references employer on delete restrict,
    engagement_id uuid references engagement on delete restrict,
    title text not null,
    due date,
    assignee_id uuid references account on delete restrict,
    done_at timestamptz,
    done_by uuid references account on delete restrict,
    created_by uuid references account on delete restrict,
    created_at timestamptz not null default now(),
    version integer not null default 1
);
create index task_assignee on task (assignee_id, due) where done_at is null;
create index task_employer on task (employer_id, due) where done_at is null;
create index task_board on task (board_id, due) where done_at is null;

create table estimate (
    id uuid primary key default gen_random_uuid(),
    employer_id uuid not null references employer on delete restrict,
    establishment_id uuid,
    board_id uuid references board on delete restrict,
    as_of date not null,
    facts jsonb not null default '{}',
    result jsonb not null default '{}',
    created_by uuid references account on delete restrict,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1
);
create index estimate_employer on estimate (employer_id, created_at desc);

-- The pipeline that every board starts with. The stages are a proposal of ours; a board may add its own.
with recruit as (
    insert into pipeline (code, name_en, name_es) values ('recruit', 'Recruit employers', 'Captar empleadores')
    returning id
)
insert into stage (pipeline_id, code, name_en, name_es, position, kind)
select recruit.id, s.code, s.name_en, s.name_es, s.position, s.kind from recruit, (values
    ('identified', 'Identified', 'Identificado', 1, 'open'),
    ('contacted', 'Contacted', 'Contactado', 2, 'open'),
    ('met', 'Met', 'Reunido', 3, 'open'),
    ('interested', 'Interested', 'Interesado', 4, 'open'),
    ('pledged', 'Pledged', 'Comprometido', 5, 'open'),
    ('onboarding', 'Onboarding', 'Incorporación', 6, 'open'),
    ('ready', 'Ready', 'Listo', 7, 'open'),
    ('hosting', 'Hosting', 'Con estudiantes', 8, 'open'),
    ('renewing', 'Renewing', 'En renovación', 9, 'open'),
    ('paused', 'Paused', 'En pausa', 10, 'paused'),
    ('declined', 'Declined', 'No acepta', 11, 'declined'),
    ('lapsed', 'Lapsed', 'Inactivo', 12, 'lapsed')
) s (code, name_en, name_es, position, kind);

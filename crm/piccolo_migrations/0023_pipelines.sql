-- A stage says what must be on file before an employer stands in it, and how long is long. It is put away, not removed.
alter table stage add column needs text[] not null default '{}', add column expected_days integer check (expected_days > 0),
    add column archived_at timestamptz;
alter table stage drop constraint stage_kind_check;
alter table stage add constraint stage_kind_check check (kind in ('open', 'done', 'paused', 'declined', 'lapsed'));
alter table stage drop constraint stage_pipeline_id_code_key;
create unique index stage_code on stage (pipeline_id, code) where archived_at is null;
update stage s set needs = '{contact,worksite}' from pipeline p
 where p.id = s.pipeline_id and p.code = 'recruit' and s.code in ('ready', 'hosting');

-- A change of many at once: what each was and became, by which it is taken back.
create table bulk_change (
    id uuid primary key default gen_random_uuid(),
    kind text not null check (kind in ('move', 'give')),
    board_id uuid not null references board on delete restrict,
    rows jsonb not null, -- [{"id", "before", "after"}]
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    undone_at timestamptz
);
grant select, insert, update on bulk_change to crm_app;
create index engagement_due on engagement (board_id, pipeline_id, next_step_due) where archived_at is null and next_step <> '';

-- Beside recruiting, every board prepares employers and renews with them. The stages are a proposal of ours.
with made as (
    insert into pipeline (code, name_en, name_es, position) values
        ('onboard', 'Prepare employers', 'Preparar empleadores', 1), ('renew', 'Renew with employers', 'Renovar con empleadores', 2)
    returning id, code
)
insert into stage (pipeline_id, code, name_en, name_es, position, kind, needs)
select made.id, s.code, s.name_en, s.name_es, s.position, s.kind, s.needs::text[] from made join (values
    ('onboard', 'invited', 'Invited', 'Invitado', 1, 'open', '{}'),
    ('onboard', 'details', 'Details', 'Datos', 2, 'open', '{contact}'),
    ('onboard', 'training', 'Training', 'Formación', 3, 'open', '{contact}'),
    ('onboard', 'paperwork', 'Paperwork', 'Documentos', 4, 'open', '{contact}'),
    ('onboard', 'prepared', 'Prepared', 'Preparado', 5, 'done', '{contact,worksite}'),
    ('onboard', 'paused', 'Paused', 'En pausa', 6, 'paused', '{}'),
    ('onboard', 'declined', 'Declined', 'No acepta', 7, 'declined', '{}'),
    ('renew', 'due', 'Due', 'Por renovar', 1, 'open', '{}'),
    ('renew', 'asked', 'Asked', 'Consultado', 2, 'open', '{contact}'),
    ('renew', 'agreed', 'Agreed', 'De acuerdo', 3, 'open', '{contact,slots}'),
    ('renew', 'renewed', 'Renewed', 'Renovado', 4, 'done', '{contact,slots}'),
    ('renew', 'paused', 'Paused', 'En pausa', 5, 'paused', '{}'),
    ('renew', 'lapsed', 'Lapsed', 'Inactivo', 6, 'lapsed', '{}')
) s (pipeline, code, name_en, name_es, position, kind, needs) on s.pipeline = made.code;

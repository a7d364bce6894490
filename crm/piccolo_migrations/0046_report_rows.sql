-- The rows behind the figures that take all activities of years to find, kept with their count. They are worked out, so no reference holds
-- them: what they name may go before the next count.
create table report_row (
    id bigint generated always as identity primary key,
    board_id uuid references board on delete restrict, -- empty: the whole state
    measure text not null,
    part text not null default '',
    row_id uuid not null,
    employer_id uuid not null,
    at timestamptz not null,
    detail text not null default ''
);
-- an index keeps its order for a value, not for "is null"
create index report_row_listed on report_row (coalesce(board_id, '00000000-0000-0000-0000-000000000000'), measure, part, at, row_id);
grant select, insert, delete on report_row to crm_app;

-- for the lists of the whole state
create index activity_at on activity (at desc, id desc) where removed_at is null;
create index engagement_stage_all on engagement (stage_id, stage_since desc, id desc) where archived_at is null;
create index stage_move_to on stage_move (to_stage_id, at desc, id desc) where undone_at is null;
create index stage_move_from on stage_move (from_stage_id, at desc, id desc) where undone_at is null and from_stage_id is not null;
create index task_due on task (due, id) where done_at is null and dropped_at is null;

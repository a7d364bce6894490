-- What leaders see, counted ahead, so that a dashboard is as quick with millions of rows. All of a scope is counted anew in one go.
create table report_figure (
    id uuid primary key default gen_random_uuid(),
    board_id uuid references board on delete restrict, -- empty: the whole state
    measure text not null,
    part text not null default '',
    value numeric not null,
    counted_at timestamptz not null default now()
);
create unique index report_figure_one on report_figure (coalesce(board_id, '00000000-0000-0000-0000-000000000000'), measure, part);
create index report_figure_board on report_figure (board_id);

-- How many establishments there are in all. No one can count that here, so it is entered, with who says so and of which day.
create table establishment_total (
    id uuid primary key default gen_random_uuid(),
    board_id uuid references board on delete restrict,
    establishments integer not null check (establishments > 0),
    source text not null,
    as_of date not null,
    entered_by uuid references account on delete restrict,
    entered_at timestamptz not null default now()
);
create index establishment_total_board on establishment_total (board_id, entered_at desc);
grant select, insert, update on establishment_total to crm_app;
grant select, insert, delete on report_figure to crm_app;

-- Employers are changed in bulk too, by a board's people or the state's, who belong to none
alter table bulk_change alter column board_id drop not null;
alter table bulk_change drop constraint bulk_change_kind_check;
alter table bulk_change add constraint bulk_change_kind_check check (kind in ('move', 'give', 'note', 'employers'));

-- Search and go: the beginnings of people's names, and words of open tasks.
create index contact_given_prefix on contact (search_text text_pattern_ops) where archived_at is null;
create index contact_family_prefix on contact (fold(family_name) text_pattern_ops) where archived_at is null;
create index task_search on task using gin (fold(title) gin_trgm_ops) where done_at is null and dropped_at is null;

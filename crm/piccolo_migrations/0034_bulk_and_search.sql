-- Employers are changed in bulk too, by a board's people or the state's, who belong to none
alter table bulk_change alter column board_id drop not null;
alter table bulk_change drop constraint bulk_change_kind_check;
alter table bulk_change add constraint bulk_change_kind_check check (kind in ('move', 'give', 'note', 'employers'));

-- Where a board sits: shown to those who look for it.
alter table board add column address text not null default '';
-- An entry counts on the days between its first and its last, so the place finds entries that end as well.
create index territory_place on territory (kind, state, place_key);

-- The board view and the list of a stage read their rows in this order; the old index had a column between that no
-- query named, so every card of a stage was read and sorted for the first 25.
create index engagement_stage on engagement (board_id, stage_id, stage_since desc, id desc) where archived_at is null;
drop index engagement_board;

-- A count of a board's employers by industry, size or status reads this index alone.
drop index employer_board;
create index employer_board on employer (board_id, name_folded, id) include (sector, size_band, status)
 where archived_at is null;

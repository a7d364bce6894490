-- A role at an employer says when it was changed, as every row that is edited does.
alter table affiliation add column updated_at timestamptz not null default now();
-- An owner who renames their employer changes what it is found and matched by.
grant update (match_key) on employer to crm_portal;

-- What was claimed before counts in the portal as it does for staff.
-- A case keeps what falls to which year (of its program's date key) as it was estimated, {"2025": "4800.00"}; null where the amount was not known.
-- It was read from the sealed estimate until now, which the portal's login must never reach and whose time ends. Older cases get it in the next night.
alter table incentive_case add column by_year jsonb;

-- What was told of claims elsewhere is the employer's own: its people see it of a board that shares a hire with them.
grant select (id, employer_id, board_id, program, year, amount, people, source, on_day, told_at, removed_at) on claimed_elsewhere to crm_portal;
create policy portal on claimed_elsewhere for select to crm_portal using (removed_at is null and exists (
    select from hire h where h.employer_id = claimed_elsewhere.employer_id and h.board_id = claimed_elsewhere.board_id));

-- The cases that count against a shared hire, those of hires that are not shared too: what they use up, not whose they are or how they stand.
create function portal_cases(for_hire uuid) returns table (
    id uuid, hire_id uuid, program text, estimated numeric, certified numeric, paid numeric, by_year jsonb, state_since date, starts_on date,
    sent_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public as $$
    select c.id, c.hire_id, c.program, c.estimated, c.certified, c.paid, c.by_year, c.state_since, h.starts_on,
           (select max(m.made_at) from case_move m where m.case_id = c.id and m.to_state = 'submitted' and m.undone_at is null)
      from hire own
      join incentive_case c on c.employer_id = own.employer_id and c.board_id = own.board_id and c.state in ('submitted', 'certified', 'paid')
      join hire h on h.id = c.hire_id
     where own.id = for_hire and own.shared_at is not null and own.archived_at is null and own.employer_id in (select portal_employers())
     order by 10, 1
$$;
revoke all on function portal_cases(uuid) from public;
grant execute on function portal_cases(uuid) to crm_portal;

-- The planner reckons with a table's size as it is now, so that counting the directory anew pays only where an import makes it another
-- one: by half of what it was. Autovacuum sees to the rest. Of an import's own rows only those columns count that are looked up by, not the
-- rows as they were read, which make nine tenths of the work.
create or replace function count_again(tables text[]) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    name text;
    counted real;
    changed bigint;
begin
    foreach name in array tables loop
        if name = 'import_row' then
            analyze public.import_row (import_id, row_number, outcome, employer_id, establishment_id, contact_id);
            continue;
        elsif name not in ('employer', 'establishment', 'contact', 'affiliation') then
            raise exception 'no statistics of % are made by an import', name;
        end if;
        select c.reltuples, pg_stat_get_mod_since_analyze(c.oid) + pg_stat_get_xact_tuples_inserted(c.oid)
               + pg_stat_get_xact_tuples_updated(c.oid) + pg_stat_get_xact_tuples_deleted(c.oid)
          into counted, changed from pg_class c where c.oid = ('public.' || name)::regclass;
        if counted <= 0 or changed >= counted / 2 then
            execute format('analyze public.%I', name);
        end if;
    end loop;
end
$$;

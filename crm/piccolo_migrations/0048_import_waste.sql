-- What deletes an employer or a person, as taking an import back does, looks up each row that refers to them. Without an index each
-- look-up read a whole table; a partial index serves it only where it leaves out nothing but nulls.
create index employer_merged_into on employer (merged_into) where merged_into is not null;
create index employer_merge_kept on employer_merge (kept_id);
create index employer_merge_gone on employer_merge (gone_id);
create index contact_merge_kept on contact_merge (kept_id);
create index contact_merge_gone on contact_merge (gone_id);
create index contact_apart_right on contact_apart (right_id);
create index duplicate_pair_right on duplicate_pair (right_id);
create index task_of_employer on task (employer_id);
create index contact_stop_of_employer on contact_stop (employer_id) where employer_id is not null;
create index contact_stop_of_contact on contact_stop (contact_id) where contact_id is not null;
create index outreach_claim_employer on outreach_claim (employer_id);
create index shared_timeline_employer on shared_timeline (employer_id);
create index mailing_recipient_employer on mailing_recipient (employer_id);
create index mailing_recipient_contact on mailing_recipient (contact_id);
create index enrolment_of_employer on enrolment (employer_id);
create index enrolment_of_contact on enrolment (contact_id);
create index event_guest_of_employer on event_guest (employer_id);

-- An import counts the directory's tables anew where a tenth of their rows changed since they were counted, as autovacuum would,
-- which may not have come to them yet. Counting all of them took longer than the import.
create or replace function count_again(tables text[]) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    name text;
    counted real;
    changed bigint;
begin
    foreach name in array tables loop
        if name not in ('import_row', 'employer', 'establishment', 'contact', 'affiliation') then
            raise exception 'no statistics of % are made by an import', name;
        end if;
        select c.reltuples, pg_stat_get_mod_since_analyze(c.oid) + pg_stat_get_xact_tuples_inserted(c.oid)
               + pg_stat_get_xact_tuples_updated(c.oid) + pg_stat_get_xact_tuples_deleted(c.oid)
          into counted, changed from pg_class c where c.oid = ('public.' || name)::regclass;
        if name = 'import_row' or counted <= 0 or changed >= counted / 10 then
            execute format('analyze public.%I', name);
        end if;
    end loop;
end
$$;

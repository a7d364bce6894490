-- What waits for the sealer. It used to look through the whole record for what no block holds; and neither the number of
-- an entry nor that of its transaction tells what was sealed: both are taken before the commit, in either order.
create table audit_waiting (entry_id bigint primary key);

create function audit_wait() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    insert into audit_waiting select id from added;
    return null;
end
$$;
revoke all on function audit_wait() from public;
create trigger audit_wait after insert on audit_entry
    referencing new table as added for each statement execute function audit_wait();

insert into audit_waiting
    select id from audit_entry e where not exists (select from audit_block_entry b where b.entry_id = e.id);
grant select, delete on audit_waiting to crm_app;

-- The portal's employers, found by the hash of the session's secret. A plain setting could be set by whoever
-- injects SQL; a secret cannot be guessed. STABLE, so that a policy's (select …) runs it once a statement.
create function portal_employers() returns setof uuid
language sql stable security definer set search_path = pg_catalog, public as $$
    select g.employer_id
      from session s
      join account a on a.id = s.account_id and a.disabled_at is null
      join role_grant g on g.account_id = a.id and g.revoked_at is null and g.employer_id is not null
     where s.secret_hash = sha256(convert_to(nullif(current_setting('crm.session', true), ''), 'UTF8'))
       and s.complete and s.revoked_at is null and s.expires_at > now()
$$;
create function portal_account() returns uuid
language sql stable security definer set search_path = pg_catalog, public as $$
    select s.account_id
      from session s
      join account a on a.id = s.account_id and a.disabled_at is null
     where s.secret_hash = sha256(convert_to(nullif(current_setting('crm.session', true), ''), 'UTF8'))
       and s.complete and s.revoked_at is null and s.expires_at > now()
$$;
revoke all on function portal_employers(), portal_account() from public;
grant execute on function portal_employers(), portal_account() to crm_portal;

revoke all on schema public from public;
grant usage on schema public to crm_app, crm_portal, crm_record;

-- Staff and jobs: no deletes but where an undo or a clean-up needs them.
grant select, insert, update on all tables in schema public to crm_app;
revoke update on audit_entry, audit_block, audit_block_entry, event from crm_app;
grant update (told_at) on event to crm_app;
grant delete on employer, establishment, contact, affiliation, engagement, stage_move, activity, task,
    import_row, stored_file, event, sign_in_throttle, place_alias to crm_app;
revoke insert, update on migration from crm_app;
grant usage on all sequences in schema public to crm_app;

-- Refusals and disclosures, from any request: only added to, never read.
grant insert on audit_entry to crm_record;

-- Employers in the portal.
grant select on employer, establishment, contact, affiliation, stored_file to crm_portal;
grant update (name, dbas, ownership, employee_count, naics, website, domain, phone, updated_at, version)
    on employer to crm_portal;
grant update (name, line1, line2, city, state, zip, phone, naics, capacity, access_note, updated_at, version)
    on establishment to crm_portal;
grant update (given_name, family_name, email, phone, phone_extension, language, channel, updated_at, version)
    on contact to crm_portal;
grant insert on audit_entry, event to crm_portal;

do $$
declare name text; rule text;
begin
    for name, rule in values
        ('employer', 'id in (select portal_employers())'),
        ('establishment', 'employer_id in (select portal_employers())'),
        ('affiliation', 'employer_id in (select portal_employers())'),
        ('contact', 'exists (select from affiliation f where f.contact_id = contact.id '
            'and f.employer_id in (select portal_employers()))'),
        ('stored_file', 'employer_id in (select portal_employers())')
    loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        -- a constant TRUE folds away, so the planner treats staff queries as if there were no policy
        execute format('create policy staff on %I to crm_owner, crm_app using (true) with check (true)', name);
        execute format('create policy portal on %I to crm_portal using (%s) with check (%s)', name, rule, rule);
    end loop;
end
$$;

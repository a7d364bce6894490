CREATE FUNCTION public.audit_wait() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
begin
    insert into audit_waiting select id from added;
    return null;
end
$$;
CREATE FUNCTION public.count_again(tables text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
declare name text;
begin
    foreach name in array tables loop
        if name not in ('import_row', 'employer', 'establishment', 'contact', 'affiliation') then
            raise exception 'no statistics of % are made by an import', name;
        end if;
        execute format('analyze public.%I', name);
    end loop;
end
$$;
CREATE FUNCTION public.fold(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(public.unaccent('public.unaccent'::regdictionary, value));
CREATE FUNCTION public.fold_all(value text, more text[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
begin
    return trim(public.fold(coalesce(value, '') || ' ' || coalesce(array_to_string(more, ' '), '')));
end
$$;
CREATE FUNCTION public.portal_account() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    select s.account_id
      from session s
      join account a on a.id = s.account_id and a.disabled_at is null
     where s.secret_hash = sha256(convert_to(nullif(current_setting('crm.session', true), ''), 'UTF8'))
       and s.complete and s.revoked_at is null and s.expires_at > now()
$$;
CREATE FUNCTION public.portal_employers() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    select g.employer_id
      from session s
      join account a on a.id = s.account_id and a.disabled_at is null
      join role_grant g on g.account_id = a.id and g.revoked_at is null and g.employer_id is not null
     where s.secret_hash = sha256(convert_to(nullif(current_setting('crm.session', true), ''), 'UTF8'))
       and s.complete and s.revoked_at is null and s.expires_at > now()
$$;
CREATE FUNCTION public.refresh_employers(ids uuid[]) RETURNS void
    LANGUAGE sql
    AS $$
    update public.employer e
       set city = coalesce(p.city, ''), state = coalesce(p.state, ''), zip = coalesce(p.zip, ''),
           board_id = p.board_id, establishment_count = coalesce(n.total, 0)
      from unnest(ids) wanted(id)
      left join public.establishment p on p.employer_id = wanted.id and p.is_primary and p.archived_at is null
      left join lateral (select count(*)::int as total from public.establishment s
                          where s.employer_id = wanted.id and s.archived_at is null) n on true
     where e.id = wanted.id
       and (e.city, e.state, e.zip, e.board_id, e.establishment_count) is distinct from
           (coalesce(p.city, ''), coalesce(p.state, ''), coalesce(p.zip, ''), p.board_id, coalesce(n.total, 0))
$$;
CREATE TABLE public.account (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email public.citext NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    language text DEFAULT 'en'::text NOT NULL,
    password_hash text,
    totp_sealed bytea,
    totp_last_step bigint DEFAULT 0 NOT NULL,
    recovery_hashes text[] DEFAULT '{}'::text[] NOT NULL,
    density text DEFAULT 'comfortable'::text NOT NULL,
    demonstration boolean DEFAULT false NOT NULL,
    disabled_at timestamp with time zone,
    last_signed_in_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT account_density_check CHECK ((density = ANY (ARRAY['comfortable'::text, 'compact'::text]))),
    CONSTRAINT account_kind_check CHECK ((kind = ANY (ARRAY['staff'::text, 'employer'::text, 'partner'::text]))),
    CONSTRAINT account_language_check CHECK ((language = ANY (ARRAY['en'::text, 'es'::text])))
);
CREATE TABLE public.activity (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    employer_id uuid NOT NULL,
    board_id uuid,
    establishment_id uuid,
    contact_id uuid,
    engagement_id uuid,
    file_id uuid,
    kind text NOT NULL,
    direction text DEFAULT ''::text NOT NULL,
    summary text NOT NULL,
    body text DEFAULT ''::text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    logged_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    removed_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT activity_direction_check CHECK ((direction = ANY (ARRAY[''::text, 'in'::text, 'out'::text]))),
    CONSTRAINT activity_kind_check CHECK ((kind = ANY (ARRAY['call'::text, 'email'::text, 'visit'::text, 'meeting'::text, 'event'::text, 'note'::text, 'letter'::text, 'stage_move'::text, 'document'::text, 'import'::text, 'system'::text])))
);
CREATE TABLE public.affiliation (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    contact_id uuid NOT NULL,
    employer_id uuid NOT NULL,
    establishment_id uuid,
    role text DEFAULT ''::text NOT NULL,
    is_primary boolean DEFAULT false NOT NULL,
    may_sign boolean DEFAULT false NOT NULL,
    supervises_minors boolean DEFAULT false NOT NULL,
    valid_from date,
    valid_to date,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT affiliation_check CHECK (((valid_to IS NULL) OR (valid_from IS NULL) OR (valid_to >= valid_from)))
);
ALTER TABLE ONLY public.affiliation FORCE ROW LEVEL SECURITY;
CREATE TABLE public.api_creation (
    account_id uuid NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    made_id uuid,
    made_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.api_token (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    may_write boolean DEFAULT false NOT NULL,
    board_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    hint text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.audit_block (
    number bigint NOT NULL,
    entry_count integer NOT NULL,
    first_entry bigint NOT NULL,
    last_entry bigint NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    sealed_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.audit_block_entry (
    entry_id bigint NOT NULL,
    block_number bigint NOT NULL
);
CREATE TABLE public.audit_entry (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    verb text NOT NULL,
    outcome text DEFAULT 'done'::text NOT NULL,
    subject_kind text DEFAULT ''::text NOT NULL,
    subject_id uuid,
    board_id uuid,
    employer_id uuid,
    before jsonb,
    after jsonb,
    request_id text DEFAULT ''::text NOT NULL,
    CONSTRAINT audit_entry_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'denied'::text, 'disclosed'::text])))
);
ALTER TABLE public.audit_entry ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.audit_waiting (
    entry_id bigint NOT NULL
);
CREATE TABLE public.backup (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    file text NOT NULL,
    size bigint NOT NULL,
    row_count bigint NOT NULL,
    file_count bigint NOT NULL,
    drilled_at timestamp with time zone,
    drill_seconds numeric(10,1),
    problems text[] DEFAULT '{}'::text[] NOT NULL,
    dropped_at timestamp with time zone
);
CREATE TABLE public.board (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    public_name text NOT NULL,
    network text DEFAULT ''::text NOT NULL,
    website text DEFAULT ''::text NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    email text DEFAULT ''::text NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    review_status text DEFAULT 'verified'::text NOT NULL,
    valid_from date,
    valid_to date,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    address text DEFAULT ''::text NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT board_review_status_check CHECK ((review_status = ANY (ARRAY['verified'::text, 'second_hand'::text, 'recalled'::text, 'entered'::text])))
);
CREATE TABLE public.board_region (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    board_id uuid NOT NULL,
    region_id uuid NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    CONSTRAINT board_region_check CHECK (((valid_to IS NULL) OR (valid_to >= valid_from)))
);
CREATE TABLE public.contact (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    given_name text DEFAULT ''::text NOT NULL,
    family_name text DEFAULT ''::text NOT NULL,
    search_text text GENERATED ALWAYS AS (public.fold(((given_name || ' '::text) || family_name))) STORED NOT NULL,
    email public.citext DEFAULT ''::public.citext NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    phone_extension text DEFAULT ''::text NOT NULL,
    language text DEFAULT 'en'::text NOT NULL,
    channel text DEFAULT 'email'::text NOT NULL,
    do_not_contact boolean DEFAULT false NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    account_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    archived_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT contact_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'phone'::text, 'text'::text, 'letter'::text]))),
    CONSTRAINT contact_language_check CHECK ((language = ANY (ARRAY['en'::text, 'es'::text])))
);
ALTER TABLE ONLY public.contact FORCE ROW LEVEL SECURITY;
CREATE TABLE public.employer (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    dbas text[] DEFAULT '{}'::text[] NOT NULL,
    name_folded text GENERATED ALWAYS AS (public.fold(name)) STORED NOT NULL,
    search_text text GENERATED ALWAYS AS (public.fold_all(name, dbas)) STORED NOT NULL,
    match_key text DEFAULT ''::text NOT NULL,
    fein_sealed bytea,
    fein_hash bytea,
    fein_last4 text DEFAULT ''::text NOT NULL,
    ownership text DEFAULT ''::text NOT NULL,
    employee_count integer,
    size_band text GENERATED ALWAYS AS (
CASE
    WHEN (employee_count IS NULL) THEN ''::text
    WHEN (employee_count <= 9) THEN '1-9'::text
    WHEN (employee_count <= 49) THEN '10-49'::text
    WHEN (employee_count <= 249) THEN '50-249'::text
    ELSE '250+'::text
END) STORED NOT NULL,
    naics text DEFAULT ''::text NOT NULL,
    sector text GENERATED ALWAYS AS (
CASE
    WHEN ("left"(naics, 2) = ANY (ARRAY['31'::text, '32'::text, '33'::text])) THEN '31-33'::text
    WHEN ("left"(naics, 2) = ANY (ARRAY['44'::text, '45'::text])) THEN '44-45'::text
    WHEN ("left"(naics, 2) = ANY (ARRAY['48'::text, '49'::text])) THEN '48-49'::text
    ELSE "left"(naics, 2)
END) STORED NOT NULL,
    website text DEFAULT ''::text NOT NULL,
    domain text DEFAULT ''::text NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    status text DEFAULT 'prospect'::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    city text DEFAULT ''::text NOT NULL,
    city_folded text GENERATED ALWAYS AS (public.fold(city)) STORED NOT NULL,
    state text DEFAULT ''::text NOT NULL,
    zip text DEFAULT ''::text NOT NULL,
    board_id uuid,
    establishment_count integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid,
    archived_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT employer_employee_count_check CHECK ((employee_count >= 0)),
    CONSTRAINT employer_ownership_check CHECK ((ownership = ANY (ARRAY[''::text, 'private'::text, 'nonprofit'::text, 'public'::text, 'tribal'::text, 'self_employed'::text]))),
    CONSTRAINT employer_status_check CHECK ((status = ANY (ARRAY['prospect'::text, 'active'::text, 'inactive'::text, 'closed'::text])))
);
ALTER TABLE ONLY public.employer FORCE ROW LEVEL SECURITY;
CREATE TABLE public.engagement (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    employer_id uuid NOT NULL,
    board_id uuid NOT NULL,
    pipeline_id uuid NOT NULL,
    stage_id uuid NOT NULL,
    stage_since timestamp with time zone DEFAULT now() NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    owner_id uuid,
    next_step text DEFAULT ''::text NOT NULL,
    next_step_due date,
    slots integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    archived_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT engagement_slots_check CHECK ((slots >= 0))
);
CREATE TABLE public.establishment (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    employer_id uuid NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    line1 text DEFAULT ''::text NOT NULL,
    line2 text DEFAULT ''::text NOT NULL,
    city text DEFAULT ''::text NOT NULL,
    state text DEFAULT ''::text NOT NULL,
    zip text DEFAULT ''::text NOT NULL,
    county text DEFAULT ''::text NOT NULL,
    address_key text DEFAULT ''::text NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    naics text DEFAULT ''::text NOT NULL,
    capacity integer,
    access_note text DEFAULT ''::text NOT NULL,
    is_primary boolean DEFAULT false NOT NULL,
    board_id uuid,
    board_territory_id uuid,
    board_set_by uuid,
    board_set_reason text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    archived_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT establishment_capacity_check CHECK ((capacity >= 0))
);
ALTER TABLE ONLY public.establishment FORCE ROW LEVEL SECURITY;
CREATE TABLE public.estimate (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    employer_id uuid NOT NULL,
    establishment_id uuid,
    board_id uuid,
    as_of date NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    result jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL
);
CREATE TABLE public.event (
    id bigint NOT NULL,
    name text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    subject jsonb DEFAULT '{}'::jsonb NOT NULL,
    actor_id uuid,
    told_at timestamp with time zone
);
ALTER TABLE public.event ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.import_batch (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    board_id uuid,
    account_id uuid,
    file_id uuid,
    file_name text NOT NULL,
    encoding text DEFAULT ''::text NOT NULL,
    delimiter text DEFAULT ''::text NOT NULL,
    headers text[] DEFAULT '{}'::text[] NOT NULL,
    mapping jsonb DEFAULT '{}'::jsonb NOT NULL,
    options jsonb DEFAULT '{}'::jsonb NOT NULL,
    state text DEFAULT 'uploaded'::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    totals jsonb DEFAULT '{}'::jsonb NOT NULL,
    job_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    imported_at timestamp with time zone,
    reverted_at timestamp with time zone,
    CONSTRAINT import_batch_state_check CHECK ((state = ANY (ARRAY['uploaded'::text, 'checking'::text, 'checked'::text, 'importing'::text, 'imported'::text, 'reverting'::text, 'reverted'::text, 'failed'::text])))
);
CREATE TABLE public.import_mapping (
    account_id uuid NOT NULL,
    header_hash bytea NOT NULL,
    mapping jsonb NOT NULL,
    saved_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.import_row (
    import_id uuid NOT NULL,
    row_number integer NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    dbas text[] DEFAULT '{}'::text[] NOT NULL,
    match_key text DEFAULT ''::text NOT NULL,
    fein_hash bytea,
    address_key text DEFAULT ''::text NOT NULL,
    place_key text DEFAULT ''::text NOT NULL,
    state text DEFAULT ''::text NOT NULL,
    zip text DEFAULT ''::text NOT NULL,
    domain text DEFAULT ''::text NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    notes text[] DEFAULT '{}'::text[] NOT NULL,
    outcome text,
    reason text DEFAULT ''::text NOT NULL,
    employer_id uuid,
    establishment_id uuid,
    contact_id uuid,
    before jsonb,
    after jsonb,
    CONSTRAINT import_row_outcome_check CHECK ((outcome = ANY (ARRAY['created'::text, 'updated'::text, 'unchanged'::text, 'merged'::text, 'rejected'::text])))
);
CREATE TABLE public.job (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    title text NOT NULL,
    arguments jsonb DEFAULT '{}'::jsonb NOT NULL,
    key text,
    state text DEFAULT 'queued'::text NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    attempts_allowed integer DEFAULT 5 NOT NULL,
    run_after timestamp with time zone DEFAULT now() NOT NULL,
    lease_until timestamp with time zone,
    worker text DEFAULT ''::text NOT NULL,
    progress_done bigint DEFAULT 0 NOT NULL,
    progress_total bigint,
    message text DEFAULT ''::text NOT NULL,
    result jsonb,
    reason text DEFAULT ''::text NOT NULL,
    actor_kind text NOT NULL,
    account_id uuid,
    board_id uuid,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    line text,
    CONSTRAINT job_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text, 'stopped'::text])))
);
CREATE TABLE public.link_token (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    secret_hash bytea NOT NULL,
    code_hash bytea,
    code_tries integer DEFAULT 0 NOT NULL,
    browser_hash bytea,
    purpose text NOT NULL,
    account_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT link_token_purpose_check CHECK ((purpose = ANY (ARRAY['first_admin'::text, 'invitation'::text, 'sign_in'::text, 'recovery'::text, 'passkey'::text])))
);
CREATE TABLE public.mail_message (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    to_address text NOT NULL,
    subject text NOT NULL,
    text_body text NOT NULL,
    html_body text DEFAULT ''::text NOT NULL,
    language text DEFAULT 'en'::text NOT NULL,
    template text DEFAULT ''::text NOT NULL,
    message_id text NOT NULL,
    state text DEFAULT 'queued'::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    account_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    sent_at timestamp with time zone,
    sealed bytea,
    CONSTRAINT mail_message_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'failed'::text, 'uncertain'::text, 'outbox'::text])))
);
CREATE TABLE public.migration (
    id integer NOT NULL,
    name text NOT NULL,
    app_name text NOT NULL,
    ran_on timestamp without time zone DEFAULT now() NOT NULL
);
CREATE SEQUENCE public.migration_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.migration_id_seq OWNED BY public.migration.id;
CREATE TABLE public.partner (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    board_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    city text DEFAULT ''::text NOT NULL,
    website text DEFAULT ''::text NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    email text DEFAULT ''::text NOT NULL,
    archived_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT partner_kind_check CHECK ((kind = ANY (ARRAY['school'::text, 'district'::text, 'intermediary'::text, 'chamber'::text])))
);
CREATE TABLE public.passkey (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id uuid NOT NULL,
    credential_id bytea NOT NULL,
    public_key bytea NOT NULL,
    sign_count bigint DEFAULT 0 NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone,
    removed_at timestamp with time zone
);
CREATE TABLE public.pipeline (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    board_id uuid,
    code text NOT NULL,
    name_en text NOT NULL,
    name_es text NOT NULL,
    "position" integer DEFAULT 0 NOT NULL,
    archived_at timestamp with time zone
);
CREATE TABLE public.place_alias (
    state text NOT NULL,
    alias_key text NOT NULL,
    place_key text NOT NULL
);
CREATE TABLE public.plugin_state (
    name text NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    approved_hash text,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    changed_by uuid
);
CREATE TABLE public.region (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind text NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    review_status text DEFAULT 'verified'::text NOT NULL
);
CREATE TABLE public.role_grant (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id uuid NOT NULL,
    role text NOT NULL,
    board_id uuid,
    partner_id uuid,
    employer_id uuid,
    granted_at timestamp with time zone DEFAULT now() NOT NULL,
    granted_by uuid,
    revoked_at timestamp with time zone,
    revoked_by uuid,
    CONSTRAINT role_grant_check CHECK (((role = ANY (ARRAY['board_manager'::text, 'board_staff'::text])) = (board_id IS NOT NULL))),
    CONSTRAINT role_grant_check1 CHECK (((role = 'partner'::text) = (partner_id IS NOT NULL))),
    CONSTRAINT role_grant_check2 CHECK (((role = ANY (ARRAY['employer_owner'::text, 'employer_member'::text])) = (employer_id IS NOT NULL))),
    CONSTRAINT role_grant_role_check CHECK ((role = ANY (ARRAY['state_admin'::text, 'state_analyst'::text, 'board_manager'::text, 'board_staff'::text, 'partner'::text, 'auditor'::text, 'employer_owner'::text, 'employer_member'::text])))
);
CREATE TABLE public.session (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    secret_hash bytea NOT NULL,
    account_id uuid NOT NULL,
    method text NOT NULL,
    complete boolean DEFAULT false NOT NULL,
    stepped_up_at timestamp with time zone,
    user_agent text DEFAULT ''::text NOT NULL,
    address text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT session_method_check CHECK ((method = ANY (ARRAY['password'::text, 'passkey'::text, 'link'::text, 'first_admin'::text])))
);
CREATE TABLE public.sign_in_throttle (
    key text NOT NULL,
    misses integer DEFAULT 0 NOT NULL,
    next_try_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.stage (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    pipeline_id uuid NOT NULL,
    code text NOT NULL,
    name_en text NOT NULL,
    name_es text NOT NULL,
    "position" integer NOT NULL,
    kind text DEFAULT 'open'::text NOT NULL,
    CONSTRAINT stage_kind_check CHECK ((kind = ANY (ARRAY['open'::text, 'paused'::text, 'declined'::text, 'lapsed'::text])))
);
CREATE TABLE public.stage_move (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    engagement_id uuid NOT NULL,
    from_stage_id uuid,
    to_stage_id uuid NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    moved_by uuid,
    undone_at timestamp with time zone
);
CREATE TABLE public.stored_file (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    storage_key text NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL,
    sha256 bytea NOT NULL,
    kind text NOT NULL,
    employer_id uuid,
    board_id uuid,
    created_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone
);
ALTER TABLE ONLY public.stored_file FORCE ROW LEVEL SECURITY;
CREATE TABLE public.task (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    board_id uuid NOT NULL,
    employer_id uuid,
    engagement_id uuid,
    title text NOT NULL,
    due date,
    assignee_id uuid,
    done_at timestamp with time zone,
    done_by uuid,
    created_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL
);
CREATE TABLE public.territory (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    board_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    place_key text NOT NULL,
    county text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    source text DEFAULT ''::text NOT NULL,
    review_status text DEFAULT 'verified'::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    changed_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT territory_check CHECK (((valid_to IS NULL) OR (valid_to >= valid_from))),
    CONSTRAINT territory_kind_check CHECK ((kind = ANY (ARRAY['municipality'::text, 'county'::text, 'zip'::text]))),
    CONSTRAINT territory_review_status_check CHECK ((review_status = ANY (ARRAY['verified'::text, 'second_hand'::text, 'recalled'::text, 'entered'::text])))
);
ALTER TABLE ONLY public.migration ALTER COLUMN id SET DEFAULT nextval('public.migration_id_seq'::regclass);
INSERT INTO public.account VALUES ('b4c5e906-b9b6-4d85-8081-c9f01c082689', 'ñ1@example.org', 'ñ 1', 'staff', 'en', 'ñ 1', '\xc4ca4238a0b923820dcc509a6f75849b', 1, '{1,ñ}', 'comfortable', false, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 1);
INSERT INTO public.account VALUES ('7d16aed0-eee0-4831-8ac5-039fcb8c83bf', 'ñ2@example.org', 'ñ 2', 'staff', 'en', 'ñ 2', '\xc81e728d9d4c2f636f067f89cc14862c', 2, '{2,ñ}', 'comfortable', false, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 2);
INSERT INTO public.activity VALUES ('10c738e2-c1f9-486c-a176-bc031ae3a121', '57e5a90b-a283-4201-849a-5f756277083d', NULL, NULL, NULL, NULL, NULL, 'call', '', 'ñ 1', 'ñ 1', '2026-01-01 12:00:00+00', NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 1);
INSERT INTO public.activity VALUES ('f99f28f9-d99e-401d-be52-9ded406ddcb4', 'f62136f9-ea80-414e-b21f-bf9b2ed0b098', NULL, NULL, NULL, NULL, NULL, 'call', '', 'ñ 2', 'ñ 2', '2026-01-01 12:00:00+00', NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 2);
INSERT INTO public.affiliation VALUES ('8fd14f80-44da-42ea-a986-7c11a854bddc', '18579a29-29fd-425a-b935-feaaeb37b735', '57e5a90b-a283-4201-849a-5f756277083d', NULL, 'ñ 1', false, false, false, '2026-01-01', '2026-01-01', '2026-01-01 12:00:00+00', 1, '2026-01-01 12:00:00+00');
INSERT INTO public.affiliation VALUES ('e6af5e84-2516-4637-9cb5-9e980058e45a', '487dc779-a79f-4179-bac9-ee9e8f5000c0', 'f62136f9-ea80-414e-b21f-bf9b2ed0b098', NULL, 'ñ 2', false, false, false, '2026-01-01', '2026-01-01', '2026-01-01 12:00:00+00', 2, '2026-01-01 12:00:00+00');
INSERT INTO public.api_creation VALUES ('7d16aed0-eee0-4831-8ac5-039fcb8c83bf', 'ñ 1', '\xc4ca4238a0b923820dcc509a6f75849b', NULL, '2026-01-01 12:00:00+00');
INSERT INTO public.api_creation VALUES ('b4c5e906-b9b6-4d85-8081-c9f01c082689', 'ñ 2', '\xc81e728d9d4c2f636f067f89cc14862c', NULL, '2026-01-01 12:00:00+00');
INSERT INTO public.api_token VALUES ('83e9b9ef-4295-44a2-a2d1-8d4d32956f99', '7d16aed0-eee0-4831-8ac5-039fcb8c83bf', 'ñ 1', '\xc4ca4238a0b923820dcc509a6f75849b', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', false, '{c4ca4238-a0b9-2382-0dcc-509a6f75849b}', 'ñ 1');
INSERT INTO public.api_token VALUES ('1148f089-62f0-4bf1-97d9-6db1d98170ce', 'b4c5e906-b9b6-4d85-8081-c9f01c082689', 'ñ 2', '\xc81e728d9d4c2f636f067f89cc14862c', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', false, '{c81e728d-9d4c-2f63-6f06-7f89cc14862c}', 'ñ 2');
INSERT INTO public.audit_block VALUES (1, 1, 1, 1, '\xc4ca4238a0b923820dcc509a6f75849b', '\xc4ca4238a0b923820dcc509a6f75849b', '2026-01-01 12:00:00+00');
INSERT INTO public.audit_block VALUES (2, 2, 2, 2, '\xc81e728d9d4c2f636f067f89cc14862c', '\xc81e728d9d4c2f636f067f89cc14862c', '2026-01-01 12:00:00+00');
INSERT INTO public.audit_block_entry VALUES (1, 1);
INSERT INTO public.audit_block_entry VALUES (2, 2);
INSERT INTO public.audit_entry OVERRIDING SYSTEM VALUE VALUES (1, '2026-01-01 12:00:00+00', 'ñ 1', NULL, 'ñ 1', 'ñ 1', 'done', 'ñ 1', NULL, NULL, NULL, '{"n": 1}', '{"n": 1}', 'ñ 1');
INSERT INTO public.audit_entry OVERRIDING SYSTEM VALUE VALUES (2, '2026-01-01 12:00:00+00', 'ñ 2', NULL, 'ñ 2', 'ñ 2', 'done', 'ñ 2', NULL, NULL, NULL, '{"n": 2}', '{"n": 2}', 'ñ 2');
INSERT INTO public.audit_waiting VALUES (1);
INSERT INTO public.audit_waiting VALUES (2);
INSERT INTO public.backup VALUES ('e932ea21-1dd7-424e-828a-3c2e8169e650', '2026-01-01 12:00:00+00', 'ñ 1', 1, 1, 1, '2026-01-01 12:00:00+00', 1.0, '{1,ñ}', '2026-01-01 12:00:00+00');
INSERT INTO public.backup VALUES ('ec6df876-74e5-48df-9030-ba529ac11a9a', '2026-01-01 12:00:00+00', 'ñ 2', 2, 2, 2, '2026-01-01 12:00:00+00', 2.0, '{2,ñ}', '2026-01-01 12:00:00+00');
INSERT INTO public.board VALUES ('fe1dde06-20ee-4b5e-93d6-5b05af30fc12', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'verified', '2026-01-01', '2026-01-01', '2026-01-01 12:00:00+00', 1, 'ñ 1', '2026-01-01 12:00:00+00');
INSERT INTO public.board VALUES ('81f5b2f1-9f43-4772-8d41-11b3ac688482', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'verified', '2026-01-01', '2026-01-01', '2026-01-01 12:00:00+00', 2, 'ñ 2', '2026-01-01 12:00:00+00');
INSERT INTO public.board_region VALUES ('74bfa7be-875d-4fa4-b02d-ae72970192e1', '81f5b2f1-9f43-4772-8d41-11b3ac688482', '737f806c-bb21-4aec-9148-b3b412e18dd1', '2026-01-01', '2026-01-01');
INSERT INTO public.board_region VALUES ('cb12808e-9b8a-42fb-95d6-a9aaddf5457f', 'fe1dde06-20ee-4b5e-93d6-5b05af30fc12', 'd6199fcc-2188-45e3-aaef-5138820a7db5', '2026-01-01', '2026-01-01');
INSERT INTO public.contact VALUES ('18579a29-29fd-425a-b935-feaaeb37b735', 'ñ 1', 'ñ 1', DEFAULT, 'ñ1@example.org', 'ñ 1', 'ñ 1', 'en', 'email', false, 'ñ 1', NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 1);
INSERT INTO public.contact VALUES ('487dc779-a79f-4179-bac9-ee9e8f5000c0', 'ñ 2', 'ñ 2', DEFAULT, 'ñ2@example.org', 'ñ 2', 'ñ 2', 'en', 'email', false, 'ñ 2', NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 2);
INSERT INTO public.employer VALUES ('f62136f9-ea80-414e-b21f-bf9b2ed0b098', 'ñ 1', '{1,ñ}', DEFAULT, DEFAULT, 'ñ 1', '\xc4ca4238a0b923820dcc509a6f75849b', '\xc4ca4238a0b923820dcc509a6f75849b', 'ñ 1', '', 1, DEFAULT, 'ñ 1', DEFAULT, 'ñ 1', 'ñ 1', 'ñ 1', 'prospect', 'ñ 1', 'ñ 1', 'ñ 1', DEFAULT, 'ñ 1', 'ñ 1', NULL, 1, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', NULL, '2026-01-01 12:00:00+00', 1);
INSERT INTO public.employer VALUES ('57e5a90b-a283-4201-849a-5f756277083d', 'ñ 2', '{2,ñ}', DEFAULT, DEFAULT, 'ñ 2', '\xc81e728d9d4c2f636f067f89cc14862c', '\xc81e728d9d4c2f636f067f89cc14862c', 'ñ 2', '', 2, DEFAULT, 'ñ 2', DEFAULT, 'ñ 2', 'ñ 2', 'ñ 2', 'prospect', 'ñ 2', 'ñ 2', 'ñ 2', DEFAULT, 'ñ 2', 'ñ 2', NULL, 2, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', NULL, '2026-01-01 12:00:00+00', 2);
INSERT INTO public.engagement VALUES ('5c71890a-3ed2-4004-b2d8-a9f2c838343c', '57e5a90b-a283-4201-849a-5f756277083d', '81f5b2f1-9f43-4772-8d41-11b3ac688482', '8fc0f104-f6ca-44bd-ae76-94209eca3d82', '2dab8e49-2304-4d8a-9800-4b8c97ce54d9', '2026-01-01 12:00:00+00', 'ñ 1', NULL, 'ñ 1', '2026-01-01', 1, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 1);
INSERT INTO public.engagement VALUES ('a575f316-337d-4900-b1d6-bdfb135afc85', 'f62136f9-ea80-414e-b21f-bf9b2ed0b098', 'fe1dde06-20ee-4b5e-93d6-5b05af30fc12', '8fc0f104-f6ca-44bd-ae76-94209eca3d82', '3fedeff5-8cb4-4de7-9ab9-0005a0dda78b', '2026-01-01 12:00:00+00', 'ñ 2', NULL, 'ñ 2', '2026-01-01', 2, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 2);
INSERT INTO public.establishment VALUES ('a00351e5-c61d-4328-b10d-4c16d1e70e4d', '57e5a90b-a283-4201-849a-5f756277083d', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 1, 'ñ 1', false, NULL, NULL, NULL, 'ñ 1', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 1);
INSERT INTO public.establishment VALUES ('93f566bb-7476-4b3c-891c-a4f180619a3f', 'f62136f9-ea80-414e-b21f-bf9b2ed0b098', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 2, 'ñ 2', false, NULL, NULL, NULL, 'ñ 2', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 2);
INSERT INTO public.estimate VALUES ('8ea8d60e-86ef-45bf-b4da-b376c94d05e7', '57e5a90b-a283-4201-849a-5f756277083d', NULL, NULL, '2026-01-01', '{"n": 1}', '{"n": 1}', NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 1);
INSERT INTO public.estimate VALUES ('d89de8de-d609-4980-be6d-bd131e0cfcd1', 'f62136f9-ea80-414e-b21f-bf9b2ed0b098', NULL, NULL, '2026-01-01', '{"n": 2}', '{"n": 2}', NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 2);
INSERT INTO public.event OVERRIDING SYSTEM VALUE VALUES (1, 'ñ 1', '2026-01-01 12:00:00+00', '{"n": 1}', NULL, '2026-01-01 12:00:00+00');
INSERT INTO public.event OVERRIDING SYSTEM VALUE VALUES (2, 'ñ 2', '2026-01-01 12:00:00+00', '{"n": 2}', NULL, '2026-01-01 12:00:00+00');
INSERT INTO public.import_batch VALUES ('29303575-6ae3-4bca-9696-ea3c01a4d8ca', NULL, NULL, NULL, 'ñ 1', 'ñ 1', 'ñ 1', '{1,ñ}', '{"n": 1}', '{"n": 1}', 'uploaded', 'ñ 1', '{"n": 1}', NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00');
INSERT INTO public.import_batch VALUES ('1bf69452-65f1-42ef-bb08-7f6821167ca3', NULL, NULL, NULL, 'ñ 2', 'ñ 2', 'ñ 2', '{2,ñ}', '{"n": 2}', '{"n": 2}', 'uploaded', 'ñ 2', '{"n": 2}', NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00');
INSERT INTO public.import_mapping VALUES ('7d16aed0-eee0-4831-8ac5-039fcb8c83bf', '\xc4ca4238a0b923820dcc509a6f75849b', '{"n": 1}', '2026-01-01 12:00:00+00');
INSERT INTO public.import_mapping VALUES ('b4c5e906-b9b6-4d85-8081-c9f01c082689', '\xc81e728d9d4c2f636f067f89cc14862c', '{"n": 2}', '2026-01-01 12:00:00+00');
INSERT INTO public.import_row VALUES ('1bf69452-65f1-42ef-bb08-7f6821167ca3', 1, 'ñ 1', '{1,ñ}', 'ñ 1', '\xc4ca4238a0b923820dcc509a6f75849b', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', '{"n": 1}', '{1,ñ}', 'created', 'ñ 1', NULL, NULL, NULL, '{"n": 1}', '{"n": 1}');
INSERT INTO public.import_row VALUES ('29303575-6ae3-4bca-9696-ea3c01a4d8ca', 2, 'ñ 2', '{2,ñ}', 'ñ 2', '\xc81e728d9d4c2f636f067f89cc14862c', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', '{"n": 2}', '{2,ñ}', 'created', 'ñ 2', NULL, NULL, NULL, '{"n": 2}', '{"n": 2}');
INSERT INTO public.job VALUES ('6089f06c-ed59-411d-a419-87a62e66e9ec', 'ñ 1', 'ñ 1', '{"n": 1}', 'ñ 1', 'queued', 1, 1, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 'ñ 1', 1, 1, 'ñ 1', '{"n": 1}', 'ñ 1', 'ñ 1', NULL, NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 'ñ 1');
INSERT INTO public.job VALUES ('fa1fae27-ea10-4b81-9594-236802d7f4c3', 'ñ 2', 'ñ 2', '{"n": 2}', 'ñ 2', 'queued', 2, 2, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 'ñ 2', 2, 2, 'ñ 2', '{"n": 2}', 'ñ 2', 'ñ 2', NULL, NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 'ñ 2');
INSERT INTO public.link_token VALUES ('6e9ce70e-e464-4753-b5a4-7a739167e090', '\xc4ca4238a0b923820dcc509a6f75849b', '\xc4ca4238a0b923820dcc509a6f75849b', 1, '\xc4ca4238a0b923820dcc509a6f75849b', 'first_admin', NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00');
INSERT INTO public.link_token VALUES ('d6b818f1-b00c-43e0-a377-5bac96cb5e35', '\xc81e728d9d4c2f636f067f89cc14862c', '\xc81e728d9d4c2f636f067f89cc14862c', 2, '\xc81e728d9d4c2f636f067f89cc14862c', 'first_admin', NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00');
INSERT INTO public.mail_message VALUES ('a96ab2c8-066d-43f1-aa0d-d9e3e27b0f27', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'queued', 'ñ 1', NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '\xc4ca4238a0b923820dcc509a6f75849b');
INSERT INTO public.mail_message VALUES ('650232c5-d0fc-4cbe-9516-38ad738bca71', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'queued', 'ñ 2', NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '\xc81e728d9d4c2f636f067f89cc14862c');
INSERT INTO public.migration VALUES (1, '0001_kernel', 'crm', '2026-11-24 03:26:29.050961');
INSERT INTO public.migration VALUES (2, '0002_directory', 'crm', '2026-11-24 03:26:29.093878');
INSERT INTO public.migration VALUES (3, '0003_engagements', 'crm', '2026-11-24 03:26:29.134134');
INSERT INTO public.migration VALUES (4, '0004_imports', 'crm', '2026-11-24 03:26:29.166428');
INSERT INTO public.migration VALUES (5, '0005_access', 'crm', '2026-11-24 03:26:29.176871');
INSERT INTO public.migration VALUES (6, '0006_import_rows', 'crm', '2026-11-24 03:26:29.187753');
INSERT INTO public.migration VALUES (7, '0007_boards', 'crm', '2026-11-24 03:26:29.191268');
INSERT INTO public.migration VALUES (8, '0009_api_tokens', 'crm', '2026-11-24 03:26:29.195463');
INSERT INTO public.migration VALUES (9, '0012_backups', 'crm', '2026-11-24 03:26:29.20278');
INSERT INTO public.migration VALUES (10, '0013_board_order', 'crm', '2026-11-24 03:26:29.209024');
INSERT INTO public.migration VALUES (11, '0014_indexes_of_references', 'crm', '2026-11-24 03:26:29.214613');
INSERT INTO public.migration VALUES (12, '0015_mail_secrets', 'crm', '2026-11-24 03:26:29.222867');
INSERT INTO public.migration VALUES (13, '0016_housekeeping', 'crm', '2026-11-24 03:26:29.226329');
INSERT INTO public.migration VALUES (14, '0017_import_statistics', 'crm', '2026-11-24 03:26:29.229932');
INSERT INTO public.migration VALUES (15, '0018_updated_at', 'crm', '2026-11-24 03:26:29.233306');
INSERT INTO public.migration VALUES (16, '0019_job_lines', 'crm', '2026-11-24 03:26:29.238153');
INSERT INTO public.migration VALUES (17, '0020_editing', 'crm', '2026-11-24 03:26:29.242422');
INSERT INTO public.migration VALUES (18, '0021_record_heads', 'crm', '2026-11-24 03:26:29.246624');
INSERT INTO public.partner VALUES ('47cdb3dc-d027-4590-813c-268e2b37022a', '81f5b2f1-9f43-4772-8d41-11b3ac688482', 'school', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 1, '2026-01-01 12:00:00+00');
INSERT INTO public.partner VALUES ('cc0cbcec-f31f-450f-94c7-0cef4ebe5f22', 'fe1dde06-20ee-4b5e-93d6-5b05af30fc12', 'school', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', 2, '2026-01-01 12:00:00+00');
INSERT INTO public.passkey VALUES ('1b0d4bda-3906-4513-9b07-bebed8ac5b4d', '7d16aed0-eee0-4831-8ac5-039fcb8c83bf', '\xc4ca4238a0b923820dcc509a6f75849b', '\xc4ca4238a0b923820dcc509a6f75849b', 1, 'ñ 1', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00');
INSERT INTO public.passkey VALUES ('2f67da0d-ae33-475a-81c8-17cdf93301c8', 'b4c5e906-b9b6-4d85-8081-c9f01c082689', '\xc81e728d9d4c2f636f067f89cc14862c', '\xc81e728d9d4c2f636f067f89cc14862c', 2, 'ñ 2', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00');
INSERT INTO public.pipeline VALUES ('8fc0f104-f6ca-44bd-ae76-94209eca3d82', NULL, 'recruit', 'Recruit employers', 'Captar empleadores', 0, NULL);
INSERT INTO public.place_alias VALUES ('ñ 1', 'ñ 1', 'ñ 1');
INSERT INTO public.place_alias VALUES ('ñ 2', 'ñ 2', 'ñ 2');
INSERT INTO public.plugin_state VALUES ('ñ 1', false, '{"n": 1}', 'ñ 1', '2026-01-01 12:00:00+00', NULL);
INSERT INTO public.plugin_state VALUES ('ñ 2', false, '{"n": 2}', 'ñ 2', '2026-01-01 12:00:00+00', NULL);
INSERT INTO public.region VALUES ('737f806c-bb21-4aec-9148-b3b412e18dd1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1');
INSERT INTO public.region VALUES ('d6199fcc-2188-45e3-aaef-5138820a7db5', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2');
INSERT INTO public.role_grant VALUES ('d38d6a2a-a2e9-4918-9051-89f3712a314b', '7d16aed0-eee0-4831-8ac5-039fcb8c83bf', 'state_admin', NULL, NULL, NULL, '2026-01-01 12:00:00+00', NULL, '2026-01-01 12:00:00+00', NULL);
INSERT INTO public.role_grant VALUES ('b8c79fe4-79a0-45f8-801d-1437b7888189', 'b4c5e906-b9b6-4d85-8081-c9f01c082689', 'state_admin', NULL, NULL, NULL, '2026-01-01 12:00:00+00', NULL, '2026-01-01 12:00:00+00', NULL);
INSERT INTO public.session VALUES ('dca5afe2-c102-4888-a549-f4e7e32a6e66', '\xc4ca4238a0b923820dcc509a6f75849b', '7d16aed0-eee0-4831-8ac5-039fcb8c83bf', 'password', false, '2026-01-01 12:00:00+00', 'ñ 1', 'ñ 1', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00');
INSERT INTO public.session VALUES ('5854daa0-d6d6-4a4a-ab01-52baebccb0e5', '\xc81e728d9d4c2f636f067f89cc14862c', 'b4c5e906-b9b6-4d85-8081-c9f01c082689', 'password', false, '2026-01-01 12:00:00+00', 'ñ 2', 'ñ 2', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00');
INSERT INTO public.sign_in_throttle VALUES ('ñ 1', 1, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00');
INSERT INTO public.sign_in_throttle VALUES ('ñ 2', 2, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00');
INSERT INTO public.stage VALUES ('4f5ad5fb-a27e-4e7a-94f3-fcb1de92dc2d', '8fc0f104-f6ca-44bd-ae76-94209eca3d82', 'identified', 'Identified', 'Identificado', 1, 'open');
INSERT INTO public.stage VALUES ('895e2cd2-d209-4be4-bd1d-e852cc9de085', '8fc0f104-f6ca-44bd-ae76-94209eca3d82', 'contacted', 'Contacted', 'Contactado', 2, 'open');
INSERT INTO public.stage VALUES ('df9382fd-0f9c-4551-9bf3-7b1c86ba0150', '8fc0f104-f6ca-44bd-ae76-94209eca3d82', 'met', 'Met', 'Reunido', 3, 'open');
INSERT INTO public.stage VALUES ('6a6e1f8c-7351-43a3-b35a-9922354ac072', '8fc0f104-f6ca-44bd-ae76-94209eca3d82', 'interested', 'Interested', 'Interesado', 4, 'open');
INSERT INTO public.stage VALUES ('f0ca75e1-b8b1-48ee-8aca-771af9b38c8b', '8fc0f104-f6ca-44bd-ae76-94209eca3d82', 'pledged', 'Pledged', 'Comprometido', 5, 'open');
INSERT INTO public.stage VALUES ('3fedeff5-8cb4-4de7-9ab9-0005a0dda78b', '8fc0f104-f6ca-44bd-ae76-94209eca3d82', 'onboarding', 'Onboarding', 'Incorporación', 6, 'open');
INSERT INTO public.stage VALUES ('d9aeac49-44e4-45c5-aa36-fd01f89e2f6b', '8fc0f104-f6ca-44bd-ae76-94209eca3d82', 'ready', 'Ready', 'Listo', 7, 'open');
INSERT INTO public.stage VALUES ('c72fa2a2-439b-414a-a77a-2470ab7fa078', '8fc0f104-f6ca-44bd-ae76-94209eca3d82', 'hosting', 'Hosting', 'Con estudiantes', 8, 'open');
INSERT INTO public.stage VALUES ('c7090b14-8682-4a77-b959-17bfaf20ccea', '8fc0f104-f6ca-44bd-ae76-94209eca3d82', 'renewing', 'Renewing', 'En renovación', 9, 'open');
INSERT INTO public.stage VALUES ('2dab8e49-2304-4d8a-9800-4b8c97ce54d9', '8fc0f104-f6ca-44bd-ae76-94209eca3d82', 'paused', 'Paused', 'En pausa', 10, 'paused');
INSERT INTO public.stage VALUES ('c2ba9991-936b-4429-afbe-f09b4a918807', '8fc0f104-f6ca-44bd-ae76-94209eca3d82', 'declined', 'Declined', 'No acepta', 11, 'declined');
INSERT INTO public.stage VALUES ('6d3808c9-d0e1-4129-8ecf-cbf4e909ce5b', '8fc0f104-f6ca-44bd-ae76-94209eca3d82', 'lapsed', 'Lapsed', 'Inactivo', 12, 'lapsed');
INSERT INTO public.stage_move VALUES ('5edea22a-8996-46a8-88cf-4c086c5d27fd', '5c71890a-3ed2-4004-b2d8-a9f2c838343c', NULL, '2dab8e49-2304-4d8a-9800-4b8c97ce54d9', 'ñ 1', '2026-01-01 12:00:00+00', NULL, '2026-01-01 12:00:00+00');
INSERT INTO public.stage_move VALUES ('24286de6-9536-4202-a9e6-8b2a58807da7', 'a575f316-337d-4900-b1d6-bdfb135afc85', NULL, '3fedeff5-8cb4-4de7-9ab9-0005a0dda78b', 'ñ 2', '2026-01-01 12:00:00+00', NULL, '2026-01-01 12:00:00+00');
INSERT INTO public.stored_file VALUES ('8cb9a1b4-7d3c-41a1-b677-ba1d0119c87f', 'ñ 1', 'ñ 1', 'ñ 1', 1, '\xc4ca4238a0b923820dcc509a6f75849b', 'ñ 1', NULL, NULL, NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00');
INSERT INTO public.stored_file VALUES ('1e7efb9c-1073-4d41-90a7-1e5cf6a0accf', 'ñ 2', 'ñ 2', 'ñ 2', 2, '\xc81e728d9d4c2f636f067f89cc14862c', 'ñ 2', NULL, NULL, NULL, '2026-01-01 12:00:00+00', '2026-01-01 12:00:00+00');
INSERT INTO public.task VALUES ('df8bf4a6-502b-4b3a-a262-fac1930a4ef6', '81f5b2f1-9f43-4772-8d41-11b3ac688482', NULL, NULL, 'ñ 1', '2026-01-01', NULL, '2026-01-01 12:00:00+00', NULL, NULL, '2026-01-01 12:00:00+00', 1);
INSERT INTO public.task VALUES ('31738ede-b051-4d48-9d74-1cd59047bb62', 'fe1dde06-20ee-4b5e-93d6-5b05af30fc12', NULL, NULL, 'ñ 2', '2026-01-01', NULL, '2026-01-01 12:00:00+00', NULL, NULL, '2026-01-01 12:00:00+00', 2);
INSERT INTO public.territory VALUES ('4a349d82-9eaf-4c3d-b69b-bc83216abad2', '81f5b2f1-9f43-4772-8d41-11b3ac688482', 'municipality', 'ñ 1', 'ñ 1', 'ñ 1', 'ñ 1', '2026-01-01', '2026-01-01', 'ñ 1', 'verified', 'ñ 1', NULL, '2026-01-01 12:00:00+00');
INSERT INTO public.territory VALUES ('845a6e9d-77c5-4c98-8268-e14a0f752c51', 'fe1dde06-20ee-4b5e-93d6-5b05af30fc12', 'municipality', 'ñ 2', 'ñ 2', 'ñ 2', 'ñ 2', '2026-01-01', '2026-01-01', 'ñ 2', 'verified', 'ñ 2', NULL, '2026-01-01 12:00:00+00');
SELECT pg_catalog.setval('public.audit_entry_id_seq', 2, true);
SELECT pg_catalog.setval('public.event_id_seq', 2, true);
SELECT pg_catalog.setval('public.migration_id_seq', 18, true);
ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_email_key UNIQUE (email);
ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.activity
    ADD CONSTRAINT activity_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.affiliation
    ADD CONSTRAINT affiliation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.api_creation
    ADD CONSTRAINT api_creation_pkey PRIMARY KEY (account_id, key);
ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_secret_hash_key UNIQUE (secret_hash);
ALTER TABLE ONLY public.audit_block_entry
    ADD CONSTRAINT audit_block_entry_pkey PRIMARY KEY (entry_id);
ALTER TABLE ONLY public.audit_block
    ADD CONSTRAINT audit_block_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.audit_entry
    ADD CONSTRAINT audit_entry_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_waiting
    ADD CONSTRAINT audit_waiting_pkey PRIMARY KEY (entry_id);
ALTER TABLE ONLY public.backup
    ADD CONSTRAINT backup_file_key UNIQUE (file);
ALTER TABLE ONLY public.backup
    ADD CONSTRAINT backup_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.board
    ADD CONSTRAINT board_code_key UNIQUE (code);
ALTER TABLE ONLY public.board
    ADD CONSTRAINT board_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.board_region
    ADD CONSTRAINT board_region_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.contact
    ADD CONSTRAINT contact_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.employer
    ADD CONSTRAINT employer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.engagement
    ADD CONSTRAINT engagement_board_id_id_key UNIQUE (board_id, id);
ALTER TABLE ONLY public.engagement
    ADD CONSTRAINT engagement_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.establishment
    ADD CONSTRAINT establishment_employer_id_id_key UNIQUE (employer_id, id);
ALTER TABLE ONLY public.establishment
    ADD CONSTRAINT establishment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.estimate
    ADD CONSTRAINT estimate_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.import_batch
    ADD CONSTRAINT import_batch_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.import_mapping
    ADD CONSTRAINT import_mapping_pkey PRIMARY KEY (account_id, header_hash);
ALTER TABLE ONLY public.import_row
    ADD CONSTRAINT import_row_pkey PRIMARY KEY (import_id, row_number);
ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.link_token
    ADD CONSTRAINT link_token_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.link_token
    ADD CONSTRAINT link_token_secret_hash_key UNIQUE (secret_hash);
ALTER TABLE ONLY public.mail_message
    ADD CONSTRAINT mail_message_message_id_key UNIQUE (message_id);
ALTER TABLE ONLY public.mail_message
    ADD CONSTRAINT mail_message_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_app_name_name_key UNIQUE (app_name, name);
ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.partner
    ADD CONSTRAINT partner_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.passkey
    ADD CONSTRAINT passkey_credential_id_key UNIQUE (credential_id);
ALTER TABLE ONLY public.passkey
    ADD CONSTRAINT passkey_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.pipeline
    ADD CONSTRAINT pipeline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.place_alias
    ADD CONSTRAINT place_alias_pkey PRIMARY KEY (state, alias_key);
ALTER TABLE ONLY public.plugin_state
    ADD CONSTRAINT plugin_state_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.region
    ADD CONSTRAINT region_kind_state_code_key UNIQUE (kind, state, code);
ALTER TABLE ONLY public.region
    ADD CONSTRAINT region_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.role_grant
    ADD CONSTRAINT role_grant_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_secret_hash_key UNIQUE (secret_hash);
ALTER TABLE ONLY public.sign_in_throttle
    ADD CONSTRAINT sign_in_throttle_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.stage_move
    ADD CONSTRAINT stage_move_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stage
    ADD CONSTRAINT stage_pipeline_id_code_key UNIQUE (pipeline_id, code);
ALTER TABLE ONLY public.stage
    ADD CONSTRAINT stage_pipeline_id_id_key UNIQUE (pipeline_id, id);
ALTER TABLE ONLY public.stage
    ADD CONSTRAINT stage_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stored_file
    ADD CONSTRAINT stored_file_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stored_file
    ADD CONSTRAINT stored_file_storage_key_key UNIQUE (storage_key);
ALTER TABLE ONLY public.task
    ADD CONSTRAINT task_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.territory
    ADD CONSTRAINT territory_pkey PRIMARY KEY (id);
CREATE INDEX activity_board ON public.activity USING btree (board_id, at DESC) WHERE (removed_at IS NULL);
CREATE INDEX activity_contact ON public.activity USING btree (contact_id) WHERE (contact_id IS NOT NULL);
CREATE INDEX activity_employer ON public.activity USING btree (employer_id, at DESC, id DESC);
CREATE INDEX affiliation_contact ON public.affiliation USING btree (contact_id);
CREATE INDEX affiliation_employer ON public.affiliation USING btree (employer_id);
CREATE INDEX api_creation_made ON public.api_creation USING btree (made_at);
CREATE INDEX api_token_account ON public.api_token USING btree (account_id, created_at);
CREATE INDEX audit_block_entry_block ON public.audit_block_entry USING btree (block_number);
CREATE INDEX audit_entry_actor ON public.audit_entry USING btree (actor_id, id DESC);
CREATE INDEX audit_entry_employer ON public.audit_entry USING btree (employer_id, id DESC) WHERE (employer_id IS NOT NULL);
CREATE INDEX audit_entry_subject ON public.audit_entry USING btree (subject_kind, subject_id, id DESC);
CREATE INDEX backup_recent ON public.backup USING btree (taken_at DESC);
CREATE INDEX board_region_board ON public.board_region USING btree (board_id);
CREATE INDEX contact_email ON public.contact USING btree (email) WHERE (email OPERATOR(public.<>) ''::public.citext);
CREATE INDEX contact_search ON public.contact USING gin (search_text public.gin_trgm_ops);
CREATE INDEX employer_board ON public.employer USING btree (board_id, name_folded, id) INCLUDE (sector, size_band, status) WHERE (archived_at IS NULL);
CREATE INDEX employer_city ON public.employer USING btree (city_folded, name_folded, id) WHERE (archived_at IS NULL);
CREATE INDEX employer_domain ON public.employer USING btree (domain) WHERE (domain <> ''::text);
CREATE INDEX employer_fein ON public.employer USING btree (fein_hash) WHERE (fein_hash IS NOT NULL);
CREATE INDEX employer_match ON public.employer USING btree (match_key) WHERE (archived_at IS NULL);
CREATE INDEX employer_name ON public.employer USING btree (name_folded, id) WHERE (archived_at IS NULL);
CREATE INDEX employer_prefix ON public.employer USING btree (name_folded text_pattern_ops) WHERE (archived_at IS NULL);
CREATE INDEX employer_recent ON public.employer USING btree (updated_at DESC, id DESC) WHERE (archived_at IS NULL);
CREATE INDEX employer_search ON public.employer USING gin (search_text public.gin_trgm_ops);
CREATE INDEX employer_sector ON public.employer USING btree (sector, name_folded, id) WHERE (archived_at IS NULL);
CREATE INDEX employer_size ON public.employer USING btree (size_band, name_folded, id) WHERE (archived_at IS NULL);
CREATE INDEX employer_status ON public.employer USING btree (status, name_folded, id) WHERE (archived_at IS NULL);
CREATE INDEX engagement_employer ON public.engagement USING btree (employer_id);
CREATE UNIQUE INDEX engagement_one ON public.engagement USING btree (employer_id, board_id, pipeline_id) WHERE (archived_at IS NULL);
CREATE INDEX engagement_owner ON public.engagement USING btree (owner_id, board_id) WHERE (archived_at IS NULL);
CREATE INDEX engagement_stage ON public.engagement USING btree (board_id, stage_id, stage_since DESC, id DESC) WHERE (archived_at IS NULL);
CREATE INDEX establishment_address ON public.establishment USING btree (address_key) WHERE ((address_key <> ''::text) AND (archived_at IS NULL));
CREATE INDEX establishment_board ON public.establishment USING btree (board_id) WHERE (archived_at IS NULL);
CREATE INDEX establishment_employer ON public.establishment USING btree (employer_id);
CREATE UNIQUE INDEX establishment_primary ON public.establishment USING btree (employer_id) WHERE (is_primary AND (archived_at IS NULL));
CREATE INDEX estimate_employer ON public.estimate USING btree (employer_id, created_at DESC);
CREATE INDEX event_untold ON public.event USING btree (id) WHERE (told_at IS NULL);
CREATE INDEX import_batch_job ON public.import_batch USING btree (job_id);
CREATE INDEX import_batch_recent ON public.import_batch USING btree (created_at DESC);
CREATE INDEX import_row_employer ON public.import_row USING btree (employer_id) WHERE (employer_id IS NOT NULL);
CREATE INDEX import_row_outcome ON public.import_row USING btree (import_id, outcome, row_number);
CREATE INDEX job_account ON public.job USING btree (account_id, created_at DESC);
CREATE INDEX job_due ON public.job USING btree (run_after) WHERE (state = 'queued'::text);
CREATE UNIQUE INDEX job_key ON public.job USING btree (key) WHERE ((key IS NOT NULL) AND (state = ANY (ARRAY['queued'::text, 'running'::text])));
CREATE INDEX job_leased ON public.job USING btree (lease_until) WHERE (state = 'running'::text);
CREATE INDEX job_line ON public.job USING btree (line, created_at) WHERE ((line IS NOT NULL) AND (state = ANY (ARRAY['queued'::text, 'running'::text])));
CREATE INDEX job_state ON public.job USING btree (state, created_at DESC);
CREATE INDEX link_token_account ON public.link_token USING btree (account_id);
CREATE INDEX mail_message_recent ON public.mail_message USING btree (created_at DESC);
CREATE INDEX partner_board ON public.partner USING btree (board_id, name);
CREATE INDEX passkey_account ON public.passkey USING btree (account_id) WHERE (removed_at IS NULL);
CREATE UNIQUE INDEX pipeline_code ON public.pipeline USING btree (COALESCE(board_id, '00000000-0000-0000-0000-000000000000'::uuid), code);
CREATE INDEX role_grant_account ON public.role_grant USING btree (account_id) WHERE (revoked_at IS NULL);
CREATE INDEX role_grant_employer ON public.role_grant USING btree (employer_id) WHERE (employer_id IS NOT NULL);
CREATE INDEX session_account ON public.session USING btree (account_id) WHERE (revoked_at IS NULL);
CREATE INDEX stage_move_engagement ON public.stage_move USING btree (engagement_id, at DESC);
CREATE INDEX stored_file_employer ON public.stored_file USING btree (employer_id, created_at DESC);
CREATE INDEX task_assignee ON public.task USING btree (assignee_id, due) WHERE (done_at IS NULL);
CREATE INDEX task_board ON public.task USING btree (board_id, due) WHERE (done_at IS NULL);
CREATE INDEX task_employer ON public.task USING btree (employer_id, due);
CREATE INDEX territory_board ON public.territory USING btree (board_id) WHERE (valid_to IS NULL);
CREATE UNIQUE INDEX territory_current ON public.territory USING btree (kind, state, place_key) WHERE (valid_to IS NULL);
CREATE INDEX territory_place ON public.territory USING btree (kind, state, place_key);
CREATE TRIGGER audit_wait AFTER INSERT ON public.audit_entry REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.audit_wait();
ALTER TABLE ONLY public.activity
    ADD CONSTRAINT activity_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.board(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.activity
    ADD CONSTRAINT activity_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES public.contact(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.activity
    ADD CONSTRAINT activity_employer_id_fkey FOREIGN KEY (employer_id) REFERENCES public.employer(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.activity
    ADD CONSTRAINT activity_engagement_id_fkey FOREIGN KEY (engagement_id) REFERENCES public.engagement(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.activity
    ADD CONSTRAINT activity_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.stored_file(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.activity
    ADD CONSTRAINT activity_logged_by_fkey FOREIGN KEY (logged_by) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.affiliation
    ADD CONSTRAINT affiliation_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES public.contact(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.affiliation
    ADD CONSTRAINT affiliation_employer_id_establishment_id_fkey FOREIGN KEY (employer_id, establishment_id) REFERENCES public.establishment(employer_id, id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.affiliation
    ADD CONSTRAINT affiliation_employer_id_fkey FOREIGN KEY (employer_id) REFERENCES public.employer(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.api_creation
    ADD CONSTRAINT api_creation_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.audit_block_entry
    ADD CONSTRAINT audit_block_entry_block_number_fkey FOREIGN KEY (block_number) REFERENCES public.audit_block(number) ON DELETE RESTRICT;
ALTER TABLE ONLY public.audit_block_entry
    ADD CONSTRAINT audit_block_entry_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES public.audit_entry(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.board_region
    ADD CONSTRAINT board_region_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.board(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.board_region
    ADD CONSTRAINT board_region_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.region(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.contact
    ADD CONSTRAINT contact_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.employer
    ADD CONSTRAINT employer_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.board(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.employer
    ADD CONSTRAINT employer_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.engagement
    ADD CONSTRAINT engagement_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.board(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.engagement
    ADD CONSTRAINT engagement_employer_id_fkey FOREIGN KEY (employer_id) REFERENCES public.employer(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.engagement
    ADD CONSTRAINT engagement_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.engagement
    ADD CONSTRAINT engagement_pipeline_id_fkey FOREIGN KEY (pipeline_id) REFERENCES public.pipeline(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.engagement
    ADD CONSTRAINT engagement_pipeline_id_stage_id_fkey FOREIGN KEY (pipeline_id, stage_id) REFERENCES public.stage(pipeline_id, id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.establishment
    ADD CONSTRAINT establishment_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.board(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.establishment
    ADD CONSTRAINT establishment_board_set_by_fkey FOREIGN KEY (board_set_by) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.establishment
    ADD CONSTRAINT establishment_board_territory_id_fkey FOREIGN KEY (board_territory_id) REFERENCES public.territory(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.establishment
    ADD CONSTRAINT establishment_employer_id_fkey FOREIGN KEY (employer_id) REFERENCES public.employer(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.estimate
    ADD CONSTRAINT estimate_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.board(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.estimate
    ADD CONSTRAINT estimate_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.estimate
    ADD CONSTRAINT estimate_employer_id_fkey FOREIGN KEY (employer_id) REFERENCES public.employer(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.import_batch
    ADD CONSTRAINT import_batch_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.import_batch
    ADD CONSTRAINT import_batch_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.board(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.import_batch
    ADD CONSTRAINT import_batch_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.stored_file(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.import_batch
    ADD CONSTRAINT import_batch_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.job(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.import_mapping
    ADD CONSTRAINT import_mapping_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.import_row
    ADD CONSTRAINT import_row_import_id_fkey FOREIGN KEY (import_id) REFERENCES public.import_batch(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.link_token
    ADD CONSTRAINT link_token_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.mail_message
    ADD CONSTRAINT mail_message_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.partner
    ADD CONSTRAINT partner_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.board(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.passkey
    ADD CONSTRAINT passkey_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.pipeline
    ADD CONSTRAINT pipeline_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.board(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.plugin_state
    ADD CONSTRAINT plugin_state_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.role_grant
    ADD CONSTRAINT role_grant_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.role_grant
    ADD CONSTRAINT role_grant_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.board(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.role_grant
    ADD CONSTRAINT role_grant_employer_id_fkey FOREIGN KEY (employer_id) REFERENCES public.employer(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.role_grant
    ADD CONSTRAINT role_grant_granted_by_fkey FOREIGN KEY (granted_by) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.role_grant
    ADD CONSTRAINT role_grant_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES public.partner(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.role_grant
    ADD CONSTRAINT role_grant_revoked_by_fkey FOREIGN KEY (revoked_by) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.stage_move
    ADD CONSTRAINT stage_move_engagement_id_fkey FOREIGN KEY (engagement_id) REFERENCES public.engagement(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.stage_move
    ADD CONSTRAINT stage_move_from_stage_id_fkey FOREIGN KEY (from_stage_id) REFERENCES public.stage(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.stage_move
    ADD CONSTRAINT stage_move_moved_by_fkey FOREIGN KEY (moved_by) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.stage_move
    ADD CONSTRAINT stage_move_to_stage_id_fkey FOREIGN KEY (to_stage_id) REFERENCES public.stage(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.stage
    ADD CONSTRAINT stage_pipeline_id_fkey FOREIGN KEY (pipeline_id) REFERENCES public.pipeline(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.stored_file
    ADD CONSTRAINT stored_file_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.task
    ADD CONSTRAINT task_assignee_id_fkey FOREIGN KEY (assignee_id) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.task
    ADD CONSTRAINT task_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.board(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.task
    ADD CONSTRAINT task_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.task
    ADD CONSTRAINT task_done_by_fkey FOREIGN KEY (done_by) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.task
    ADD CONSTRAINT task_employer_id_fkey FOREIGN KEY (employer_id) REFERENCES public.employer(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.task
    ADD CONSTRAINT task_engagement_id_fkey FOREIGN KEY (engagement_id) REFERENCES public.engagement(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.territory
    ADD CONSTRAINT territory_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.board(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.territory
    ADD CONSTRAINT territory_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES public.account(id) ON DELETE RESTRICT;
ALTER TABLE public.affiliation ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.contact ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.employer ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.establishment ENABLE ROW LEVEL SECURITY;
CREATE POLICY portal ON public.affiliation TO crm_portal USING ((employer_id IN ( SELECT public.portal_employers() AS portal_employers))) WITH CHECK ((employer_id IN ( SELECT public.portal_employers() AS portal_employers)));
CREATE POLICY portal ON public.contact TO crm_portal USING ((EXISTS ( SELECT
   FROM public.affiliation f
  WHERE ((f.contact_id = contact.id) AND (f.employer_id IN ( SELECT public.portal_employers() AS portal_employers)))))) WITH CHECK ((EXISTS ( SELECT
   FROM public.affiliation f
  WHERE ((f.contact_id = contact.id) AND (f.employer_id IN ( SELECT public.portal_employers() AS portal_employers))))));
CREATE POLICY portal ON public.employer TO crm_portal USING ((id IN ( SELECT public.portal_employers() AS portal_employers))) WITH CHECK ((id IN ( SELECT public.portal_employers() AS portal_employers)));
CREATE POLICY portal ON public.establishment TO crm_portal USING ((employer_id IN ( SELECT public.portal_employers() AS portal_employers))) WITH CHECK ((employer_id IN ( SELECT public.portal_employers() AS portal_employers)));
CREATE POLICY portal ON public.stored_file TO crm_portal USING ((employer_id IN ( SELECT public.portal_employers() AS portal_employers))) WITH CHECK ((employer_id IN ( SELECT public.portal_employers() AS portal_employers)));
CREATE POLICY staff ON public.affiliation TO crm_owner, crm_app USING (true) WITH CHECK (true);
CREATE POLICY staff ON public.contact TO crm_owner, crm_app USING (true) WITH CHECK (true);
CREATE POLICY staff ON public.employer TO crm_owner, crm_app USING (true) WITH CHECK (true);
CREATE POLICY staff ON public.establishment TO crm_owner, crm_app USING (true) WITH CHECK (true);
CREATE POLICY staff ON public.stored_file TO crm_owner, crm_app USING (true) WITH CHECK (true);
ALTER TABLE public.stored_file ENABLE ROW LEVEL SECURITY;
REVOKE USAGE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO crm_app;
GRANT USAGE ON SCHEMA public TO crm_portal;
GRANT USAGE ON SCHEMA public TO crm_record;
REVOKE ALL ON FUNCTION public.audit_wait() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.count_again(tables text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.count_again(tables text[]) TO crm_app;
REVOKE ALL ON FUNCTION public.portal_account() FROM PUBLIC;
GRANT ALL ON FUNCTION public.portal_account() TO crm_portal;
REVOKE ALL ON FUNCTION public.portal_employers() FROM PUBLIC;
GRANT ALL ON FUNCTION public.portal_employers() TO crm_portal;
GRANT SELECT,INSERT,UPDATE ON TABLE public.account TO crm_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.activity TO crm_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.affiliation TO crm_app;
GRANT SELECT ON TABLE public.affiliation TO crm_portal;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.api_creation TO crm_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.api_token TO crm_app;
GRANT SELECT,INSERT ON TABLE public.audit_block TO crm_app;
GRANT SELECT,INSERT ON TABLE public.audit_block_entry TO crm_app;
GRANT SELECT,INSERT ON TABLE public.audit_entry TO crm_app;
GRANT INSERT ON TABLE public.audit_entry TO crm_record;
GRANT INSERT ON TABLE public.audit_entry TO crm_portal;
GRANT USAGE ON SEQUENCE public.audit_entry_id_seq TO crm_app;
GRANT SELECT,DELETE ON TABLE public.audit_waiting TO crm_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.backup TO crm_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.board TO crm_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.board_region TO crm_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contact TO crm_app;
GRANT SELECT ON TABLE public.contact TO crm_portal;
GRANT UPDATE(given_name) ON TABLE public.contact TO crm_portal;
GRANT UPDATE(family_name) ON TABLE public.contact TO crm_portal;
GRANT UPDATE(email) ON TABLE public.contact TO crm_portal;
GRANT UPDATE(phone) ON TABLE public.contact TO crm_portal;
GRANT UPDATE(phone_extension) ON TABLE public.contact TO crm_portal;
GRANT UPDATE(language) ON TABLE public.contact TO crm_portal;
GRANT UPDATE(channel) ON TABLE public.contact TO crm_portal;
GRANT UPDATE(updated_at) ON TABLE public.contact TO crm_portal;
GRANT UPDATE(version) ON TABLE public.contact TO crm_portal;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.employer TO crm_app;
GRANT SELECT ON TABLE public.employer TO crm_portal;
GRANT UPDATE(name) ON TABLE public.employer TO crm_portal;
GRANT UPDATE(dbas) ON TABLE public.employer TO crm_portal;
GRANT UPDATE(match_key) ON TABLE public.employer TO crm_portal;
GRANT UPDATE(ownership) ON TABLE public.employer TO crm_portal;
GRANT UPDATE(employee_count) ON TABLE public.employer TO crm_portal;
GRANT UPDATE(naics) ON TABLE public.employer TO crm_portal;
GRANT UPDATE(website) ON TABLE public.employer TO crm_portal;
GRANT UPDATE(domain) ON TABLE public.employer TO crm_portal;
GRANT UPDATE(phone) ON TABLE public.employer TO crm_portal;
GRANT UPDATE(updated_at) ON TABLE public.employer TO crm_portal;
GRANT UPDATE(version) ON TABLE public.employer TO crm_portal;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.engagement TO crm_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.establishment TO crm_app;
GRANT SELECT ON TABLE public.establishment TO crm_portal;
GRANT UPDATE(name) ON TABLE public.establishment TO crm_portal;
GRANT UPDATE(line1) ON TABLE public.establishment TO crm_portal;
GRANT UPDATE(line2) ON TABLE public.establishment TO crm_portal;
GRANT UPDATE(city) ON TABLE public.establishment TO crm_portal;
GRANT UPDATE(state) ON TABLE public.establishment TO crm_portal;
GRANT UPDATE(zip) ON TABLE public.establishment TO crm_portal;
GRANT UPDATE(phone) ON TABLE public.establishment TO crm_portal;
GRANT UPDATE(naics) ON TABLE public.establishment TO crm_portal;
GRANT UPDATE(capacity) ON TABLE public.establishment TO crm_portal;
GRANT UPDATE(access_note) ON TABLE public.establishment TO crm_portal;
GRANT UPDATE(updated_at) ON TABLE public.establishment TO crm_portal;
GRANT UPDATE(version) ON TABLE public.establishment TO crm_portal;
GRANT SELECT,INSERT,UPDATE ON TABLE public.estimate TO crm_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.event TO crm_app;
GRANT INSERT ON TABLE public.event TO crm_portal;
GRANT UPDATE(told_at) ON TABLE public.event TO crm_app;
GRANT USAGE ON SEQUENCE public.event_id_seq TO crm_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.import_batch TO crm_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.import_mapping TO crm_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.import_row TO crm_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job TO crm_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.link_token TO crm_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mail_message TO crm_app;
GRANT SELECT ON TABLE public.migration TO crm_app;
GRANT USAGE ON SEQUENCE public.migration_id_seq TO crm_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.partner TO crm_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.passkey TO crm_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.pipeline TO crm_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.place_alias TO crm_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.plugin_state TO crm_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.region TO crm_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.role_grant TO crm_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.session TO crm_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sign_in_throttle TO crm_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.stage TO crm_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stage_move TO crm_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stored_file TO crm_app;
GRANT SELECT ON TABLE public.stored_file TO crm_portal;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task TO crm_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.territory TO crm_app;

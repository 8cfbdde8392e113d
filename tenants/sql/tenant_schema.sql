CREATE FUNCTION tenant_template.seat_answered(calls jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN (
        SELECT jsonb_object_agg(caller, keys) FROM (
            SELECT caller, jsonb_object_agg(key, jsonb_build_object('digest', request_digest) || CASE
                WHEN status IS NULL THEN '{}' ELSE jsonb_build_object('answer', convert_from(body, 'UTF8')::jsonb) END) AS keys
            FROM web_idempotentanswer
            WHERE (caller, key) IN (
                SELECT call ->> 'caller', call ->> 'idempotency_key' FROM jsonb_array_elements(calls) call
                WHERE call ->> 'idempotency_key' <> '')
            GROUP BY caller
        ) AS of_callers
    );
END $$;
CREATE FUNCTION tenant_template.seat_checkouts(calls jsonb, products text[], licenses public.seat_license[], has_keys boolean) RETURNS public.seat_decision
    LANGUAGE plpgsql
    AS $$
DECLARE
    at timestamptz := clock_timestamp();
    before jsonb := CASE WHEN has_keys THEN seat_answered(calls) END;
    decided public.seat_decision := public.seat_decide(calls, licenses, before, at);
    lapsed text[];
BEGIN
    IF decided.is_short THEN
        lapsed := ARRAY(
            SELECT DISTINCT license_id FROM licensing_lease
            WHERE license_id = ANY (ARRAY(SELECT id FROM unnest(decided.licenses))) AND ended_at IS NULL AND expires_at <= at
            ORDER BY license_id);
        PERFORM seat_reclaim(one, at) FROM unnest(lapsed) one;
        IF lapsed <> '{}' OR decided.denials <> '{}' THEN
            decided := public.seat_decide(calls, seat_licenses(products, true), before, at);
        END IF;
    END IF;
    IF decided.grants <> '{}' THEN
        INSERT INTO licensing_lease (id, license_id, lease_type, cost, currency, "user", hostname, key_id, ip, fingerprint, version,
                                     features, ttl_seconds, is_offline, metadata, issued_at, expires_at, ended_by)
        SELECT lease_id, license_id, lease_type, price, currency, "user", hostname, key_id, ip, fingerprint, version,
               features, ttl, is_offline, metadata, issued_at, expires_at, '' FROM unnest(decided.grants);
        INSERT INTO public.billing_usagerecord (entry, at, kind, tenant_id, vendor_id, license_id, product_id, amount, currency)
        SELECT lease_id, issued_at, lease_type, tenant_id, vendor_id, license_id, product_id, price, currency FROM unnest(decided.grants);
        UPDATE licensing_license
        SET commit_in_use = l.commit_in_use, overage_in_use = l.overage_in_use, spent = l.spent, spent_month = l.month
        FROM unnest(decided.licenses) l WHERE licensing_license.id = l.id AND l.is_used;
        IF NOT EXISTS (SELECT FROM public.tenants_sweepdue WHERE tenant_id = calls -> 0 ->> 'tenant_id' AND due_at <= decided.earliest) THEN
            INSERT INTO public.tenants_sweepdue AS due (tenant_id, due_at) VALUES (calls -> 0 ->> 'tenant_id', decided.earliest)
            ON CONFLICT (tenant_id) DO UPDATE SET due_at = least(due.due_at, excluded.due_at);
        END IF;
    END IF;
    IF decided.denials <> '{}' THEN
        INSERT INTO licensing_denial (product_id, license_id, code, "user", hostname, key_id, at, available_at)
        SELECT product_id, license_id, code, "user", hostname, key_id, denied_at, available_at FROM unnest(decided.denials);
    END IF;
    IF decided.kept <> '{}' THEN
        UPDATE web_idempotentanswer kept SET status = answer.status, body = convert_to(answer.body, 'UTF8')
        FROM unnest(decided.kept) answer WHERE kept.caller = answer.caller AND kept.key = answer.key;
    END IF;
    RETURN decided;
END $$;
CREATE FUNCTION tenant_template.seat_ends(calls jsonb, named text[]) RETURNS public.seat_closing
    LANGUAGE plpgsql
    AS $$
DECLARE
    at timestamptz := clock_timestamp();
    ids text[];
    leases public.seat_lease[];
    lapsed text[];
    closed public.seat_closing;
BEGIN
    LOOP
        SELECT array_agg(id),
               array_agg(ROW(id, license_id, lease_type, cost, currency, "user", issued_at, ended_at, ended_by, NULL)::public.seat_lease),
               array_agg(license_id) FILTER (WHERE ended_at IS NULL AND expires_at <= at)
        INTO ids, leases, lapsed
        FROM licensing_lease WHERE id = ANY (named);
        EXIT WHEN lapsed IS NULL;
        PERFORM seat_reclaim(one, at) FROM (SELECT DISTINCT unnest(lapsed) AS one ORDER BY one) AS of_licenses;
    END LOOP;
    closed := public.seat_close(calls, ids, leases, at);
    IF closed.ended <> '{}' THEN
        UPDATE licensing_lease lease SET ended_at = done.ended_at, ended_by = done.ended_by, usage_metadata = done.usage
        FROM unnest(closed.ended) done WHERE lease.id = done.id;
        UPDATE licensing_license l SET commit_in_use = commit_in_use - commits, overage_in_use = overage_in_use - overages
        FROM (
            SELECT license_id, count(*) FILTER (WHERE lease_type = 'commit') AS commits,
                   count(*) FILTER (WHERE lease_type = 'overage') AS overages
            FROM unnest(closed.ended) GROUP BY license_id
        ) AS freed
        WHERE l.id = freed.license_id;
    END IF;
    RETURN closed;
END $$;
CREATE FUNCTION tenant_template.seat_heartbeats(calls jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    at timestamptz := clock_timestamp();
    wanted jsonb;
    answer jsonb;
    answers jsonb := '[]';
BEGIN
    FOR wanted IN SELECT jsonb_array_elements(calls) LOOP
        UPDATE licensing_lease lease
        SET expires_at = greatest(lease.expires_at, CASE WHEN l.auto_renew THEN at + make_interval(secs => lease.ttl_seconds)
                              ELSE least(at + make_interval(secs => lease.ttl_seconds), l.ends_at) END)
        FROM licensing_license l
        WHERE lease.id = wanted ->> 'lease_id' AND l.id = lease.license_id AND lease.ended_at IS NULL AND lease.expires_at > at
        RETURNING jsonb_build_object('lease_id', lease.id, 'license_id', l.id, 'lease_type', lease.lease_type, 'user', lease."user",
            'hostname', lease.hostname, 'product_id', l.product_id, 'vendor_id', l.vendor_id, 'features', l.features,
            'wanted_features', lease.features, 'offline', lease.is_offline, 'issued_at', lease.issued_at, 'renewed_at', at,
            'expires_at', lease.expires_at, 'ttl', lease.ttl_seconds) INTO answer;
        answers := answers || coalesce(answer, jsonb_build_object('refused', seat_why_ended(wanted ->> 'lease_id')));
    END LOOP;
    RETURN answers;
END $$;
CREATE FUNCTION tenant_template.seat_licenses(products text[], look_ahead boolean) RETURNS public.seat_license[]
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN ARRAY(
        SELECT ROW(id, product_id, vendor_id, version_constraint, to_jsonb(features), status, total_licenses, commit_qty, max_overage,
                   overage_per_use, currency, starts_at, ends_at, auto_renew, cap_in_use, cap_overage, monthly_budget, commit_in_use,
                   overage_in_use, spent_month, spent, CASE WHEN look_ahead THEN (
                       SELECT min(expires_at) FROM licensing_lease WHERE license_id = locked.id AND ended_at IS NULL
                   ) END, false)::public.seat_license
        FROM (SELECT * FROM licensing_license WHERE product_id = ANY (products) ORDER BY id FOR UPDATE) AS locked
        ORDER BY overage_per_use, id);
END $$;
CREATE FUNCTION tenant_template.seat_reclaim(of_license text, at timestamp with time zone, OUT commits integer, OUT overages integer) RETURNS record
    LANGUAGE plpgsql
    AS $$
BEGIN
    commits := 0;
    overages := 0;
    IF NOT EXISTS (SELECT FROM licensing_lease WHERE license_id = of_license AND ended_at IS NULL AND expires_at <= at) THEN
        RETURN;
    END IF;
    WITH lapsed AS (
        UPDATE licensing_lease SET ended_at = expires_at, ended_by = 'expired'
        WHERE license_id = of_license AND ended_at IS NULL AND expires_at <= at
        RETURNING id, lease_type, expires_at, key_id, hostname
    ), noted AS (
        INSERT INTO audit_auditentry (event, at, result, code, actor_kind, actor_id, actor_label, subject_kind, subject_id,
                                      vendor_id, key_id, hostname, fingerprint, user_agent, request_id, facts)
        SELECT 'lease.expired', at, 'success', '', 'system', 'system', 'CloudLicenses', 'lease', id,
               '', key_id, hostname, '', '', '', jsonb_build_object('license_id', of_license, 'lease_type', lease_type)
        FROM lapsed
    )
    SELECT count(*) FILTER (WHERE lease_type = 'commit'), count(*) FILTER (WHERE lease_type = 'overage')
    INTO commits, overages FROM lapsed;
    UPDATE licensing_license SET commit_in_use = commit_in_use - commits, overage_in_use = overage_in_use - overages
    WHERE id = of_license;
END $$;
CREATE FUNCTION tenant_template.seat_serve(ends jsonb, heartbeats jsonb, checkouts jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $_$
DECLARE
    touched text[] := ARRAY(SELECT call ->> 'lease_id' FROM jsonb_array_elements(ends || heartbeats) call);
    products text[] := ARRAY(SELECT call ->> 'product_id' FROM jsonb_array_elements(checkouts) call);
    has_keys boolean := checkouts @? '$[*].idempotency_key ? (@ != "")';
    licenses public.seat_license[];
    closed public.seat_closing;
    kept_alive jsonb := '[]';
    decided public.seat_decision;
    entries public.seat_entry[];
BEGIN
    IF touched = '{}' THEN
        licenses := seat_licenses(products, false);
    ELSE
        PERFORM FROM licensing_license
        WHERE id = ANY (ARRAY(SELECT license_id FROM licensing_lease WHERE id = ANY (touched)))
              OR product_id = ANY (products)
        ORDER BY id FOR UPDATE;
    END IF;
    IF has_keys THEN
        INSERT INTO web_idempotentanswer (caller, key, request_digest)
        SELECT DISTINCT ON (1, 2) call ->> 'caller', call ->> 'idempotency_key', call ->> 'digest'
        FROM jsonb_array_elements(checkouts) WITH ORDINALITY AS calls (call, n)
        WHERE call ->> 'idempotency_key' <> '' ORDER BY 1, 2, n ON CONFLICT DO NOTHING;
    END IF;
    IF ends <> '[]' THEN
        closed := seat_ends(ends, touched);
    END IF;
    IF heartbeats <> '[]' THEN
        kept_alive := seat_heartbeats(heartbeats);
    END IF;
    IF checkouts <> '[]' THEN
        decided := seat_checkouts(checkouts, products, coalesce(licenses, seat_licenses(products, false)), has_keys);
    END IF;
    entries := closed.entries || decided.entries;
    IF entries <> '{}' THEN
        INSERT INTO audit_auditentry (event, at, result, code, actor_kind, actor_id, actor_label, subject_kind, subject_id, vendor_id,
                                      key_id, ip, hostname, fingerprint, user_agent, request_id, facts)
        SELECT event, noted_at, result, code, actor_kind, actor_id, actor_label, subject_kind, subject_id, '',
               key_id, ip, hostname, fingerprint, user_agent, request_id, facts FROM unnest(entries);
    END IF;
    RETURN coalesce(closed.answers, '[]') || kept_alive || coalesce(decided.answers, '[]');
END $_$;
CREATE FUNCTION tenant_template.seat_sweep() RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    one text;
    came_back integer := 0;
BEGIN
    FOR one IN
        SELECT id FROM licensing_license WHERE id IN (
            SELECT license_id FROM licensing_lease WHERE ended_at IS NULL AND expires_at <= clock_timestamp()
        ) ORDER BY id FOR UPDATE
    LOOP
        came_back := came_back + (SELECT commits + overages FROM seat_reclaim(one, clock_timestamp()));
    END LOOP;
    RETURN jsonb_build_object('came_back', came_back,
                              'next_at', (SELECT min(expires_at) FROM licensing_lease WHERE ended_at IS NULL));
END $$;
CREATE FUNCTION tenant_template.seat_why_ended(of_lease text) RETURNS text
    LANGUAGE plpgsql
    AS $$
DECLARE
    lease licensing_lease;
BEGIN
    SELECT * INTO lease FROM licensing_lease WHERE id = of_lease;
    RETURN CASE
        WHEN NOT FOUND THEN 'lease_not_found'
        WHEN lease.ended_at IS NULL OR lease.ended_by = 'expired' THEN 'lease_expired'
        WHEN lease.ended_by = 'returned' THEN 'lease_returned'
        ELSE 'lease_revoked'
    END;
END $$;
CREATE TABLE tenant_template.accounts_accesspolicy (
    vendor_id character varying(40) NOT NULL,
    second_factor_roles jsonb NOT NULL
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.accounts_invitation (
    id bigint NOT NULL,
    secret_hash character varying(64) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    user_id bigint NOT NULL
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
ALTER TABLE tenant_template.accounts_invitation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME tenant_template.accounts_invitation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE tenant_template.accounts_passkey (
    id bigint NOT NULL,
    credential_id character varying(1400) NOT NULL,
    credential bytea NOT NULL,
    sign_count bigint NOT NULL,
    rp_id character varying(253) NOT NULL,
    name character varying(100) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    user_id bigint NOT NULL
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
ALTER TABLE tenant_template.accounts_passkey ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME tenant_template.accounts_passkey_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE tenant_template.accounts_passwordreset (
    id bigint NOT NULL,
    secret_hash character varying(64) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    asked_in character varying(64) NOT NULL,
    user_id bigint NOT NULL
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
ALTER TABLE tenant_template.accounts_passwordreset ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME tenant_template.accounts_passwordreset_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE tenant_template.accounts_personaltoken (
    id character varying(40) NOT NULL,
    name character varying(100) NOT NULL,
    secret_hash character varying(64) NOT NULL,
    hint character varying(12) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    user_id bigint NOT NULL,
    scopes jsonb DEFAULT '[]'::jsonb NOT NULL
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.accounts_recoverycode (
    id bigint NOT NULL,
    code_hash character varying(64) NOT NULL,
    used_at timestamp with time zone,
    user_id bigint NOT NULL
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
ALTER TABLE tenant_template.accounts_recoverycode ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME tenant_template.accounts_recoverycode_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE tenant_template.accounts_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL,
    ip inet,
    user_agent character varying(255) NOT NULL,
    started_at timestamp with time zone,
    seen_at timestamp with time zone,
    user_id bigint
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.accounts_totp (
    user_id bigint NOT NULL,
    sealed_secret bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone,
    last_step bigint NOT NULL
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.accounts_user (
    id bigint NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    email character varying(254) NOT NULL,
    name character varying(255) NOT NULL,
    role character varying(20) NOT NULL,
    vendor_id character varying(40) NOT NULL,
    is_active boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    language character varying(10) DEFAULT ''::character varying NOT NULL,
    second_factor_since timestamp with time zone,
    time_zone character varying(64) DEFAULT ''::character varying NOT NULL
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
ALTER TABLE tenant_template.accounts_user ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME tenant_template.accounts_user_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE tenant_template.alerts_alert (
    id character varying(40) NOT NULL,
    kind character varying(30) NOT NULL,
    severity character varying(10) NOT NULL,
    status character varying(12) NOT NULL,
    subject_kind character varying(20) NOT NULL,
    subject_id character varying(254) NOT NULL,
    subject_name character varying(255) NOT NULL,
    count bigint NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    seen jsonb DEFAULT '[]'::jsonb NOT NULL,
    acknowledged_at timestamp with time zone,
    acknowledged_by character varying(254) NOT NULL,
    resolved_at timestamp with time zone,
    resolved_by character varying(254) NOT NULL,
    note character varying(500) NOT NULL,
    CONSTRAINT alerts_alert_count_check CHECK ((count >= 0))
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.alerts_calendar (
    id smallint NOT NULL,
    zone character varying(64) NOT NULL,
    hours jsonb NOT NULL,
    holidays jsonb NOT NULL
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.alerts_channel (
    id character varying(40) NOT NULL,
    kind character varying(12) NOT NULL,
    name character varying(100) NOT NULL,
    is_active boolean NOT NULL,
    least_severity character varying(10) NOT NULL,
    kinds character varying(30)[] NOT NULL,
    language character varying(10) NOT NULL,
    hint character varying(254) NOT NULL,
    sealed_target bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    former_secret_until timestamp with time zone
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.alerts_delivery (
    id character varying(40) NOT NULL,
    message_id character varying(60) NOT NULL,
    event character varying(30) NOT NULL,
    receiver character varying(254) NOT NULL,
    body text NOT NULL,
    status character varying(12) NOT NULL,
    attempts integer NOT NULL,
    next_try_at timestamp with time zone NOT NULL,
    claimed_until timestamp with time zone,
    first_try_at timestamp with time zone,
    delivered_at timestamp with time zone,
    last_status smallint,
    last_problem character varying(500) NOT NULL,
    log jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    alert_id character varying(40),
    endpoint_id character varying(40) NOT NULL,
    CONSTRAINT alerts_delivery_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT alerts_delivery_last_status_check CHECK ((last_status >= 0))
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.alerts_pace (
    id bigint NOT NULL,
    what character varying(12) NOT NULL,
    subject character varying(254) NOT NULL,
    minutes jsonb NOT NULL,
    usual double precision NOT NULL,
    windows integer NOT NULL,
    learned_upto bigint NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT alerts_pace_windows_check CHECK ((windows >= 0))
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
ALTER TABLE tenant_template.alerts_pace ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME tenant_template.alerts_pace_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE tenant_template.alerts_revokelink (
    delivery_id character varying(40) NOT NULL,
    secret_hash character varying(64) NOT NULL,
    key_id character varying(40) NOT NULL,
    user_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.alerts_rule (
    kind character varying(30) NOT NULL,
    is_on boolean NOT NULL,
    severity character varying(10) NOT NULL,
    thresholds jsonb DEFAULT '{}'::jsonb NOT NULL,
    quiet_from time without time zone,
    quiet_until time without time zone
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.alerts_sighting (
    id bigint NOT NULL,
    key_id character varying(40) NOT NULL,
    kind character varying(10) NOT NULL,
    place character varying(253) NOT NULL,
    is_familiar boolean NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
ALTER TABLE tenant_template.alerts_sighting ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME tenant_template.alerts_sighting_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE tenant_template.applications_device (
    id character varying(40) NOT NULL,
    thumbprint character varying(43) NOT NULL,
    algorithm character varying(10) NOT NULL,
    public_key bytea NOT NULL,
    name character varying(100) NOT NULL,
    hostname character varying(253) NOT NULL,
    state character varying(10) NOT NULL,
    key_id character varying(40) NOT NULL,
    registered_with character varying(40) NOT NULL,
    ip inet,
    created_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    decided_by character varying(254) NOT NULL,
    last_used_at timestamp with time zone
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.applications_devicepolicy (
    id smallint NOT NULL,
    approves_by_itself boolean NOT NULL,
    CONSTRAINT applications_devicepolicy_id_check CHECK ((id >= 0))
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.applications_fingerprint (
    id character varying(40) NOT NULL,
    product_id character varying(100) NOT NULL,
    value character varying(128) NOT NULL,
    state character varying(10) NOT NULL,
    lib_version character varying(64) NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    "user" character varying(254) NOT NULL,
    hostname character varying(253) NOT NULL,
    ip inet,
    key_id character varying(40) NOT NULL,
    decided_at timestamp with time zone,
    decided_by character varying(254) NOT NULL
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.applications_productguard (
    product_id character varying(100) NOT NULL,
    mode character varying(10) NOT NULL,
    revision integer NOT NULL,
    CONSTRAINT applications_productguard_revision_check CHECK ((revision >= 0))
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.audit_auditentry (
    id bigint NOT NULL,
    event character varying(60) NOT NULL,
    at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    result character varying(10) NOT NULL,
    code character varying(60) NOT NULL,
    actor_kind character varying(20) NOT NULL,
    actor_id character varying(254) NOT NULL,
    actor_label character varying(254) NOT NULL,
    subject_kind character varying(40) NOT NULL,
    subject_id character varying(254) NOT NULL,
    vendor_id character varying(40) NOT NULL,
    key_id character varying(40) NOT NULL,
    ip inet,
    hostname character varying(253) NOT NULL,
    fingerprint character varying(128) NOT NULL,
    user_agent character varying(255) NOT NULL,
    request_id character varying(128) NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
ALTER TABLE tenant_template.audit_auditentry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME tenant_template.audit_auditentry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE tenant_template.audit_logkey (
    kid character varying(64) NOT NULL,
    log character varying(60) NOT NULL,
    public_key bytea NOT NULL,
    sealed_private_key bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.audit_treehead (
    log character varying(60) NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    kid character varying(64) NOT NULL,
    signature bytea NOT NULL,
    newest_at timestamp with time zone
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.audit_treeleaf (
    log character varying(60) NOT NULL,
    index bigint NOT NULL,
    entry_id bigint NOT NULL,
    hash bytea NOT NULL,
    salt bytea,
    erased bytea,
    misdated character varying(10) DEFAULT ''::character varying NOT NULL
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.audit_treenode (
    log character varying(60) NOT NULL,
    level smallint NOT NULL,
    index bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_treenode_level_check CHECK ((level >= 0))
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.certificates_authority (
    id character varying(40) NOT NULL,
    subject character varying(1000) NOT NULL,
    certificate bytea NOT NULL,
    fingerprint character varying(64) NOT NULL,
    serial text NOT NULL,
    is_ours boolean NOT NULL,
    sealed_private_key bytea,
    not_before timestamp with time zone NOT NULL,
    not_after timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by character varying(254) NOT NULL,
    retired_at timestamp with time zone,
    removed_at timestamp with time zone,
    revoked_serials text[] NOT NULL,
    crl_issued_at timestamp with time zone,
    crl_due_at timestamp with time zone
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.certificates_certificate (
    id character varying(40) NOT NULL,
    serial character varying(40) NOT NULL,
    fingerprint character varying(64) NOT NULL,
    common_name character varying(64) NOT NULL,
    names character varying(2060)[] NOT NULL,
    key_type character varying(20) NOT NULL,
    pem text NOT NULL,
    not_before timestamp with time zone NOT NULL,
    not_after timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by character varying(254) NOT NULL,
    revoked_at timestamp with time zone,
    revocation_reason character varying(30) NOT NULL,
    authority_id character varying(40) NOT NULL
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
ALTER TABLE tenant_template.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME tenant_template.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE tenant_template.keys_apikey (
    id character varying(40) NOT NULL,
    owner character varying(40) NOT NULL,
    secret_hash character varying(64) NOT NULL,
    hint character varying(12) NOT NULL,
    app_name character varying(100) NOT NULL,
    app_type character varying(20) NOT NULL,
    scopes character varying(40)[] NOT NULL,
    allowed_hostnames character varying(253)[] NOT NULL,
    allowed_ip_ranges character varying(43)[] NOT NULL,
    allowed_products character varying(100)[] NOT NULL,
    require_mtls boolean NOT NULL,
    client_cert_cn character varying(253) NOT NULL,
    checkouts_per_minute integer,
    requests_per_hour integer,
    metadata jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by character varying(254) NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    replaced_by character varying(40) NOT NULL,
    client_cert_names text[] DEFAULT '{}'::text[] NOT NULL,
    require_device boolean DEFAULT false NOT NULL,
    CONSTRAINT keys_apikey_checkouts_per_minute_check CHECK ((checkouts_per_minute >= 0)),
    CONSTRAINT keys_apikey_requests_per_hour_check CHECK ((requests_per_hour >= 0))
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.keys_signingkey (
    kid character varying(64) NOT NULL,
    owner character varying(40) NOT NULL,
    algorithm character varying(20) NOT NULL,
    public_key bytea NOT NULL,
    sealed_private_key bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.licensing_denial (
    id bigint NOT NULL,
    product_id character varying(100) NOT NULL,
    license_id character varying(120) NOT NULL,
    code character varying(60) NOT NULL,
    "user" character varying(254) NOT NULL,
    hostname character varying(253) NOT NULL,
    key_id character varying(40) NOT NULL,
    at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    available_at timestamp with time zone
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
ALTER TABLE tenant_template.licensing_denial ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME tenant_template.licensing_denial_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE tenant_template.licensing_lease (
    id character varying(40) NOT NULL,
    lease_type character varying(10) NOT NULL,
    cost numeric(12,2) NOT NULL,
    currency character varying(3) NOT NULL,
    "user" character varying(254) NOT NULL,
    hostname character varying(253) NOT NULL,
    key_id character varying(40) NOT NULL,
    ip inet,
    fingerprint character varying(128) NOT NULL,
    version character varying(64) NOT NULL,
    features character varying(100)[] NOT NULL,
    ttl_seconds integer NOT NULL,
    is_offline boolean NOT NULL,
    metadata jsonb NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_by character varying(20) NOT NULL,
    usage_metadata jsonb,
    license_id character varying(120) NOT NULL
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.licensing_license (
    id character varying(120) NOT NULL,
    vendor_id character varying(40) NOT NULL,
    vendor_name character varying(255) NOT NULL,
    product_id character varying(100) NOT NULL,
    product_name character varying(255) NOT NULL,
    version_constraint character varying(100) NOT NULL,
    features character varying(100)[] NOT NULL,
    status character varying(20) NOT NULL,
    total_licenses integer NOT NULL,
    commit_qty integer NOT NULL,
    max_overage integer NOT NULL,
    commit_fee_monthly numeric(12,2) NOT NULL,
    overage_per_use numeric(12,2) NOT NULL,
    currency character varying(3) NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    auto_renew boolean NOT NULL,
    cap_in_use integer,
    cap_overage integer,
    monthly_budget numeric(12,2),
    commit_in_use integer NOT NULL,
    overage_in_use integer NOT NULL,
    spent_month date,
    spent numeric(16,2) NOT NULL,
    package text NOT NULL,
    provisioned_at timestamp with time zone NOT NULL,
    revision integer NOT NULL,
    CONSTRAINT no_negative_seats CHECK (((commit_in_use >= 0) AND (overage_in_use >= 0)))
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.licensing_usageevent (
    id character varying(40) NOT NULL,
    feature character varying(100) NOT NULL,
    action character varying(100) NOT NULL,
    quantity bigint NOT NULL,
    key_id character varying(40) NOT NULL,
    metadata jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    license_id character varying(120) NOT NULL,
    CONSTRAINT licensing_usageevent_quantity_check CHECK ((quantity >= 0))
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
CREATE TABLE tenant_template.web_idempotentanswer (
    id bigint NOT NULL,
    caller character varying(128) NOT NULL,
    key character varying(255) NOT NULL,
    request_digest character varying(64) NOT NULL,
    status smallint,
    body bytea,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT web_idempotentanswer_status_check CHECK ((status >= 0))
)
WITH (autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='20000', autovacuum_analyze_threshold='20000');
ALTER TABLE tenant_template.web_idempotentanswer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME tenant_template.web_idempotentanswer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE ONLY tenant_template.certificates_certificate
    ADD CONSTRAINT a_serial_is_used_once UNIQUE (authority_id, serial);
ALTER TABLE ONLY tenant_template.accounts_accesspolicy
    ADD CONSTRAINT accounts_accesspolicy_pkey PRIMARY KEY (vendor_id);
ALTER TABLE ONLY tenant_template.accounts_invitation
    ADD CONSTRAINT accounts_invitation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.accounts_invitation
    ADD CONSTRAINT accounts_invitation_secret_hash_key UNIQUE (secret_hash);
ALTER TABLE ONLY tenant_template.accounts_passkey
    ADD CONSTRAINT accounts_passkey_credential_id_key UNIQUE (credential_id);
ALTER TABLE ONLY tenant_template.accounts_passkey
    ADD CONSTRAINT accounts_passkey_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.accounts_passwordreset
    ADD CONSTRAINT accounts_passwordreset_asked_in_key UNIQUE (asked_in);
ALTER TABLE ONLY tenant_template.accounts_passwordreset
    ADD CONSTRAINT accounts_passwordreset_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.accounts_passwordreset
    ADD CONSTRAINT accounts_passwordreset_secret_hash_key UNIQUE (secret_hash);
ALTER TABLE ONLY tenant_template.accounts_personaltoken
    ADD CONSTRAINT accounts_personaltoken_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.accounts_personaltoken
    ADD CONSTRAINT accounts_personaltoken_secret_hash_key UNIQUE (secret_hash);
ALTER TABLE ONLY tenant_template.accounts_recoverycode
    ADD CONSTRAINT accounts_recoverycode_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.accounts_session
    ADD CONSTRAINT accounts_session_pkey PRIMARY KEY (session_key);
ALTER TABLE ONLY tenant_template.accounts_totp
    ADD CONSTRAINT accounts_totp_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY tenant_template.accounts_user
    ADD CONSTRAINT accounts_user_email_key UNIQUE (email);
ALTER TABLE ONLY tenant_template.accounts_user
    ADD CONSTRAINT accounts_user_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.alerts_alert
    ADD CONSTRAINT alerts_alert_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.alerts_calendar
    ADD CONSTRAINT alerts_calendar_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.alerts_channel
    ADD CONSTRAINT alerts_channel_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.alerts_delivery
    ADD CONSTRAINT alerts_delivery_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.alerts_pace
    ADD CONSTRAINT alerts_pace_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.alerts_revokelink
    ADD CONSTRAINT alerts_revokelink_pkey PRIMARY KEY (delivery_id);
ALTER TABLE ONLY tenant_template.alerts_revokelink
    ADD CONSTRAINT alerts_revokelink_secret_hash_key UNIQUE (secret_hash);
ALTER TABLE ONLY tenant_template.alerts_rule
    ADD CONSTRAINT alerts_rule_pkey PRIMARY KEY (kind);
ALTER TABLE ONLY tenant_template.alerts_sighting
    ADD CONSTRAINT alerts_sighting_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.applications_device
    ADD CONSTRAINT applications_device_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.applications_device
    ADD CONSTRAINT applications_device_thumbprint_key UNIQUE (thumbprint);
ALTER TABLE ONLY tenant_template.applications_devicepolicy
    ADD CONSTRAINT applications_devicepolicy_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.applications_fingerprint
    ADD CONSTRAINT applications_fingerprint_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.applications_productguard
    ADD CONSTRAINT applications_productguard_pkey PRIMARY KEY (product_id);
ALTER TABLE ONLY tenant_template.audit_auditentry
    ADD CONSTRAINT audit_auditentry_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.audit_logkey
    ADD CONSTRAINT audit_logkey_pkey PRIMARY KEY (kid);
ALTER TABLE ONLY tenant_template.audit_treehead
    ADD CONSTRAINT audit_treehead_pkey PRIMARY KEY (log, size);
ALTER TABLE ONLY tenant_template.audit_treeleaf
    ADD CONSTRAINT audit_treeleaf_entry_id_key UNIQUE (entry_id);
ALTER TABLE ONLY tenant_template.audit_treeleaf
    ADD CONSTRAINT audit_treeleaf_pkey PRIMARY KEY (log, index);
ALTER TABLE ONLY tenant_template.audit_treenode
    ADD CONSTRAINT audit_treenode_pkey PRIMARY KEY (log, level, index);
ALTER TABLE ONLY tenant_template.certificates_authority
    ADD CONSTRAINT certificates_authority_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.certificates_certificate
    ADD CONSTRAINT certificates_certificate_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.keys_apikey
    ADD CONSTRAINT keys_apikey_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.keys_apikey
    ADD CONSTRAINT keys_apikey_secret_hash_key UNIQUE (secret_hash);
ALTER TABLE ONLY tenant_template.keys_signingkey
    ADD CONSTRAINT keys_signingkey_pkey PRIMARY KEY (kid);
ALTER TABLE ONLY tenant_template.licensing_denial
    ADD CONSTRAINT licensing_denial_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.licensing_lease
    ADD CONSTRAINT licensing_lease_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.licensing_license
    ADD CONSTRAINT licensing_license_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.licensing_usageevent
    ADD CONSTRAINT licensing_usageevent_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.alerts_delivery
    ADD CONSTRAINT one_alert_message_a_receiver UNIQUE (endpoint_id, message_id, receiver);
ALTER TABLE ONLY tenant_template.web_idempotentanswer
    ADD CONSTRAINT one_answer_a_key UNIQUE (caller, key);
ALTER TABLE ONLY tenant_template.applications_fingerprint
    ADD CONSTRAINT one_fingerprint_a_product UNIQUE (product_id, value);
ALTER TABLE ONLY tenant_template.alerts_pace
    ADD CONSTRAINT one_pace_a_subject UNIQUE (what, subject);
ALTER TABLE ONLY tenant_template.accounts_recoverycode
    ADD CONSTRAINT one_row_a_recovery_code UNIQUE (user_id, code_hash);
ALTER TABLE ONLY tenant_template.alerts_sighting
    ADD CONSTRAINT one_sighting_a_place UNIQUE (key_id, kind, place);
ALTER TABLE ONLY tenant_template.web_idempotentanswer
    ADD CONSTRAINT web_idempotentanswer_pkey PRIMARY KEY (id);
CREATE INDEX accounts_accesspolicy_vendor_id_6dc3453b_like ON tenant_template.accounts_accesspolicy USING btree (vendor_id varchar_pattern_ops);
CREATE INDEX accounts_invitation_secret_hash_f8e85b08_like ON tenant_template.accounts_invitation USING btree (secret_hash varchar_pattern_ops);
CREATE INDEX accounts_invitation_user_id_83f45191 ON tenant_template.accounts_invitation USING btree (user_id);
CREATE INDEX accounts_passkey_credential_id_2a629197_like ON tenant_template.accounts_passkey USING btree (credential_id varchar_pattern_ops);
CREATE INDEX accounts_passkey_user_id_f8f562b4 ON tenant_template.accounts_passkey USING btree (user_id);
CREATE INDEX accounts_passwordreset_asked_in_dbcaa68c_like ON tenant_template.accounts_passwordreset USING btree (asked_in varchar_pattern_ops);
CREATE INDEX accounts_passwordreset_secret_hash_9ad1ff01_like ON tenant_template.accounts_passwordreset USING btree (secret_hash varchar_pattern_ops);
CREATE INDEX accounts_passwordreset_user_id_948b8566 ON tenant_template.accounts_passwordreset USING btree (user_id);
CREATE INDEX accounts_personaltoken_id_3a614351_like ON tenant_template.accounts_personaltoken USING btree (id varchar_pattern_ops);
CREATE INDEX accounts_personaltoken_secret_hash_a103984f_like ON tenant_template.accounts_personaltoken USING btree (secret_hash varchar_pattern_ops);
CREATE INDEX accounts_personaltoken_user_id_a019d9c1 ON tenant_template.accounts_personaltoken USING btree (user_id);
CREATE INDEX accounts_recoverycode_user_id_994761d3 ON tenant_template.accounts_recoverycode USING btree (user_id);
CREATE INDEX accounts_session_expire_date_5bbfba7c ON tenant_template.accounts_session USING btree (expire_date);
CREATE INDEX accounts_session_session_key_b186966f_like ON tenant_template.accounts_session USING btree (session_key varchar_pattern_ops);
CREATE INDEX accounts_session_user_id_d5aaed01 ON tenant_template.accounts_session USING btree (user_id);
CREATE INDEX accounts_user_email_b2644a56_like ON tenant_template.accounts_user USING btree (email varchar_pattern_ops);
CREATE INDEX alerts_aler_last_at_efe92c_idx ON tenant_template.alerts_alert USING btree (last_at, id);
CREATE INDEX alerts_aler_subject_09fbb4_idx ON tenant_template.alerts_alert USING btree (subject_kind, subject_id);
CREATE INDEX alerts_alert_id_13155e16_like ON tenant_template.alerts_alert USING btree (id varchar_pattern_ops);
CREATE INDEX alerts_channel_id_7e0595d2_like ON tenant_template.alerts_channel USING btree (id varchar_pattern_ops);
CREATE INDEX alerts_delivery_alert_id_527311ab ON tenant_template.alerts_delivery USING btree (alert_id);
CREATE INDEX alerts_delivery_alert_id_527311ab_like ON tenant_template.alerts_delivery USING btree (alert_id varchar_pattern_ops);
CREATE INDEX alerts_delivery_endpoint_id_1f4b6826 ON tenant_template.alerts_delivery USING btree (endpoint_id);
CREATE INDEX alerts_delivery_endpoint_id_1f4b6826_like ON tenant_template.alerts_delivery USING btree (endpoint_id varchar_pattern_ops);
CREATE INDEX alerts_delivery_id_9cfb6eac_like ON tenant_template.alerts_delivery USING btree (id varchar_pattern_ops);
CREATE INDEX alerts_revokelink_delivery_id_63ee0865_like ON tenant_template.alerts_revokelink USING btree (delivery_id varchar_pattern_ops);
CREATE INDEX alerts_revokelink_secret_hash_8fb251f5_like ON tenant_template.alerts_revokelink USING btree (secret_hash varchar_pattern_ops);
CREATE INDEX alerts_rule_kind_7917353a_like ON tenant_template.alerts_rule USING btree (kind varchar_pattern_ops);
CREATE INDEX alerts_sigh_last_at_9a9f75_idx ON tenant_template.alerts_sighting USING btree (last_at);
CREATE UNIQUE INDEX an_authority_is_trusted_once ON tenant_template.certificates_authority USING btree (fingerprint) WHERE (removed_at IS NULL);
CREATE INDEX application_last_se_4bcd1c_idx ON tenant_template.applications_fingerprint USING btree (last_seen_at);
CREATE INDEX applications_device_id_10d68299_like ON tenant_template.applications_device USING btree (id varchar_pattern_ops);
CREATE INDEX applications_device_thumbprint_877c3178_like ON tenant_template.applications_device USING btree (thumbprint varchar_pattern_ops);
CREATE INDEX applications_fingerprint_id_dbb7d3f0_like ON tenant_template.applications_fingerprint USING btree (id varchar_pattern_ops);
CREATE INDEX applications_productguard_product_id_d85058b3_like ON tenant_template.applications_productguard USING btree (product_id varchar_pattern_ops);
CREATE INDEX audit_audit_at_bd7d43_idx ON tenant_template.audit_auditentry USING btree (at);
CREATE INDEX audit_audit_subject_c824aa_idx ON tenant_template.audit_auditentry USING btree (subject_kind, subject_id, id);
CREATE INDEX audit_by_value ON tenant_template.audit_auditentry USING brin (event text_bloom_ops, code text_bloom_ops, actor_id text_bloom_ops, actor_label text_bloom_ops, subject_id text_bloom_ops, key_id text_bloom_ops, hostname text_bloom_ops) WITH (autosummarize='on', pages_per_range='32');
CREATE INDEX audit_logkey_kid_241c9063_like ON tenant_template.audit_logkey USING btree (kid varchar_pattern_ops);
CREATE INDEX audit_logkey_log_18b85e65 ON tenant_template.audit_logkey USING btree (log);
CREATE INDEX audit_logkey_log_18b85e65_like ON tenant_template.audit_logkey USING btree (log varchar_pattern_ops);
CREATE INDEX blocked_fingerprints ON tenant_template.applications_fingerprint USING btree (product_id) WHERE ((state)::text = 'blocked'::text);
CREATE INDEX certificates_authority_id_3f22a8c2_like ON tenant_template.certificates_authority USING btree (id varchar_pattern_ops);
CREATE INDEX certificates_certificate_authority_id_c7da399b ON tenant_template.certificates_certificate USING btree (authority_id);
CREATE INDEX certificates_certificate_authority_id_c7da399b_like ON tenant_template.certificates_certificate USING btree (authority_id varchar_pattern_ops);
CREATE INDEX certificates_certificate_id_961bb3c2_like ON tenant_template.certificates_certificate USING btree (id varchar_pattern_ops);
CREATE INDEX due_alert_messages ON tenant_template.alerts_delivery USING btree (next_try_at) WHERE ((status)::text = 'pending'::text);
CREATE INDEX ended_leases ON tenant_template.licensing_lease USING brin (ended_at) WITH (autosummarize='on');
CREATE INDEX idle_paces ON tenant_template.alerts_pace USING btree (last_at);
CREATE INDEX keys_apikey_id_abc1cc74_like ON tenant_template.keys_apikey USING btree (id varchar_pattern_ops);
CREATE INDEX keys_apikey_owner_c0cfb873 ON tenant_template.keys_apikey USING btree (owner);
CREATE INDEX keys_apikey_owner_c0cfb873_like ON tenant_template.keys_apikey USING btree (owner varchar_pattern_ops);
CREATE INDEX keys_apikey_secret_hash_28e4b342_like ON tenant_template.keys_apikey USING btree (secret_hash varchar_pattern_ops);
CREATE INDEX keys_signingkey_kid_29205179_like ON tenant_template.keys_signingkey USING btree (kid varchar_pattern_ops);
CREATE INDEX keys_signingkey_owner_4a371259 ON tenant_template.keys_signingkey USING btree (owner);
CREATE INDEX keys_signingkey_owner_4a371259_like ON tenant_template.keys_signingkey USING btree (owner varchar_pattern_ops);
CREATE INDEX lapsing_leases ON tenant_template.licensing_lease USING btree (license_id, expires_at) WHERE (ended_at IS NULL);
CREATE INDEX leases_of_a_license ON tenant_template.licensing_lease USING btree (license_id, issued_at);
CREATE INDEX licensing_d_at_f6b923_idx ON tenant_template.licensing_denial USING btree (at);
CREATE INDEX licensing_d_product_5a6edb_idx ON tenant_template.licensing_denial USING btree (product_id, at);
CREATE INDEX licensing_l_issued__0e8d2a_idx ON tenant_template.licensing_lease USING btree (issued_at);
CREATE INDEX licensing_license_product_id_126aa726 ON tenant_template.licensing_license USING btree (product_id);
CREATE INDEX licensing_u_feature_b20023_idx ON tenant_template.licensing_usageevent USING btree (feature, at);
CREATE INDEX licensing_usageevent_id_817a52fc_like ON tenant_template.licensing_usageevent USING btree (id varchar_pattern_ops);
CREATE INDEX licensing_usageevent_license_id_b4e626a0 ON tenant_template.licensing_usageevent USING btree (license_id);
CREATE INDEX licensing_usageevent_license_id_b4e626a0_like ON tenant_template.licensing_usageevent USING btree (license_id varchar_pattern_ops);
CREATE UNIQUE INDEX one_authority_issues ON tenant_template.certificates_authority USING btree (is_ours) WHERE (is_ours AND (removed_at IS NULL) AND (retired_at IS NULL));
CREATE UNIQUE INDEX one_log_key_at_a_time ON tenant_template.audit_logkey USING btree (log) WHERE (retired_at IS NULL);
CREATE UNIQUE INDEX one_open_alert_a_subject ON tenant_template.alerts_alert USING btree (kind, subject_kind, subject_id) WHERE (NOT ((status)::text = 'resolved'::text));
CREATE UNIQUE INDEX one_signing_key_at_a_time ON tenant_template.keys_signingkey USING btree (owner, algorithm) WHERE (retired_at IS NULL);
CREATE INDEX web_idempot_created_13267f_idx ON tenant_template.web_idempotentanswer USING btree (created_at);
ALTER TABLE ONLY tenant_template.accounts_invitation
    ADD CONSTRAINT accounts_invitation_user_id_83f45191_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES tenant_template.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY tenant_template.accounts_passkey
    ADD CONSTRAINT accounts_passkey_user_id_f8f562b4_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES tenant_template.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY tenant_template.accounts_passwordreset
    ADD CONSTRAINT accounts_passwordreset_user_id_948b8566_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES tenant_template.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY tenant_template.accounts_personaltoken
    ADD CONSTRAINT accounts_personaltoken_user_id_a019d9c1_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES tenant_template.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY tenant_template.accounts_recoverycode
    ADD CONSTRAINT accounts_recoverycode_user_id_994761d3_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES tenant_template.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY tenant_template.accounts_session
    ADD CONSTRAINT accounts_session_user_id_d5aaed01_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES tenant_template.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY tenant_template.accounts_totp
    ADD CONSTRAINT accounts_totp_user_id_f8b1d7a6_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES tenant_template.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY tenant_template.alerts_delivery
    ADD CONSTRAINT alerts_delivery_alert_id_527311ab_fk_alerts_alert_id FOREIGN KEY (alert_id) REFERENCES tenant_template.alerts_alert(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY tenant_template.alerts_delivery
    ADD CONSTRAINT alerts_delivery_endpoint_id_1f4b6826_fk_alerts_channel_id FOREIGN KEY (endpoint_id) REFERENCES tenant_template.alerts_channel(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY tenant_template.alerts_revokelink
    ADD CONSTRAINT alerts_revokelink_delivery_id_63ee0865_fk_alerts_delivery_id FOREIGN KEY (delivery_id) REFERENCES tenant_template.alerts_delivery(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY tenant_template.certificates_certificate
    ADD CONSTRAINT certificates_certifi_authority_id_c7da399b_fk_certifica FOREIGN KEY (authority_id) REFERENCES tenant_template.certificates_authority(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY tenant_template.licensing_usageevent
    ADD CONSTRAINT licensing_usageevent_license_id_b4e626a0_fk_licensing FOREIGN KEY (license_id) REFERENCES tenant_template.licensing_license(id) DEFERRABLE INITIALLY DEFERRED;
SELECT brin_desummarize_range('tenant_template.audit_by_value', 0);
SELECT brin_desummarize_range('tenant_template.ended_leases', 0);

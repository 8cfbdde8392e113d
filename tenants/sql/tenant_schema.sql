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
    CONSTRAINT licensing_license_cap_in_use_check CHECK ((cap_in_use >= 0)),
    CONSTRAINT licensing_license_cap_overage_check CHECK ((cap_overage >= 0)),
    CONSTRAINT licensing_license_commit_in_use_check CHECK ((commit_in_use >= 0)),
    CONSTRAINT licensing_license_commit_qty_check CHECK ((commit_qty >= 0)),
    CONSTRAINT licensing_license_max_overage_check CHECK ((max_overage >= 0)),
    CONSTRAINT licensing_license_overage_in_use_check CHECK ((overage_in_use >= 0)),
    CONSTRAINT licensing_license_revision_check CHECK ((revision >= 0)),
    CONSTRAINT licensing_license_total_licenses_check CHECK ((total_licenses >= 0)),
    CONSTRAINT no_negative_seats CHECK (((commit_in_use >= 0) AND (overage_in_use >= 0)))
);
CREATE FUNCTION tenant_template.seat_available_at(l tenant_template.licensing_license, code text) RETURNS timestamp with time zone
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF code = 'license_not_started' THEN
        RETURN l.starts_at;
    ELSIF code IN ('no_licenses_available', 'max_overage_exceeded', 'customer_cap_reached') THEN
        RETURN (SELECT min(expires_at) FROM licensing_lease WHERE license_id = l.id AND ended_at IS NULL);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION tenant_template.seat_checkout(wanted jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    kept web_idempotentanswer;
    answer jsonb;
    unjudged jsonb;
BEGIN
    IF wanted ->> 'version' <> '' THEN
        SELECT jsonb_agg(DISTINCT version_constraint) INTO unjudged FROM licensing_license
        WHERE product_id = wanted ->> 'product_id' AND version_constraint <> '' AND NOT wanted -> 'versions' ? version_constraint;
        IF unjudged IS NOT NULL THEN
            RETURN jsonb_build_object('unjudged', unjudged);
        END IF;
    END IF;
    IF wanted ->> 'idempotency_key' = '' THEN
        RETURN seat_decide(wanted);
    END IF;
    INSERT INTO web_idempotentanswer (caller, key, request_digest)
    VALUES (wanted ->> 'caller', wanted ->> 'idempotency_key', wanted ->> 'digest') ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        SELECT * INTO kept FROM web_idempotentanswer
        WHERE caller = wanted ->> 'caller' AND key = wanted ->> 'idempotency_key' FOR UPDATE;
        IF kept.request_digest <> wanted ->> 'digest' THEN
            RETURN jsonb_build_object('conflict', true);
        ELSIF kept.status IS NOT NULL THEN
            RETURN convert_from(kept.body, 'UTF8')::jsonb || jsonb_build_object('replayed', true);
        END IF;
    END IF;
    answer := seat_decide(wanted);
    UPDATE web_idempotentanswer
    SET status = CASE WHEN answer ? 'refused' THEN 409 ELSE 201 END, body = convert_to(answer::text, 'UTF8')
    WHERE caller = wanted ->> 'caller' AND key = wanted ->> 'idempotency_key';
    RETURN answer;
END $$;
CREATE FUNCTION tenant_template.seat_choice(l tenant_template.licensing_license, at timestamp with time zone) RETURNS text
    LANGUAGE plpgsql
    AS $$
DECLARE
    in_use integer := l.commit_in_use + l.overage_in_use;
    spent numeric := CASE WHEN l.spent_month = date_trunc('month', at AT TIME ZONE 'UTC')::date THEN l.spent ELSE 0 END;
BEGIN
    IF in_use < l.total_licenses AND in_use >= l.cap_in_use THEN
        RETURN 'customer_cap_reached';
    ELSIF in_use < l.total_licenses AND l.commit_in_use < l.commit_qty THEN
        RETURN 'commit';
    ELSIF l.overage_in_use >= l.max_overage OR in_use >= l.total_licenses THEN
        RETURN CASE WHEN l.max_overage > 0 THEN 'max_overage_exceeded' ELSE 'no_licenses_available' END;
    ELSIF l.overage_in_use >= l.cap_overage OR spent + l.overage_per_use > l.monthly_budget THEN
        RETURN 'customer_cap_reached';
    END IF;
    RETURN 'overage';
END $$;
CREATE FUNCTION tenant_template.seat_decide(wanted jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    l licensing_license;
    best licensing_license;
    at timestamptz;
    verdict text;
    best_verdict text := 'product_not_licensed';
    obstacles CONSTANT text[] := ARRAY['product_not_licensed', 'license_expired', 'license_not_started', 'license_suspended',
        'version_not_licensed', 'feature_not_licensed', 'no_licenses_available', 'max_overage_exceeded', 'customer_cap_reached',
        'overage', 'commit'];  -- from farthest to nearest
BEGIN
    PERFORM FROM licensing_license WHERE product_id = wanted ->> 'product_id' ORDER BY id FOR UPDATE;
    at := clock_timestamp();
    FOR l IN SELECT * FROM licensing_license WHERE product_id = wanted ->> 'product_id' ORDER BY overage_per_use, id LOOP
        verdict := coalesce(seat_obstacle(l, wanted, at), seat_choice(l, at));
        IF verdict NOT IN ('commit', 'license_suspended') AND seat_reclaim(l.id, at) > 0 THEN
            SELECT * INTO l FROM licensing_license WHERE id = l.id;
            verdict := coalesce(seat_obstacle(l, wanted, at), seat_choice(l, at));
        END IF;
        IF array_position(obstacles, verdict) > array_position(obstacles, best_verdict) OR best.id IS NULL THEN
            best := l;
            best_verdict := verdict;
        END IF;
    END LOOP;
    IF best_verdict IN ('commit', 'overage') THEN
        RETURN seat_grant(best, best_verdict, wanted, at);
    END IF;
    RETURN seat_deny(best_verdict, coalesce(best.id, ''), seat_available_at(best, best_verdict), wanted, at);
END $$;
CREATE FUNCTION tenant_template.seat_deny(code text, of_license text, available timestamp with time zone, wanted jsonb, at timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO licensing_denial (product_id, license_id, code, "user", hostname, key_id, at, available_at)
    VALUES (wanted ->> 'product_id', of_license, code, wanted ->> 'user', wanted ->> 'hostname', wanted ->> 'key_id', at, available);
    PERFORM seat_note('license.denied', code, 'product', wanted ->> 'product_id', wanted, at,
                      jsonb_build_object('license_id', of_license, 'user', wanted ->> 'user'));
    RETURN jsonb_build_object('refused', code, 'license_id', nullif(of_license, ''), 'available_at', available);
END $$;
CREATE FUNCTION tenant_template.seat_end(of_lease text, how text, usage jsonb, wanted jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    lease licensing_lease;
    at timestamptz;
    already boolean;
    product text;
BEGIN
    SELECT product_id INTO product FROM licensing_license
    WHERE id = (SELECT license_id FROM licensing_lease WHERE id = of_lease) FOR UPDATE;  -- the license first, everywhere
    SELECT * INTO lease FROM licensing_lease WHERE id = of_lease FOR UPDATE;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('refused', 'lease_not_found');
    END IF;
    at := clock_timestamp();
    IF lease.ended_at IS NULL AND lease.expires_at <= at THEN
        PERFORM seat_reclaim(lease.license_id, at);
        SELECT * INTO lease FROM licensing_lease WHERE id = of_lease;
    END IF;
    already := lease.ended_at IS NOT NULL;
    IF NOT already THEN
        UPDATE licensing_lease SET ended_at = at, ended_by = how, usage_metadata = nullif(usage, 'null'::jsonb) WHERE id = of_lease RETURNING * INTO lease;
        UPDATE licensing_license SET
            commit_in_use = commit_in_use - (lease.lease_type = 'commit')::integer,
            overage_in_use = overage_in_use - (lease.lease_type = 'overage')::integer
        WHERE id = lease.license_id;
        PERFORM seat_note('license.' || how, '', 'lease', lease.id, wanted, at,
                          jsonb_build_object('license_id', lease.license_id, 'user', lease."user", 'lease_type', lease.lease_type));
    END IF;
    RETURN jsonb_build_object('lease_id', lease.id, 'license_id', lease.license_id, 'product_id', product, 'lease_type', lease.lease_type,
                              'cost', lease.cost::text, 'currency', lease.currency, 'ended_by', lease.ended_by, 'already', already,
                              'duration', floor(extract(epoch FROM lease.ended_at - lease.issued_at))::bigint);
END $$;
CREATE FUNCTION tenant_template.seat_grant(l tenant_template.licensing_license, seat text, wanted jsonb, at timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    price numeric(12, 2) := CASE seat WHEN 'overage' THEN l.overage_per_use ELSE 0 END;
    this_month date := date_trunc('month', at AT TIME ZONE 'UTC')::date;
    until timestamptz := at + make_interval(secs => (wanted ->> 'ttl')::integer);
    feature_names text[] := ARRAY(SELECT jsonb_array_elements_text(wanted -> 'features'));
BEGIN
    IF NOT l.auto_renew THEN
        until := least(until, l.ends_at);
    END IF;
    UPDATE licensing_license SET
        commit_in_use = commit_in_use + (seat = 'commit')::integer,
        overage_in_use = overage_in_use + (seat = 'overage')::integer,
        spent = CASE WHEN spent_month = this_month THEN spent ELSE 0 END + price,
        spent_month = this_month
    WHERE id = l.id;
    INSERT INTO licensing_lease (id, license_id, lease_type, cost, currency, "user", hostname, key_id, ip, fingerprint, version, features,
                                 ttl_seconds, is_offline, metadata, issued_at, expires_at, ended_by)
    VALUES (wanted ->> 'lease_id', l.id, seat, price, l.currency, wanted ->> 'user', wanted ->> 'hostname', wanted ->> 'key_id',
            nullif(wanted ->> 'ip', '')::inet, wanted ->> 'fingerprint', wanted ->> 'version', feature_names,
            (wanted ->> 'ttl')::integer, (wanted ->> 'offline')::boolean, wanted -> 'metadata', at, until, '');
    INSERT INTO public.billing_usagerecord (entry, at, kind, tenant_id, vendor_id, license_id, product_id, amount, currency)
    VALUES (wanted ->> 'lease_id', at, seat, wanted ->> 'tenant_id', l.vendor_id, l.id, l.product_id, price, l.currency);
    PERFORM seat_note('license.checked_out', '', 'lease', wanted ->> 'lease_id', wanted, at,
                      jsonb_build_object('license_id', l.id, 'product_id', l.product_id, 'user', wanted ->> 'user', 'lease_type', seat,
                                         'cost', price::text, 'currency', l.currency));
    IF NOT EXISTS (SELECT FROM public.tenants_sweepdue WHERE tenant_id = wanted ->> 'tenant_id' AND due_at <= until) THEN
        INSERT INTO public.tenants_sweepdue AS due (tenant_id, due_at) VALUES (wanted ->> 'tenant_id', until)
        ON CONFLICT (tenant_id) DO UPDATE SET due_at = least(due.due_at, excluded.due_at);
    END IF;
    RETURN jsonb_build_object('lease_id', wanted ->> 'lease_id', 'license_id', l.id, 'lease_type', seat, 'cost', price::text,
                              'currency', l.currency, 'issued_at', at, 'expires_at', until, 'vendor_id', l.vendor_id,
                              'hostname', wanted ->> 'hostname', 'features', l.features, 'ttl', (wanted ->> 'ttl')::integer);
END $$;
CREATE FUNCTION tenant_template.seat_heartbeat(of_lease text) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    lease licensing_lease;
    l licensing_license;
    at timestamptz;
BEGIN
    SELECT * INTO lease FROM licensing_lease WHERE id = of_lease FOR UPDATE;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('refused', 'lease_not_found');
    END IF;
    SELECT * INTO l FROM licensing_license WHERE id = lease.license_id;
    at := clock_timestamp();
    IF lease.ended_at IS NOT NULL THEN
        RETURN jsonb_build_object('refused', CASE lease.ended_by
            WHEN 'returned' THEN 'lease_returned' WHEN 'expired' THEN 'lease_expired' ELSE 'lease_revoked' END);
    ELSIF lease.expires_at <= at THEN
        RETURN jsonb_build_object('refused', 'lease_expired');
    END IF;
    lease.expires_at := at + make_interval(secs => lease.ttl_seconds);
    IF NOT l.auto_renew THEN
        lease.expires_at := least(lease.expires_at, l.ends_at);
    END IF;
    UPDATE licensing_lease SET expires_at = lease.expires_at WHERE id = of_lease;
    RETURN jsonb_build_object('lease_id', lease.id, 'license_id', l.id, 'lease_type', lease.lease_type, 'user', lease."user",
                              'hostname', lease.hostname, 'product_id', l.product_id, 'vendor_id', l.vendor_id,
                              'features', l.features, 'wanted_features', lease.features, 'offline', lease.is_offline,
                              'issued_at', lease.issued_at, 'renewed_at', at, 'expires_at', lease.expires_at, 'ttl', lease.ttl_seconds);
END $$;
CREATE FUNCTION tenant_template.seat_note(event text, code text, subject_kind text, subject_id text, wanted jsonb, at timestamp with time zone, facts jsonb) RETURNS void
    LANGUAGE sql
    AS $$
    INSERT INTO audit_auditentry (event, at, result, code, actor_kind, actor_id, actor_label, subject_kind, subject_id, vendor_id, key_id,
                                  ip, hostname, fingerprint, user_agent, request_id, facts)
    VALUES (event, at, CASE code WHEN '' THEN 'success' ELSE 'refused' END, code, coalesce(wanted ->> 'actor_kind', 'key'),
            coalesce(wanted ->> 'actor_id', wanted ->> 'key_id'), wanted ->> 'key_name', subject_kind, subject_id, '', wanted ->> 'key_id', nullif(wanted ->> 'ip', '')::inet, wanted ->> 'hostname',
            wanted ->> 'fingerprint', wanted ->> 'user_agent', wanted ->> 'request_id', facts);
$$;
CREATE FUNCTION tenant_template.seat_obstacle(l tenant_template.licensing_license, wanted jsonb, at timestamp with time zone) RETURNS text
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN CASE
        WHEN l.status = 'revoked' THEN 'product_not_licensed'
        WHEN l.status = 'suspended' THEN 'license_suspended'
        WHEN at < l.starts_at THEN 'license_not_started'
        WHEN at >= l.ends_at AND NOT l.auto_renew THEN 'license_expired'
        WHEN NOT coalesce((wanted -> 'versions' ->> l.version_constraint)::boolean, true) THEN 'version_not_licensed'
        WHEN NOT ARRAY(SELECT jsonb_array_elements_text(wanted -> 'features')) <@ l.features::text[] THEN 'feature_not_licensed'
    END;
END $$;
CREATE FUNCTION tenant_template.seat_reclaim(of_license text, at timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    commits integer;
    overages integer;
BEGIN
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
    IF commits + overages > 0 THEN
        UPDATE licensing_license SET commit_in_use = commit_in_use - commits, overage_in_use = overage_in_use - overages
        WHERE id = of_license;
    END IF;
    RETURN commits + overages;
END $$;
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
        came_back := came_back + seat_reclaim(one, clock_timestamp());
    END LOOP;
    RETURN jsonb_build_object('came_back', came_back,
                              'next_at', (SELECT min(expires_at) FROM licensing_lease WHERE ended_at IS NULL));
END $$;
CREATE TABLE tenant_template.accounts_invitation (
    id bigint NOT NULL,
    secret_hash character varying(64) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    user_id bigint NOT NULL
);
ALTER TABLE tenant_template.accounts_invitation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME tenant_template.accounts_invitation_id_seq
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
    user_id bigint NOT NULL
);
CREATE TABLE tenant_template.accounts_user (
    id bigint NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    email character varying(254) NOT NULL,
    name character varying(255) NOT NULL,
    role character varying(20) NOT NULL,
    vendor_id character varying(40) NOT NULL,
    is_active boolean NOT NULL,
    created_at timestamp with time zone NOT NULL
);
ALTER TABLE tenant_template.accounts_user ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME tenant_template.accounts_user_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
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
);
ALTER TABLE tenant_template.audit_auditentry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME tenant_template.audit_auditentry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE tenant_template.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);
ALTER TABLE tenant_template.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME tenant_template.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE tenant_template.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
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
    CONSTRAINT keys_apikey_checkouts_per_minute_check CHECK ((checkouts_per_minute >= 0)),
    CONSTRAINT keys_apikey_requests_per_hour_check CHECK ((requests_per_hour >= 0))
);
CREATE TABLE tenant_template.keys_signingkey (
    kid character varying(64) NOT NULL,
    owner character varying(40) NOT NULL,
    algorithm character varying(20) NOT NULL,
    public_key bytea NOT NULL,
    sealed_private_key bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone
);
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
);
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
    license_id character varying(120) NOT NULL,
    CONSTRAINT licensing_lease_ttl_seconds_check CHECK ((ttl_seconds >= 0))
);
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
);
CREATE TABLE tenant_template.web_idempotentanswer (
    id bigint NOT NULL,
    caller character varying(64) NOT NULL,
    key character varying(255) NOT NULL,
    request_digest character varying(64) NOT NULL,
    status smallint,
    body bytea,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT web_idempotentanswer_status_check CHECK ((status >= 0))
);
ALTER TABLE tenant_template.web_idempotentanswer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME tenant_template.web_idempotentanswer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE ONLY tenant_template.accounts_invitation
    ADD CONSTRAINT accounts_invitation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.accounts_invitation
    ADD CONSTRAINT accounts_invitation_secret_hash_key UNIQUE (secret_hash);
ALTER TABLE ONLY tenant_template.accounts_personaltoken
    ADD CONSTRAINT accounts_personaltoken_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.accounts_personaltoken
    ADD CONSTRAINT accounts_personaltoken_secret_hash_key UNIQUE (secret_hash);
ALTER TABLE ONLY tenant_template.accounts_user
    ADD CONSTRAINT accounts_user_email_key UNIQUE (email);
ALTER TABLE ONLY tenant_template.accounts_user
    ADD CONSTRAINT accounts_user_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.audit_auditentry
    ADD CONSTRAINT audit_auditentry_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_template.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);
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
ALTER TABLE ONLY tenant_template.web_idempotentanswer
    ADD CONSTRAINT one_answer_a_key UNIQUE (caller, key);
ALTER TABLE ONLY tenant_template.web_idempotentanswer
    ADD CONSTRAINT web_idempotentanswer_pkey PRIMARY KEY (id);
CREATE INDEX accounts_invitation_secret_hash_f8e85b08_like ON tenant_template.accounts_invitation USING btree (secret_hash varchar_pattern_ops);
CREATE INDEX accounts_invitation_user_id_83f45191 ON tenant_template.accounts_invitation USING btree (user_id);
CREATE INDEX accounts_personaltoken_id_3a614351_like ON tenant_template.accounts_personaltoken USING btree (id varchar_pattern_ops);
CREATE INDEX accounts_personaltoken_secret_hash_a103984f_like ON tenant_template.accounts_personaltoken USING btree (secret_hash varchar_pattern_ops);
CREATE INDEX accounts_personaltoken_user_id_a019d9c1 ON tenant_template.accounts_personaltoken USING btree (user_id);
CREATE INDEX accounts_user_email_b2644a56_like ON tenant_template.accounts_user USING btree (email varchar_pattern_ops);
CREATE INDEX audit_audit_at_bd7d43_idx ON tenant_template.audit_auditentry USING btree (at);
CREATE INDEX audit_audit_subject_c824aa_idx ON tenant_template.audit_auditentry USING btree (subject_kind, subject_id, id);
CREATE INDEX django_session_expire_date_a5c62663 ON tenant_template.django_session USING btree (expire_date);
CREATE INDEX django_session_session_key_c0390e0f_like ON tenant_template.django_session USING btree (session_key varchar_pattern_ops);
CREATE INDEX ended_leases ON tenant_template.licensing_lease USING brin (ended_at) WITH (autosummarize='on');
CREATE INDEX keys_apikey_id_abc1cc74_like ON tenant_template.keys_apikey USING btree (id varchar_pattern_ops);
CREATE INDEX keys_apikey_owner_c0cfb873 ON tenant_template.keys_apikey USING btree (owner);
CREATE INDEX keys_apikey_owner_c0cfb873_like ON tenant_template.keys_apikey USING btree (owner varchar_pattern_ops);
CREATE INDEX keys_apikey_secret_hash_28e4b342_like ON tenant_template.keys_apikey USING btree (secret_hash varchar_pattern_ops);
CREATE INDEX keys_signingkey_kid_29205179_like ON tenant_template.keys_signingkey USING btree (kid varchar_pattern_ops);
CREATE INDEX keys_signingkey_owner_4a371259 ON tenant_template.keys_signingkey USING btree (owner);
CREATE INDEX keys_signingkey_owner_4a371259_like ON tenant_template.keys_signingkey USING btree (owner varchar_pattern_ops);
CREATE INDEX lapsing_leases ON tenant_template.licensing_lease USING btree (license_id, expires_at) WHERE (ended_at IS NULL);
CREATE INDEX licensing_d_at_f6b923_idx ON tenant_template.licensing_denial USING btree (at);
CREATE INDEX licensing_d_product_5a6edb_idx ON tenant_template.licensing_denial USING btree (product_id, at);
CREATE INDEX licensing_l_issued__0e8d2a_idx ON tenant_template.licensing_lease USING btree (issued_at);
CREATE INDEX licensing_lease_id_a6527210_like ON tenant_template.licensing_lease USING btree (id varchar_pattern_ops);
CREATE INDEX licensing_lease_license_id_3e52429f ON tenant_template.licensing_lease USING btree (license_id);
CREATE INDEX licensing_lease_license_id_3e52429f_like ON tenant_template.licensing_lease USING btree (license_id varchar_pattern_ops);
CREATE INDEX licensing_license_id_6a72ec3f_like ON tenant_template.licensing_license USING btree (id varchar_pattern_ops);
CREATE INDEX licensing_license_product_id_126aa726 ON tenant_template.licensing_license USING btree (product_id);
CREATE INDEX licensing_license_product_id_126aa726_like ON tenant_template.licensing_license USING btree (product_id varchar_pattern_ops);
CREATE INDEX licensing_u_feature_b20023_idx ON tenant_template.licensing_usageevent USING btree (feature, at);
CREATE INDEX licensing_usageevent_id_817a52fc_like ON tenant_template.licensing_usageevent USING btree (id varchar_pattern_ops);
CREATE INDEX licensing_usageevent_license_id_b4e626a0 ON tenant_template.licensing_usageevent USING btree (license_id);
CREATE INDEX licensing_usageevent_license_id_b4e626a0_like ON tenant_template.licensing_usageevent USING btree (license_id varchar_pattern_ops);
CREATE UNIQUE INDEX one_signing_key_at_a_time ON tenant_template.keys_signingkey USING btree (owner, algorithm) WHERE (retired_at IS NULL);
CREATE INDEX web_idempot_created_13267f_idx ON tenant_template.web_idempotentanswer USING btree (created_at);
ALTER TABLE ONLY tenant_template.accounts_invitation
    ADD CONSTRAINT accounts_invitation_user_id_83f45191_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES tenant_template.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY tenant_template.accounts_personaltoken
    ADD CONSTRAINT accounts_personaltoken_user_id_a019d9c1_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES tenant_template.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY tenant_template.licensing_lease
    ADD CONSTRAINT licensing_lease_license_id_3e52429f_fk_licensing_license_id FOREIGN KEY (license_id) REFERENCES tenant_template.licensing_license(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY tenant_template.licensing_usageevent
    ADD CONSTRAINT licensing_usageevent_license_id_b4e626a0_fk_licensing FOREIGN KEY (license_id) REFERENCES tenant_template.licensing_license(id) DEFERRABLE INITIALLY DEFERRED;

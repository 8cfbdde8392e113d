-- The seat rule, in one place. Every function runs in one tenant's schema, under the tenant's role, inside a transaction that the
-- caller opened. A refusal is returned, not raised: one request's "no" never spoils its neighbours in a batch.
--
-- Reading order: seat_checkout tells the story; the functions above it are its steps. Invariants, kept under the license's row lock:
--   commit_in_use + overage_in_use = leases not ended;  a new seat never goes beyond total_licenses, max_overage or the customer's caps;
--   commit seats are filled before overage;  each granted checkout is in the ledger once, in this transaction.
-- To change it: change it here, add a migration that runs this file again (as 0002 does), run manage.py snapshot_tenant_schema.
-- Instants are clock_timestamp(), taken after the lock: now() is the transaction's start, and seats may have changed while it waited.

-- Seats whose leases have lapsed come back. The license's row must be locked. How many came back.
CREATE OR REPLACE FUNCTION seat_reclaim(of_license text, at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
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

-- Why this license can't serve this request at all, seats aside; null if it can.
CREATE OR REPLACE FUNCTION seat_obstacle(l licensing_license, wanted jsonb, at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
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

-- Which seat the license can give now: 'commit' or 'overage'; or why none.
CREATE OR REPLACE FUNCTION seat_choice(l licensing_license, at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
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

-- A lease, its seat, its line in the ledger, its audit entry, and the sweep that will look after it.
CREATE OR REPLACE FUNCTION seat_grant(l licensing_license, seat text, wanted jsonb, at timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
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

-- The refusal is kept: it is what a customer buys more seats on.
CREATE OR REPLACE FUNCTION seat_deny(code text, of_license text, available timestamptz, wanted jsonb, at timestamptz)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO licensing_denial (product_id, license_id, code, "user", hostname, key_id, at, available_at)
    VALUES (wanted ->> 'product_id', of_license, code, wanted ->> 'user', wanted ->> 'hostname', wanted ->> 'key_id', at, available);
    PERFORM seat_note('license.denied', code, 'product', wanted ->> 'product_id', wanted, at,
                      jsonb_build_object('license_id', of_license, 'user', wanted ->> 'user'));
    RETURN jsonb_build_object('refused', code, 'license_id', nullif(of_license, ''), 'available_at', available);
END $$;

CREATE OR REPLACE FUNCTION seat_note(event text, code text, subject_kind text, subject_id text, wanted jsonb, at timestamptz, facts jsonb)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO audit_auditentry (event, at, result, code, actor_kind, actor_id, actor_label, subject_kind, subject_id, vendor_id, key_id,
                                  ip, hostname, fingerprint, user_agent, request_id, facts)
    VALUES (event, at, CASE code WHEN '' THEN 'success' ELSE 'refused' END, code, coalesce(wanted ->> 'actor_kind', 'key'),
            coalesce(wanted ->> 'actor_id', wanted ->> 'key_id'), wanted ->> 'key_name', subject_kind, subject_id, '', wanted ->> 'key_id', nullif(wanted ->> 'ip', '')::inet, wanted ->> 'hostname',
            wanted ->> 'fingerprint', wanted ->> 'user_agent', wanted ->> 'request_id', facts);
$$;

-- The story of a checkout, once its license rows are locked. The first license that has a commit seat gives it; else the cheapest
-- overage seat; else the refusal that comes nearest to a seat.
CREATE OR REPLACE FUNCTION seat_decide(wanted jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
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

-- When a seat may be had again, as far as it is known: the start of the contract, or the earliest end of a lease in use.
CREATE OR REPLACE FUNCTION seat_available_at(l licensing_license, code text) RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
    IF code = 'license_not_started' THEN
        RETURN l.starts_at;
    ELSIF code IN ('no_licenses_available', 'max_overage_exceeded', 'customer_cap_reached') THEN
        RETURN (SELECT min(expires_at) FROM licensing_lease WHERE license_id = l.id AND ended_at IS NULL);
    END IF;
    RETURN NULL;
END $$;

-- Check out a seat, at most once for an idempotency key.
--
-- `wanted`: lease_id (a fresh one), tenant_id, product_id, user, hostname, version, features [], ttl (seconds), offline, metadata {},
-- key_id, key_name, ip, fingerprint, user_agent, request_id, caller, idempotency_key, digest, and versions: for each version
-- constraint, whether `version` satisfies it (PEP 440 is not for SQL). Answers one of
--   the granted lease · {refused, license_id, available_at} · {conflict: true} · {unjudged: [constraints]} with nothing done
-- with `replayed: true` when it is the kept answer to the same request.
CREATE OR REPLACE FUNCTION seat_checkout(wanted jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
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

-- Keep a lease alive: `expires_at` moves to its time to live from now. No license lock is needed: the lease's own row decides.
-- Answers the lease, or {refused: lease_not_found | lease_expired | lease_returned | lease_revoked}.
CREATE OR REPLACE FUNCTION seat_heartbeat(of_lease text) RETURNS jsonb LANGUAGE plpgsql AS $$
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

-- End a lease: `how` is returned (by its application), taken_back (by an administrator). A lease that has ended already stays as it
-- is and answers the same again. Answers {ended, lease_type, cost, currency, duration, license_id, product_id, already} or {refused}.
CREATE OR REPLACE FUNCTION seat_end(of_lease text, how text, usage jsonb, wanted jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
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

-- The sweep: every lapsed lease of this tenant, license by license in one order. Answers how many seats came back and when to look again.
CREATE OR REPLACE FUNCTION seat_sweep() RETURNS jsonb LANGUAGE plpgsql AS $$
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

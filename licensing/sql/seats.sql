-- The seat rule, in one place. Every function runs in one tenant's schema, under the tenant's role, inside a transaction that the
-- caller opened. It takes many calls at once and answers each; a refusal is an answer, never raised: one call's "no" doesn't spoil
-- its neighbours. What many calls share (locks, licenses, one statement a table) is paid once; that is where the speed comes from.
--
-- Reading order: seat_serve is the door; seat_checkouts tells the story of a checkout; the functions above it are its steps. Kept
-- under the licenses' row locks:
--   commit_in_use + overage_in_use = leases not ended;  a new seat never goes beyond total_licenses, max_overage or the customer's caps;
--   commit seats are filled before overage;  each granted checkout is in the ledger once, in this transaction.
-- To change it: change it here, add a migration that runs this file again (as 0002 does), run manage.py snapshot_tenant_schema.
-- Instants are clock_timestamp(), taken after the locks: now() is the transaction's start, and seats may have changed while it waited.
-- Each call has one of its own, so that whoever reads the log reads it in the order in which seats were given.

-- What the rule reads of a license while it decides; the counters move with each seat given. `spent`: in the month of `at`.
DO $$ BEGIN
    IF to_regtype('seat_license') IS NULL THEN
        CREATE TYPE seat_license AS (
            id text, product_id text, vendor_id text, version_constraint text, features jsonb, status text,
            total_licenses integer, commit_qty integer, max_overage integer, overage_per_use numeric, currency text,
            starts_at timestamptz, ends_at timestamptz, auto_renew boolean, cap_in_use integer, cap_overage integer,
            monthly_budget numeric, commit_in_use integer, overage_in_use integer, spent numeric, is_reclaimed boolean
        );
    END IF;
END $$;

-- Seats whose leases have lapsed come back. The license's row must be locked. How many of each kind came back.
CREATE OR REPLACE FUNCTION seat_reclaim(of_license text, at timestamptz, OUT commits integer, OUT overages integer) LANGUAGE plpgsql AS $$
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

-- What this license says to a request: 'commit' or 'overage', the seat that it can give now; or why none.
CREATE OR REPLACE FUNCTION seat_verdict(l seat_license, versions jsonb, features jsonb, at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    in_use integer := l.commit_in_use + l.overage_in_use;
BEGIN
    IF l.status <> 'active' THEN
        RETURN CASE l.status WHEN 'revoked' THEN 'product_not_licensed' ELSE 'license_suspended' END;
    ELSIF at < l.starts_at THEN
        RETURN 'license_not_started';
    ELSIF at >= l.ends_at AND NOT l.auto_renew THEN
        RETURN 'license_expired';
    ELSIF NOT coalesce((versions ->> l.version_constraint)::boolean, true) THEN
        RETURN 'version_not_licensed';
    ELSIF NOT features <@ l.features THEN
        RETURN 'feature_not_licensed';
    ELSIF in_use < l.total_licenses AND in_use >= l.cap_in_use THEN
        RETURN 'customer_cap_reached';
    ELSIF in_use < l.total_licenses AND l.commit_in_use < l.commit_qty THEN
        RETURN 'commit';
    ELSIF l.overage_in_use >= l.max_overage OR in_use >= l.total_licenses THEN
        RETURN CASE WHEN l.max_overage > 0 THEN 'max_overage_exceeded' ELSE 'no_licenses_available' END;
    ELSIF l.overage_in_use >= l.cap_overage OR l.spent + l.overage_per_use > l.monthly_budget THEN
        RETURN 'customer_cap_reached';
    END IF;
    RETURN 'overage';
END $$;

-- When a seat may be had again, as far as it is known: the start of the contract, or the earliest end of a lease in use.
CREATE OR REPLACE FUNCTION seat_available_at(l seat_license, code text) RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
    IF code = 'license_not_started' THEN
        RETURN l.starts_at;
    ELSIF code IN ('no_licenses_available', 'max_overage_exceeded', 'customer_cap_reached') THEN
        RETURN (SELECT min(expires_at) FROM licensing_lease WHERE license_id = l.id AND ended_at IS NULL);
    END IF;
    RETURN NULL;
END $$;

-- Of the requests' versions, the constraints that nobody has judged yet: {lease_id: [constraints]}, or null; PEP 440 is not for SQL.
CREATE OR REPLACE FUNCTION seat_unjudged(calls jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    IF NOT calls @? '$[*].version ? (@ != "")' THEN
        RETURN NULL;
    END IF;
    RETURN (
        SELECT jsonb_object_agg(id, missing) FROM (
            SELECT call ->> 'lease_id' AS id, jsonb_agg(DISTINCT l.version_constraint) AS missing
            FROM jsonb_array_elements(calls) call JOIN licensing_license l ON l.product_id = call ->> 'product_id'
            WHERE call ->> 'version' <> '' AND l.version_constraint <> '' AND NOT call -> 'versions' ? l.version_constraint
            GROUP BY 1
        ) unjudged
    );
END $$;

-- A line in the audit log. `wanted`: who asked, from where, with which key.
CREATE OR REPLACE FUNCTION seat_note(event text, code text, subject_kind text, subject_id text, wanted jsonb, at timestamptz, facts jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_auditentry (event, at, result, code, actor_kind, actor_id, actor_label, subject_kind, subject_id, vendor_id, key_id,
                                  ip, hostname, fingerprint, user_agent, request_id, facts)
    VALUES (event, at, CASE code WHEN '' THEN 'success' ELSE 'refused' END, code, coalesce(wanted ->> 'actor_kind', 'key'),
            coalesce(wanted ->> 'actor_id', wanted ->> 'key_id'), wanted ->> 'key_name', subject_kind, subject_id, '', wanted ->> 'key_id',
            nullif(wanted ->> 'ip', '')::inet, wanted ->> 'hostname', wanted ->> 'fingerprint', wanted ->> 'user_agent', wanted ->> 'request_id', facts);
END $$;

-- A lease, its line in the ledger, its audit entry. The license's counters are written by seat_checkouts, once for all its seats.
CREATE OR REPLACE FUNCTION seat_grant(l seat_license, seat text, wanted jsonb, at timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    lease text := wanted ->> 'lease_id';
    price numeric(12, 2) := CASE seat WHEN 'overage' THEN l.overage_per_use ELSE 0 END;
    until timestamptz := at + make_interval(secs => (wanted ->> 'ttl')::integer);
    feature_names text[] := '{}';
BEGIN
    IF NOT l.auto_renew THEN
        until := least(until, l.ends_at);
    END IF;
    IF wanted -> 'features' <> '[]' THEN
        feature_names := ARRAY(SELECT jsonb_array_elements_text(wanted -> 'features'));
    END IF;
    INSERT INTO licensing_lease (id, license_id, lease_type, cost, currency, "user", hostname, key_id, ip, fingerprint, version, features,
                                 ttl_seconds, is_offline, metadata, issued_at, expires_at, ended_by)
    VALUES (lease, l.id, seat, price, l.currency, wanted ->> 'user', wanted ->> 'hostname', wanted ->> 'key_id',
            nullif(wanted ->> 'ip', '')::inet, wanted ->> 'fingerprint', wanted ->> 'version', feature_names,
            (wanted ->> 'ttl')::integer, (wanted ->> 'offline')::boolean, wanted -> 'metadata', at, until, '');
    INSERT INTO public.billing_usagerecord (entry, at, kind, tenant_id, vendor_id, license_id, product_id, amount, currency)
    VALUES (lease, at, seat, wanted ->> 'tenant_id', l.vendor_id, l.id, l.product_id, price, l.currency);
    PERFORM seat_note('license.checked_out', '', 'lease', lease, wanted, at,
                      jsonb_build_object('license_id', l.id, 'product_id', l.product_id, 'user', wanted ->> 'user', 'lease_type', seat,
                                         'cost', price::text, 'currency', l.currency));
    RETURN jsonb_build_object('lease_id', lease, 'license_id', l.id, 'lease_type', seat, 'cost', price::text, 'currency', l.currency,
                              'issued_at', at, 'expires_at', until, 'vendor_id', l.vendor_id, 'hostname', wanted ->> 'hostname',
                              'features', l.features, 'ttl', (wanted ->> 'ttl')::integer);
END $$;

-- The refusal is kept: it is what a customer buys more seats on.
CREATE OR REPLACE FUNCTION seat_deny(code text, l seat_license, wanted jsonb, at timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    available timestamptz := seat_available_at(l, code);
BEGIN
    INSERT INTO licensing_denial (product_id, license_id, code, "user", hostname, key_id, at, available_at)
    VALUES (wanted ->> 'product_id', coalesce(l.id, ''), code, wanted ->> 'user', wanted ->> 'hostname', wanted ->> 'key_id', at, available);
    PERFORM seat_note('license.denied', code, 'product', wanted ->> 'product_id', wanted, at,
                      jsonb_build_object('license_id', coalesce(l.id, ''), 'user', wanted ->> 'user'));
    RETURN jsonb_build_object('refused', code, 'license_id', l.id, 'available_at', available);
END $$;

-- The kept answer to the same request, {conflict: true} when its idempotency key was another request's, null when it is new: claimed
-- by seat_serve, not answered yet.
CREATE OR REPLACE FUNCTION seat_kept_answer(wanted jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    kept web_idempotentanswer;
BEGIN
    SELECT * INTO kept FROM web_idempotentanswer WHERE caller = wanted ->> 'caller' AND key = wanted ->> 'idempotency_key';
    IF kept.request_digest <> wanted ->> 'digest' THEN
        RETURN '{"conflict": true}';
    ELSIF kept.status IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN convert_from(kept.body, 'UTF8')::jsonb || '{"replayed": true}';
END $$;

-- Check out seats, each at most once for an idempotency key. The licenses' rows must be locked (seat_serve does it).
--
-- A call: lease_id (a fresh one), tenant_id, product_id, user, hostname, version, features [], ttl (seconds), offline, metadata {},
-- key_id, key_name, ip, fingerprint, user_agent, request_id, caller, idempotency_key, digest, and versions: for each version
-- constraint, whether `version` satisfies it. Answers each, in their order, with one of
--   the granted lease · {refused, license_id, available_at} · {conflict: true} · {unjudged: [constraints]} with nothing done
-- with `replayed: true` when it is the kept answer to the same request.
--
-- For each call: the first license that has a commit seat gives it; else the cheapest overage seat; else the refusal that comes nearest
-- to a seat.
CREATE OR REPLACE FUNCTION seat_checkouts(calls jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := clock_timestamp();
    this_month date := date_trunc('month', at AT TIME ZONE 'UTC')::date;
    licenses seat_license[] := ARRAY(
        SELECT ROW(id, product_id, vendor_id, version_constraint, to_jsonb(features), status, total_licenses, commit_qty, max_overage,
                   overage_per_use, currency, starts_at, ends_at, auto_renew, cap_in_use, cap_overage, monthly_budget, commit_in_use,
                   overage_in_use, CASE WHEN spent_month = this_month THEN spent ELSE 0 END, false)::seat_license
        FROM licensing_license WHERE product_id = ANY (ARRAY(SELECT call ->> 'product_id' FROM jsonb_array_elements(calls) call))
        ORDER BY overage_per_use, id FOR UPDATE);  -- one that was provisioned since seat_serve locked is not read unlocked
    nearness CONSTANT text[] := ARRAY['product_not_licensed', 'license_expired', 'license_not_started', 'license_suspended',
        'version_not_licensed', 'feature_not_licensed', 'no_licenses_available', 'max_overage_exceeded', 'customer_cap_reached',
        'overage', 'commit'];  -- from farthest to nearest
    given boolean[] := array_fill(false, ARRAY[cardinality(licenses)]);
    unjudged jsonb := seat_unjudged(calls);
    wanted jsonb;
    answer jsonb;
    answers jsonb := '[]';
    came_back record;
    verdict text;
    best text;
    best_license integer;
    earliest timestamptz;
BEGIN
    FOR wanted IN SELECT jsonb_array_elements(calls) LOOP
        at := clock_timestamp();
        IF at AT TIME ZONE 'UTC' >= this_month + interval '1 month' THEN  -- since the last call; what was spent was last month's
            this_month := date_trunc('month', at AT TIME ZONE 'UTC')::date;
            FOR i IN 1 .. cardinality(licenses) LOOP
                licenses[i].spent := 0;
            END LOOP;
        END IF;
        answer := NULL;
        IF unjudged IS NOT NULL AND unjudged ? (wanted ->> 'lease_id') THEN
            answer := jsonb_build_object('unjudged', unjudged -> (wanted ->> 'lease_id'));
        ELSIF wanted ->> 'idempotency_key' <> '' THEN
            answer := seat_kept_answer(wanted);
        END IF;
        IF answer IS NOT NULL THEN
            answers := answers || answer;
            CONTINUE;
        END IF;
        best := 'product_not_licensed';
        best_license := NULL;
        FOR i IN 1 .. cardinality(licenses) LOOP
            CONTINUE WHEN licenses[i].product_id <> wanted ->> 'product_id';
            verdict := seat_verdict(licenses[i], wanted -> 'versions', wanted -> 'features', at);
            IF verdict NOT IN ('commit', 'license_suspended') AND NOT licenses[i].is_reclaimed THEN
                came_back := seat_reclaim(licenses[i].id, at);
                licenses[i].commit_in_use := licenses[i].commit_in_use - came_back.commits;
                licenses[i].overage_in_use := licenses[i].overage_in_use - came_back.overages;
                licenses[i].is_reclaimed := true;
                verdict := seat_verdict(licenses[i], wanted -> 'versions', wanted -> 'features', at);
            END IF;
            IF best_license IS NULL OR array_position(nearness, verdict) > array_position(nearness, best) THEN
                best := verdict;
                best_license := i;
            END IF;
            EXIT WHEN verdict = 'commit';
        END LOOP;
        IF best = 'commit' THEN
            licenses[best_license].commit_in_use := licenses[best_license].commit_in_use + 1;
        ELSIF best = 'overage' THEN
            licenses[best_license].overage_in_use := licenses[best_license].overage_in_use + 1;
            licenses[best_license].spent := licenses[best_license].spent + licenses[best_license].overage_per_use;
        END IF;
        IF best IN ('commit', 'overage') THEN
            answer := seat_grant(licenses[best_license], best, wanted, at);
            given[best_license] := true;
            earliest := least(earliest, (answer ->> 'expires_at')::timestamptz);
        ELSE
            answer := seat_deny(best, licenses[best_license], wanted, at);
        END IF;
        IF wanted ->> 'idempotency_key' <> '' THEN
            UPDATE web_idempotentanswer
            SET status = CASE WHEN answer ? 'refused' THEN 409 ELSE 201 END, body = convert_to(answer::text, 'UTF8')
            WHERE caller = wanted ->> 'caller' AND key = wanted ->> 'idempotency_key';
        END IF;
        answers := answers || answer;
    END LOOP;
    FOR i IN 1 .. cardinality(licenses) LOOP
        IF given[i] THEN
            UPDATE licensing_license SET commit_in_use = licenses[i].commit_in_use, overage_in_use = licenses[i].overage_in_use,
                                         spent = licenses[i].spent, spent_month = this_month
            WHERE id = licenses[i].id;
        END IF;
    END LOOP;
    IF earliest IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.tenants_sweepdue WHERE tenant_id = calls -> 0 ->> 'tenant_id' AND due_at <= earliest) THEN
        INSERT INTO public.tenants_sweepdue AS due (tenant_id, due_at) VALUES (calls -> 0 ->> 'tenant_id', earliest)
        ON CONFLICT (tenant_id) DO UPDATE SET due_at = least(due.due_at, excluded.due_at);
    END IF;
    RETURN answers;
END $$;

-- Keep leases alive: `expires_at` moves to the lease's time to live from now, never back.
-- A call: lease_id. Answers each with the lease, or {refused: lease_not_found | lease_expired | lease_returned | lease_revoked}.
CREATE OR REPLACE FUNCTION seat_heartbeats(calls jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
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

-- Why this lease can't be kept alive.
CREATE OR REPLACE FUNCTION seat_why_ended(of_lease text) RETURNS text LANGUAGE plpgsql AS $$
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

-- End leases: `how` is returned (by its application), taken_back (by an administrator). A lease that has ended already stays as it is
-- and answers the same again. The licenses' rows must be locked. A call: lease_id, how, usage, and who: actor_kind, actor_id, key_id,
-- key_name, ip, hostname, fingerprint, user_agent, request_id.
-- Answers each with {lease_id, license_id, lease_type, cost, currency, ended_by, duration, already}, or {refused}.
CREATE OR REPLACE FUNCTION seat_ends(calls jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := clock_timestamp();
    wanted jsonb;
    answers jsonb := '[]';
    lease licensing_lease;
    already boolean;
    ended text[] := '{}';
BEGIN
    FOR wanted IN SELECT jsonb_array_elements(calls) LOOP
        at := clock_timestamp();
        SELECT * INTO lease FROM licensing_lease WHERE id = wanted ->> 'lease_id';
        IF NOT FOUND THEN
            answers := answers || '{"refused": "lease_not_found"}'::jsonb;
            CONTINUE;
        END IF;
        IF lease.ended_at IS NULL AND lease.expires_at <= at THEN
            PERFORM seat_reclaim(lease.license_id, at);
            SELECT * INTO lease FROM licensing_lease WHERE id = lease.id;
        END IF;
        already := lease.ended_at IS NOT NULL;
        IF NOT already THEN
            lease.ended_at := at;
            lease.ended_by := wanted ->> 'how';
            UPDATE licensing_lease SET ended_at = at, ended_by = lease.ended_by, usage_metadata = nullif(wanted -> 'usage', 'null')
            WHERE id = lease.id;
            ended := ended || lease.id::text;
            PERFORM seat_note('license.' || lease.ended_by, '', 'lease', lease.id, wanted, at,
                              jsonb_build_object('license_id', lease.license_id, 'user', lease."user", 'lease_type', lease.lease_type));
        END IF;
        answers := answers || jsonb_build_object(
            'lease_id', lease.id, 'license_id', lease.license_id, 'lease_type', lease.lease_type, 'cost', lease.cost::text,
            'currency', lease.currency, 'ended_by', lease.ended_by, 'already', already,
            'duration', floor(extract(epoch FROM lease.ended_at - lease.issued_at))::bigint);
    END LOOP;
    UPDATE licensing_license l SET commit_in_use = commit_in_use - commits, overage_in_use = overage_in_use - overages
    FROM (
        SELECT license_id, count(*) FILTER (WHERE lease_type = 'commit') AS commits, count(*) FILTER (WHERE lease_type = 'overage') AS overages
        FROM licensing_lease WHERE id = ANY (ended) GROUP BY license_id
    ) AS freed
    WHERE l.id = freed.license_id;
    RETURN answers;
END $$;

-- The door: calls of one tenant, all answered in this transaction as if one after the other: first `ends`, then `heartbeats`, then
-- `checkouts`, so that what comes back can be given. Each is an array, as its function says; the answers come in the same order, in one.
-- All rows are locked here, at once and in one order, licenses before leases before idempotency keys: so batches that mix them never
-- lock each other out.
CREATE OR REPLACE FUNCTION seat_serve(ends jsonb, heartbeats jsonb, checkouts jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    touched text[] := ARRAY(SELECT call ->> 'lease_id' FROM jsonb_array_elements(ends || heartbeats) call);
BEGIN
    PERFORM FROM licensing_license
    WHERE id = ANY (ARRAY(SELECT license_id FROM licensing_lease WHERE id = ANY (touched)))
          OR product_id = ANY (ARRAY(SELECT call ->> 'product_id' FROM jsonb_array_elements(checkouts) call))
    ORDER BY id FOR UPDATE;
    PERFORM FROM licensing_lease
    WHERE id = ANY (touched)
    ORDER BY id FOR UPDATE;
    IF checkouts @? '$[*].idempotency_key ? (@ != "")' THEN
        INSERT INTO web_idempotentanswer (caller, key, request_digest)
        SELECT DISTINCT ON (1, 2) call ->> 'caller', call ->> 'idempotency_key', call ->> 'digest'
        FROM jsonb_array_elements(checkouts) WITH ORDINALITY AS calls (call, n)
        WHERE call ->> 'idempotency_key' <> '' ORDER BY 1, 2, n ON CONFLICT DO NOTHING;
    END IF;
    RETURN CASE WHEN ends = '[]' THEN ends ELSE seat_ends(ends) END
        || CASE WHEN heartbeats = '[]' THEN heartbeats ELSE seat_heartbeats(heartbeats) END
        || CASE WHEN checkouts = '[]' THEN checkouts ELSE seat_checkouts(checkouts) END;
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
        came_back := came_back + (SELECT commits + overages FROM seat_reclaim(one, clock_timestamp()));
    END LOOP;
    RETURN jsonb_build_object('came_back', came_back,
                              'next_at', (SELECT min(expires_at) FROM licensing_lease WHERE ended_at IS NULL));
END $$;

-- The seat rule, in one place. Every function runs in one tenant's schema, under the tenant's role, inside a transaction that the
-- caller opened. It takes many calls at once and answers each; a refusal is an answer, never raised: one call's "no" doesn't spoil
-- its neighbours. What many calls share (locks, licenses, one statement a table) is paid once; that is where the speed comes from.
--
-- Here is what is locked, read and written; what is decided in between stands in decisions.sql.
-- Reading order: seat_serve is the door; seat_checkouts tells the story of a checkout; the functions above it are its steps. Kept under
-- the licenses' row locks:
--   commit_in_use + overage_in_use = leases not ended;  each granted checkout is in the ledger once, in this transaction.
-- To change it: change it here, add a migration that runs this file again (as 0011 does), run manage.py snapshot_tenant_schema.
-- Instants are clock_timestamp(), taken after the locks: now() is the transaction's start, and seats may have changed while it waited.
-- Calls of one transaction are a microsecond apart: whoever reads the log reads it in the order in which seats came back and were given.

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

-- The licenses that sell these products, locked in the order of their ids, as everybody locks them; answered in the order in which they are
-- asked for a seat. `look_ahead`: to when their next leases lapse, too.
CREATE OR REPLACE FUNCTION seat_licenses(products text[], look_ahead boolean) RETURNS public.seat_license[] LANGUAGE plpgsql AS $$
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

-- Of the calls that have an idempotency key: whose request came first, and what it was answered, {caller: {key: {digest, answer}}}. Claimed by
-- seat_serve, so each has a row.
CREATE OR REPLACE FUNCTION seat_answered(calls jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
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

-- Check out seats, each at most once for an idempotency key. `licenses`: those of the products, locked.
--
-- A call: lease_id (a fresh one), tenant_id, product_id, user, hostname, version, features [], ttl (seconds), offline, metadata {},
-- key_id, key_name, ip, fingerprint, user_agent, request_id, caller, idempotency_key, digest, and versions: for each version
-- constraint, whether `version` satisfies it. Answers each, in their order, with one of
--   the granted lease · {refused, license_id, available_at} · {conflict: true} · {unjudged: [constraints]} with nothing done
-- with `replayed: true` when it is the kept answer to the same request.
--
-- It is decided twice when a seat is short and another one has lapsed that nobody has swept up yet, or when the answer is a refusal, which
-- says when to come again: both are looked up only then.
CREATE OR REPLACE FUNCTION seat_checkouts(calls jsonb, products text[], licenses public.seat_license[], has_keys boolean)
RETURNS public.seat_decision LANGUAGE plpgsql AS $$
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
CREATE OR REPLACE FUNCTION seat_ends(calls jsonb, named text[]) RETURNS public.seat_closing LANGUAGE plpgsql AS $$
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

-- The door: calls of one tenant, all answered in this transaction as if one after the other: first `ends`, then `heartbeats`, then
-- `checkouts`, so that what comes back can be given. Each is an array, as its function says; the answers come in the same order, in one.
-- All rows are locked here, at once and in one order, licenses before idempotency keys: so batches that mix them never lock each other
-- out. A lease needs no lock of its own: whoever begins, prolongs or ends one has locked its license.
CREATE OR REPLACE FUNCTION seat_serve(ends jsonb, heartbeats jsonb, checkouts jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
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

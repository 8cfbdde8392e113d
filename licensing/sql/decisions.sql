-- What the seat rule decides, apart from what it reads and writes: functions of their arguments alone, one copy for all tenants, in
-- `public`. PostgreSQL keeps plans of every statement and expression of a function for each schema in which it stands; a thousand
-- tenants' fit into no cache, one copy does. Nothing here names a table; what is read and written stands in seats.sql.
--
-- Reading order: seat_decide tells the story of a checkout, seat_close that of a return; the functions above them are their steps. Kept,
-- under the licenses' row locks, which seats.sql holds:
--   a new seat never goes beyond total_licenses, max_overage or the customer's caps;  commit seats are filled before overage.
-- To change it: change it here and add a migration of licensing.deciding that runs this file again.
-- The two stories have a path of their own (SET search_path): PostgreSQL throws a plan away that was made along another one.

DO $$ BEGIN
    IF to_regtype('public.seat_decision') IS NOT NULL THEN
        RETURN;
    END IF;
    -- A license while it is decided about; its counters move with each seat given. `spent`: in `month`. `next_end`: when the next of its
    -- leases lapses, if anybody has looked. `is_used`: it gave a seat.
    CREATE TYPE public.seat_license AS (
        id text, product_id text, vendor_id text, version_constraint text, features jsonb, status text, total_licenses integer,
        commit_qty integer, max_overage integer, overage_per_use numeric, currency text, starts_at timestamptz, ends_at timestamptz,
        auto_renew boolean, cap_in_use integer, cap_overage integer, monthly_budget numeric, commit_in_use integer,
        overage_in_use integer, month date, spent numeric, next_end timestamptz, is_used boolean
    );
    CREATE TYPE public.seat_lease AS (
        id text, license_id text, lease_type text, cost numeric, currency text, "user" text, issued_at timestamptz, ended_at timestamptz,
        ended_by text, usage jsonb
    );
    -- What is to be written: a lease and its line in the ledger, a refusal, an entry in the audit log, the answer to a repeated request.
    CREATE TYPE public.seat_grant AS (
        lease_id text, tenant_id text, license_id text, vendor_id text, product_id text, lease_type text, price numeric(12, 2),
        currency text, "user" text, hostname text, key_id text, ip inet, fingerprint text, version text, features text[], ttl integer,
        is_offline boolean, metadata jsonb, issued_at timestamptz, expires_at timestamptz
    );
    CREATE TYPE public.seat_denial AS (
        product_id text, license_id text, code text, "user" text, hostname text, key_id text, denied_at timestamptz,
        available_at timestamptz
    );
    CREATE TYPE public.seat_entry AS (
        event text, noted_at timestamptz, result text, code text, actor_kind text, actor_id text, actor_label text, subject_kind text,
        subject_id text, key_id text, ip inet, hostname text, fingerprint text, user_agent text, request_id text, facts jsonb
    );
    CREATE TYPE public.seat_answer AS (caller text, key text, status integer, body text);
    -- `is_short`: some call found no commit seat. `earliest`: when the first of the leases granted lapses.
    CREATE TYPE public.seat_decision AS (
        answers jsonb, licenses public.seat_license[], grants public.seat_grant[], denials public.seat_denial[],
        entries public.seat_entry[], kept public.seat_answer[], is_short boolean, earliest timestamptz
    );
    CREATE TYPE public.seat_closing AS (answers jsonb, ended public.seat_lease[], entries public.seat_entry[]);
END $$;

-- What this license says to a request: 'commit' or 'overage', the seat that it can give now; or why none.
CREATE OR REPLACE FUNCTION public.seat_verdict(l public.seat_license, versions jsonb, features jsonb, at timestamptz) RETURNS text
LANGUAGE plpgsql STABLE AS $$
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

-- An entry in the audit log. `wanted`: who asked, from where, with which key.
CREATE OR REPLACE FUNCTION public.seat_entry_of(
    event text, code text, subject_kind text, subject_id text, wanted jsonb, at timestamptz, facts jsonb) RETURNS public.seat_entry
LANGUAGE sql STABLE AS $$
    SELECT ROW(event, at, CASE code WHEN '' THEN 'success' ELSE 'refused' END, code, coalesce(wanted ->> 'actor_kind', 'key'),
               coalesce(wanted ->> 'actor_id', wanted ->> 'key_id'), wanted ->> 'key_name', subject_kind, subject_id, wanted ->> 'key_id',
               nullif(wanted ->> 'ip', '')::inet, wanted ->> 'hostname', wanted ->> 'fingerprint', wanted ->> 'user_agent',
               wanted ->> 'request_id', facts)::public.seat_entry
$$;

-- A seat of this license: the lease, whose price is what its line in the ledger says.
CREATE OR REPLACE FUNCTION public.seat_lease_of(l public.seat_license, seat text, wanted jsonb, at timestamptz) RETURNS public.seat_grant
LANGUAGE plpgsql STABLE AS $$
DECLARE
    price numeric(12, 2) := CASE seat WHEN 'overage' THEN l.overage_per_use ELSE 0 END;
    until timestamptz := at + make_interval(secs => (wanted ->> 'ttl')::integer);
    features text[] := '{}';
BEGIN
    IF NOT l.auto_renew THEN
        until := least(until, l.ends_at);
    END IF;
    IF wanted -> 'features' <> '[]' THEN
        features := ARRAY(SELECT jsonb_array_elements_text(wanted -> 'features'));
    END IF;
    RETURN ROW(wanted ->> 'lease_id', wanted ->> 'tenant_id', l.id, l.vendor_id, l.product_id, seat, price, l.currency,
               wanted ->> 'user', wanted ->> 'hostname', wanted ->> 'key_id', nullif(wanted ->> 'ip', '')::inet,
               wanted ->> 'fingerprint', wanted ->> 'version', features,
               (wanted ->> 'ttl')::integer, (wanted ->> 'offline')::boolean, wanted -> 'metadata', at, until)::public.seat_grant;
END $$;

-- Of these licenses, the version constraints that nobody has judged this request's version by yet, or null: PEP 440 is not for SQL.
CREATE OR REPLACE FUNCTION public.seat_unjudged(licenses public.seat_license[], wanted jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(DISTINCT l.version_constraint) FROM unnest(licenses) l
    WHERE l.product_id = wanted ->> 'product_id' AND l.version_constraint <> '' AND NOT wanted -> 'versions' ? l.version_constraint
$$;

-- Checkouts, one after the other, each at an instant of its own, so that whoever reads the log reads it in the order in which seats
-- were given. `licenses`: those of the products that are wanted, in the order in
-- which they are asked. `before`: of each idempotency key of the calls, the `digest` of the request that came first, and its `answer`
-- if it has one. seats.sql says what a call has and what is answered.
--
-- For each call: the first license that has a commit seat gives it; else the cheapest overage seat; else the refusal that comes nearest
-- to a seat.
CREATE OR REPLACE FUNCTION public.seat_decide(calls jsonb, licenses public.seat_license[], before jsonb, began timestamptz)
RETURNS public.seat_decision LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
DECLARE
    nearness CONSTANT text[] := ARRAY['product_not_licensed', 'license_expired', 'license_not_started', 'license_suspended',
        'version_not_licensed', 'feature_not_licensed', 'no_licenses_available', 'max_overage_exceeded', 'customer_cap_reached',
        'overage', 'commit'];  -- from farthest to nearest
    at timestamptz;
    this_month date;
    next_month timestamptz := '-infinity';
    answers jsonb[] := '{}';
    grants public.seat_grant[] := '{}';
    denials public.seat_denial[] := '{}';
    entries public.seat_entry[] := '{}';
    kept public.seat_answer[] := '{}';
    is_short boolean := false;
    earliest timestamptz;
    wanted jsonb;
    answer jsonb;
    earlier jsonb;
    unjudged jsonb;
    l public.seat_license;
    granted public.seat_grant;
    available timestamptz;
    verdict text;
    best text;
    best_license integer;
BEGIN
    FOR n IN 0 .. jsonb_array_length(calls) - 1 LOOP
        wanted := calls -> n;
        at := began + n * interval '1 microsecond';
        IF at >= next_month THEN  -- at the first call, and when a month ends between two; what was spent before doesn't count in it
            this_month := date_trunc('month', at AT TIME ZONE 'UTC')::date;
            next_month := (this_month + interval '1 month') AT TIME ZONE 'UTC';
            FOR i IN 1 .. cardinality(licenses) LOOP
                IF licenses[i].month IS DISTINCT FROM this_month THEN
                    licenses[i].month := this_month;
                    licenses[i].spent := 0;
                END IF;
            END LOOP;
        END IF;
        IF wanted ->> 'version' <> '' THEN
            unjudged := public.seat_unjudged(licenses, wanted);
            IF unjudged IS NOT NULL THEN
                answers := answers || jsonb_build_object('unjudged', unjudged);
                CONTINUE;
            END IF;
        END IF;
        IF wanted ->> 'idempotency_key' <> '' THEN
            earlier := before #> ARRAY[wanted ->> 'caller', wanted ->> 'idempotency_key'];
            IF earlier ->> 'digest' <> wanted ->> 'digest' THEN
                answers := answers || '{"conflict": true}'::jsonb;
                CONTINUE;
            ELSIF earlier ? 'answer' THEN
                answers := answers || (earlier -> 'answer' || '{"replayed": true}');
                CONTINUE;
            END IF;
        END IF;
        best := 'product_not_licensed';
        best_license := NULL;
        FOR i IN 1 .. cardinality(licenses) LOOP
            CONTINUE WHEN licenses[i].product_id <> wanted ->> 'product_id';
            verdict := public.seat_verdict(licenses[i], wanted -> 'versions', wanted -> 'features', at);
            IF best_license IS NULL OR array_position(nearness, verdict) > array_position(nearness, best) THEN
                best := verdict;
                best_license := i;
            END IF;
            EXIT WHEN verdict = 'commit';
        END LOOP;
        is_short := is_short OR best <> 'commit';
        l := licenses[best_license];
        IF best IN ('commit', 'overage') THEN
            granted := public.seat_lease_of(l, best, wanted, at);
            grants := grants || granted;
            entries := entries || public.seat_entry_of('license.checked_out', '', 'lease', granted.lease_id, wanted, at, jsonb_build_object(
                'license_id', l.id, 'product_id', l.product_id, 'user', granted."user", 'lease_type', best, 'cost', granted.price::text,
                'currency', l.currency));
            answer := jsonb_build_object(
                'lease_id', granted.lease_id, 'license_id', l.id, 'lease_type', best, 'cost', granted.price::text, 'currency', l.currency,
                'issued_at', at, 'expires_at', granted.expires_at, 'vendor_id', l.vendor_id, 'hostname', granted.hostname,
                'features', l.features, 'ttl', granted.ttl);
            IF best = 'commit' THEN
                l.commit_in_use := l.commit_in_use + 1;
            ELSE
                l.overage_in_use := l.overage_in_use + 1;
                l.spent := l.spent + l.overage_per_use;
            END IF;
            earliest := least(earliest, granted.expires_at);
            l.next_end := least(l.next_end, granted.expires_at);
            l.is_used := true;
            licenses[best_license] := l;
        ELSE  -- the refusal is kept: it is what a customer buys more seats on
            available := CASE WHEN best = 'license_not_started' THEN l.starts_at
                WHEN best IN ('no_licenses_available', 'max_overage_exceeded', 'customer_cap_reached') THEN l.next_end END;
            denials := denials || ROW(wanted ->> 'product_id', coalesce(l.id, ''), best, wanted ->> 'user', wanted ->> 'hostname',
                                      wanted ->> 'key_id', at, available)::public.seat_denial;
            entries := entries || public.seat_entry_of('license.denied', best, 'product', wanted ->> 'product_id', wanted, at,
                jsonb_build_object('license_id', coalesce(l.id, ''), 'user', wanted ->> 'user'));
            answer := jsonb_build_object('refused', best, 'license_id', l.id, 'available_at', available);
        END IF;
        IF wanted ->> 'idempotency_key' <> '' THEN
            kept := kept || ROW(wanted ->> 'caller', wanted ->> 'idempotency_key', CASE WHEN answer ? 'refused' THEN 409 ELSE 201 END,
                                answer::text)::public.seat_answer;
            before := jsonb_set(before, ARRAY[wanted ->> 'caller', wanted ->> 'idempotency_key', 'answer'], answer);
        END IF;
        answers := answers || answer;
    END LOOP;
    RETURN ROW(to_jsonb(answers), licenses, grants, denials, entries, kept, is_short, earliest)::public.seat_decision;
END $$;

-- Returns, one after the other, each at an instant of its own. `leases`, and their `ids`: those that the calls name, as far as there are any; what had
-- lapsed has its end already. One that has ended stays as it is and answers the same again.
CREATE OR REPLACE FUNCTION public.seat_close(calls jsonb, ids text[], leases public.seat_lease[], began timestamptz) RETURNS public.seat_closing
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
DECLARE
    at timestamptz;
    answers jsonb[] := '{}';
    ended public.seat_lease[] := '{}';
    entries public.seat_entry[] := '{}';
    wanted jsonb;
    place integer;
    lease public.seat_lease;
    already boolean;
BEGIN
    FOR n IN 0 .. jsonb_array_length(calls) - 1 LOOP
        wanted := calls -> n;
        at := began + n * interval '1 microsecond';
        place := array_position(ids, wanted ->> 'lease_id');
        IF place IS NULL THEN
            answers := answers || '{"refused": "lease_not_found"}'::jsonb;
            CONTINUE;
        END IF;
        lease := leases[place];
        already := lease.ended_at IS NOT NULL;
        IF NOT already THEN
            lease.ended_at := at;
            lease.ended_by := wanted ->> 'how';
            lease.usage := nullif(wanted -> 'usage', 'null');
            leases[place] := lease;
            ended := ended || lease;
            entries := entries || public.seat_entry_of('license.' || lease.ended_by, '', 'lease', lease.id, wanted, at, jsonb_build_object(
                'license_id', lease.license_id, 'user', lease."user", 'lease_type', lease.lease_type));
        END IF;
        answers := answers || jsonb_build_object(
            'lease_id', lease.id, 'license_id', lease.license_id, 'lease_type', lease.lease_type, 'cost', lease.cost::text,
            'currency', lease.currency, 'ended_by', lease.ended_by, 'already', already,
            'duration', floor(extract(epoch FROM lease.ended_at - lease.issued_at))::bigint);
    END LOOP;
    RETURN ROW(to_jsonb(answers), ended, entries)::public.seat_closing;
END $$;

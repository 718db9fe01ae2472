-- The schema after all migrations, River's included. Written by: make schema

CREATE TYPE public.river_job_state AS ENUM (
    'available',
    'cancelled',
    'completed',
    'discarded',
    'pending',
    'retryable',
    'running',
    'scheduled'
);

CREATE FUNCTION public.account_is_there() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM accounts a WHERE a.id = NEW.account_id) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a lead moves to an account that is not there', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.accounts_are_left() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM leads l WHERE l.account_id = OLD.id) THEN
        RAISE foreign_key_violation USING MESSAGE = 'an account that has leads stays', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.accounts_are_there() RETURNS trigger
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
BEGIN
    IF EXISTS (SELECT FROM added l WHERE l.account_id IS NOT NULL AND NOT EXISTS (SELECT FROM accounts a WHERE a.id = l.account_id)) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a lead is at an account that is not there', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.audit_log_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'audit_log is append-only';
END
$$;

CREATE FUNCTION public.cadence_version_is_there() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM FROM cadence_versions v WHERE v.id = NEW.cadence_version_id FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = 'an enrolment moves to a version of a cadence that is not there', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.cadence_version_is_unused() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM enrollments e WHERE e.cadence_version_id = OLD.id) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a version of a cadence that has enrolments stays', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.cycles_take_theirs_along() RETURNS trigger
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
BEGIN
    DELETE FROM enrollments e USING gone g WHERE e.lead_id = g.lead_id AND e.cycle = g.cycle;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.enrollments_are_grounded() RETURNS trigger
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    n bigint; counted bigint; low bigint; high bigint; first int; last int; oldest bigint; newest bigint;
BEGIN
    SELECT count(*), count(*) FILTER (WHERE budget = 0), min(lead_id), max(lead_id), min(cycle), max(cycle), min(cadence_version_id), max(cadence_version_id)
        INTO n, counted, low, high, first, last, oldest, newest FROM added;
    IF n = 0 THEN
        RETURN NULL;
    END IF;
    IF counted = 0 AND last = 1 THEN
        IF (n < 50 OR high - low >= n OR (SELECT count(*) FROM leads l WHERE l.id BETWEEN low AND high AND l.xmin = pg_current_xact_id()::xid) < high - low + 1)
                AND (SELECT count(*) FROM (SELECT FROM added a JOIN leads l ON l.id = a.lead_id FOR KEY SHARE OF l) held) < n THEN
            RAISE foreign_key_violation USING MESSAGE = 'an enrolment is of a lead that is not there', TABLE = TG_TABLE_NAME;
        END IF;
    ELSIF (n < 50 OR high - low >= n OR first < last OR (SELECT count(*) FROM cycles c
                WHERE c.lead_id BETWEEN low AND high AND c.cycle = first AND c.xmin = pg_current_xact_id()::xid) < high - low + 1)
            AND (SELECT count(*) FROM (SELECT FROM added a JOIN cycles c ON c.lead_id = a.lead_id AND c.cycle = a.cycle FOR KEY SHARE OF c) held) < n THEN
        RAISE foreign_key_violation USING MESSAGE = 'an enrolment is of a cycle that is not there', TABLE = TG_TABLE_NAME;
    END IF;
    PERFORM FROM cadence_versions WHERE id = oldest FOR KEY SHARE;
    IF NOT FOUND OR oldest < newest AND
            (SELECT count(*) FROM (SELECT FROM cadence_versions v WHERE v.id IN (SELECT DISTINCT cadence_version_id FROM added) FOR KEY SHARE OF v) held)
            < (SELECT count(DISTINCT cadence_version_id) FROM added) THEN
        RAISE foreign_key_violation USING MESSAGE = 'an enrolment is in a version of a cadence that is not there', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.leads_are_there() RETURNS trigger
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    n bigint; low bigint; high bigint;
BEGIN
    SELECT count(*), min(lead_id), max(lead_id) INTO n, low, high FROM added;
    IF n >= 50 AND high - low < n AND
            (SELECT count(*) FROM (SELECT FROM leads l WHERE l.id BETWEEN low AND high FOR KEY SHARE) held) = high - low + 1 THEN
        RETURN NULL;
    END IF;
    IF (SELECT count(*) FROM (SELECT FROM added a JOIN leads l ON l.id = a.lead_id FOR KEY SHARE OF l) held) < n THEN
        RAISE foreign_key_violation USING MESSAGE = format('a row of %s is about a lead that is not there', TG_TABLE_NAME), TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.leads_take_theirs_along() RETURNS trigger
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
BEGIN
    DELETE FROM enrollments e USING gone g WHERE e.lead_id = g.id;
    DELETE FROM cycles c USING gone g WHERE c.lead_id = g.id;
    DELETE FROM stage_moves m USING gone g WHERE m.lead_id = g.id;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.moved_leads_are_there() RETURNS trigger
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    n bigint; low bigint; high bigint;
BEGIN
    SELECT count(*), min(lead_id), max(lead_id) INTO n, low, high FROM added;
    IF n >= 50 AND high - low < n AND
            (SELECT count(*) FROM leads l WHERE l.id BETWEEN low AND high AND l.xmin = pg_current_xact_id()::xid) = high - low + 1 THEN
        RETURN NULL;
    END IF;
    IF (SELECT count(*) FROM (SELECT FROM added a JOIN leads l ON l.id = a.lead_id FOR KEY SHARE OF l) held) < n THEN
        RAISE foreign_key_violation USING MESSAGE = format('a row of %s is about a lead that is not there', TG_TABLE_NAME), TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.nobody_writes_leads() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    LOCK TABLE leads IN SHARE ROW EXCLUSIVE MODE;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.river_job_state_in_bitmask(bitmask bit, state public.river_job_state) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE state
        WHEN 'available' THEN get_bit(bitmask, 7)
        WHEN 'cancelled' THEN get_bit(bitmask, 6)
        WHEN 'completed' THEN get_bit(bitmask, 5)
        WHEN 'discarded' THEN get_bit(bitmask, 4)
        WHEN 'pending'   THEN get_bit(bitmask, 3)
        WHEN 'retryable' THEN get_bit(bitmask, 2)
        WHEN 'running'   THEN get_bit(bitmask, 1)
        WHEN 'scheduled' THEN get_bit(bitmask, 0)
        ELSE 0
    END = 1;
$$;

CREATE FUNCTION public.room_number(channel text, sender text, domain text) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN hashtextextended(domain, hashtextextended(sender, hashtextextended(channel, (0)::bigint)));

CREATE FUNCTION public.whose_it_is_stays() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE foreign_key_violation USING MESSAGE = format('whose a row of %s is does not change', TG_TABLE_NAME), TABLE = TG_TABLE_NAME;
END
$$;

CREATE TABLE public.account_words (
    account_id bigint NOT NULL,
    words tsvector NOT NULL
);

CREATE TABLE public.accounts (
    id bigint NOT NULL,
    key text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    domain text DEFAULT ''::text NOT NULL,
    industry text DEFAULT ''::text NOT NULL,
    employees integer DEFAULT 0 NOT NULL,
    country text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    filled_by bigint DEFAULT 0 NOT NULL,
    provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
    fields jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE public.accounts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.accounts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.cycles (
    lead_id bigint NOT NULL,
    cycle integer NOT NULL,
    budget integer NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    started_at timestamp with time zone NOT NULL,
    CONSTRAINT cycles_budget_check CHECK ((budget >= 1)),
    CONSTRAINT cycles_check CHECK (((attempts >= 0) AND (attempts <= budget))),
    CONSTRAINT cycles_cycle_check CHECK ((cycle >= 1))
)
WITH (fillfactor='70');

CREATE TABLE public.enrollments (
    id bigint NOT NULL,
    lead_id bigint NOT NULL,
    cadence_version_id bigint NOT NULL,
    cycle integer NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    step integer NOT NULL,
    run integer NOT NULL,
    last_run integer DEFAULT 0 NOT NULL,
    in_flight boolean DEFAULT false NOT NULL,
    due_local timestamp without time zone,
    due_zone text DEFAULT ''::text NOT NULL,
    due_at timestamp with time zone,
    due_reason text DEFAULT ''::text NOT NULL,
    held_until timestamp with time zone,
    channel text DEFAULT ''::text NOT NULL,
    sender text DEFAULT ''::text NOT NULL,
    last_response text DEFAULT ''::text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    domain text DEFAULT ''::text NOT NULL,
    priority smallint DEFAULT 2 NOT NULL,
    moved_to text DEFAULT ''::text NOT NULL,
    budget integer DEFAULT 0 NOT NULL,
    CONSTRAINT enrollments_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'active'::text, 'paused'::text, 'finished'::text])))
)
WITH (autovacuum_vacuum_scale_factor='0.05', autovacuum_analyze_scale_factor='0.05');

CREATE VIEW public.all_cycles AS
 SELECT cycles.lead_id,
    cycles.cycle,
    cycles.budget,
    cycles.attempts,
    cycles.started_at
   FROM public.cycles
UNION ALL
 SELECT e.lead_id,
    e.cycle,
    e.budget,
    0 AS attempts,
    e.started_at
   FROM public.enrollments e
  WHERE ((e.budget > 0) AND (NOT (EXISTS ( SELECT
           FROM public.cycles c
          WHERE ((c.lead_id = e.lead_id) AND (c.cycle = e.cycle))))));

CREATE TABLE public.api_tokens (
    id bigint NOT NULL,
    hash bytea NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    used_at timestamp with time zone,
    CONSTRAINT api_tokens_name_check CHECK ((name <> ''::text)),
    CONSTRAINT api_tokens_role_check CHECK ((role = ANY (ARRAY['marketer'::text, 'sdr'::text, 'sales'::text, 'manager'::text, 'ops'::text, 'admin'::text])))
);

ALTER TABLE public.api_tokens ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.api_tokens_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit_log (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    who text NOT NULL,
    role text NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    outcome text NOT NULL,
    address text NOT NULL
);

ALTER TABLE public.audit_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.cadence_versions (
    id bigint NOT NULL,
    cadence_key text NOT NULL,
    number integer NOT NULL,
    hash text NOT NULL,
    config_version_id bigint NOT NULL,
    live boolean NOT NULL
);

ALTER TABLE public.cadence_versions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.cadence_versions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.capacity_taken (
    id bigint NOT NULL,
    channel text NOT NULL,
    sender text NOT NULL,
    domain text NOT NULL,
    at timestamp with time zone NOT NULL,
    n integer NOT NULL
);

ALTER TABLE public.capacity_taken ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.capacity_taken_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.config_files (
    config_version_id bigint NOT NULL,
    path text NOT NULL,
    content bytea NOT NULL
);

CREATE TABLE public.config_moves (
    config_version_id bigint NOT NULL,
    enrollment_id bigint NOT NULL,
    was jsonb NOT NULL,
    became jsonb NOT NULL
);

CREATE TABLE public.config_versions (
    id bigint NOT NULL,
    hash text NOT NULL,
    uld_hash text NOT NULL,
    applied_at timestamp with time zone NOT NULL,
    applied_by text NOT NULL,
    summary jsonb DEFAULT '{}'::jsonb NOT NULL,
    rolled_back_to bigint
);

ALTER TABLE public.config_versions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.config_versions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.coverage_tallies (
    stage text NOT NULL,
    lead_source text NOT NULL,
    field text NOT NULL,
    kind text NOT NULL,
    source text NOT NULL,
    leads integer NOT NULL,
    stale integer NOT NULL,
    oldest timestamp with time zone,
    newest timestamp with time zone
);

CREATE TABLE public.day_tallies (
    cadence_key text NOT NULL,
    channel text NOT NULL,
    day date NOT NULL,
    sent integer NOT NULL
);

ALTER TABLE public.enrollments ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.enrollments_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.facts (
    id bigint NOT NULL,
    lead_id bigint NOT NULL,
    criterion text NOT NULL,
    value jsonb NOT NULL,
    class smallint NOT NULL,
    response_id bigint,
    by text NOT NULL,
    at timestamp with time zone NOT NULL,
    words text DEFAULT ''::text NOT NULL,
    CONSTRAINT facts_class_check CHECK (((class >= 1) AND (class <= 3)))
);

ALTER TABLE public.facts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.facts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.field_messages (
    source text NOT NULL,
    id text NOT NULL,
    digest bytea NOT NULL,
    answer jsonb NOT NULL,
    received_at timestamp with time zone NOT NULL
);

CREATE TABLE public.field_proposals (
    id bigint NOT NULL,
    lead_id bigint,
    account_id bigint,
    field text NOT NULL,
    value text NOT NULL,
    stamp_id bigint NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    decided_by text DEFAULT ''::text NOT NULL,
    accepted boolean DEFAULT false NOT NULL,
    CONSTRAINT field_proposals_check CHECK ((num_nonnulls(lead_id, account_id) = 1))
);

ALTER TABLE public.field_proposals ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.field_proposals_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.field_stamps (
    id bigint NOT NULL,
    kind text NOT NULL,
    source text NOT NULL,
    as_of timestamp with time zone,
    written_at timestamp with time zone,
    CONSTRAINT field_stamps_check CHECK (((id = 0) OR (num_nulls(as_of, written_at) = 0))),
    CONSTRAINT field_stamps_kind_check CHECK ((kind = ANY (ARRAY['unknown'::text, 'import'::text, 'api'::text, 'enrichment'::text, 'referral'::text, 'person'::text])))
);

ALTER TABLE public.field_stamps ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.field_stamps_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.goose_db_version (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.goose_db_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_db_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.handoff_outcomes (
    id bigint NOT NULL,
    handoff_id bigint NOT NULL,
    outcome text NOT NULL,
    amount_cents bigint DEFAULT 0 NOT NULL,
    currency text DEFAULT ''::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    by text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT handoff_outcomes_amount_cents_check CHECK ((amount_cents >= 0)),
    CONSTRAINT handoff_outcomes_currency_check CHECK ((currency ~ '^([A-Z]{3})?$'::text)),
    CONSTRAINT handoff_outcomes_outcome_check CHECK ((outcome = ANY (ARRAY['opportunity'::text, 'won'::text, 'lost'::text, 'bought_elsewhere'::text])))
);

ALTER TABLE public.handoff_outcomes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.handoff_outcomes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.handoffs (
    id bigint NOT NULL,
    lead_id bigint NOT NULL,
    verdict_id bigint,
    state text NOT NULL,
    rep text DEFAULT ''::text NOT NULL,
    missing text[] DEFAULT '{}'::text[] NOT NULL,
    dossier jsonb,
    created_at timestamp with time zone NOT NULL,
    offered_at timestamp with time zone,
    respond_by timestamp with time zone,
    delivered_at timestamp with time zone,
    decided_at timestamp with time zone,
    reason text DEFAULT ''::text NOT NULL,
    decided_by text DEFAULT ''::text NOT NULL,
    escalated_at timestamp with time zone,
    told_at timestamp with time zone,
    uld_hash text DEFAULT ''::text NOT NULL,
    cadence_version_id bigint,
    CONSTRAINT handoffs_state_check CHECK ((state = ANY (ARRAY['blocked'::text, 'offered'::text, 'escalated'::text, 'accepted'::text, 'rejected'::text, 'won'::text, 'lost'::text, 'withdrawn'::text])))
);

ALTER TABLE public.handoffs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.handoffs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.inbound_mails (
    id bigint NOT NULL,
    source text NOT NULL,
    external_id text NOT NULL,
    digest bytea NOT NULL,
    sender text DEFAULT ''::text NOT NULL,
    subject text DEFAULT ''::text NOT NULL,
    kind text NOT NULL,
    why text NOT NULL,
    classification jsonb NOT NULL,
    state text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    lead_id bigint,
    touch_id bigint,
    response_id bigint,
    received_at timestamp with time zone NOT NULL,
    raw bytea,
    CONSTRAINT inbound_mails_state_check CHECK ((state = ANY (ARRAY['taken'::text, 'unmatched'::text, 'set_aside'::text])))
);

ALTER TABLE public.inbound_mails ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.inbound_mails_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.intake_calls (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    lead_ids bigint[] NOT NULL
);
ALTER TABLE ONLY public.intake_calls ALTER COLUMN lead_ids SET STORAGE EXTERNAL;

ALTER TABLE public.intake_calls ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.intake_calls_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.lead_turns (
    lead_id bigint NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.lead_words (
    lead_id bigint NOT NULL,
    words tsvector NOT NULL
);

CREATE TABLE public.leads (
    id bigint NOT NULL,
    key text NOT NULL,
    email text DEFAULT ''::text NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    phone_invalid boolean DEFAULT false NOT NULL,
    first_name text DEFAULT ''::text NOT NULL,
    last_name text DEFAULT ''::text NOT NULL,
    title text DEFAULT ''::text NOT NULL,
    role text DEFAULT ''::text NOT NULL,
    city text DEFAULT ''::text NOT NULL,
    country text DEFAULT ''::text NOT NULL,
    region text DEFAULT ''::text NOT NULL,
    zones text[] DEFAULT '{}'::text[] NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    origin text DEFAULT 'inquiry'::text NOT NULL,
    account_id bigint,
    mailbox text DEFAULT ''::text NOT NULL,
    owner text DEFAULT ''::text NOT NULL,
    consent_email timestamp with time zone,
    consent_voicemail timestamp with time zone,
    consent_call timestamp with time zone,
    fields jsonb DEFAULT '{}'::jsonb NOT NULL,
    stage text DEFAULT 'inquiry'::text NOT NULL,
    readiness text DEFAULT 'unknown'::text NOT NULL,
    end_reason text DEFAULT ''::text NOT NULL,
    ended_at timestamp with time zone,
    intake_at timestamp with time zone,
    intake_note text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    referred_by bigint,
    topics_off text[] DEFAULT '{}'::text[] NOT NULL,
    filled_by bigint DEFAULT 0 NOT NULL,
    provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT leads_origin_check CHECK ((origin = ANY (ARRAY['inquiry'::text, 'self_qualified'::text])))
)
WITH (fillfactor='50');

ALTER TABLE public.leads ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.leads_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.link_visits (
    touch_id bigint NOT NULL,
    link text NOT NULL,
    target text NOT NULL,
    at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    CONSTRAINT link_visits_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'counted'::text, 'scanned'::text])))
);

CREATE TABLE public.login_failures (
    email text NOT NULL,
    address text NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.outages (
    id bigint NOT NULL,
    mailbox text DEFAULT ''::text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone NOT NULL
);

ALTER TABLE public.outages ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outages_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.place_tallies (
    cadence_key text NOT NULL,
    step_key text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    leads integer NOT NULL
);

CREATE TABLE public.pulse (
    id integer DEFAULT 1 NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    CONSTRAINT pulse_id_check CHECK ((id = 1))
);

CREATE TABLE public.reevaluations (
    config_version_id bigint NOT NULL,
    uld_hash text NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    last_lead bigint NOT NULL,
    after_lead bigint DEFAULT 0 NOT NULL,
    total integer NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    promoted integer DEFAULT 0 NOT NULL,
    kept integer DEFAULT 0 NOT NULL,
    closed integer DEFAULT 0 NOT NULL,
    changed integer DEFAULT 0 NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT reevaluations_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'superseded'::text])))
);

CREATE TABLE public.referrals (
    id bigint NOT NULL,
    lead_id bigint NOT NULL,
    response_id bigint,
    name text DEFAULT ''::text NOT NULL,
    email text DEFAULT ''::text NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    by text DEFAULT ''::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    new_lead_id bigint,
    CONSTRAINT referrals_check CHECK (((email <> ''::text) OR (phone <> ''::text))),
    CONSTRAINT referrals_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'accepted'::text, 'declined'::text])))
);

ALTER TABLE public.referrals ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.referrals_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.responses (
    id bigint NOT NULL,
    lead_id bigint NOT NULL,
    enrollment_id bigint,
    touch_id bigint,
    kind text NOT NULL,
    source text NOT NULL,
    external_id text NOT NULL,
    said text DEFAULT ''::text NOT NULL,
    date timestamp with time zone,
    by text DEFAULT ''::text NOT NULL,
    at timestamp with time zone NOT NULL,
    evaluated_at timestamp with time zone
);

ALTER TABLE public.responses ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.responses_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.river_job (
    id bigint NOT NULL,
    state public.river_job_state DEFAULT 'available'::public.river_job_state NOT NULL,
    attempt smallint DEFAULT 0 NOT NULL,
    max_attempts smallint DEFAULT 25 NOT NULL,
    attempted_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finalized_at timestamp with time zone,
    scheduled_at timestamp with time zone DEFAULT now() NOT NULL,
    priority smallint DEFAULT 1 NOT NULL,
    args jsonb NOT NULL,
    attempted_by text[],
    errors jsonb[],
    kind text NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    queue text DEFAULT 'default'::text NOT NULL,
    tags character varying(255)[] DEFAULT '{}'::character varying[] NOT NULL,
    unique_key bytea,
    unique_states bit(8),
    CONSTRAINT finalized_or_finalized_at_null CHECK ((((finalized_at IS NULL) AND (state <> ALL (ARRAY['cancelled'::public.river_job_state, 'completed'::public.river_job_state, 'discarded'::public.river_job_state]))) OR ((finalized_at IS NOT NULL) AND (state = ANY (ARRAY['cancelled'::public.river_job_state, 'completed'::public.river_job_state, 'discarded'::public.river_job_state]))))),
    CONSTRAINT kind_length CHECK (((char_length(kind) > 0) AND (char_length(kind) < 128))),
    CONSTRAINT max_attempts_is_positive CHECK ((max_attempts > 0)),
    CONSTRAINT priority_in_range CHECK (((priority >= 1) AND (priority <= 4))),
    CONSTRAINT queue_length CHECK (((char_length(queue) > 0) AND (char_length(queue) < 128)))
);

CREATE SEQUENCE public.river_job_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.river_job_id_seq OWNED BY public.river_job.id;

CREATE UNLOGGED TABLE public.river_leader (
    elected_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    leader_id text NOT NULL,
    name text DEFAULT 'default'::text NOT NULL,
    CONSTRAINT leader_id_length CHECK (((char_length(leader_id) > 0) AND (char_length(leader_id) < 128))),
    CONSTRAINT name_length CHECK ((name = 'default'::text))
);

CREATE TABLE public.river_migration (
    line text NOT NULL,
    version bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT line_length CHECK (((char_length(line) > 0) AND (char_length(line) < 128))),
    CONSTRAINT version_gte_1 CHECK ((version >= 1))
);

CREATE TABLE public.river_notification (
    id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    payload text NOT NULL,
    topic text NOT NULL,
    CONSTRAINT topic_length CHECK (((length(topic) > 0) AND (length(topic) < 128)))
);

CREATE SEQUENCE public.river_notification_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.river_notification_id_seq OWNED BY public.river_notification.id;

CREATE TABLE public.river_queue (
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    paused_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE TABLE public.secrets (
    name text NOT NULL,
    value bytea NOT NULL
);

CREATE TABLE public.senders (
    mailbox text NOT NULL,
    paused_at timestamp with time zone,
    reason text DEFAULT ''::text NOT NULL,
    resumed_at timestamp with time zone
);

CREATE TABLE public.sessions (
    token text NOT NULL,
    data bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.stage_moves (
    id bigint NOT NULL,
    lead_id bigint NOT NULL,
    stage text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE VIEW public.stage_log AS
 SELECT stage_moves.id,
    stage_moves.lead_id,
    stage_moves.stage,
    stage_moves.reason,
    stage_moves.at
   FROM public.stage_moves
UNION ALL
 SELECT (- enrollments.id) AS id,
    enrollments.lead_id,
    enrollments.moved_to AS stage,
    'enrolled'::text AS reason,
    enrollments.started_at AS at
   FROM public.enrollments
  WHERE (enrollments.moved_to <> ''::text);

ALTER TABLE public.stage_moves ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.stage_moves_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.stage_tallies (
    stage text NOT NULL,
    leads integer NOT NULL
);

CREATE TABLE public.step_tallies (
    cadence_key text NOT NULL,
    step_key text NOT NULL,
    channel text NOT NULL,
    variant text NOT NULL,
    planned integer NOT NULL,
    waiting integer NOT NULL,
    sent integer NOT NULL,
    skipped integer NOT NULL,
    failed integer NOT NULL,
    unknown integer NOT NULL,
    bounced integer NOT NULL,
    replied integer NOT NULL,
    connected integer NOT NULL,
    promoted integer NOT NULL
);

CREATE TABLE public.suppression_lists (
    name text NOT NULL,
    channel text NOT NULL,
    addresses integer NOT NULL,
    rejected integer NOT NULL,
    imported_at timestamp with time zone NOT NULL,
    imported_by text NOT NULL,
    CONSTRAINT suppression_lists_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'phone'::text, 'all'::text])))
);

CREATE TABLE public.suppression_removals (
    id bigint NOT NULL,
    hash bytea NOT NULL,
    channel text NOT NULL,
    suppressed text NOT NULL,
    since timestamp with time zone NOT NULL,
    reason text NOT NULL,
    by text NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE public.suppression_removals ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.suppression_removals_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.suppression_tallies (
    channel text NOT NULL,
    reason text NOT NULL,
    addresses integer NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL
);

CREATE TABLE public.suppressions (
    hash bytea NOT NULL,
    channel text NOT NULL,
    reason text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT suppressions_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'phone'::text, 'all'::text])))
);

CREATE TABLE public.tallies (
    id integer DEFAULT 1 NOT NULL,
    counted_at timestamp with time zone NOT NULL,
    took_ms bigint NOT NULL,
    CONSTRAINT tallies_id_check CHECK ((id = 1))
);

CREATE TABLE public.task_drafts (
    task_id bigint NOT NULL,
    by text NOT NULL,
    typed jsonb NOT NULL,
    saved_at timestamp with time zone NOT NULL
);

CREATE TABLE public.tasks (
    id bigint NOT NULL,
    lead_id bigint NOT NULL,
    enrollment_id bigint,
    touch_id bigint,
    kind text NOT NULL,
    state text NOT NULL,
    owner text NOT NULL,
    title text NOT NULL,
    script text DEFAULT ''::text NOT NULL,
    ask text[] DEFAULT '{}'::text[] NOT NULL,
    why text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    claimed_by text DEFAULT ''::text NOT NULL,
    claimed_at timestamp with time zone,
    done_at timestamp with time zone,
    disposition text DEFAULT ''::text NOT NULL,
    notes text DEFAULT ''::text NOT NULL,
    claimed_until timestamp with time zone,
    snoozed_by text DEFAULT ''::text NOT NULL,
    snoozed_at timestamp with time zone,
    not_before timestamp with time zone,
    until_taken boolean DEFAULT false NOT NULL,
    CONSTRAINT tasks_state_check CHECK ((state = ANY (ARRAY['open'::text, 'claimed'::text, 'done'::text, 'expired'::text, 'cancelled'::text])))
);

ALTER TABLE public.tasks ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.tasks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.touches (
    id bigint NOT NULL,
    enrollment_id bigint NOT NULL,
    lead_id bigint NOT NULL,
    cycle integer NOT NULL,
    attempt integer,
    budget integer NOT NULL,
    step integer NOT NULL,
    run integer NOT NULL,
    step_key text NOT NULL,
    channel text NOT NULL,
    template text DEFAULT ''::text NOT NULL,
    variant text DEFAULT ''::text NOT NULL,
    sender text DEFAULT ''::text NOT NULL,
    address text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    detail text DEFAULT ''::text NOT NULL,
    result text DEFAULT ''::text NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    planned_at timestamp with time zone NOT NULL,
    not_before timestamp with time zone NOT NULL,
    window_ends_at timestamp with time zone NOT NULL,
    alarmed_at timestamp with time zone,
    claimed_at timestamp with time zone,
    claimed_by text DEFAULT ''::text NOT NULL,
    sent_at timestamp with time zone,
    message_id text DEFAULT ''::text NOT NULL,
    provider_id text DEFAULT ''::text NOT NULL,
    cost_micros bigint DEFAULT 0 NOT NULL,
    topic text DEFAULT ''::text NOT NULL,
    domain text DEFAULT ''::text NOT NULL,
    message_given boolean DEFAULT false NOT NULL,
    CONSTRAINT touches_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'voicemail'::text, 'call'::text]))),
    CONSTRAINT touches_check CHECK (((attempt >= 1) AND (attempt <= budget))),
    CONSTRAINT touches_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'claimed'::text, 'sent'::text, 'skipped'::text, 'failed'::text, 'unknown'::text])))
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_insert_scale_factor='0.05', autovacuum_analyze_scale_factor='0.02');

ALTER TABLE public.touches ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.touches_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.troubles (
    what text NOT NULL,
    about text NOT NULL,
    refused boolean NOT NULL,
    said text NOT NULL,
    since timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL
);

CREATE TABLE public.uld_signatures (
    uld_hash text NOT NULL,
    role text NOT NULL,
    name text NOT NULL,
    signed_at timestamp with time zone NOT NULL,
    CONSTRAINT uld_signatures_role_check CHECK ((role = ANY (ARRAY['marketing'::text, 'sales'::text])))
);

CREATE TABLE public.users (
    id bigint NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    password text DEFAULT ''::text NOT NULL,
    subject text DEFAULT ''::text NOT NULL,
    zone text DEFAULT ''::text NOT NULL,
    generation integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone,
    logged_in_at timestamp with time zone,
    CONSTRAINT users_email_check CHECK (((email <> ''::text) AND (email = lower(email)))),
    CONSTRAINT users_role_check CHECK ((role = ANY (ARRAY['marketer'::text, 'sdr'::text, 'sales'::text, 'manager'::text, 'ops'::text, 'admin'::text])))
);

ALTER TABLE public.users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.verdicts (
    id bigint NOT NULL,
    lead_id bigint NOT NULL,
    response_id bigint,
    uld_hash text NOT NULL,
    outcome text NOT NULL,
    readiness text NOT NULL,
    verdict jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    reason text DEFAULT ''::text NOT NULL
);

ALTER TABLE public.verdicts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.verdicts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.words_due (
    id bigint NOT NULL,
    lead_ids bigint[] NOT NULL,
    account_ids bigint[] NOT NULL
);
ALTER TABLE ONLY public.words_due ALTER COLUMN lead_ids SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.words_due ALTER COLUMN account_ids SET STORAGE EXTERNAL;

ALTER TABLE public.words_due ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.words_due_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.workers (
    id text NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.river_job ALTER COLUMN id SET DEFAULT nextval('public.river_job_id_seq'::regclass);

ALTER TABLE ONLY public.river_notification ALTER COLUMN id SET DEFAULT nextval('public.river_notification_id_seq'::regclass);

ALTER TABLE ONLY public.account_words
    ADD CONSTRAINT account_words_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_key_key UNIQUE (key);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_hash_key UNIQUE (hash);

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.cadence_versions
    ADD CONSTRAINT cadence_versions_cadence_key_number_key UNIQUE (cadence_key, number);

ALTER TABLE ONLY public.cadence_versions
    ADD CONSTRAINT cadence_versions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.capacity_taken
    ADD CONSTRAINT capacity_taken_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.config_files
    ADD CONSTRAINT config_files_pkey PRIMARY KEY (config_version_id, path);

ALTER TABLE ONLY public.config_moves
    ADD CONSTRAINT config_moves_pkey PRIMARY KEY (enrollment_id, config_version_id);

ALTER TABLE ONLY public.config_versions
    ADD CONSTRAINT config_versions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.coverage_tallies
    ADD CONSTRAINT coverage_tallies_pkey PRIMARY KEY (stage, lead_source, field, kind, source);

ALTER TABLE ONLY public.cycles
    ADD CONSTRAINT cycles_pkey PRIMARY KEY (lead_id, cycle);

ALTER TABLE ONLY public.day_tallies
    ADD CONSTRAINT day_tallies_pkey PRIMARY KEY (cadence_key, channel, day);

ALTER TABLE ONLY public.enrollments
    ADD CONSTRAINT enrollments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.facts
    ADD CONSTRAINT facts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.field_messages
    ADD CONSTRAINT field_messages_pkey PRIMARY KEY (source, id);

ALTER TABLE ONLY public.field_proposals
    ADD CONSTRAINT field_proposals_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.field_stamps
    ADD CONSTRAINT field_stamps_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.goose_db_version
    ADD CONSTRAINT goose_db_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.handoff_outcomes
    ADD CONSTRAINT handoff_outcomes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.handoffs
    ADD CONSTRAINT handoffs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.inbound_mails
    ADD CONSTRAINT inbound_mails_digest_key UNIQUE (digest);

ALTER TABLE ONLY public.inbound_mails
    ADD CONSTRAINT inbound_mails_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.inbound_mails
    ADD CONSTRAINT inbound_mails_source_external_id_key UNIQUE (source, external_id);

ALTER TABLE ONLY public.intake_calls
    ADD CONSTRAINT intake_calls_pkey PRIMARY KEY (at, id);

ALTER TABLE ONLY public.lead_turns
    ADD CONSTRAINT lead_turns_pkey PRIMARY KEY (lead_id);

ALTER TABLE ONLY public.lead_words
    ADD CONSTRAINT lead_words_pkey PRIMARY KEY (lead_id);

ALTER TABLE ONLY public.leads
    ADD CONSTRAINT leads_key_key UNIQUE (key);

ALTER TABLE ONLY public.leads
    ADD CONSTRAINT leads_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.link_visits
    ADD CONSTRAINT link_visits_pkey PRIMARY KEY (touch_id, link);

ALTER TABLE ONLY public.outages
    ADD CONSTRAINT outages_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.place_tallies
    ADD CONSTRAINT place_tallies_pkey PRIMARY KEY (cadence_key, step_key, state, reason);

ALTER TABLE ONLY public.pulse
    ADD CONSTRAINT pulse_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reevaluations
    ADD CONSTRAINT reevaluations_pkey PRIMARY KEY (config_version_id);

ALTER TABLE ONLY public.referrals
    ADD CONSTRAINT referrals_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.responses
    ADD CONSTRAINT responses_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.responses
    ADD CONSTRAINT responses_source_external_id_key UNIQUE (source, external_id);

ALTER TABLE ONLY public.river_job
    ADD CONSTRAINT river_job_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.river_leader
    ADD CONSTRAINT river_leader_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.river_migration
    ADD CONSTRAINT river_migration_pkey1 PRIMARY KEY (line, version);

ALTER TABLE ONLY public.river_notification
    ADD CONSTRAINT river_notification_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.river_queue
    ADD CONSTRAINT river_queue_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.secrets
    ADD CONSTRAINT secrets_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.senders
    ADD CONSTRAINT senders_pkey PRIMARY KEY (mailbox);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token);

ALTER TABLE ONLY public.stage_moves
    ADD CONSTRAINT stage_moves_pkey PRIMARY KEY (lead_id, id);

ALTER TABLE ONLY public.stage_tallies
    ADD CONSTRAINT stage_tallies_pkey PRIMARY KEY (stage);

ALTER TABLE ONLY public.step_tallies
    ADD CONSTRAINT step_tallies_pkey PRIMARY KEY (cadence_key, step_key, channel, variant);

ALTER TABLE ONLY public.suppression_lists
    ADD CONSTRAINT suppression_lists_pkey PRIMARY KEY (name, channel);

ALTER TABLE ONLY public.suppression_removals
    ADD CONSTRAINT suppression_removals_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.suppression_tallies
    ADD CONSTRAINT suppression_tallies_pkey PRIMARY KEY (channel, reason);

ALTER TABLE ONLY public.suppressions
    ADD CONSTRAINT suppressions_pkey PRIMARY KEY (hash, channel);

ALTER TABLE ONLY public.tallies
    ADD CONSTRAINT tallies_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.task_drafts
    ADD CONSTRAINT task_drafts_pkey PRIMARY KEY (task_id, by);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_touch_id_key UNIQUE (touch_id);

ALTER TABLE ONLY public.touches
    ADD CONSTRAINT touches_enrollment_id_step_run_key UNIQUE (enrollment_id, step, run);

ALTER TABLE ONLY public.touches
    ADD CONSTRAINT touches_lead_id_cycle_attempt_key UNIQUE (lead_id, cycle, attempt);

ALTER TABLE ONLY public.touches
    ADD CONSTRAINT touches_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.troubles
    ADD CONSTRAINT troubles_pkey PRIMARY KEY (what, about);

ALTER TABLE ONLY public.uld_signatures
    ADD CONSTRAINT uld_signatures_pkey PRIMARY KEY (uld_hash, role);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_email_key UNIQUE (email);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.verdicts
    ADD CONSTRAINT verdicts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.words_due
    ADD CONSTRAINT words_due_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.workers
    ADD CONSTRAINT workers_pkey PRIMARY KEY (id);

CREATE INDEX account_words_words ON public.account_words USING gin (words);

CREATE INDEX accounts_domain ON public.accounts USING btree (domain) WHERE ((domain <> ''::text) AND (domain <> key));

CREATE INDEX audit_log_who ON public.audit_log USING btree (who, id);

CREATE UNIQUE INDEX cadence_versions_live ON public.cadence_versions USING btree (cadence_key) WHERE live;

CREATE INDEX capacity_taken_at ON public.capacity_taken USING btree (at);

CREATE INDEX capacity_taken_domain ON public.capacity_taken USING btree (domain, at) INCLUDE (n) WHERE (domain <> ''::text);

CREATE INDEX capacity_taken_sender ON public.capacity_taken USING btree (channel, sender, at) INCLUDE (n);

CREATE INDEX config_moves_version ON public.config_moves USING btree (config_version_id);

CREATE INDEX enrollments_due ON public.enrollments USING btree (public.room_number(channel, sender, domain), priority, due_at, lead_id) WHERE (due_at IS NOT NULL);

CREATE UNIQUE INDEX enrollments_one_running ON public.enrollments USING btree (lead_id, (
CASE
    WHEN (state = 'finished'::text) THEN id
    ELSE (0)::bigint
END));

CREATE INDEX facts_lead ON public.facts USING btree (lead_id, id);

CREATE INDEX field_messages_received ON public.field_messages USING btree (received_at);

CREATE UNIQUE INDEX field_proposals_account ON public.field_proposals USING btree (account_id, field, md5(value)) WHERE (account_id IS NOT NULL);

CREATE UNIQUE INDEX field_proposals_lead ON public.field_proposals USING btree (lead_id, field, md5(value)) WHERE (lead_id IS NOT NULL);

CREATE INDEX field_stamps_as_of ON public.field_stamps USING btree (as_of);

CREATE UNIQUE INDEX field_stamps_import ON public.field_stamps USING btree (source, as_of) WHERE (kind = 'import'::text);

CREATE INDEX field_stamps_person ON public.field_stamps USING btree (id) WHERE (kind = 'person'::text);

CREATE INDEX handoff_outcomes_handoff ON public.handoff_outcomes USING btree (handoff_id, id);

CREATE INDEX handoffs_lead ON public.handoffs USING btree (lead_id);

CREATE UNIQUE INDEX handoffs_one_open ON public.handoffs USING btree (lead_id) WHERE (state = ANY (ARRAY['blocked'::text, 'offered'::text, 'escalated'::text]));

CREATE INDEX handoffs_overdue ON public.handoffs USING btree (respond_by) WHERE (state = 'offered'::text);

CREATE INDEX handoffs_state ON public.handoffs USING btree (state, rep, id);

CREATE INDEX handoffs_undelivered ON public.handoffs USING btree (id) WHERE ((state = 'offered'::text) AND (delivered_at IS NULL));

CREATE INDEX handoffs_waiting ON public.handoffs USING btree (respond_by, id) WHERE (state = ANY (ARRAY['offered'::text, 'escalated'::text]));

CREATE INDEX inbound_mails_lead ON public.inbound_mails USING btree (lead_id) WHERE (lead_id IS NOT NULL);

CREATE INDEX inbound_mails_unmatched ON public.inbound_mails USING btree (id) WHERE (state = 'unmatched'::text);

CREATE INDEX lead_turns_at ON public.lead_turns USING btree (at);

CREATE INDEX lead_words_words ON public.lead_words USING gin (words);

CREATE INDEX leads_account ON public.leads USING btree (account_id) WHERE (account_id IS NOT NULL);

CREATE INDEX leads_email ON public.leads USING btree (email) WHERE (email <> ''::text);

CREATE INDEX leads_phone ON public.leads USING btree (phone) WHERE (phone <> ''::text);

CREATE INDEX link_visits_waiting ON public.link_visits USING btree (at) WHERE (state = 'waiting'::text);

CREATE INDEX login_failures_address ON public.login_failures USING btree (address, at);

CREATE INDEX login_failures_email ON public.login_failures USING btree (email, at);

CREATE INDEX outages_ended ON public.outages USING btree (ended_at);

CREATE INDEX referrals_new_lead ON public.referrals USING btree (new_lead_id) WHERE (new_lead_id IS NOT NULL);

CREATE UNIQUE INDEX referrals_once ON public.referrals USING btree (lead_id, email, phone) WHERE (state <> 'declined'::text);

CREATE INDEX referrals_proposed ON public.referrals USING btree (id) WHERE (state = 'proposed'::text);

CREATE INDEX responses_lead ON public.responses USING btree (lead_id, id);

CREATE INDEX responses_policy_bounces ON public.responses USING btree (at) WHERE (kind = 'policy_bounce'::text);

CREATE INDEX responses_unevaluated ON public.responses USING btree (id) WHERE (evaluated_at IS NULL);

CREATE INDEX river_job_args_index ON public.river_job USING gin (args);

CREATE INDEX river_job_kind ON public.river_job USING btree (kind);

CREATE INDEX river_job_metadata_index ON public.river_job USING gin (metadata);

CREATE INDEX river_job_prioritized_fetching_index ON public.river_job USING btree (state, queue, priority, scheduled_at, id);

CREATE INDEX river_job_state_and_finalized_at_index ON public.river_job USING btree (state, finalized_at) WHERE (finalized_at IS NOT NULL);

CREATE UNIQUE INDEX river_job_unique_idx ON public.river_job USING btree (unique_key) WHERE ((unique_key IS NOT NULL) AND (unique_states IS NOT NULL) AND public.river_job_state_in_bitmask(unique_states, state));

CREATE INDEX river_notification_created_at_idx ON public.river_notification USING btree (created_at);

CREATE INDEX river_notification_topic_id_idx ON public.river_notification USING btree (topic, id);

CREATE INDEX sessions_expiring ON public.sessions USING btree (expires_at);

CREATE INDEX tasks_expiring ON public.tasks USING btree (expires_at) WHERE ((state = ANY (ARRAY['open'::text, 'claimed'::text])) AND (expires_at IS NOT NULL));

CREATE INDEX tasks_lead ON public.tasks USING btree (lead_id);

CREATE UNIQUE INDEX tasks_one_open ON public.tasks USING btree (lead_id, kind) WHERE ((touch_id IS NULL) AND (state = ANY (ARRAY['open'::text, 'claimed'::text])));

CREATE INDEX tasks_open ON public.tasks USING btree (owner, due_at) INCLUDE (not_before) WHERE (state = ANY (ARRAY['open'::text, 'claimed'::text]));

CREATE INDEX tasks_over ON public.tasks USING btree (done_at) WHERE (state = ANY (ARRAY['done'::text, 'expired'::text, 'cancelled'::text]));

CREATE INDEX touches_calls ON public.touches USING btree (address) WHERE (channel <> 'email'::text);

CREATE UNIQUE INDEX touches_one_in_flight ON public.touches USING btree (enrollment_id) WHERE (state = ANY (ARRAY['planned'::text, 'claimed'::text]));

CREATE INDEX touches_provider ON public.touches USING btree (provider_id) WHERE (provider_id <> ''::text);

CREATE INDEX touches_ready ON public.touches USING btree (channel, sender, not_before) WHERE ((state = 'planned'::text) AND (channel <> ''::text));

CREATE INDEX touches_unalarmed ON public.touches USING btree (not_before) WHERE ((state = 'planned'::text) AND (alarmed_at IS NULL));

CREATE INDEX touches_unknown ON public.touches USING btree (claimed_at) WHERE (state = 'unknown'::text);

CREATE UNIQUE INDEX users_subject ON public.users USING btree (subject) WHERE (subject <> ''::text);

CREATE INDEX verdicts_lead ON public.verdicts USING btree (lead_id, id DESC);

CREATE TRIGGER accounts_go_alone BEFORE DELETE ON public.accounts FOR EACH STATEMENT EXECUTE FUNCTION public.nobody_writes_leads();

CREATE TRIGGER accounts_stay AFTER DELETE ON public.accounts FOR EACH ROW EXECUTE FUNCTION public.accounts_are_left();

CREATE TRIGGER audit_log_append_only BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION public.audit_log_is_append_only();

CREATE TRIGGER cadence_versions_stay AFTER DELETE ON public.cadence_versions FOR EACH ROW EXECUTE FUNCTION public.cadence_version_is_unused();

CREATE TRIGGER cycles_have_leads AFTER INSERT ON public.cycles REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.leads_are_there();

CREATE TRIGGER cycles_stay BEFORE UPDATE OF lead_id, cycle ON public.cycles FOR EACH ROW WHEN (((old.lead_id <> new.lead_id) OR (old.cycle <> new.cycle))) EXECUTE FUNCTION public.whose_it_is_stays();

CREATE TRIGGER cycles_take_theirs_along AFTER DELETE ON public.cycles REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.cycles_take_theirs_along();

CREATE TRIGGER enrollments_are_grounded AFTER INSERT ON public.enrollments REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.enrollments_are_grounded();

CREATE TRIGGER enrollments_move AFTER UPDATE OF cadence_version_id ON public.enrollments FOR EACH ROW WHEN ((old.cadence_version_id <> new.cadence_version_id)) EXECUTE FUNCTION public.cadence_version_is_there();

CREATE TRIGGER enrollments_stay BEFORE UPDATE OF lead_id, cycle ON public.enrollments FOR EACH ROW WHEN (((old.lead_id <> new.lead_id) OR (old.cycle <> new.cycle))) EXECUTE FUNCTION public.whose_it_is_stays();

CREATE TRIGGER leads_change_accounts AFTER UPDATE OF account_id ON public.leads FOR EACH ROW WHEN (((new.account_id IS DISTINCT FROM old.account_id) AND (new.account_id IS NOT NULL))) EXECUTE FUNCTION public.account_is_there();

CREATE TRIGGER leads_have_accounts AFTER INSERT ON public.leads REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.accounts_are_there();

CREATE TRIGGER leads_take_theirs_along AFTER DELETE ON public.leads REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.leads_take_theirs_along();

CREATE TRIGGER stage_moves_have_leads AFTER INSERT ON public.stage_moves REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.moved_leads_are_there();

CREATE TRIGGER stage_moves_stay BEFORE UPDATE OF lead_id ON public.stage_moves FOR EACH ROW WHEN ((old.lead_id <> new.lead_id)) EXECUTE FUNCTION public.whose_it_is_stays();

ALTER TABLE ONLY public.account_words
    ADD CONSTRAINT account_words_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.cadence_versions
    ADD CONSTRAINT cadence_versions_config_version_id_fkey FOREIGN KEY (config_version_id) REFERENCES public.config_versions(id);

ALTER TABLE ONLY public.config_files
    ADD CONSTRAINT config_files_config_version_id_fkey FOREIGN KEY (config_version_id) REFERENCES public.config_versions(id);

ALTER TABLE ONLY public.config_moves
    ADD CONSTRAINT config_moves_config_version_id_fkey FOREIGN KEY (config_version_id) REFERENCES public.config_versions(id);

ALTER TABLE ONLY public.config_moves
    ADD CONSTRAINT config_moves_enrollment_id_fkey FOREIGN KEY (enrollment_id) REFERENCES public.enrollments(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.config_versions
    ADD CONSTRAINT config_versions_rolled_back_to_fkey FOREIGN KEY (rolled_back_to) REFERENCES public.config_versions(id);

ALTER TABLE ONLY public.facts
    ADD CONSTRAINT facts_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES public.leads(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.facts
    ADD CONSTRAINT facts_response_id_fkey FOREIGN KEY (response_id) REFERENCES public.responses(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.field_proposals
    ADD CONSTRAINT field_proposals_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.field_proposals
    ADD CONSTRAINT field_proposals_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES public.leads(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.field_proposals
    ADD CONSTRAINT field_proposals_stamp_id_fkey FOREIGN KEY (stamp_id) REFERENCES public.field_stamps(id);

ALTER TABLE ONLY public.handoff_outcomes
    ADD CONSTRAINT handoff_outcomes_handoff_id_fkey FOREIGN KEY (handoff_id) REFERENCES public.handoffs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.handoffs
    ADD CONSTRAINT handoffs_cadence_version_id_fkey FOREIGN KEY (cadence_version_id) REFERENCES public.cadence_versions(id);

ALTER TABLE ONLY public.handoffs
    ADD CONSTRAINT handoffs_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES public.leads(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.handoffs
    ADD CONSTRAINT handoffs_verdict_id_fkey FOREIGN KEY (verdict_id) REFERENCES public.verdicts(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.inbound_mails
    ADD CONSTRAINT inbound_mails_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES public.leads(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.inbound_mails
    ADD CONSTRAINT inbound_mails_response_id_fkey FOREIGN KEY (response_id) REFERENCES public.responses(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.inbound_mails
    ADD CONSTRAINT inbound_mails_touch_id_fkey FOREIGN KEY (touch_id) REFERENCES public.touches(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.lead_turns
    ADD CONSTRAINT lead_turns_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES public.leads(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.lead_words
    ADD CONSTRAINT lead_words_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES public.leads(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.leads
    ADD CONSTRAINT leads_referred_by_fkey FOREIGN KEY (referred_by) REFERENCES public.leads(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.link_visits
    ADD CONSTRAINT link_visits_touch_id_fkey FOREIGN KEY (touch_id) REFERENCES public.touches(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reevaluations
    ADD CONSTRAINT reevaluations_config_version_id_fkey FOREIGN KEY (config_version_id) REFERENCES public.config_versions(id);

ALTER TABLE ONLY public.referrals
    ADD CONSTRAINT referrals_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES public.leads(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.referrals
    ADD CONSTRAINT referrals_new_lead_id_fkey FOREIGN KEY (new_lead_id) REFERENCES public.leads(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.referrals
    ADD CONSTRAINT referrals_response_id_fkey FOREIGN KEY (response_id) REFERENCES public.responses(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.responses
    ADD CONSTRAINT responses_enrollment_id_fkey FOREIGN KEY (enrollment_id) REFERENCES public.enrollments(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.responses
    ADD CONSTRAINT responses_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES public.leads(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.responses
    ADD CONSTRAINT responses_touch_id_fkey FOREIGN KEY (touch_id) REFERENCES public.touches(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.task_drafts
    ADD CONSTRAINT task_drafts_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_enrollment_id_fkey FOREIGN KEY (enrollment_id) REFERENCES public.enrollments(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES public.leads(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_touch_id_fkey FOREIGN KEY (touch_id) REFERENCES public.touches(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.touches
    ADD CONSTRAINT touches_enrollment_id_fkey FOREIGN KEY (enrollment_id) REFERENCES public.enrollments(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.verdicts
    ADD CONSTRAINT verdicts_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES public.leads(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.verdicts
    ADD CONSTRAINT verdicts_response_id_fkey FOREIGN KEY (response_id) REFERENCES public.responses(id) ON DELETE SET NULL;

-- +goose Up

-- A lead's first cycle has no row until something of it is counted: its first touch makes it (docs/decisions/0015). Until then the enrolment that began it says
-- what its budget is; 0 is an enrolment that never did. To make a row is to copy: started_at and budget are the enrolment's, attempts 0.
ALTER TABLE enrollments ADD COLUMN budget integer NOT NULL DEFAULT 0;

-- All cycles, those without a row of their own too.
CREATE VIEW all_cycles AS
    SELECT lead_id, cycle, budget, attempts, started_at FROM cycles
    UNION ALL SELECT lead_id, cycle, budget, 0, started_at FROM enrollments e
        WHERE budget > 0 AND NOT EXISTS (SELECT FROM cycles c WHERE c.lead_id = e.lead_id AND c.cycle = e.cycle);

-- An enrolment hangs on its cycle, or on its lead where the cycle has no row: then it is the lead's first. Of many whose leads follow each other, leads that this
-- transaction has written are there, and nobody deletes them before it commits. Moves from stage to stage likewise: whoever moves leads has written them.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION enrollments_are_grounded() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    n bigint; counted bigint; low bigint; high bigint; first int; last int;
BEGIN
    SELECT count(*), count(*) FILTER (WHERE budget = 0), min(lead_id), max(lead_id), min(cycle), max(cycle) INTO n, counted, low, high, first, last FROM added;
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
    IF (SELECT count(*) FROM (SELECT FROM cadence_versions v WHERE v.id IN (SELECT DISTINCT cadence_version_id FROM added) FOR KEY SHARE OF v) held)
            < (SELECT count(DISTINCT cadence_version_id) FROM added) THEN
        RAISE foreign_key_violation USING MESSAGE = 'an enrolment is in a version of a cadence that is not there', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION moved_leads_are_there() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
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
CREATE OR REPLACE FUNCTION leads_take_theirs_along() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    DELETE FROM enrollments e USING gone g WHERE e.lead_id = g.id;
    DELETE FROM cycles c USING gone g WHERE c.lead_id = g.id;
    DELETE FROM stage_moves m USING gone g WHERE m.lead_id = g.id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- Where foreign keys stayed for want of transition tables (0026), that of the lead does.
ALTER TABLE enrollments DROP CONSTRAINT IF EXISTS enrollments_lead_id_cycle_fkey;

-- +goose Down
INSERT INTO cycles (lead_id, cycle, budget, attempts, started_at) SELECT lead_id, cycle, budget, attempts, started_at FROM all_cycles ON CONFLICT DO NOTHING;
DROP VIEW all_cycles;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION enrollments_are_grounded() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    n bigint; low bigint; high bigint; first int; last int;
BEGIN
    SELECT count(*), min(lead_id), max(lead_id), min(cycle), max(cycle) INTO n, low, high, first, last FROM added;
    IF (n < 50 OR high - low >= n OR first < last OR (SELECT count(*) FROM cycles c
                WHERE c.lead_id BETWEEN low AND high AND c.cycle = first AND c.xmin = pg_current_xact_id()::xid) < high - low + 1)
            AND (SELECT count(*) FROM (SELECT FROM added a JOIN cycles c ON c.lead_id = a.lead_id AND c.cycle = a.cycle FOR KEY SHARE OF c) held) < n THEN
        RAISE foreign_key_violation USING MESSAGE = 'an enrolment is of a cycle that is not there', TABLE = TG_TABLE_NAME;
    END IF;
    IF (SELECT count(*) FROM (SELECT FROM cadence_versions v WHERE v.id IN (SELECT DISTINCT cadence_version_id FROM added) FOR KEY SHARE OF v) held)
            < (SELECT count(DISTINCT cadence_version_id) FROM added) THEN
        RAISE foreign_key_violation USING MESSAGE = 'an enrolment is in a version of a cadence that is not there', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION moved_leads_are_there() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    n bigint; low bigint; high bigint;
BEGIN
    SELECT count(*), min(lead_id), max(lead_id) INTO n, low, high FROM added;
    IF n >= 50 AND high - low < n AND
            (SELECT count(DISTINCT lead_id) FROM cycles c WHERE c.lead_id BETWEEN low AND high AND c.xmin = pg_current_xact_id()::xid) = high - low + 1 THEN
        RETURN NULL;
    END IF;
    IF (SELECT count(*) FROM (SELECT FROM added a JOIN leads l ON l.id = a.lead_id FOR KEY SHARE OF l) held) < n THEN
        RAISE foreign_key_violation USING MESSAGE = format('a row of %s is about a lead that is not there', TG_TABLE_NAME), TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION leads_take_theirs_along() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    DELETE FROM cycles c USING gone g WHERE c.lead_id = g.id;
    DELETE FROM stage_moves m USING gone g WHERE m.lead_id = g.id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
ALTER TABLE enrollments DROP COLUMN budget;

-- +goose Up

-- Each enrolment and each touch puts entries into enrollments_due, and each entry was compared by three texts that are mostly the same. Now one number stands for
-- them. Who asks names the texts too: two rooms may, against all odds, have one number.
CREATE FUNCTION room_number(channel text, sender text, domain text) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN hashtextextended(domain, hashtextextended(sender, hashtextextended(channel, 0)));

DROP INDEX enrollments_due;
CREATE INDEX enrollments_due ON enrollments (room_number(channel, sender, domain), priority, due_at, lead_id) WHERE due_at IS NOT NULL;

-- Mostly all that are added at once are in one version of a cadence.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION enrollments_are_grounded() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
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
-- +goose StatementEnd

-- +goose Down
DROP INDEX enrollments_due;
CREATE INDEX enrollments_due ON enrollments (channel, sender, domain, priority, due_at, lead_id) WHERE due_at IS NOT NULL;
DROP FUNCTION room_number(text, text, text);
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
-- +goose StatementEnd

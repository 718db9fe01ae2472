-- +goose Up

-- Who calls the audience rules to a lead, and when: an alarm clock for leads.intake_at, which says whether the lead still waits. One row for
-- many leads, and no index on intake_at: so a lead is taken in without an entry in every index of leads (HOT). Half of a page is left free for
-- that: what is imported together is enrolled together.
CREATE TABLE intake_calls (
    id       bigint GENERATED ALWAYS AS IDENTITY,
    at       timestamptz NOT NULL,
    lead_ids bigint[]    NOT NULL,
    PRIMARY KEY (at, id)
);
INSERT INTO intake_calls (at, lead_ids) SELECT intake_at, array_agg(id ORDER BY id) FROM leads WHERE intake_at IS NOT NULL GROUP BY intake_at, id / 2000;
DROP INDEX leads_intake;
ALTER TABLE leads SET (fillfactor = 50);

-- The log of a lead's stages is read by lead, in order.
ALTER TABLE stage_moves DROP CONSTRAINT stage_moves_pkey;
DROP INDEX stage_moves_lead;
ALTER TABLE stage_moves ADD PRIMARY KEY (lead_id, id);

-- Foreign keys are checked row by row, which was three quarters of what an enrolment cost. What they promise is kept by triggers that check a
-- whole statement at once (docs/decisions/0012): each new row's parent is there and is held until the commit, as by a foreign key, and what hangs
-- on a lead goes with it. Plans are kept for as long as a connection lives: the settings keep one that was made while a table was small from
-- reading it whole when it is large.
-- +goose StatementBegin
CREATE FUNCTION leads_are_there() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF (SELECT count(*) FROM (SELECT FROM added a JOIN leads l ON l.id = a.lead_id FOR KEY SHARE OF l) held) < (SELECT count(*) FROM added) THEN
        RAISE foreign_key_violation USING MESSAGE = format('a row of %s is about a lead that is not there', TG_TABLE_NAME), TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION enrollments_are_grounded() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF (SELECT count(*) FROM (SELECT FROM added a JOIN cycles c ON c.lead_id = a.lead_id AND c.cycle = a.cycle FOR KEY SHARE OF c) held)
            < (SELECT count(*) FROM added) THEN
        RAISE foreign_key_violation USING MESSAGE = 'an enrolment is of a cycle that is not there', TABLE = TG_TABLE_NAME;
    END IF;
    IF (SELECT count(*) FROM (SELECT FROM cadence_versions v WHERE v.id IN (SELECT DISTINCT cadence_version_id FROM added) FOR KEY SHARE OF v) held)
            < (SELECT count(DISTINCT cadence_version_id) FROM added) THEN
        RAISE foreign_key_violation USING MESSAGE = 'an enrolment is in a version of a cadence that is not there', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION cadence_version_is_there() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM cadence_versions v WHERE v.id = NEW.cadence_version_id FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = 'an enrolment moves to a version of a cadence that is not there', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION cadence_version_is_unused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM enrollments e WHERE e.cadence_version_id = OLD.id) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a version of a cadence that has enrolments stays', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION whose_it_is_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE foreign_key_violation USING MESSAGE = format('whose a row of %s is does not change', TG_TABLE_NAME), TABLE = TG_TABLE_NAME;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER enrollments_move AFTER UPDATE OF cadence_version_id ON enrollments
    FOR EACH ROW WHEN (OLD.cadence_version_id <> NEW.cadence_version_id) EXECUTE FUNCTION cadence_version_is_there();
CREATE TRIGGER cadence_versions_stay AFTER DELETE ON cadence_versions FOR EACH ROW EXECUTE FUNCTION cadence_version_is_unused();
CREATE TRIGGER cycles_stay BEFORE UPDATE OF lead_id, cycle ON cycles
    FOR EACH ROW WHEN (OLD.lead_id <> NEW.lead_id OR OLD.cycle <> NEW.cycle) EXECUTE FUNCTION whose_it_is_stays();
CREATE TRIGGER enrollments_stay BEFORE UPDATE OF lead_id, cycle ON enrollments
    FOR EACH ROW WHEN (OLD.lead_id <> NEW.lead_id OR OLD.cycle <> NEW.cycle) EXECUTE FUNCTION whose_it_is_stays();
CREATE TRIGGER stage_moves_stay BEFORE UPDATE OF lead_id ON stage_moves
    FOR EACH ROW WHEN (OLD.lead_id <> NEW.lead_id) EXECUTE FUNCTION whose_it_is_stays();

-- +goose StatementBegin
CREATE FUNCTION leads_take_theirs_along() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    DELETE FROM cycles c USING gone g WHERE c.lead_id = g.id;
    DELETE FROM stage_moves m USING gone g WHERE m.lead_id = g.id;
    RETURN NULL;
END
$$;
CREATE FUNCTION cycles_take_theirs_along() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    DELETE FROM enrollments e USING gone g WHERE e.lead_id = g.lead_id AND e.cycle = g.cycle;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- YugabyteDB has no transition tables (its issue 1668): there the foreign keys stay.
-- +goose StatementBegin
DO $$
BEGIN
    EXECUTE $t$CREATE TRIGGER cycles_have_leads AFTER INSERT ON cycles REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION leads_are_there()$t$;
    EXECUTE $t$CREATE TRIGGER stage_moves_have_leads AFTER INSERT ON stage_moves REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION leads_are_there()$t$;
    EXECUTE $t$CREATE TRIGGER enrollments_are_grounded AFTER INSERT ON enrollments REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION enrollments_are_grounded()$t$;
    EXECUTE $t$CREATE TRIGGER leads_take_theirs_along AFTER DELETE ON leads REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION leads_take_theirs_along()$t$;
    EXECUTE $t$CREATE TRIGGER cycles_take_theirs_along AFTER DELETE ON cycles REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION cycles_take_theirs_along()$t$;
    ALTER TABLE cycles DROP CONSTRAINT cycles_lead_id_fkey;
    ALTER TABLE stage_moves DROP CONSTRAINT stage_moves_lead_id_fkey;
    ALTER TABLE enrollments DROP CONSTRAINT enrollments_lead_id_fkey, DROP CONSTRAINT enrollments_lead_id_cycle_fkey,
        DROP CONSTRAINT enrollments_cadence_version_id_fkey;
EXCEPTION WHEN feature_not_supported THEN
    RAISE NOTICE 'this database has no transition tables: references are checked row by row';
END
$$;
-- +goose StatementEnd

-- The words that leads are found by, written in the background: words_due names whose. The lead's row is not looked at by any index of words.
DROP INDEX leads_words;
DROP INDEX accounts_words;
CREATE TABLE lead_words (
    lead_id bigint   PRIMARY KEY REFERENCES leads ON DELETE CASCADE,
    words   tsvector NOT NULL
);
CREATE TABLE account_words (
    account_id bigint   PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    words      tsvector NOT NULL
);
CREATE TABLE words_due (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_ids    bigint[] NOT NULL,
    account_ids bigint[] NOT NULL
);
INSERT INTO lead_words SELECT id, to_tsvector('simple', translate(first_name || ' ' || last_name || ' ' || email || ' ' || key, '@.-_+/', '      ')) FROM leads;
INSERT INTO account_words SELECT id, to_tsvector('simple', translate(name || ' ' || domain, '@.-_+/', '      ')) FROM accounts;
CREATE INDEX lead_words_words ON lead_words USING gin (words);
CREATE INDEX account_words_words ON account_words USING gin (words);

-- +goose Down
DROP TABLE words_due, account_words, lead_words;
CREATE INDEX accounts_words ON accounts USING gin (to_tsvector('simple', translate(name || ' ' || domain, '@.-_+/', '      ')));
CREATE INDEX leads_words ON leads USING gin (to_tsvector('simple', translate(first_name || ' ' || last_name || ' ' || email || ' ' || key, '@.-_+/', '      ')));
DROP TRIGGER cycles_take_theirs_along ON cycles;
DROP TRIGGER leads_take_theirs_along ON leads;
DROP TRIGGER stage_moves_stay ON stage_moves;
DROP TRIGGER enrollments_stay ON enrollments;
DROP TRIGGER cycles_stay ON cycles;
DROP TRIGGER cadence_versions_stay ON cadence_versions;
DROP TRIGGER enrollments_move ON enrollments;
DROP TRIGGER enrollments_are_grounded ON enrollments;
DROP TRIGGER stage_moves_have_leads ON stage_moves;
DROP TRIGGER cycles_have_leads ON cycles;
DROP FUNCTION cycles_take_theirs_along, leads_take_theirs_along, whose_it_is_stays, cadence_version_is_unused, cadence_version_is_there,
    enrollments_are_grounded, leads_are_there;
ALTER TABLE enrollments ADD FOREIGN KEY (cadence_version_id) REFERENCES cadence_versions, ADD FOREIGN KEY (lead_id) REFERENCES leads ON DELETE CASCADE,
    ADD FOREIGN KEY (lead_id, cycle) REFERENCES cycles ON DELETE CASCADE;
ALTER TABLE stage_moves ADD FOREIGN KEY (lead_id) REFERENCES leads ON DELETE CASCADE;
ALTER TABLE cycles ADD FOREIGN KEY (lead_id) REFERENCES leads ON DELETE CASCADE;
ALTER TABLE stage_moves DROP CONSTRAINT stage_moves_pkey;
ALTER TABLE stage_moves ADD PRIMARY KEY (id);
CREATE INDEX stage_moves_lead ON stage_moves (lead_id);
ALTER TABLE leads RESET (fillfactor);
CREATE INDEX leads_intake ON leads (intake_at) WHERE intake_at IS NOT NULL;
DROP TABLE intake_calls;

-- +goose Up

-- Arrays of ids are written once and read once: not worth compressing, which took longer than writing them.
-- +goose StatementBegin
DO $$
BEGIN
    ALTER TABLE words_due ALTER COLUMN lead_ids SET STORAGE EXTERNAL, ALTER COLUMN account_ids SET STORAGE EXTERNAL;
    ALTER TABLE intake_calls ALTER COLUMN lead_ids SET STORAGE EXTERNAL;
EXCEPTION WHEN feature_not_supported THEN
    RAISE NOTICE 'this database decides by itself how values are stored';
END
$$;
-- +goose StatementEnd

-- What 0026 checks of a whole statement it looked up and locked row by row. Many rows about leads whose ids follow each other, as those of an import do,
-- are checked by one scan: as many leads as the range is long are there and held, or all is done as before. A cycle that this transaction made needs no
-- lock: nobody else sees it, and its lead is held since. (docs/decisions/0012)
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION leads_are_there() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
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
CREATE FUNCTION moved_leads_are_there() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
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

-- The account of a lead, likewise. Accounts are never deleted by the program, so that it is who deletes one that waits: for all who write leads. Then
-- leads need not hold their accounts, and it is enough that these are there.
CREATE FUNCTION accounts_are_there() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (SELECT FROM added l WHERE l.account_id IS NOT NULL AND NOT EXISTS (SELECT FROM accounts a WHERE a.id = l.account_id)) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a lead is at an account that is not there', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION account_is_there() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM accounts a WHERE a.id = NEW.account_id) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a lead moves to an account that is not there', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION nobody_writes_leads() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE leads IN SHARE ROW EXCLUSIVE MODE;
    RETURN NULL;
END
$$;
CREATE FUNCTION accounts_are_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM leads l WHERE l.account_id = OLD.id) THEN
        RAISE foreign_key_violation USING MESSAGE = 'an account that has leads stays', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- YugabyteDB has no transition tables (its issue 1668): there the foreign key stays.
-- +goose StatementBegin
DO $$
BEGIN
    EXECUTE $t$CREATE TRIGGER leads_have_accounts AFTER INSERT ON leads REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION accounts_are_there()$t$;
    CREATE TRIGGER leads_change_accounts AFTER UPDATE OF account_id ON leads
        FOR EACH ROW WHEN (NEW.account_id IS DISTINCT FROM OLD.account_id AND NEW.account_id IS NOT NULL) EXECUTE FUNCTION account_is_there();
    CREATE TRIGGER accounts_go_alone BEFORE DELETE ON accounts FOR EACH STATEMENT EXECUTE FUNCTION nobody_writes_leads();
    CREATE TRIGGER accounts_stay AFTER DELETE ON accounts FOR EACH ROW EXECUTE FUNCTION accounts_are_left();
    ALTER TABLE leads DROP CONSTRAINT leads_account_id_fkey;
    DROP TRIGGER stage_moves_have_leads ON stage_moves;
    EXECUTE $t$CREATE TRIGGER stage_moves_have_leads AFTER INSERT ON stage_moves REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION moved_leads_are_there()$t$;
EXCEPTION WHEN feature_not_supported THEN
    RAISE NOTICE 'this database has no transition tables: references are checked row by row';
END
$$;
-- +goose StatementEnd

-- +goose Down
ALTER TABLE leads ADD FOREIGN KEY (account_id) REFERENCES accounts;
DROP TRIGGER IF EXISTS accounts_stay ON accounts;
DROP TRIGGER IF EXISTS accounts_go_alone ON accounts;
DROP TRIGGER IF EXISTS leads_change_accounts ON leads;
DROP TRIGGER IF EXISTS leads_have_accounts ON leads;
DROP TRIGGER stage_moves_have_leads ON stage_moves;
CREATE TRIGGER stage_moves_have_leads AFTER INSERT ON stage_moves REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION leads_are_there();
DROP FUNCTION accounts_are_left, nobody_writes_leads, account_is_there, accounts_are_there, moved_leads_are_there;

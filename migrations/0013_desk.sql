-- +goose Up

-- Who may use the desk. Nobody is deleted: what they did keeps their name.
CREATE TABLE users (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email        text        NOT NULL UNIQUE CHECK (email <> '' AND email = lower(email)),
    name         text        NOT NULL,
    role         text        NOT NULL CHECK (role IN ('marketer', 'sdr', 'sales', 'manager', 'ops', 'admin')),
    password     text        NOT NULL DEFAULT '', -- argon2id as PHC string; '' cannot log in by password
    subject      text        NOT NULL DEFAULT '', -- issuer and subject of an identity provider; '' until the first login by it
    zone         text        NOT NULL DEFAULT '', -- IANA; '' is the operator's
    generation   integer     NOT NULL DEFAULT 1,  -- sessions of an earlier one are over
    created_at   timestamptz NOT NULL,
    disabled_at  timestamptz,
    logged_in_at timestamptz
);
CREATE UNIQUE INDEX users_subject ON users (subject) WHERE subject <> '';

CREATE TABLE sessions (
    token      text        PRIMARY KEY, -- hashed: who reads the table cannot log in
    data       bytea       NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_expiring ON sessions (expires_at);

CREATE TABLE login_failures (
    email   text        NOT NULL,
    address text        NOT NULL,
    at      timestamptz NOT NULL
);
CREATE INDEX login_failures_email ON login_failures (email, at);
CREATE INDEX login_failures_address ON login_failures (address, at);

-- Who did what at the desk. Nothing in it names a lead but by id, so that it can outlive the lead.
CREATE TABLE audit_log (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL,
    who     text        NOT NULL, -- a user's email, or cli: and the name of who ran a command
    role    text        NOT NULL,
    action  text        NOT NULL,
    object  text        NOT NULL, -- such as task 12; '' when the action has none
    outcome text        NOT NULL, -- done, refused or failed
    address text        NOT NULL  -- of the browser; '' for a command
);
CREATE INDEX audit_log_who ON audit_log (who, id);
-- +goose StatementBegin
CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_log is append-only';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_is_append_only();

-- A claim from the desk lapses when its holder is gone; null never does.
ALTER TABLE tasks ADD COLUMN claimed_until timestamptz, ADD COLUMN snoozed_by text NOT NULL DEFAULT '', ADD COLUMN snoozed_at timestamptz;
CREATE INDEX tasks_over ON tasks (done_at) WHERE state IN ('done', 'expired', 'cancelled');

-- What somebody has typed about a task and not logged yet.
CREATE TABLE task_drafts (
    task_id  bigint      NOT NULL REFERENCES tasks ON DELETE CASCADE,
    by       text        NOT NULL,
    typed    jsonb       NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (task_id, by)
);

-- Finds leads by the beginnings of words of their names, addresses and companies.
CREATE INDEX leads_words ON leads USING gin (to_tsvector('simple', translate(first_name || ' ' || last_name || ' ' || email || ' ' || key, '@.-_+/', '      ')));
CREATE INDEX accounts_words ON accounts USING gin (to_tsvector('simple', translate(name || ' ' || domain, '@.-_+/', '      ')));

-- +goose Down
DROP INDEX accounts_words;
DROP INDEX leads_words;
DROP TABLE task_drafts;
DROP INDEX tasks_over;
ALTER TABLE tasks DROP COLUMN claimed_until, DROP COLUMN snoozed_by, DROP COLUMN snoozed_at;
DROP TABLE audit_log;
DROP FUNCTION audit_log_is_append_only();
DROP TABLE login_failures;
DROP TABLE sessions;
DROP TABLE users;

-- +goose Up

-- What is due is taken up by channel, sender and throttled domain, each in the order of priorities: so the planner reads no row that there
-- is no room for.
ALTER TABLE enrollments
    ADD COLUMN domain   text     NOT NULL DEFAULT '', -- of the step in hand, when it is a mail to a domain that has a throttle
    ADD COLUMN priority smallint NOT NULL DEFAULT 2;  -- of the step in hand: 0 goes first; what was begun before is set below
UPDATE enrollments SET priority = 1 WHERE step > 0 AND state <> 'finished';
DROP INDEX enrollments_due;
CREATE INDEX enrollments_due ON enrollments (channel, sender, domain, priority, due_at, lead_id) WHERE due_at IS NOT NULL;

ALTER TABLE touches ADD COLUMN domain text NOT NULL DEFAULT ''; -- of the address, when it has a throttle
CREATE INDEX touches_domain ON touches (domain, planned_at) INCLUDE (state) WHERE domain <> '';

-- When nothing was planned although something fell due: for everybody, or for one mailbox that was paused.
CREATE TABLE outages (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mailbox    text        NOT NULL DEFAULT '', -- '' is all of them
    started_at timestamptz NOT NULL,
    ended_at   timestamptz NOT NULL
);
CREATE INDEX outages_ended ON outages (ended_at);

-- The planner's pulse, one row: when any process planned last, to the minute.
CREATE TABLE pulse (
    id      int         PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    seen_at timestamptz NOT NULL
);

-- +goose Down
DROP TABLE pulse, outages;
DROP INDEX touches_domain;
ALTER TABLE touches DROP COLUMN domain;
DROP INDEX enrollments_due;
ALTER TABLE enrollments DROP COLUMN domain, DROP COLUMN priority;
CREATE INDEX enrollments_due ON enrollments (channel, sender, due_at, lead_id) WHERE due_at IS NOT NULL;

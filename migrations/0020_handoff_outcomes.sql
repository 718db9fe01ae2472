-- +goose Up

-- What became of a handoff: the manager is told when nobody answers in time, and sales says how it ended.
ALTER TABLE handoffs DROP CONSTRAINT handoffs_state_check;
ALTER TABLE handoffs ADD CONSTRAINT handoffs_state_check
    CHECK (state IN ('blocked', 'offered', 'escalated', 'accepted', 'rejected', 'won', 'lost', 'withdrawn'));
ALTER TABLE handoffs
    ADD COLUMN decided_by   text   NOT NULL DEFAULT '', -- who accepted or rejected; '' in rows of before this migration
    ADD COLUMN escalated_at timestamptz,
    ADD COLUMN told_at      timestamptz, -- when the manager's mail had left
    ADD COLUMN uld_hash     text   NOT NULL DEFAULT '', -- the definition that promoted it
    ADD COLUMN cadence_version_id bigint REFERENCES cadence_versions; -- the cadence that it was in when it was promoted
DROP INDEX handoffs_one_open;
CREATE UNIQUE INDEX handoffs_one_open ON handoffs (lead_id) WHERE state IN ('blocked', 'offered', 'escalated');
CREATE INDEX handoffs_overdue ON handoffs (respond_by) WHERE state = 'offered';
CREATE INDEX handoffs_state ON handoffs (state, rep, id);

-- Append-only: the last row of a handoff holds.
CREATE TABLE handoff_outcomes (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    handoff_id   bigint      NOT NULL REFERENCES handoffs ON DELETE CASCADE,
    outcome      text        NOT NULL CHECK (outcome IN ('opportunity', 'won', 'lost', 'bought_elsewhere')),
    amount_cents bigint      NOT NULL DEFAULT 0 CHECK (amount_cents >= 0), -- hundredths of the currency; 0 is not known
    currency     text        NOT NULL DEFAULT '' CHECK (currency ~ '^([A-Z]{3})?$'), -- ISO 4217
    reason       text        NOT NULL DEFAULT '',
    by           text        NOT NULL,
    at           timestamptz NOT NULL
);
CREATE INDEX handoff_outcomes_handoff ON handoff_outcomes (handoff_id, id);

-- +goose Down
DROP TABLE handoff_outcomes;
DROP INDEX handoffs_state;
DROP INDEX handoffs_overdue;
DROP INDEX handoffs_one_open;
UPDATE handoffs SET state = 'offered' WHERE state = 'escalated';
UPDATE handoffs SET state = 'accepted' WHERE state IN ('won', 'lost');
CREATE UNIQUE INDEX handoffs_one_open ON handoffs (lead_id) WHERE state IN ('blocked', 'offered');
ALTER TABLE handoffs DROP COLUMN cadence_version_id, DROP COLUMN uld_hash, DROP COLUMN told_at, DROP COLUMN escalated_at, DROP COLUMN decided_by;
ALTER TABLE handoffs DROP CONSTRAINT handoffs_state_check;
ALTER TABLE handoffs ADD CONSTRAINT handoffs_state_check CHECK (state IN ('blocked', 'offered', 'accepted', 'rejected', 'withdrawn'));

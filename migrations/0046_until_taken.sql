-- +goose Up

-- A task that is needless once a cadence takes the lead, it ends, or sales has it: somebody is asked to get in touch only because no audience takes it.
ALTER TABLE tasks ADD COLUMN until_taken boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE tasks DROP COLUMN until_taken;

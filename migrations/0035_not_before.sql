-- +goose Up

-- due_at is by when a task is to be done, not_before from when it can be: what a lead named a time for, and what somebody put off. NULL: at once.
ALTER TABLE tasks ADD COLUMN not_before timestamptz;
UPDATE tasks SET not_before = due_at WHERE state IN ('open', 'claimed') AND (kind = 'callback' OR snoozed_by <> '');
DROP INDEX tasks_open;
CREATE INDEX tasks_open ON tasks (owner, due_at) INCLUDE (not_before) WHERE state IN ('open', 'claimed');

-- +goose Down
DROP INDEX tasks_open;
CREATE INDEX tasks_open ON tasks (owner, due_at) WHERE state IN ('open', 'claimed');
ALTER TABLE tasks DROP COLUMN not_before;

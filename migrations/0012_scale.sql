-- +goose Up

-- How many touches of a sender are planned and ready is counted with what it has used of its day, and from the same index alone.
DROP INDEX touches_capacity;
CREATE INDEX touches_capacity ON touches (channel, sender, planned_at) INCLUDE (state, not_before);

-- +goose Down
DROP INDEX touches_capacity;
CREATE INDEX touches_capacity ON touches (channel, sender, planned_at) INCLUDE (state);

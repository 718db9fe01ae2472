-- +goose Up

-- How many touches of a sender are planned and ready is counted with what it has used of its day, and from the same index alone.
DROP INDEX touches_capacity;
CREATE INDEX touches_capacity ON touches (channel, sender, planned_at) INCLUDE (state, not_before);

-- A touch leaves two dead rows in touches and two or three in enrollments, none of them beside the old one (HOT): what changes is indexed. By default
-- they are cleared away when they are a fifth of the table; of a hundred million touches that is too late for what is read every second: the
-- front of enrollments_due, and the visibility that touches_capacity is counted by. Cycles and leads are mostly changed in place or once.
ALTER TABLE touches SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE enrollments SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- +goose Down
ALTER TABLE enrollments RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
ALTER TABLE touches RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor);
DROP INDEX touches_capacity;
CREATE INDEX touches_capacity ON touches (channel, sender, planned_at) INCLUDE (state);

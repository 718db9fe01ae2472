-- +goose Up

-- Each touch moves its enrolment on twice, and each time all indexes of enrolments get an entry. One finds a lead's enrolments and keeps a second one
-- from running: those that are over count by their id, the one that is not as 0.
DROP INDEX enrollments_one_running;
DROP INDEX enrollments_lead;
CREATE UNIQUE INDEX enrollments_one_running ON enrollments (lead_id, (CASE WHEN state = 'finished' THEN id ELSE 0 END));

-- +goose Down
DROP INDEX enrollments_one_running;
CREATE INDEX enrollments_lead ON enrollments (lead_id, id DESC);
CREATE UNIQUE INDEX enrollments_one_running ON enrollments (lead_id) WHERE state <> 'finished';

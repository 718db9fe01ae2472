-- +goose Up

-- The stage that a lead came to with its first enrolment, where the move has no row of its own: '' is none. Most leads move so, from inquiry to nurturing, and
-- a row and its key for each were an eighth of what it costs to enrol one (docs/decisions/0015). It is the first move of its lead.
ALTER TABLE enrollments ADD COLUMN moved_to text NOT NULL DEFAULT '';

-- All moves of leads from stage to stage. By id those of a lead are in order: an enrolment's has its number, below zero.
CREATE VIEW stage_log AS
    SELECT id, lead_id, stage, reason, at FROM stage_moves
    UNION ALL SELECT -id, lead_id, moved_to, 'enrolled', started_at FROM enrollments WHERE moved_to <> '';

-- +goose Down
INSERT INTO stage_moves (id, lead_id, stage, reason, at) OVERRIDING SYSTEM VALUE
    SELECT id, lead_id, stage, reason, at FROM stage_log WHERE id < 0;
DROP VIEW stage_log;
ALTER TABLE enrollments DROP COLUMN moved_to;

-- +goose Up

-- What a version changed, in the words in which it was shown when it was applied, and whose configuration it brought back.
ALTER TABLE config_versions
	ADD COLUMN summary jsonb NOT NULL DEFAULT '{}',
	ADD COLUMN rolled_back_to bigint REFERENCES config_versions (id);

-- Where an enrolment stood before an apply moved it to another version of its cadence, and where after: what a rollback goes by.
CREATE TABLE config_moves (
	config_version_id bigint NOT NULL REFERENCES config_versions (id),
	enrollment_id bigint NOT NULL REFERENCES enrollments (id) ON DELETE CASCADE,
	was jsonb NOT NULL,
	became jsonb NOT NULL,
	PRIMARY KEY (enrollment_id, config_version_id)
);
CREATE INDEX config_moves_version ON config_moves (config_version_id);

-- How far the weighing of all leads against a new definition has come. after_lead is the last lead that was weighed.
CREATE TABLE reevaluations (
	config_version_id bigint PRIMARY KEY REFERENCES config_versions (id),
	uld_hash text NOT NULL,
	state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'superseded')),
	last_lead bigint NOT NULL,
	after_lead bigint NOT NULL DEFAULT 0,
	total integer NOT NULL,
	done integer NOT NULL DEFAULT 0,
	promoted integer NOT NULL DEFAULT 0,
	kept integer NOT NULL DEFAULT 0,
	closed integer NOT NULL DEFAULT 0,
	changed integer NOT NULL DEFAULT 0,
	started_at timestamptz NOT NULL,
	ended_at timestamptz
);

-- +goose Down
DROP TABLE reevaluations;
DROP TABLE config_moves;
ALTER TABLE config_versions DROP COLUMN rolled_back_to, DROP COLUMN summary;

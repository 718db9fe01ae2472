-- +goose Up

-- What the pages of cadences and stages show, counted in the background and replaced as a whole: nothing is decided by it.
CREATE TABLE tallies (
    id         integer     PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    counted_at timestamptz NOT NULL,
    took_ms    bigint      NOT NULL
);

-- Touches by what became of them; those of all versions of a cadence together.
CREATE TABLE step_tallies (
    cadence_key text    NOT NULL,
    step_key    text    NOT NULL,
    channel     text    NOT NULL,
    variant     text    NOT NULL,
    planned     integer NOT NULL, -- all there are
    waiting     integer NOT NULL, -- of these, not made yet
    sent        integer NOT NULL,
    skipped     integer NOT NULL,
    failed      integer NOT NULL,
    unknown     integer NOT NULL,
    bounced     integer NOT NULL,
    replied     integer NOT NULL, -- a person wrote back
    connected   integer NOT NULL, -- somebody was spoken to
    promoted    integer NOT NULL, -- leads that went to sales upon it
    PRIMARY KEY (cadence_key, step_key, channel, variant)
);

CREATE TABLE day_tallies (
    cadence_key text    NOT NULL,
    channel     text    NOT NULL,
    day         date    NOT NULL, -- in the operator's zone
    sent        integer NOT NULL,
    PRIMARY KEY (cadence_key, channel, day)
);

-- Where the leads of a cadence are, and how those ended that are through.
CREATE TABLE place_tallies (
    cadence_key text    NOT NULL,
    step_key    text    NOT NULL, -- '' for those that are through
    state       text    NOT NULL, -- of the enrolment
    reason      text    NOT NULL, -- why it is through; '' while it runs
    leads       integer NOT NULL,
    PRIMARY KEY (cadence_key, step_key, state, reason)
);

CREATE TABLE stage_tallies (
    stage text    PRIMARY KEY,
    leads integer NOT NULL
);

-- What waits for sales, in the order in which it is to be answered.
CREATE INDEX handoffs_waiting ON handoffs (respond_by, id) WHERE state IN ('offered', 'escalated');

-- +goose Down
DROP INDEX handoffs_waiting;
DROP TABLE stage_tallies, place_tallies, day_tallies, step_tallies, tallies;

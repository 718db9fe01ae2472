-- +goose Up

-- When time alone will change the verdict on a lead, as its latest evaluation reckoned. Few leads have such an instant, and none of the indexes of
-- leads is to know it. Leads that have answers are weighed once after the upgrade, and get theirs by that.
CREATE TABLE lead_turns (
    lead_id bigint      PRIMARY KEY REFERENCES leads ON DELETE CASCADE,
    at      timestamptz NOT NULL
);
CREATE INDEX lead_turns_at ON lead_turns (at);
INSERT INTO lead_turns (lead_id, at) SELECT l.id, to_timestamp(0) FROM leads l
    WHERE l.end_reason = '' AND l.stage NOT IN ('handed_off', 'accepted', 'opportunity', 'won', 'lost') AND EXISTS (SELECT FROM facts f WHERE f.lead_id = l.id);

-- What a verdict was asked for by: response, definition or time; '' where it was not kept.
ALTER TABLE verdicts ADD COLUMN reason text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE verdicts DROP COLUMN reason;
DROP TABLE lead_turns;

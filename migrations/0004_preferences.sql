-- +goose Up

-- Links of mails that somebody opened, one row a link and mail. Neither who it was nor with what is kept. What leads choose and answer on
-- their pages are responses and facts like any other, and need no table of their own.
CREATE TABLE link_visits (
    touch_id bigint      NOT NULL REFERENCES touches ON DELETE CASCADE,
    link     text        NOT NULL, -- sha256 of the target, in hexadecimal digits
    target   text        NOT NULL,
    at       timestamptz NOT NULL, -- the visit that state speaks of
    seen_at  timestamptz NOT NULL, -- the latest one
    state    text        NOT NULL CHECK (state IN ('waiting', 'counted', 'scanned')),
    PRIMARY KEY (touch_id, link)
);
CREATE INDEX link_visits_waiting ON link_visits (at) WHERE state = 'waiting';

-- +goose Down
DROP TABLE link_visits;

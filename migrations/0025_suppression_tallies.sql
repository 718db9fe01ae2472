-- +goose Up

-- How much is suppressed, and why: counted in the background with the other tallies, because it takes reading them all.
CREATE TABLE suppression_tallies (
    channel   text        NOT NULL,
    reason    text        NOT NULL,
    addresses integer     NOT NULL,
    first_at  timestamptz NOT NULL,
    last_at   timestamptz NOT NULL,
    PRIMARY KEY (channel, reason)
);

-- +goose Down
DROP TABLE suppression_tallies;

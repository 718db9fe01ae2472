-- +goose Up

-- What a worker cannot do for the moment, as it met it last: nothing leaves from a sender, or a mailbox is not read. what is the channel of a sender, or
-- inbox. Instants are the real clock's: seen_at is of the last try that failed. The row goes with the first that succeeds, in whatever process.
CREATE TABLE troubles (
    what    text        NOT NULL,
    about   text        NOT NULL,
    refused boolean     NOT NULL, -- else the server was not reached
    said    text        NOT NULL,
    since   timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (what, about)
);

-- Leads that 0032 has weighed once after the upgrade and that are not yet: whose words are newest comes first. Before there were any computers is long due.
UPDATE lead_turns t SET at = to_timestamp(0) - (f.at - to_timestamp(0)) FROM (SELECT lead_id, max(at) AS at FROM facts GROUP BY lead_id) f
    WHERE f.lead_id = t.lead_id AND t.at = to_timestamp(0);

-- +goose Down
DROP TABLE troubles;

-- +goose Up

-- What became of mailboxes that mail systems refused for policy, or that a person paused. One that is not here sends.
CREATE TABLE senders (
    mailbox    text        PRIMARY KEY,
    paused_at  timestamptz,                     -- NULL: it sends again
    reason     text        NOT NULL DEFAULT '', -- why it was paused last
    resumed_at timestamptz                      -- policy bounces up to then do not count any more
);
CREATE INDEX responses_policy_bounces ON responses (at) WHERE kind = 'policy_bounce';

-- +goose Down
DROP INDEX responses_policy_bounces;
DROP TABLE senders;

-- +goose Up

-- When a list of addresses never to contact was imported last: lists age, and some laws say how old one may be.
CREATE TABLE suppression_lists (
    name        text        NOT NULL, -- the reason under which its addresses are kept
    channel     text        NOT NULL CHECK (channel IN ('email', 'phone', 'all')),
    addresses   int         NOT NULL,
    rejected    int         NOT NULL, -- lines that held no usable address
    imported_at timestamptz NOT NULL,
    imported_by text        NOT NULL,
    PRIMARY KEY (name, channel)
);

-- Suppressions that somebody took back. Append-only.
CREATE TABLE suppression_removals (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash       bytea       NOT NULL,
    channel    text        NOT NULL,
    suppressed text        NOT NULL, -- the reason that it had
    since      timestamptz NOT NULL,
    reason     text        NOT NULL,
    by         text        NOT NULL,
    at         timestamptz NOT NULL
);

-- Whose number is on a list, and which leads share one.
CREATE INDEX leads_phone ON leads (phone) WHERE phone <> '';
-- How often a number was called of late.
CREATE INDEX touches_calls ON touches (address) WHERE channel <> 'email';

-- +goose Down
DROP INDEX touches_calls, leads_phone;
DROP TABLE suppression_removals, suppression_lists;

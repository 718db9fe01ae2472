-- +goose Up

-- What lets programs in. Only a hash is kept: who reads the table cannot use a token.
CREATE TABLE api_tokens (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash       bytea       NOT NULL UNIQUE, -- sha256 of the token, which is random enough to need no salt
    name       text        NOT NULL CHECK (name <> ''),
    role       text        NOT NULL CHECK (role IN ('marketer', 'sdr', 'sales', 'manager', 'ops', 'admin')),
    created_by text        NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    used_at    timestamptz -- the last time, to the minute
);

-- +goose Down
DROP TABLE api_tokens;

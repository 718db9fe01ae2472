-- +goose Up

-- Every mail that came back, so that none is taken twice and none is dropped: what could not be matched waits for a person, whole.
CREATE TABLE inbound_mails (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source         text        NOT NULL, -- where it came from: imap:user@host/INBOX, http
    external_id    text        NOT NULL, -- the same however often the source delivers it
    digest         bytea       NOT NULL UNIQUE, -- sha256 of its bytes: two sources may bring the same mail
    sender         text        NOT NULL DEFAULT '',
    subject        text        NOT NULL DEFAULT '',
    kind           text        NOT NULL,
    why            text        NOT NULL, -- what decided the kind
    classification jsonb       NOT NULL,
    state          text        NOT NULL CHECK (state IN ('taken', 'unmatched', 'set_aside')),
    note           text        NOT NULL DEFAULT '',
    lead_id        bigint      REFERENCES leads ON DELETE SET NULL,
    touch_id       bigint      REFERENCES touches ON DELETE SET NULL,
    response_id    bigint      REFERENCES responses ON DELETE SET NULL,
    received_at    timestamptz NOT NULL,
    raw            bytea,      -- kept while a person may still need it
    UNIQUE (source, external_id)
);
CREATE INDEX inbound_mails_unmatched ON inbound_mails (id) WHERE state = 'unmatched';
CREATE INDEX inbound_mails_lead ON inbound_mails (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX touches_message ON touches (message_id) WHERE message_id <> '';

-- +goose Down
DROP INDEX touches_message;
DROP TABLE inbound_mails;

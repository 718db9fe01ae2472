-- +goose Up

-- Who named a lead, for leads that came by a referral.
ALTER TABLE leads ADD COLUMN referred_by bigint REFERENCES leads ON DELETE SET NULL;

-- People whom leads named to talk to instead. A person decides whether they become leads.
CREATE TABLE referrals (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id     bigint      NOT NULL REFERENCES leads ON DELETE CASCADE, -- who named them
    response_id bigint      REFERENCES responses ON DELETE SET NULL,     -- in which answer
    name        text        NOT NULL DEFAULT '',
    email       text        NOT NULL DEFAULT '',
    phone       text        NOT NULL DEFAULT '',
    state       text        NOT NULL CHECK (state IN ('proposed', 'accepted', 'declined')),
    by          text        NOT NULL DEFAULT '', -- who decided
    reason      text        NOT NULL DEFAULT '', -- why it was declined
    proposed_at timestamptz NOT NULL,
    decided_at  timestamptz,
    new_lead_id bigint      REFERENCES leads ON DELETE CASCADE, -- the lead that it became or was; erasing that person erases this too
    CHECK (email <> '' OR phone <> '')
);
-- Whom a lead names again is not proposed again; somebody who was declined may be.
CREATE UNIQUE INDEX referrals_once ON referrals (lead_id, email, phone) WHERE state <> 'declined';
CREATE INDEX referrals_proposed ON referrals (id) WHERE state = 'proposed';
CREATE INDEX referrals_new_lead ON referrals (new_lead_id) WHERE new_lead_id IS NOT NULL;

-- Topics of mail that a lead switched off on its page. What is not here is wanted.
ALTER TABLE leads ADD COLUMN topics_off text[] NOT NULL DEFAULT '{}';
-- What a planned mail is about: the claim refuses it once the lead has switched that off.
ALTER TABLE touches ADD COLUMN topic text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE touches DROP COLUMN topic;
ALTER TABLE leads DROP COLUMN topics_off;
DROP TABLE referrals;
ALTER TABLE leads DROP COLUMN referred_by;

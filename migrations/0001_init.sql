-- +goose Up

-- Config: every applied state of the configuration folder, kept whole.
CREATE TABLE config_versions (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash       text        NOT NULL,
    uld_hash   text        NOT NULL,
    applied_at timestamptz NOT NULL,
    applied_by text        NOT NULL
);

CREATE TABLE config_files (
    config_version_id bigint NOT NULL REFERENCES config_versions,
    path              text   NOT NULL,
    content           bytea  NOT NULL,
    PRIMARY KEY (config_version_id, path)
);

-- A cadence gets a new version only when its own file or a template that it uses changed.
CREATE TABLE cadence_versions (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cadence_key       text   NOT NULL,
    number            int    NOT NULL,
    hash              text   NOT NULL,
    config_version_id bigint NOT NULL REFERENCES config_versions,
    live              boolean NOT NULL,
    UNIQUE (cadence_key, number)
);
CREATE UNIQUE INDEX cadence_versions_live ON cadence_versions (cadence_key) WHERE live;

-- A signature belongs to the exact bytes of uld.yaml: any edit has another hash and so no signature.
CREATE TABLE uld_signatures (
    uld_hash  text        NOT NULL,
    role      text        NOT NULL CHECK (role IN ('marketing', 'sales')),
    name      text        NOT NULL,
    signed_at timestamptz NOT NULL,
    PRIMARY KEY (uld_hash, role)
);

CREATE TABLE secrets (
    name  text  PRIMARY KEY,
    value bytea NOT NULL
);

-- Who is nurtured.
CREATE TABLE accounts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key        text        NOT NULL UNIQUE, -- domain, else the name in lower case
    name       text        NOT NULL DEFAULT '',
    domain     text        NOT NULL DEFAULT '',
    industry   text        NOT NULL DEFAULT '',
    employees  int         NOT NULL DEFAULT 0, -- 0 is unknown
    country    text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL
);

CREATE TABLE leads (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key               text        NOT NULL UNIQUE,
    email             text        NOT NULL DEFAULT '',
    phone             text        NOT NULL DEFAULT '',
    phone_invalid     boolean     NOT NULL DEFAULT false,
    first_name        text        NOT NULL DEFAULT '',
    last_name         text        NOT NULL DEFAULT '',
    title             text        NOT NULL DEFAULT '',
    role              text        NOT NULL DEFAULT '',
    city              text        NOT NULL DEFAULT '',
    country           text        NOT NULL DEFAULT '',
    region            text        NOT NULL DEFAULT '',
    zones             text[]      NOT NULL DEFAULT '{}', -- every zone that may be the lead's
    language          text        NOT NULL DEFAULT '',
    source            text        NOT NULL DEFAULT '',
    origin            text        NOT NULL DEFAULT 'inquiry' CHECK (origin IN ('inquiry', 'self_qualified')),
    account_id        bigint      REFERENCES accounts,
    mailbox           text        NOT NULL DEFAULT '', -- the sender that writes to this lead, for good
    owner             text        NOT NULL DEFAULT '', -- the SDR
    consent_email     timestamptz,
    consent_voicemail timestamptz,
    consent_call      timestamptz,
    fields            jsonb       NOT NULL DEFAULT '{}',
    stage             text        NOT NULL DEFAULT 'inquiry',
    readiness         text        NOT NULL DEFAULT 'unknown',
    end_reason        text        NOT NULL DEFAULT '', -- '' while the lead is being nurtured
    ended_at          timestamptz,
    intake_at         timestamptz,                     -- when audience rules look at the lead; NULL: not waiting for one
    intake_note       text        NOT NULL DEFAULT '', -- why no cadence took it
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL
);
CREATE INDEX leads_intake ON leads (intake_at) WHERE intake_at IS NOT NULL;
CREATE INDEX leads_account ON leads (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX leads_email ON leads (email) WHERE email <> '';

CREATE TABLE stage_moves (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id bigint      NOT NULL REFERENCES leads ON DELETE CASCADE,
    stage   text        NOT NULL,
    reason  text        NOT NULL,
    at      timestamptz NOT NULL
);
CREATE INDEX stage_moves_lead ON stage_moves (lead_id);

-- Addresses never to contact. The hash survives the person's erasure.
CREATE TABLE suppressions (
    hash       bytea       NOT NULL, -- sha256 of an address, of '@domain' or of an E.164 number
    channel    text        NOT NULL CHECK (channel IN ('email', 'phone', 'all')),
    reason     text        NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (hash, channel)
);

-- The runs of leads through cadences.
CREATE TABLE cycles (
    lead_id    bigint      NOT NULL REFERENCES leads ON DELETE CASCADE,
    cycle      int         NOT NULL CHECK (cycle >= 1),
    budget     int         NOT NULL CHECK (budget >= 1),
    attempts   int         NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL,
    PRIMARY KEY (lead_id, cycle),
    CHECK (attempts BETWEEN 0 AND budget) -- the budget of seven holds under any concurrency
);

CREATE TABLE enrollments (
    id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id            bigint      NOT NULL REFERENCES leads ON DELETE CASCADE,
    cadence_version_id bigint      NOT NULL REFERENCES cadence_versions,
    cycle              int         NOT NULL,
    state              text        NOT NULL CHECK (state IN ('pending', 'active', 'paused', 'finished')),
    reason             text        NOT NULL,
    step               int         NOT NULL,
    run                int         NOT NULL,
    last_run           int         NOT NULL DEFAULT 0, -- how many runs the step before took
    in_flight          boolean     NOT NULL DEFAULT false,
    due_local          timestamp,   -- the wall-clock intent,
    due_zone           text        NOT NULL DEFAULT '',
    due_at             timestamptz, -- and its instant; NULL: only an event moves it on
    due_reason         text        NOT NULL DEFAULT '',
    held_until         timestamptz, -- the appointment that a pause put off
    channel            text        NOT NULL DEFAULT '', -- of the step in hand, '' when it needs no capacity
    sender             text        NOT NULL DEFAULT '', -- whose capacity that step takes: a mailbox or an SDR
    last_response      text        NOT NULL DEFAULT '',
    started_at         timestamptz NOT NULL,
    ended_at           timestamptz,
    FOREIGN KEY (lead_id, cycle) REFERENCES cycles (lead_id, cycle) ON DELETE CASCADE
);
CREATE UNIQUE INDEX enrollments_one_running ON enrollments (lead_id) WHERE state <> 'finished';
CREATE INDEX enrollments_lead ON enrollments (lead_id, id DESC);
CREATE INDEX enrollments_due ON enrollments (channel, sender, due_at, lead_id) WHERE due_at IS NOT NULL;

-- The ledger: one row a touch, whatever becomes of it.
CREATE TABLE touches (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    enrollment_id  bigint      NOT NULL REFERENCES enrollments ON DELETE CASCADE,
    lead_id        bigint      NOT NULL,
    cycle          int         NOT NULL,
    attempt        int,                  -- n of budget; NULL until something is tried
    budget         int         NOT NULL,
    step           int         NOT NULL,
    run            int         NOT NULL,
    step_key       text        NOT NULL,
    channel        text        NOT NULL CHECK (channel IN ('email', 'voicemail', 'call')),
    template       text        NOT NULL DEFAULT '',
    variant        text        NOT NULL DEFAULT '',
    sender         text        NOT NULL DEFAULT '',
    address        text        NOT NULL DEFAULT '',
    state          text        NOT NULL CHECK (state IN ('planned', 'claimed', 'sent', 'skipped', 'failed', 'unknown')),
    reason         text        NOT NULL DEFAULT '',
    detail         text        NOT NULL DEFAULT '', -- the provider's words
    result         text        NOT NULL DEFAULT '', -- what came later: voicemail_left, hard_bounce, a disposition
    tries          int         NOT NULL DEFAULT 0,
    planned_at     timestamptz NOT NULL,
    not_before     timestamptz NOT NULL, -- back-off after a temporary refusal
    window_ends_at timestamptz NOT NULL,
    alarmed_at     timestamptz,          -- when a River job was last asked to see to it
    claimed_at     timestamptz,
    claimed_by     text        NOT NULL DEFAULT '',
    sent_at        timestamptz,
    message_id     text        NOT NULL DEFAULT '',
    provider_id    text        NOT NULL DEFAULT '',
    cost_micros    bigint      NOT NULL DEFAULT 0,
    UNIQUE (enrollment_id, step, run),
    UNIQUE (lead_id, cycle, attempt),
    CHECK (attempt BETWEEN 1 AND budget),
    FOREIGN KEY (lead_id, cycle) REFERENCES cycles (lead_id, cycle) ON DELETE CASCADE
);
CREATE UNIQUE INDEX touches_one_in_flight ON touches (enrollment_id) WHERE state IN ('planned', 'claimed');
CREATE INDEX touches_waiting ON touches (not_before) WHERE state = 'planned';
CREATE INDEX touches_claimed ON touches (claimed_by) WHERE state = 'claimed';
CREATE INDEX touches_unknown ON touches (claimed_at) WHERE state = 'unknown';
CREATE INDEX touches_capacity ON touches (channel, sender, planned_at) INCLUDE (state);
CREATE INDEX touches_provider ON touches (provider_id) WHERE provider_id <> '';

-- Anything a lead did back.
CREATE TABLE responses (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id       bigint      NOT NULL REFERENCES leads ON DELETE CASCADE,
    enrollment_id bigint      REFERENCES enrollments ON DELETE SET NULL,
    touch_id      bigint      REFERENCES touches ON DELETE SET NULL,
    kind          text        NOT NULL,
    source        text        NOT NULL, -- where it came from: cli, task, twilio, imap …
    external_id   text        NOT NULL, -- unique in its source: the same event twice is one response
    said          text        NOT NULL DEFAULT '', -- the lead's own words or the SDR's notes
    date          timestamptz,                     -- return date or stated date
    by            text        NOT NULL DEFAULT '',
    at            timestamptz NOT NULL,
    evaluated_at  timestamptz,
    UNIQUE (source, external_id)
);
CREATE INDEX responses_lead ON responses (lead_id, id);
CREATE INDEX responses_unevaluated ON responses (id) WHERE evaluated_at IS NULL;

-- Append-only answers with their evidence.
CREATE TABLE facts (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id     bigint      NOT NULL REFERENCES leads ON DELETE CASCADE,
    criterion   text        NOT NULL,
    value       jsonb       NOT NULL,
    class       smallint    NOT NULL CHECK (class BETWEEN 1 AND 3),
    response_id bigint      REFERENCES responses ON DELETE SET NULL,
    by          text        NOT NULL,
    at          timestamptz NOT NULL,
    words       text        NOT NULL DEFAULT ''
);
CREATE INDEX facts_lead ON facts (lead_id, id);

CREATE TABLE verdicts (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id     bigint      NOT NULL REFERENCES leads ON DELETE CASCADE,
    response_id bigint      REFERENCES responses ON DELETE SET NULL,
    uld_hash    text        NOT NULL,
    outcome     text        NOT NULL,
    readiness   text        NOT NULL,
    verdict     jsonb       NOT NULL,
    at          timestamptz NOT NULL
);
CREATE INDEX verdicts_lead ON verdicts (lead_id, id DESC);

-- What people must do.
CREATE TABLE tasks (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id       bigint      NOT NULL REFERENCES leads ON DELETE CASCADE,
    enrollment_id bigint      REFERENCES enrollments ON DELETE SET NULL,
    touch_id      bigint      UNIQUE REFERENCES touches ON DELETE CASCADE, -- NULL when no touch made it
    kind          text        NOT NULL,
    state         text        NOT NULL CHECK (state IN ('open', 'claimed', 'done', 'expired', 'cancelled')),
    owner         text        NOT NULL,
    title         text        NOT NULL,
    script        text        NOT NULL DEFAULT '',
    ask           text[]      NOT NULL DEFAULT '{}', -- criteria and dossier items to ask for
    why           text        NOT NULL,
    opened_at     timestamptz NOT NULL,
    due_at        timestamptz NOT NULL,
    expires_at    timestamptz, -- NULL: stays until somebody does it
    claimed_by    text        NOT NULL DEFAULT '',
    claimed_at    timestamptz,
    done_at       timestamptz,
    disposition   text        NOT NULL DEFAULT '',
    notes         text        NOT NULL DEFAULT ''
);
CREATE INDEX tasks_open ON tasks (owner, due_at) WHERE state IN ('open', 'claimed');
CREATE INDEX tasks_expiring ON tasks (expires_at) WHERE state IN ('open', 'claimed') AND expires_at IS NOT NULL;
CREATE INDEX tasks_lead ON tasks (lead_id);
-- A second reason to do the same thing about a lead extends the task that is open.
CREATE UNIQUE INDEX tasks_one_open ON tasks (lead_id, kind) WHERE touch_id IS NULL AND state IN ('open', 'claimed');

-- Promotions to sales.
CREATE TABLE handoffs (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id      bigint      NOT NULL REFERENCES leads ON DELETE CASCADE,
    verdict_id   bigint      REFERENCES verdicts ON DELETE SET NULL,
    state        text        NOT NULL CHECK (state IN ('blocked', 'offered', 'accepted', 'rejected', 'withdrawn')),
    rep          text        NOT NULL DEFAULT '',
    missing      text[]      NOT NULL DEFAULT '{}', -- what blocks it
    dossier      jsonb,
    created_at   timestamptz NOT NULL,
    offered_at   timestamptz,
    respond_by   timestamptz,
    delivered_at timestamptz,
    decided_at   timestamptz,
    reason       text        NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX handoffs_one_open ON handoffs (lead_id) WHERE state IN ('blocked', 'offered');
CREATE INDEX handoffs_lead ON handoffs (lead_id);
CREATE INDEX handoffs_undelivered ON handoffs (id) WHERE state = 'offered' AND delivered_at IS NULL;

-- Worker processes, so that the work of a dead one can be taken up.
CREATE TABLE workers (
    id        text        PRIMARY KEY,
    host      text        NOT NULL,
    pid       int         NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at   timestamptz NOT NULL
);

-- +goose Down
DROP TABLE workers, handoffs, tasks, verdicts, facts, responses, touches, enrollments, cycles, suppressions, stage_moves,
    leads, accounts, secrets, uld_signatures, cadence_versions, config_files, config_versions;

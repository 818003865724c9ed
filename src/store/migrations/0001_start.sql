-- The first schema. Amounts are canonical text, times are Unix microseconds, ids are text.
-- Runs on SQLite and on Postgres.

CREATE TABLE meta (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

-- Which messages were handled.
CREATE TABLE inbox (
    message TEXT PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX inbox_at ON inbox (at);

-- `state`, `paid_at` are caches of the fold, for lists and counts.
CREATE TABLE invoice (
    id TEXT PRIMARY KEY NOT NULL,
    code TEXT NOT NULL UNIQUE,
    creator TEXT NOT NULL,
    conversation TEXT NOT NULL,
    person_order TEXT,
    link TEXT,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX invoice_creator ON invoice (creator, created_at);
CREATE INDEX invoice_order ON invoice (creator, person_order);
CREATE INDEX invoice_link ON invoice (link, creator);

CREATE TABLE fact (
    invoice TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (invoice, key)
);

-- Which invoice a trace belongs to.
CREATE TABLE trace (
    trace TEXT PRIMARY KEY NOT NULL,
    invoice TEXT NOT NULL
);

-- Which notices of an invoice were told, and whether silently.
CREATE TABLE told (
    invoice TEXT NOT NULL,
    notice TEXT NOT NULL,
    silent BIGINT NOT NULL,
    PRIMARY KEY (invoice, notice)
);

-- When to ask MixPay about an invoice. `wanted`: somebody wants to know since the last question
-- was sent. `hinted`: when the question was due that the last callback caused.
CREATE TABLE poll (
    invoice TEXT PRIMARY KEY NOT NULL,
    due BIGINT NOT NULL,
    urgency BIGINT NOT NULL,
    wanted BIGINT NOT NULL,
    hinted BIGINT NOT NULL
);
CREATE INDEX poll_due ON poll (due);

-- Which invoice or link a message of ours is about, so that it can be quoted.
CREATE TABLE about (
    message TEXT PRIMARY KEY NOT NULL,
    code TEXT NOT NULL
);

CREATE TABLE link (
    code TEXT PRIMARY KEY NOT NULL,
    creator TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Transfers that wait to be read back, and those that were.
CREATE TABLE transfer_hint (
    snapshot TEXT PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL
);
CREATE TABLE receipt (
    snapshot TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    code TEXT,
    asset TEXT NOT NULL,
    amount TEXT NOT NULL,
    opponent TEXT,
    memo TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX receipt_code ON receipt (code);

CREATE TABLE effect (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    lane TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    due BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    parked BIGINT NOT NULL,
    since BIGINT NOT NULL
);
CREATE INDEX effect_lane ON effect (lane, seq);

CREATE TABLE person (
    id TEXT PRIMARY KEY NOT NULL,
    number TEXT NOT NULL,
    name TEXT NOT NULL,
    is_bot BIGINT NOT NULL
);
CREATE INDEX person_number ON person (number);

CREATE TABLE place (
    conversation TEXT PRIMARY KEY NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL
);

-- Settings of persons and groups, by their ids.
CREATE TABLE settings (
    owner TEXT PRIMARY KEY NOT NULL,
    body TEXT NOT NULL
);

-- What counts against a quota.
CREATE TABLE spent (
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX spent_who ON spent (who, what, at);

-- When requests to MixPay were made: the tail of the sliding window.
CREATE TABLE request (
    at BIGINT NOT NULL,
    kind TEXT NOT NULL
);
CREATE INDEX request_at ON request (at);

CREATE TABLE quarantine (
    message TEXT PRIMARY KEY NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL
);

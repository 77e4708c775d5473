-- +goose Up
-- Times are INTEGER, UTC, whole microseconds.
-- Texts that the code writes as JSON are plain text, so that what is read is what was written.

CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL, -- JSON: language tag → name
    password_hash TEXT NOT NULL,
    roles         TEXT NOT NULL, -- JSON
    agent         TEXT NOT NULL,
    team          TEXT NOT NULL,
    language      TEXT NOT NULL,
    theme         TEXT NOT NULL,
    disabled      INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY, -- SHA-256, hexadecimal
    user_id    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE customers (
    id               TEXT PRIMARY KEY,
    name             TEXT NOT NULL,
    company          TEXT NOT NULL,
    position         TEXT NOT NULL,
    grade            TEXT NOT NULL,
    language         TEXT NOT NULL,
    email            TEXT NOT NULL,
    address          TEXT NOT NULL,
    region           TEXT NOT NULL,
    account_manager  TEXT NOT NULL,
    tags             TEXT NOT NULL, -- JSON
    notes            TEXT NOT NULL,
    phones           TEXT NOT NULL, -- JSON
    do_not_call_from TEXT NOT NULL,
    do_not_call_to   TEXT NOT NULL,
    search           TEXT NOT NULL, -- name and company, folded
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX customers_created ON customers (created_at);

-- What a customer's numbers are found by: each in E.164 and as typed.
CREATE TABLE customer_numbers (
    number_key TEXT NOT NULL,
    customer   TEXT NOT NULL,
    suffix_key TEXT NOT NULL, -- the digits backwards: the last ones are found by an index, too
    PRIMARY KEY (number_key, customer)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_numbers_customer ON customer_numbers (customer);
CREATE INDEX customer_numbers_suffix ON customer_numbers (suffix_key);

CREATE TABLE calls (
    id            TEXT PRIMARY KEY,
    direction     TEXT NOT NULL,
    from_raw      TEXT NOT NULL,
    from_e164     TEXT NOT NULL,
    from_key      TEXT NOT NULL,
    from_name     TEXT NOT NULL,
    to_raw        TEXT NOT NULL,
    to_e164       TEXT NOT NULL,
    to_key        TEXT NOT NULL,
    arrived_at    INTEGER NOT NULL,
    customer      TEXT NOT NULL,
    customer_name TEXT NOT NULL,
    queue         TEXT NOT NULL,
    agent         TEXT NOT NULL,
    extension     TEXT NOT NULL,
    trunk         TEXT NOT NULL,
    answered_at   INTEGER,
    queued_at     INTEGER,
    bridged_at    INTEGER,
    ended_at      INTEGER,
    end_by        TEXT NOT NULL,
    end_cause     TEXT NOT NULL,
    end_sip       INTEGER NOT NULL,
    end_q850      INTEGER NOT NULL,
    wait_ms       INTEGER NOT NULL,
    ring_ms       INTEGER NOT NULL,
    talk_ms       INTEGER NOT NULL,
    hold_ms       INTEGER NOT NULL,
    wrap_up_ms    INTEGER NOT NULL,
    disposition   TEXT NOT NULL,
    notes         TEXT NOT NULL,
    unfinished    INTEGER NOT NULL,
    voicemail     TEXT NOT NULL, -- JSON, empty: none
    detail        TEXT NOT NULL  -- JSON: segments, legs, timeline, quality
) STRICT;
CREATE INDEX calls_arrived ON calls (arrived_at);
CREATE INDEX calls_from ON calls (from_key, arrived_at);
CREATE INDEX calls_to ON calls (to_key, arrived_at);
CREATE INDEX calls_customer ON calls (customer, arrived_at) WHERE customer <> '';
CREATE INDEX calls_queue ON calls (queue, arrived_at) WHERE queue <> '';
CREATE INDEX calls_agent ON calls (agent, arrived_at) WHERE agent <> '';
CREATE INDEX calls_unfinished ON calls (arrived_at) WHERE unfinished;

CREATE TABLE tickets (
    id         TEXT PRIMARY KEY,
    number     TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    body       TEXT NOT NULL,
    state      TEXT NOT NULL,
    owner      TEXT NOT NULL,
    customer   TEXT NOT NULL,
    call_id    TEXT NOT NULL,
    queue      TEXT NOT NULL,
    urgency    TEXT NOT NULL,
    due_at     INTEGER,
    recording  TEXT NOT NULL,
    version    INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    closed_at  INTEGER
) STRICT;
CREATE INDEX tickets_created ON tickets (created_at);
CREATE INDEX tickets_open ON tickets (created_at) WHERE closed_at IS NULL;
CREATE INDEX tickets_customer ON tickets (customer, created_at) WHERE customer <> '';
CREATE INDEX tickets_owner ON tickets (owner, created_at) WHERE owner <> '';
CREATE INDEX tickets_call ON tickets (call_id) WHERE call_id <> '';

-- The last number given out in each series, such as C-20261122.
CREATE TABLE ticket_series (
    series TEXT PRIMARY KEY,
    last   INTEGER NOT NULL
) STRICT;

CREATE TABLE documents (
    kind      TEXT NOT NULL,
    name      TEXT NOT NULL,
    version   INTEGER NOT NULL,
    body      TEXT NOT NULL,
    hash      TEXT NOT NULL,
    published INTEGER NOT NULL,
    by_user   TEXT NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (kind, name, version)
) STRICT;
CREATE UNIQUE INDEX documents_published ON documents (kind, name) WHERE published;

CREATE TABLE audit (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    by_user TEXT NOT NULL,
    object  TEXT NOT NULL,
    of_id   TEXT NOT NULL,
    action  TEXT NOT NULL,
    changes TEXT NOT NULL -- JSON
) STRICT;
CREATE INDEX audit_of ON audit (object, of_id, id);

-- How far each node's journal has been turned into rows.
CREATE TABLE positions (
    node    TEXT PRIMARY KEY,
    applied INTEGER NOT NULL,
    safe    INTEGER NOT NULL,
    at      INTEGER NOT NULL
) STRICT;

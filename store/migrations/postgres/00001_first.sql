-- +goose Up
-- Times are timestamptz, UTC, whole microseconds.
-- Texts that the code writes as JSON are plain text, so that what is read is what was written.

CREATE TABLE users (
    id            text COLLATE "C" PRIMARY KEY,
    name          text COLLATE "C" NOT NULL, -- JSON: language tag → name
    password_hash text COLLATE "C" NOT NULL,
    roles         text COLLATE "C" NOT NULL, -- JSON
    agent         text COLLATE "C" NOT NULL,
    team          text COLLATE "C" NOT NULL,
    language      text COLLATE "C" NOT NULL,
    theme         text COLLATE "C" NOT NULL,
    disabled      boolean NOT NULL
);

CREATE TABLE sessions (
    token_hash text COLLATE "C" PRIMARY KEY, -- SHA-256, hexadecimal
    user_id    text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE customers (
    id               text COLLATE "C" PRIMARY KEY,
    name             text COLLATE "C" NOT NULL,
    company          text COLLATE "C" NOT NULL,
    position         text COLLATE "C" NOT NULL,
    grade            text COLLATE "C" NOT NULL,
    language         text COLLATE "C" NOT NULL,
    email            text COLLATE "C" NOT NULL,
    address          text COLLATE "C" NOT NULL,
    region           text COLLATE "C" NOT NULL,
    account_manager  text COLLATE "C" NOT NULL,
    tags             text COLLATE "C" NOT NULL, -- JSON
    notes            text COLLATE "C" NOT NULL,
    phones           text COLLATE "C" NOT NULL, -- JSON
    do_not_call_from text COLLATE "C" NOT NULL,
    do_not_call_to   text COLLATE "C" NOT NULL,
    search           text COLLATE "C" NOT NULL, -- name and company, folded
    version          integer NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL
);
CREATE INDEX customers_created ON customers (created_at);

-- What a customer's numbers are found by: each in E.164 and as typed.
CREATE TABLE customer_numbers (
    number_key text COLLATE "C" NOT NULL,
    customer   text COLLATE "C" NOT NULL,
    suffix_key text COLLATE "C" NOT NULL, -- the digits backwards: the last ones are found by an index, too
    PRIMARY KEY (number_key, customer)
);
CREATE INDEX customer_numbers_customer ON customer_numbers (customer);
CREATE INDEX customer_numbers_suffix ON customer_numbers (suffix_key);

CREATE TABLE calls (
    id            text COLLATE "C" PRIMARY KEY,
    direction     text COLLATE "C" NOT NULL,
    from_raw      text COLLATE "C" NOT NULL,
    from_e164     text COLLATE "C" NOT NULL,
    from_key      text COLLATE "C" NOT NULL,
    from_name     text COLLATE "C" NOT NULL,
    to_raw        text COLLATE "C" NOT NULL,
    to_e164       text COLLATE "C" NOT NULL,
    to_key        text COLLATE "C" NOT NULL,
    arrived_at    timestamptz NOT NULL,
    customer      text COLLATE "C" NOT NULL,
    customer_name text COLLATE "C" NOT NULL,
    queue         text COLLATE "C" NOT NULL,
    agent         text COLLATE "C" NOT NULL,
    extension     text COLLATE "C" NOT NULL,
    trunk         text COLLATE "C" NOT NULL,
    answered_at   timestamptz,
    queued_at     timestamptz,
    bridged_at    timestamptz,
    ended_at      timestamptz,
    end_by        text COLLATE "C" NOT NULL,
    end_cause     text COLLATE "C" NOT NULL,
    end_sip       integer NOT NULL,
    end_q850      integer NOT NULL,
    wait_ms       bigint NOT NULL,
    ring_ms       bigint NOT NULL,
    talk_ms       bigint NOT NULL,
    hold_ms       bigint NOT NULL,
    wrap_up_ms    bigint NOT NULL,
    disposition   text COLLATE "C" NOT NULL,
    notes         text COLLATE "C" NOT NULL,
    unfinished    boolean NOT NULL,
    voicemail     text COLLATE "C" NOT NULL, -- JSON, empty: none
    detail        text COLLATE "C" NOT NULL  -- JSON: segments, legs, timeline, quality
);
CREATE INDEX calls_arrived ON calls (arrived_at);
CREATE INDEX calls_from ON calls (from_key, arrived_at);
CREATE INDEX calls_to ON calls (to_key, arrived_at);
CREATE INDEX calls_customer ON calls (customer, arrived_at) WHERE customer <> '';
CREATE INDEX calls_queue ON calls (queue, arrived_at) WHERE queue <> '';
CREATE INDEX calls_agent ON calls (agent, arrived_at) WHERE agent <> '';
CREATE INDEX calls_unfinished ON calls (arrived_at) WHERE unfinished;

CREATE TABLE tickets (
    id         text COLLATE "C" PRIMARY KEY,
    number     text COLLATE "C" NOT NULL UNIQUE,
    kind       text COLLATE "C" NOT NULL,
    subject    text COLLATE "C" NOT NULL,
    body       text COLLATE "C" NOT NULL,
    state      text COLLATE "C" NOT NULL,
    owner      text COLLATE "C" NOT NULL,
    customer   text COLLATE "C" NOT NULL,
    call_id    text COLLATE "C" NOT NULL,
    queue      text COLLATE "C" NOT NULL,
    urgency    text COLLATE "C" NOT NULL,
    due_at     timestamptz,
    recording  text COLLATE "C" NOT NULL,
    version    integer NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    closed_at  timestamptz
);
CREATE INDEX tickets_created ON tickets (created_at);
CREATE INDEX tickets_open ON tickets (created_at) WHERE closed_at IS NULL;
CREATE INDEX tickets_customer ON tickets (customer, created_at) WHERE customer <> '';
CREATE INDEX tickets_owner ON tickets (owner, created_at) WHERE owner <> '';
CREATE INDEX tickets_call ON tickets (call_id) WHERE call_id <> '';

-- The last number given out in each series, such as C-20261122.
CREATE TABLE ticket_series (
    series text COLLATE "C" PRIMARY KEY,
    last   bigint NOT NULL
);

CREATE TABLE documents (
    kind      text COLLATE "C" NOT NULL,
    name      text COLLATE "C" NOT NULL,
    version   integer NOT NULL,
    body      text COLLATE "C" NOT NULL,
    hash      text COLLATE "C" NOT NULL,
    published boolean NOT NULL,
    by_user   text COLLATE "C" NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (kind, name, version)
);
CREATE UNIQUE INDEX documents_published ON documents (kind, name) WHERE published;

CREATE TABLE audit (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL,
    by_user text COLLATE "C" NOT NULL,
    object  text COLLATE "C" NOT NULL,
    of_id   text COLLATE "C" NOT NULL,
    action  text COLLATE "C" NOT NULL,
    changes text COLLATE "C" NOT NULL -- JSON
);
CREATE INDEX audit_of ON audit (object, of_id, id);

-- How far each node's journal has been turned into rows.
CREATE TABLE positions (
    node    text COLLATE "C" PRIMARY KEY,
    applied bigint NOT NULL,
    safe    bigint NOT NULL,
    at      timestamptz NOT NULL
);

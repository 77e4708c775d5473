-- +goose Up
-- What agents did: the journal tells it too, but only as far back as it is kept.
CREATE TABLE agent_states (
    agent  TEXT NOT NULL,
    began  INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    queue  TEXT NOT NULL,
    call   TEXT NOT NULL,
    ended  INTEGER, -- NULL: it goes on
    PRIMARY KEY (agent, began)
) STRICT, WITHOUT ROWID;
CREATE INDEX agent_states_began ON agent_states (began, agent);

CREATE TABLE segments (
    call        TEXT NOT NULL,
    number      INTEGER NOT NULL, -- which of the call's segments
    agent       TEXT NOT NULL,
    queue       TEXT NOT NULL,
    kind        TEXT NOT NULL,
    offered_at  INTEGER NOT NULL,
    answered_at INTEGER,
    bridged_at  INTEGER,
    ended_at    INTEGER NOT NULL,
    ending      TEXT NOT NULL,
    missed      INTEGER NOT NULL,
    ring_ms     INTEGER NOT NULL,
    talk_ms     INTEGER NOT NULL,
    hold_ms     INTEGER NOT NULL,
    wrap_up_ms  INTEGER NOT NULL,
    PRIMARY KEY (call, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX segments_offered ON segments (offered_at, call, number);
CREATE INDEX segments_agent ON segments (agent, offered_at, call, number);

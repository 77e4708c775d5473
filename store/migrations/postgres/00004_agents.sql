-- +goose Up
-- What agents did: the journal tells it too, but only as far back as it is kept.
CREATE TABLE agent_states (
    agent  text COLLATE "C" NOT NULL,
    began  timestamptz NOT NULL,
    status text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    queue  text COLLATE "C" NOT NULL,
    call   text COLLATE "C" NOT NULL,
    ended  timestamptz, -- NULL: it goes on
    PRIMARY KEY (agent, began)
);
CREATE INDEX agent_states_began ON agent_states (began, agent);

CREATE TABLE segments (
    call        text COLLATE "C" NOT NULL,
    number      integer NOT NULL, -- which of the call's segments
    agent       text COLLATE "C" NOT NULL,
    queue       text COLLATE "C" NOT NULL,
    kind        text COLLATE "C" NOT NULL,
    offered_at  timestamptz NOT NULL,
    answered_at timestamptz,
    bridged_at  timestamptz,
    ended_at    timestamptz NOT NULL,
    ending      text COLLATE "C" NOT NULL,
    missed      boolean NOT NULL,
    ring_ms     bigint NOT NULL,
    talk_ms     bigint NOT NULL,
    hold_ms     bigint NOT NULL,
    wrap_up_ms  bigint NOT NULL,
    PRIMARY KEY (call, number)
);
CREATE INDEX segments_offered ON segments (offered_at, call, number);
CREATE INDEX segments_agent ON segments (agent, offered_at, call, number);

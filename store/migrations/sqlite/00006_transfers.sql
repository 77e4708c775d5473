-- +goose Up
-- Where an agent handed the call over to; empty: the agent did not. Such parts came with the event "transferred".
ALTER TABLE segments ADD COLUMN transferred_to TEXT NOT NULL DEFAULT '';
-- How long the agent asked a colleague beside the call, or was asked.
ALTER TABLE segments ADD COLUMN consult_ms INTEGER NOT NULL DEFAULT 0;

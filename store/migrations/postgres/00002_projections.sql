-- +goose Up
-- Each projection of a node's journal has a position of its own; there was one so far, the call log.
ALTER TABLE positions ADD COLUMN projection text COLLATE "C" NOT NULL DEFAULT 'calls';
ALTER TABLE positions ALTER COLUMN projection DROP DEFAULT;
ALTER TABLE positions DROP CONSTRAINT positions_pkey;
ALTER TABLE positions ADD PRIMARY KEY (node, projection);

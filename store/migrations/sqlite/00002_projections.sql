-- +goose Up
-- Each projection of a node's journal has a position of its own; there was one so far, the call log.
CREATE TABLE new_positions (
    node       TEXT NOT NULL,
    projection TEXT NOT NULL,
    applied    INTEGER NOT NULL,
    safe       INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (node, projection)
) STRICT;
INSERT INTO new_positions (node, projection, applied, safe, at) SELECT node, 'calls', applied, safe, at FROM positions;
DROP TABLE positions;
ALTER TABLE new_positions RENAME TO positions;

-- +goose Up
-- How often documents were published or withdrawn: whether the site is another one is asked all the time.
CREATE TABLE publications (
    id    INTEGER PRIMARY KEY,
    count INTEGER NOT NULL
) STRICT;

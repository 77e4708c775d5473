-- +goose Up
-- How often documents were published or withdrawn: whether the site is another one is asked all the time.
CREATE TABLE publications (
    id    bigint PRIMARY KEY,
    count bigint NOT NULL
);

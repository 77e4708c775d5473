-- +goose Up
-- A ticket of nobody known stands under the far party's number.
ALTER TABLE tickets ADD COLUMN phone_raw text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN phone_e164 text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN phone_key text COLLATE "C" NOT NULL DEFAULT '';
UPDATE tickets SET
    phone_raw = CASE direction WHEN 'inbound' THEN from_raw ELSE to_raw END,
    phone_e164 = CASE direction WHEN 'inbound' THEN from_e164 ELSE to_e164 END,
    phone_key = CASE direction WHEN 'inbound' THEN from_key ELSE to_key END
FROM calls WHERE calls.id = tickets.call_id AND tickets.customer = '';
UPDATE tickets SET phone_key = '' WHERE phone_key !~ '[0-9]';
CREATE INDEX tickets_phone ON tickets (phone_key, created_at) WHERE phone_key <> '';
-- Calls to nobody known, which come to whoever has the number later; those from are found by calls_from.
CREATE INDEX calls_to_nobody ON calls (to_key, arrived_at) WHERE customer = '' AND direction = 'outbound';

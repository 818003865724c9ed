-- What it takes so that nothing stops everybody: shares of MixPay's minute, rows that cannot be
-- read, conversations that are open already.

-- Rows that cannot be read, by the table and the key that they had: out of the way of the others,
-- and kept for the operator. `body` is the row as a JSON array; `told` is when the operators were
-- told of it, 0 if they were not yet.
CREATE TABLE unreadable (
    place TEXT NOT NULL,
    key TEXT NOT NULL,
    reason TEXT NOT NULL,
    body TEXT NOT NULL,
    told BIGINT NOT NULL,
    PRIMARY KEY (place, key)
);
-- Messages that were set aside are told of, too; whoever reads this knows those from before.
ALTER TABLE quarantine ADD COLUMN told BIGINT NOT NULL DEFAULT 0;
UPDATE quarantine SET told = 1;

-- What can be forgotten is found by its age. Messages from before count as new.
ALTER TABLE about ADD COLUMN at BIGINT NOT NULL DEFAULT 0;
UPDATE about SET at = (SELECT coalesce(max(created_at), 0) FROM invoice);
CREATE INDEX about_at ON about (at);
CREATE INDEX place_at ON place (at);
CREATE INDEX receipt_stray ON receipt (at) WHERE kind IN ('unmatched', 'not_income');

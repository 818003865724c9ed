-- What it takes so that nothing stops everybody: shares of MixPay's minute, rows that cannot be
-- read, conversations that are open already.

-- Shares of MixPay's minute: for whom a request was made, and whether it was lent. Who waits for
-- one, since when, and until when they are waited for.
ALTER TABLE request ADD COLUMN person TEXT NOT NULL DEFAULT '';
ALTER TABLE request ADD COLUMN lent BIGINT NOT NULL DEFAULT 0;
UPDATE request SET kind = 'making' WHERE kind = 'people';
CREATE TABLE wish (
    kind TEXT NOT NULL,
    person TEXT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (kind, person)
);

-- Whose invoice somebody wants to know about: each person's have their turn. 0 is most urgent.
ALTER TABLE poll ADD COLUMN person TEXT NOT NULL DEFAULT '';
UPDATE poll SET person = COALESCE((SELECT creator FROM invoice WHERE id = poll.invoice), '') WHERE urgency = 0;
CREATE INDEX poll_person ON poll (person, due) WHERE urgency = 0;

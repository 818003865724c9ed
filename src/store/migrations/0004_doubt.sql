-- What it takes so that nothing stops everybody: shares of MixPay's minute, rows that cannot be
-- read, conversations that are open already.

-- Each kind of effect but the messages is a queue of its own, and none of its looks may cost a look
-- at the thousands that may wait in another. The messages have no index here: each would make them
-- dearer.
UPDATE effect SET kind = 'upload' WHERE kind IN ('picture', 'document');
CREATE INDEX effect_due ON effect (kind, due, seq) WHERE kind <> 'say';
-- Lines that wait until it is known who speaks or who may ('turn') name the effect that finds that
-- out ('find').
ALTER TABLE effect ADD COLUMN behind TEXT;
CREATE INDEX effect_behind ON effect (behind) WHERE behind IS NOT NULL;

-- Who ever spoke to the bot: to strangers it writes for others only a few times.
ALTER TABLE person ADD COLUMN spoke BIGINT;
UPDATE person SET spoke = 1 WHERE id IN (SELECT creator FROM invoice)
    OR id IN (SELECT creator FROM link) OR id IN (SELECT owner FROM settings);
-- Since when a message fails alone while Mixin takes others; from then on it is of a kind of its own
-- ('doubted'), and travels alone.
ALTER TABLE effect ADD COLUMN doubted BIGINT;

-- One-to-one conversations that the bot has opened.
CREATE TABLE opened (
    conversation TEXT PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX opened_at ON opened (at);

-- Transfers that belong to nothing, by sender, in the hour that began with the first of them.
CREATE TABLE stranger (
    sender TEXT PRIMARY KEY NOT NULL,
    since BIGINT NOT NULL,
    transfers BIGINT NOT NULL,
    answered BIGINT NOT NULL
);
CREATE INDEX stranger_since ON stranger (since);

-- Transfers that nobody was told of yet, by asset: the operators get one summary an hour.
CREATE TABLE untold (
    asset TEXT PRIMARY KEY NOT NULL,
    since BIGINT NOT NULL,
    transfers BIGINT NOT NULL,
    amount TEXT NOT NULL
);
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

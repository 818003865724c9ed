-- What it takes so that nothing stops everybody: shares of MixPay's minute, rows that cannot be
-- read, conversations that are open already.

-- Since when a message fails alone while Mixin takes others; it travels alone from then on.
ALTER TABLE effect ADD COLUMN doubted BIGINT;
CREATE INDEX effect_doubted ON effect (lane, seq) WHERE doubted IS NOT NULL;

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

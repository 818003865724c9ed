-- The outbox looks for what holds a message up: anything else before it in its lane, or a message
-- there that is not due yet. Both are rare, so that neither may cost a look at the whole lane.
DROP INDEX effect_lane;
CREATE INDEX effect_lane ON effect (lane, due);
CREATE INDEX effect_errand ON effect (lane, seq) WHERE kind <> 'say';

-- The export reads all invoices in the order in which they were made, a page at a time.
CREATE INDEX invoice_at ON invoice (created_at, id);

-- Polls are looked up by their urgency. Open invoices (2) are told apart by their age (from 10 on),
-- and what is only watched (3) comes after all of them.

UPDATE poll SET urgency = 100 WHERE urgency = 3;
UPDATE poll SET urgency = 10 WHERE urgency = 2;
CREATE INDEX poll_urgency ON poll (urgency, due);

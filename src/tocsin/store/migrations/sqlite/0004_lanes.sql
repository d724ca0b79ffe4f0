-- Messages have a channel and a lane (channel, kind, person), so that none blocks another and many go together; six
-- ranks, so that those of the most urgent severity go first. Receipts know the message they speak of.

ALTER TABLE job ADD COLUMN channel TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN lane TEXT NOT NULL DEFAULT '';
UPDATE job SET rank = CASE rank WHEN 0 THEN 0 WHEN 1 THEN 4 ELSE 5 END;
CREATE INDEX job_lane ON job (lane, due) WHERE lane <> '';

ALTER TABLE receipt ADD COLUMN message TEXT NOT NULL DEFAULT '';
CREATE INDEX receipt_message ON receipt (message) WHERE message <> '';

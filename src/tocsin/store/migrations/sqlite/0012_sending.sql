-- compatible: 4
-- While decisions fill all places of a worker, it looks for messages alone, past however many decisions that wait.

CREATE INDEX job_sends ON job (rank, due, key) WHERE channel <> '';
-- `ready IS NOT NULL` keeps this one from those who look by rank: they would read and sort all that is due later.
CREATE INDEX job_sends_ready ON job (ready) WHERE channel <> '' AND ready IS NOT NULL;

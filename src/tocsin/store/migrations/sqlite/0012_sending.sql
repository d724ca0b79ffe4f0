-- compatible: 4
-- While decisions fill all places of a worker, it looks for messages alone, past however many decisions that wait.

CREATE INDEX job_sends ON job (rank, due, key) WHERE channel <> '';
CREATE INDEX job_sends_ready ON job (ready) WHERE channel <> '';

-- compatible: 4
-- When a job can be taken next, as a column with an index: with 100,000 jobs waiting, asking for the next one costs nothing.

ALTER TABLE job ADD COLUMN ready BIGINT GENERATED ALWAYS AS (max(due, not_before, coalesce(lease_until, 0))) VIRTUAL;
CREATE INDEX job_ready ON job (ready);

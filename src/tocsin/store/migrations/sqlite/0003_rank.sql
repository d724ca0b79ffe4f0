-- Jobs by urgency: 0 wakes people, 1 decides and tells, 2 runs commands. In a storm, pages are not behind diagnostics.

ALTER TABLE job ADD COLUMN rank BIGINT NOT NULL DEFAULT 1;
DROP INDEX job_due;
CREATE INDEX job_due ON job (rank, due, key);

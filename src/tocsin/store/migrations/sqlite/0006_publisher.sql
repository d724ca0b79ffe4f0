-- compatible: 4
-- Who published a version: a principal; empty for a file that the server watches.

ALTER TABLE document ADD COLUMN published_by TEXT NOT NULL DEFAULT '';

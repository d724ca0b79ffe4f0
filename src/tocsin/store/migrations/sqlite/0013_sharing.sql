-- compatible: 4
-- What an alert that may share an incident asks of those that are open, so that nobody reads all of them in a storm.
-- Unknown (NULL) where a version before wrote it: then it is looked at. That also moves rows on and does not know these
-- columns, so each says what it is true of: the place in the timeline, and the incident.

ALTER TABLE incident ADD COLUMN entry TEXT;
ALTER TABLE incident ADD COLUMN entry_seq BIGINT;
ALTER TABLE member ADD COLUMN component TEXT;
ALTER TABLE member ADD COLUMN component_in TEXT;

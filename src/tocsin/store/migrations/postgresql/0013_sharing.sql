-- compatible: 4
-- What an alert that may share an incident asks of those that are open, so that nobody reads all of them in a storm.
-- Unknown (NULL) where a version before wrote it: then it is looked at.

ALTER TABLE incident ADD COLUMN entry TEXT;
ALTER TABLE member ADD COLUMN component TEXT;

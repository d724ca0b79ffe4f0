-- compatible: 4
-- Silences: what is held back, when, by whom and why, as JSON; over_at is when one never holds again.

CREATE TABLE silence (
  ordinal BIGINT PRIMARY KEY,
  body BLOB NOT NULL,
  over_at BIGINT NOT NULL
);
CREATE INDEX silence_over ON silence (over_at);

-- Until when a silence holds a group of alerts back; NULL for one that never was.
ALTER TABLE alert ADD COLUMN held_until BIGINT;
CREATE INDEX alert_held ON alert (held_until) WHERE held_until IS NOT NULL;

-- compatible: 4
-- What was changed in the systems watched, such as a deploy: shown on incidents that open afterwards. It never pages.

CREATE TABLE change_event (
  id TEXT PRIMARY KEY,
  at BIGINT NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX change_event_at ON change_event (at);

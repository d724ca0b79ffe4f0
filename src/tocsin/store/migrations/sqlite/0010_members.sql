-- Which incident each group of alerts is part of, or was last: several may share one. All derived from the facts.

CREATE TABLE member (
  group_key TEXT PRIMARY KEY,
  incident TEXT NOT NULL REFERENCES incident (number)
);
CREATE INDEX member_incident ON member (incident);

INSERT INTO member (group_key, incident)
SELECT group_key, number FROM incident AS one WHERE NOT EXISTS
  (SELECT 1 FROM incident AS other WHERE other.group_key = one.group_key
   AND ((other.open AND NOT one.open) OR (other.open = one.open AND other.ordinal > one.ordinal)));

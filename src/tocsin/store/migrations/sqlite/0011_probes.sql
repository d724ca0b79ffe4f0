-- compatible: 10
-- Probes: which nodes look, which share of the probes each looks at, and what is remembered of each probe.

CREATE TABLE looker (
  node TEXT PRIMARY KEY,
  until BIGINT NOT NULL
);

CREATE TABLE shard (
  number BIGINT PRIMARY KEY,
  node TEXT NOT NULL,
  until BIGINT NOT NULL
);

-- `at` is when it was last heard of; `series` its latest numbers, `baseline` what is normal.
CREATE TABLE probe (
  id TEXT PRIMARY KEY,
  shard BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  at BIGINT NOT NULL,
  state BLOB NOT NULL,
  series BLOB NOT NULL,
  baseline BLOB NOT NULL
);
CREATE INDEX probe_shard ON probe (shard);

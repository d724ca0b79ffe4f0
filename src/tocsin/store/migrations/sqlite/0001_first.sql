-- The tables of the first version. Instants are microseconds since 1970 (UTC); JSON is UTF-8 text in BLOBs.

CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);

-- Published versions of the runbook and the configuration; the newest of a kind is in force for new incidents.
CREATE TABLE document (
  version INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  sha TEXT NOT NULL,
  path TEXT NOT NULL,
  body BLOB NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX document_sha ON document (sha);

-- One row per group of equal alerts; repeats only count here.
CREATE TABLE alert (
  group_key TEXT PRIMARY KEY,
  state BLOB NOT NULL,
  status TEXT NOT NULL,
  last_at BIGINT NOT NULL
);

-- One row per incident: the head of its timeline, and what lists show (all derived from the facts).
CREATE TABLE incident (
  number TEXT PRIMARY KEY,
  ordinal BIGINT NOT NULL UNIQUE,
  group_key TEXT NOT NULL,
  open BOOLEAN NOT NULL,
  rev BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  hash TEXT NOT NULL,
  restricted BOOLEAN NOT NULL,
  view BLOB NOT NULL,
  opened_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX incident_open ON incident (group_key) WHERE open;
CREATE INDEX incident_group ON incident (group_key, ordinal);

CREATE TABLE fact (
  incident TEXT NOT NULL REFERENCES incident (number),
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  payload BLOB,
  salt BLOB,
  digest TEXT NOT NULL,
  prev TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (incident, seq)
);

-- Who may see a restricted incident besides those who may see everything.
CREATE TABLE viewer (incident TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (incident, person));

CREATE TABLE job (
  key TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  due BIGINT NOT NULL,
  not_before BIGINT NOT NULL DEFAULT 0,
  attempts BIGINT NOT NULL DEFAULT 0,
  gen BIGINT NOT NULL DEFAULT 1,
  lease TEXT,
  lease_until BIGINT,
  args BLOB NOT NULL
);
CREATE INDEX job_due ON job (due, key);
CREATE INDEX job_owner ON job (owner);

-- Every attempt to reach somebody, delivered or not. Facts hold outcomes, receipts hold attempts.
CREATE TABLE receipt (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  incident TEXT NOT NULL,
  attempt BIGINT NOT NULL,
  at BIGINT NOT NULL,
  status TEXT NOT NULL,
  detail TEXT NOT NULL
);
CREATE INDEX receipt_incident ON receipt (incident, id);

-- Sessions, tokens, one-time links and source keys; only hashes are kept.
CREATE TABLE credential (
  hash TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  principal TEXT NOT NULL,
  scope TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  used_at BIGINT
);
CREATE INDEX credential_principal ON credential (kind, principal);

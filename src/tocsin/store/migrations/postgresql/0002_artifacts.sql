-- Outputs of steps and pieces of evidence by their content, and what the status page shows of an incident.

CREATE TABLE artifact (
  sha TEXT COLLATE "C" PRIMARY KEY,
  size BIGINT NOT NULL,
  body BYTEA NOT NULL,
  at BIGINT NOT NULL
);

-- JSON for the status page; NULL for what never appears there.
ALTER TABLE incident ADD COLUMN public BYTEA;

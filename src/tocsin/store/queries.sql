-- Every query has a name and a sentence. $n are its parameters. `/*lock*/` becomes the row lock of the store, and
-- `/*tell*/` marks what other nodes are woken for, `/*how many*/` rows of which only the number counts, `/*lightly*/` what
-- may be forgotten when the database itself crashes: a claim of which nobody knows any more is made again. Rows are locked
-- in one order: shard, probe, incident, alert, jobs, turns.

-- name: meta_get
-- One setting of the store itself.
SELECT value FROM meta WHERE name = $1

-- name: meta_put_once
-- Remember a setting of the store itself, unless somebody did.
INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING

-- name: meta_drop
-- Forget a setting of the store itself; no row means that there is none.
/*tell*/ DELETE FROM meta WHERE name = $1 RETURNING value

-- name: alert_get
-- What is known of a group of alerts.
SELECT state FROM alert WHERE group_key = $1

-- name: alerts_of
-- What is known of a group of alerts, and of all that are part of an incident ("" for none).
SELECT state FROM alert WHERE group_key = $1
UNION ALL SELECT alert.state FROM member JOIN alert ON alert.group_key = member.group_key
  WHERE member.incident = $2 AND member.group_key <> $1

-- name: member_put
-- Let a group be part of an incident; no row means that it is part of another one that is open.
INSERT INTO member (group_key, incident, component, component_in) VALUES ($1, $2, $3, $2)
ON CONFLICT (group_key) DO UPDATE
SET incident = excluded.incident, component = excluded.component, component_in = excluded.component_in
WHERE NOT EXISTS (SELECT 1 FROM incident WHERE number = member.incident AND open AND number <> excluded.incident)
/*how many*/ RETURNING group_key

-- name: member_move
-- Let a group be part of an incident instead of another one; no row means that it was not part of that.
UPDATE member SET incident = $2, component = $3, component_in = $2 WHERE group_key = $1 AND incident = $4
/*how many*/ RETURNING group_key

-- name: member_component
-- Remember that the alert of a group names another component now.
UPDATE member SET component = $2 WHERE group_key = $1

-- name: alert_lock
-- What is known of a group of alerts, and nothing more until this is committed.
SELECT state FROM alert WHERE group_key = $1 /*lock*/

-- name: alerts_lock
-- What is known of groups of alerts ($1), and nothing more until this is committed; locked in their order.
SELECT group_key, state FROM alert WHERE group_key IN (SELECT value FROM json_each($1)) ORDER BY group_key /*lock*/

-- name: alert_insert
-- Remember a group of alerts; no row means that somebody else was first.
INSERT INTO alert (group_key, state, status, last_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (group_key) DO NOTHING /*how many*/ RETURNING group_key

-- name: alert_update
-- Remember what is now known of a group of alerts.
INSERT INTO alert (group_key, state, status, last_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (group_key) DO UPDATE SET state = excluded.state, status = excluded.status, last_at = excluded.last_at

-- name: alert_hold
-- Remember what holds a group of alerts back, and until when.
UPDATE alert SET state = $2, held_until = $3 WHERE group_key = $1

-- name: alerts_held
-- What is held back past an instant and has no open incident, held longest first.
SELECT state FROM alert WHERE held_until > $1 AND status = 'firing'
AND NOT EXISTS
  (SELECT 1 FROM member JOIN incident ON number = incident WHERE member.group_key = alert.group_key AND open)
ORDER BY held_until DESC, group_key LIMIT $2

-- name: alerts_ever_held
-- What silences held back at any time, whatever became of it, the latest first.
SELECT state FROM alert WHERE held_until IS NOT NULL ORDER BY held_until DESC, group_key LIMIT $1

-- name: alerts_firing
-- The alerts that fire, latest first, with the line of the incident each is part of or was last; those of restricted
-- incidents only for who may see them ($1 sees everything, $2 is the person).
SELECT state, view, coalesce(open, FALSE) FROM alert LEFT JOIN member ON member.group_key = alert.group_key
LEFT JOIN incident ON number = member.incident
WHERE alert.status = 'firing' AND ($1 OR number IS NULL OR NOT restricted
  OR EXISTS (SELECT 1 FROM viewer WHERE viewer.incident = number AND person = $2))
ORDER BY last_at DESC, alert.group_key LIMIT $3

-- name: hold_turn
-- Let a turn wait until $4 unless it was asked for again meanwhile: as if it had never been tried.
/*tell*/ UPDATE job SET lease = NULL, lease_until = NULL, due = $4, not_before = 0, attempts = 0
WHERE key = $1 AND gen = $3 AND lease = $2 /*how many*/ RETURNING key

-- name: silence_next
-- The place of the next silence.
SELECT coalesce(max(ordinal), 0) + 1 FROM silence

-- name: silence_insert
-- Begin a silence; no row means that somebody else took the place.
INSERT INTO silence (ordinal, body, over_at) VALUES ($1, $2, $3) ON CONFLICT (ordinal) DO NOTHING /*how many*/ RETURNING ordinal

-- name: silence_update
-- End a silence, or move its end.
UPDATE silence SET body = $2, over_at = $3 WHERE ordinal = $1

-- name: silence_lock
-- One silence, and nothing more of it until this is committed.
SELECT body FROM silence WHERE ordinal = $1 /*lock*/

-- name: silences_ahead
-- The silences that hold now or later.
SELECT body FROM silence WHERE over_at > $1 ORDER BY ordinal

-- name: silences
-- Silences before a place, newest first.
SELECT body FROM silence WHERE ordinal < $1 ORDER BY ordinal DESC LIMIT $2

-- name: groups_busy
-- What becomes of these groups ($1) already: true where an incident is open or a turn waits ($2 begins its key), false
-- where a turn is under way, which may have looked already, and NULL where nothing does.
WITH asked (k) AS (SELECT value FROM json_each($1))
SELECT k, CASE
  WHEN EXISTS (SELECT 1 FROM member JOIN incident ON number = incident WHERE member.group_key = k AND open /*each*/)
  THEN TRUE ELSE (SELECT lease IS NULL FROM job WHERE key = $2 || k) END
FROM asked

-- name: nudge
-- Ask for a turn: a later nudge raises the generation, so that a turn under way cannot complete it.
/*tell*/ INSERT INTO job (key, owner, due, args, rank) VALUES ($1, $2, $3, $4, 4)
ON CONFLICT (key) DO UPDATE SET gen = job.gen + 1, not_before = 0,
  due = CASE WHEN excluded.due < job.due THEN excluded.due ELSE job.due END

-- name: claim
-- Take the next due job that nobody holds, counting the attempt: of the first of six ranks ($6 to $11) that has one,
-- and not by closed channels ($4) and lanes ($5). In one question, because it is asked before every deed. What is only
-- recorded is held until $12, the rest until $3.
/*lightly*/ WITH next (k) AS MATERIALIZED (
  SELECT coalesce(
    (SELECT key FROM job WHERE rank = $6 AND due <= $1 AND not_before <= $1 AND (lease IS NULL OR lease_until <= $1)
      AND channel NOT IN (SELECT value FROM json_each($4)) AND lane NOT IN (SELECT value FROM json_each($5))
      ORDER BY due, key LIMIT 1 /*lock skip locked*/),
    (SELECT key FROM job WHERE rank = $7 AND due <= $1 AND not_before <= $1 AND (lease IS NULL OR lease_until <= $1)
      AND channel NOT IN (SELECT value FROM json_each($4)) AND lane NOT IN (SELECT value FROM json_each($5))
      ORDER BY due, key LIMIT 1 /*lock skip locked*/),
    (SELECT key FROM job WHERE rank = $8 AND due <= $1 AND not_before <= $1 AND (lease IS NULL OR lease_until <= $1)
      AND channel NOT IN (SELECT value FROM json_each($4)) AND lane NOT IN (SELECT value FROM json_each($5))
      ORDER BY due, key LIMIT 1 /*lock skip locked*/),
    (SELECT key FROM job WHERE rank = $9 AND due <= $1 AND not_before <= $1 AND (lease IS NULL OR lease_until <= $1)
      AND channel NOT IN (SELECT value FROM json_each($4)) AND lane NOT IN (SELECT value FROM json_each($5))
      ORDER BY due, key LIMIT 1 /*lock skip locked*/),
    (SELECT key FROM job WHERE rank = $10 AND due <= $1 AND not_before <= $1 AND (lease IS NULL OR lease_until <= $1)
      AND channel NOT IN (SELECT value FROM json_each($4)) AND lane NOT IN (SELECT value FROM json_each($5))
      ORDER BY due, key LIMIT 1 /*lock skip locked*/),
    (SELECT key FROM job WHERE rank = $11 AND due <= $1 AND not_before <= $1 AND (lease IS NULL OR lease_until <= $1)
      AND channel NOT IN (SELECT value FROM json_each($4)) AND lane NOT IN (SELECT value FROM json_each($5))
      ORDER BY due, key LIMIT 1 /*lock skip locked*/)))
UPDATE job SET attempts = attempts + 1, lease = $2,
  lease_until = CASE WHEN channel = '' AND rank < 5 AND owner <> 'system' THEN CAST($12 AS BIGINT) ELSE CAST($3 AS BIGINT) END
FROM next WHERE key = next.k
RETURNING key, owner, due, attempts, gen, args

-- name: claim_turn
-- Take the next due turn alone: while a restore waits for a confirmation, nobody is paged and nothing is run.
/*lightly*/ WITH next (k) AS MATERIALIZED (
  SELECT key FROM job
  WHERE key >= 'turn/' AND key < 'turn0' AND due <= $1 AND not_before <= $1 AND (lease IS NULL OR lease_until <= $1)
  ORDER BY due, key LIMIT 1 /*lock skip locked*/)
UPDATE job SET lease = $2, lease_until = $3, attempts = attempts + 1 FROM next WHERE key = next.k
RETURNING key, owner, due, attempts, gen, args

-- name: claim_lane
-- Take everything that is due in a lane and that nobody holds, to send it together.
/*lightly*/ WITH next (k) AS MATERIALIZED (
  SELECT key FROM job
  WHERE lane = $4 AND due <= $1 AND (lease IS NULL OR lease_until <= $1)
  ORDER BY rank, due, key LIMIT 1000 /*lock skip locked*/)
UPDATE job SET lease = $2, lease_until = $3, attempts = attempts + 1 FROM next WHERE key = next.k
RETURNING key, owner, due, attempts, gen, args

-- name: renew
-- Keep a job; no row means the lease was lost.
/*lightly*/ UPDATE job SET lease_until = $3 WHERE key = $1 AND lease = $2 /*how many*/ RETURNING due

-- name: release
-- Give a job back, to be taken again at $3 or later.
/*tell*/ UPDATE job SET lease = NULL, lease_until = NULL, not_before = $3 WHERE key = $1 AND lease = $2

-- name: complete_turn
-- End a turn unless it was asked for again meanwhile.
DELETE FROM job WHERE key = $1 AND lease = $2 AND gen = $3 /*how many*/ RETURNING key

-- name: complete
-- End a job that belongs to no incident.
DELETE FROM job WHERE key = $1 AND lease = $2

-- name: jobs_drop
-- Forget an owner's jobs that are no longer named, except those somebody else holds ($2 is my own token).
DELETE FROM job WHERE owner = $1 AND (lease IS NULL OR lease = $2 OR lease_until <= $3)
AND key NOT IN (SELECT value FROM json_each($4))

-- name: job_put
-- Want a job: its attempts, not-before and lease stay as they are. One that is wanted as it was is left alone, with all
-- its places in indexes.
INSERT INTO job (key, owner, due, args, rank, channel, lane) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (key) DO UPDATE SET due = excluded.due, args = excluded.args,
  rank = excluded.rank, channel = excluded.channel, lane = excluded.lane
WHERE job.due <> excluded.due OR job.args <> excluded.args
  OR job.rank <> excluded.rank OR job.channel <> excluded.channel OR job.lane <> excluded.lane

-- name: job_put_once
-- Want a job unless it is wanted already.
/*tell*/ INSERT INTO job (key, owner, due, args, rank, channel, lane) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (key) DO NOTHING

-- name: next_due
-- When the next job up to a rank can be taken: due, waited for, not held, and its channel ($2) and lane ($3) open; up to
-- an instant ($4), so that jobs of a closed channel that wait for much later are not read. By that index alone: +rank.
SELECT ready FROM job WHERE ready <= $4 AND +rank <= $1
AND channel NOT IN (SELECT value FROM json_each($2)) AND lane NOT IN (SELECT value FROM json_each($3))
ORDER BY ready LIMIT 1

-- name: jobs_due
-- The jobs that are due by an instant, for the time the store cannot be written.
SELECT key, owner, due, attempts, gen, args FROM job WHERE due <= $1 ORDER BY due, key LIMIT 1000

-- name: jobs_of
-- What an owner wants done.
SELECT key, owner, due, attempts, not_before, args FROM job WHERE owner = $1 ORDER BY due, key

-- name: jobs_waiting
-- The ranks of what is due of incidents that everybody may see, one row for each job.
SELECT rank FROM job JOIN incident ON number = owner WHERE NOT restricted AND due <= $1 LIMIT 100000

-- name: leases_clear
-- A new boot of the only process: whoever held a job is gone.
UPDATE job SET lease = NULL, lease_until = NULL WHERE lease IS NOT NULL

-- name: incident_latest
-- The head of the incident a group is part of, or was last.
SELECT number, rev, seq, open, group_key FROM incident
WHERE number = (SELECT incident FROM member WHERE group_key = $1)

-- name: incident_head
-- The head of an incident that this viewer may see ($2 sees everything, $3 is the person).
SELECT number, rev, seq, open, group_key FROM incident
WHERE number = $1 AND ($2 OR NOT restricted OR EXISTS (SELECT 1 FROM viewer WHERE incident = number AND person = $3))

-- name: incident_insert
-- Open an incident; no row means that the number is taken or the group has one open.
/*tell*/ INSERT INTO incident
  (number, ordinal, group_key, open, rev, seq, hash, restricted, view, opened_at, public, entry, entry_seq)
VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10, $11, $5) ON CONFLICT DO NOTHING /*how many*/ RETURNING number

-- name: incident_update
-- Move an incident on; no row means that somebody else did so first, or that its group has another one open.
/*tell*/ UPDATE incident SET rev = rev + 1, seq = $2, hash = $3, open = $4, restricted = $5, view = $6, public = $8,
  group_key = $9, entry = $10, entry_seq = $2
WHERE number = $1 AND rev = $7 AND NOT ($4 AND EXISTS
  (SELECT 1 FROM member JOIN incident AS other ON other.number = member.incident
   WHERE member.group_key = $9 AND other.open AND other.number <> $1))
/*how many*/ RETURNING number

-- name: incident_other
-- Another incident that is open and that the group is part of.
SELECT number FROM member JOIN incident ON number = incident
WHERE member.group_key = $1 AND open AND number <> $2

-- name: incident_next
-- The number the next incident gets, and how often one was reopened.
SELECT coalesce(max(ordinal), 0) + 1,
  coalesce((SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'reopenings'), 0) FROM incident

-- name: begin_lock
-- Count so many reopenings more and give their number; nothing else opens or reopens until this is committed.
INSERT INTO meta (name, value) VALUES ('reopenings', CAST(CAST($1 AS BIGINT) AS TEXT))
ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(meta.value AS BIGINT) + CAST($1 AS BIGINT) AS TEXT)
RETURNING CAST(value AS BIGINT)

-- name: incidents
-- What this viewer may see, newest first ($1 sees everything, $2 is the person, $3 open ones only, $4 before, $5 limit).
SELECT view, ordinal, hash FROM incident
WHERE ($1 OR NOT restricted OR EXISTS (SELECT 1 FROM viewer WHERE incident = number AND person = $2))
AND (NOT $3 OR open) AND ordinal < $4 ORDER BY ordinal DESC LIMIT $5

-- name: incidents_opened
-- What this viewer may see ($1 sees everything, $2 is the person) of the places from $3 to before $4 that opened at $5 or
-- later and before $6, in their order.
SELECT view, ordinal, hash FROM incident
WHERE ordinal >= $3 AND ordinal < $4 AND opened_at >= $5 AND opened_at < $6
AND ($1 OR NOT restricted OR EXISTS (SELECT 1 FROM viewer WHERE viewer.incident = number AND person = $2))
ORDER BY ordinal

-- name: incidents_still_open
-- The same of what is open, wherever that stands. By the index of what is open: +ordinal.
SELECT view, ordinal, hash FROM incident
WHERE open AND opened_at >= $3 AND opened_at < $4
AND ($1 OR NOT restricted OR EXISTS (SELECT 1 FROM viewer WHERE viewer.incident = number AND person = $2))
ORDER BY +ordinal LIMIT 100000

-- name: facts_happened
-- What happened of some kinds ($7) at $5 or later and before $6, in incidents of the places from $3 to before $4 that this
-- viewer may see. Nothing happens in one after its latest fact, so most that are long over are not looked at.
SELECT fact.at, ordinal, fact.seq, number, incident.hash FROM incident JOIN fact ON fact.incident = number
WHERE ordinal >= $3 AND ordinal < $4 AND opened_at < $6
AND EXISTS
  (SELECT 1 FROM fact AS latest WHERE latest.incident = number AND latest.seq = incident.seq AND latest.at >= $5)
AND ($1 OR NOT restricted OR EXISTS (SELECT 1 FROM viewer WHERE viewer.incident = number AND person = $2))
AND fact.at >= $5 AND fact.at < $6 AND fact.kind IN (SELECT value FROM json_each($7))

-- name: open_of_type
-- The open incidents of an entry ($1) to which something happened at $2 or later, newest first; where a component ($3) is
-- named, those whose alerts name it or none. What is not known fits. Only those with fewer than $4 alerts.
SELECT number, view FROM incident WHERE open AND (entry = $1 OR entry IS NULL OR entry_seq <> seq)
AND EXISTS (SELECT 1 FROM fact WHERE fact.incident = number AND fact.seq = incident.seq AND at >= $2)
AND ($3 = ''
  OR EXISTS (SELECT 1 FROM member WHERE member.incident = number
    AND (component = $3 OR component IS NULL OR component_in <> number))
  OR NOT EXISTS (SELECT 1 FROM member WHERE member.incident = number AND component <> ''))
AND (SELECT count(*) FROM member WHERE member.incident = number) < $4
ORDER BY ordinal DESC LIMIT 1000

-- name: open_numbers
-- The incidents that are open.
SELECT number FROM incident WHERE open ORDER BY ordinal

-- name: jobs_there
-- What waits for an owner, and whether somebody holds it.
SELECT key, due, lease IS NOT NULL FROM job WHERE owner = $1

-- name: open_groups
-- The groups that have an open incident.
SELECT group_key FROM incident WHERE open ORDER BY group_key

-- name: groups_decided
-- Which of these groups ($1) have no decision waiting ($2 begins the key of one), and whether one may be seen by few.
WITH asked (k) AS (SELECT value FROM json_each($1))
SELECT k, EXISTS
  (SELECT 1 FROM member JOIN incident ON number = incident WHERE member.group_key = k AND restricted /*each*/)
FROM asked
WHERE NOT EXISTS (SELECT 1 FROM job WHERE key = $2 || k /*each*/)

-- name: heads
-- The recorded head of every timeline.
SELECT number, seq, hash, view, open FROM incident ORDER BY ordinal

-- name: facts
-- A timeline up to a place, in order.
SELECT seq, at, kind, payload, salt, digest, prev, hash FROM fact WHERE incident = $1 AND seq <= $2 ORDER BY seq

-- name: orphans
-- Facts that belong to no incident, which nothing but tampering makes.
SELECT DISTINCT incident FROM fact WHERE incident NOT IN (SELECT number FROM incident)

-- name: fact_insert
-- Append a fact.
INSERT INTO fact (incident, seq, at, kind, payload, salt, digest, prev, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: viewer_put
-- Let a person see a restricted incident.
INSERT INTO viewer (incident, person) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: receipt_put
-- Record an attempt to reach somebody, or what is later said of it.
INSERT INTO receipt (key, incident, attempt, at, status, detail, message) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: receipts_of_message
-- What is known of one message: of every page in it, and what was said of it before that was recorded.
SELECT key, incident, attempt, at, status, detail, message FROM receipt WHERE message = $1 ORDER BY id

-- name: refused_attempts
-- How many attempts of a job were refused: those surely did not arrive.
SELECT count(*) FROM receipt WHERE key = $1 AND incident = $2 AND status = 'retrying'

-- name: receipts
-- The latest attempts made for an incident, oldest first.
SELECT key, incident, attempt, at, status, detail, message FROM
  (SELECT id, key, incident, attempt, at, status, detail, message FROM receipt
   WHERE incident = $1 ORDER BY id DESC LIMIT 2000) AS latest
ORDER BY id

-- name: document_put
-- Publish a version.
/*tell*/ INSERT INTO document (kind, sha, path, body, at, published_by) VALUES ($1, $2, $3, $4, $5, $6) RETURNING version

-- name: document_current
-- The version of a kind that is in force.
SELECT version, sha, path, body, at, published_by FROM document WHERE kind = $1 ORDER BY version DESC LIMIT 1

-- name: document_versions
-- The versions of a kind before a number, without their texts, newest first.
SELECT version, sha, path, at, published_by FROM document WHERE kind = $1 AND version < $2 ORDER BY version DESC LIMIT $3

-- name: document_named
-- The latest time a version came into force, by the beginning of its content's hash.
SELECT version, sha, path, at, published_by FROM document
WHERE kind = $1 AND substr(sha, 1, $2) = $3 ORDER BY version DESC LIMIT 1

-- name: document_next
-- What followed a version.
SELECT version, sha, path, at, published_by FROM document
WHERE kind = $1 AND version > $2 ORDER BY version LIMIT 1

-- name: document_other_before
-- The latest version before one that says something else.
SELECT version, sha, path, at, published_by FROM document
WHERE kind = $1 AND version < $2 AND sha <> $3 ORDER BY version DESC LIMIT 1

-- name: documents_newest
-- Which version of each kind is in force.
SELECT kind, max(version) FROM document GROUP BY kind

-- name: document_by_sha
-- A version by its content.
SELECT version, sha, path, body, at, published_by FROM document WHERE sha = $1 ORDER BY version DESC LIMIT 1

-- name: credential_put
-- Remember a credential by its hash.
INSERT INTO credential (hash, kind, principal, scope, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (hash) DO UPDATE SET expires_at = excluded.expires_at

-- name: credential_put_once
-- Remember a credential by its hash; no row means that it is there already.
INSERT INTO credential (hash, kind, principal, scope, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (hash) DO NOTHING RETURNING hash

-- name: credentials_forget
-- Forget what expired long ago, a handful at a time.
DELETE FROM credential WHERE hash IN
  (SELECT hash FROM credential WHERE expires_at < $1 ORDER BY hash LIMIT 20 /*lock skip locked*/)

-- name: credential_get
-- A credential of a kind that has not expired.
SELECT principal, scope FROM credential WHERE hash = $1 AND kind = $2 AND (expires_at IS NULL OR expires_at > $3)

-- name: credential_use
-- Take a one-time credential; no row means that it is unknown, expired or used.
/*tell*/ UPDATE credential SET used_at = $3 WHERE hash = $1 AND kind = $2 AND used_at IS NULL
AND (expires_at IS NULL OR expires_at > $3) RETURNING principal, scope

-- name: credential_used
-- Whether a one-time credential was taken.
SELECT 1 FROM credential WHERE hash = $1 AND kind = $2 AND used_at IS NOT NULL

-- name: credential_drop
-- End a credential.
DELETE FROM credential WHERE hash = $1

-- name: artifact_put
-- Keep bytes under their hash.
INSERT INTO artifact (sha, size, body, at) VALUES ($1, $2, $3, $4) ON CONFLICT (sha) DO NOTHING

-- name: artifact_get
-- The bytes of a hash.
SELECT body FROM artifact WHERE sha = $1

-- name: public
-- What the status page shows, newest first.
SELECT public FROM incident WHERE public IS NOT NULL ORDER BY ordinal DESC LIMIT $1

-- name: change_put
-- Keep a change of the systems watched under its name, once.
/*tell*/ INSERT INTO change_event (id, at, body) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING

-- name: changes_forget
-- Forget changes of long ago, a handful at a time.
DELETE FROM change_event WHERE id IN
  (SELECT id FROM change_event WHERE at < $1 ORDER BY at LIMIT 20 /*lock skip locked*/)

-- name: changes_between
-- The latest changes from an instant to another.
SELECT body FROM change_event WHERE at >= $1 AND at <= $2 ORDER BY at DESC, id LIMIT $3

-- name: corrections
-- What people said of the entries of incidents, newest first.
SELECT incident, seq, at, kind, payload, salt, digest, prev, hash FROM fact WHERE kind = 'TypeCorrected'
ORDER BY at DESC, seq DESC LIMIT $1

-- name: looker_put
-- Say that a node looks at probes until an instant.
/*lightly*/ INSERT INTO looker (node, until) VALUES ($1, $2) ON CONFLICT (node) DO UPDATE SET until = excluded.until

-- name: looker_drop
-- Forget a node that looks no more, and those that were not heard of for long.
/*lightly*/ DELETE FROM looker WHERE node = $1 OR until < $2

-- name: lookers
-- The nodes that look at probes now.
SELECT node FROM looker WHERE until > $1 ORDER BY node

-- name: shards
-- Which node looks at which share of the probes, and until when.
SELECT number, node, until FROM shard ORDER BY number

-- name: shard_take
-- Hold a share of the probes until $3; no row means that another node holds it.
/*lightly*/ INSERT INTO shard (number, node, until) VALUES ($1, $2, $3)
ON CONFLICT (number) DO UPDATE SET node = excluded.node, until = excluded.until
WHERE shard.node = excluded.node OR shard.until <= $4 RETURNING number

-- name: shard_drop
-- Let a share of the probes go.
/*lightly*/ UPDATE shard SET until = 0 WHERE number = $1 AND node = $2

-- name: shard_held
-- Whether a node still holds a share of the probes: nobody takes it until this is committed.
SELECT number FROM shard WHERE number = $1 AND node = $2 /*lock*/

-- name: probes_of
-- What is remembered of a share of the probes.
SELECT id, shard, rev, at, state, series, baseline FROM probe WHERE shard = $1 ORDER BY id

-- name: probes_heard
-- When each of a share of the probes was last heard of.
SELECT id, at FROM probe WHERE shard = $1 ORDER BY id

-- name: probe_heard
-- When a probe was last heard of.
SELECT at FROM probe WHERE id = $1

-- name: probes_all
-- What is remembered of every probe.
SELECT id, shard, rev, at, state, series, baseline FROM probe ORDER BY id

-- name: probe_any
-- Whether any probe is remembered.
SELECT EXISTS (SELECT 1 FROM probe)

-- name: probe_get
-- What is remembered of one probe.
SELECT id, shard, rev, at, state, series, baseline FROM probe WHERE id = $1

-- name: probe_lock
-- What is remembered of one probe, and nothing more until this is committed.
SELECT id, shard, rev, at, state, series, baseline FROM probe WHERE id = $1 /*lock*/

-- name: probe_revs
-- How often a probe was written.
SELECT rev FROM probe WHERE id = $1

-- name: probe_put
-- Remember a probe.
INSERT INTO probe (id, shard, rev, at, state, series, baseline) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET shard = excluded.shard, rev = excluded.rev, at = excluded.at, state = excluded.state,
  series = excluded.series, baseline = excluded.baseline

-- name: probe_drop
-- Forget a probe.
DELETE FROM probe WHERE id = $1

"""What is asked of a PostgreSQL: each statement reads the system's own views and nothing of anybody's tables.

Source: the manual of PostgreSQL 13 to 18, "The Cumulative Statistics System" and "System Catalogs".
"""

SESSION = """
SET default_transaction_read_only = on; SET statement_timeout = {milliseconds}; SET lock_timeout = {milliseconds};
SET idle_in_transaction_session_timeout = {milliseconds};
"""

ACTIVITY = """
SELECT
    count(*) FILTER (WHERE client) AS connections,
    count(*) FILTER (WHERE client AND state = 'active' AND NOT mine) AS active,
    count(*) FILTER (WHERE client AND state = 'active' AND NOT mine AND runs > $1::float8) AS long_queries,
    coalesce(max(runs) FILTER (WHERE client AND state = 'active' AND NOT mine), 0) AS longest_query,
    coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)) FILTER (WHERE client AND NOT mine), 0)
        AS longest_transaction,
    count(*) FILTER (WHERE client AND state LIKE 'idle in transaction%') AS idle_in_transaction,
    count(*) FILTER (WHERE client AND wait_event_type = 'Lock') AS blocked,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0) AS connections_limit,
    pg_has_role('pg_read_all_stats', 'USAGE') AS sees_all,
    pg_is_in_recovery() AS is_replica,
    pg_backend_pid() AS backend
FROM (
    SELECT *, pid = pg_backend_pid() AS mine, extract(epoch FROM clock_timestamp() - query_start) AS runs,
        coalesce(backend_type = 'client backend', usesysid IS NOT NULL AND datid IS NOT NULL) AS client
    FROM pg_stat_activity
) AS sessions
"""
"""Whoever may not read all statistics sees that other sessions are there, and nothing else of them."""

LONGEST = """
SELECT pid, usename AS role, extract(epoch FROM clock_timestamp() - query_start) AS runs, left(query, 1000) AS query
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND state = 'active' AND pid <> pg_backend_pid()
ORDER BY query_start LIMIT 1
"""

WAITING = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - coalesce(waitstart, clock_timestamp()))), 0)
FROM pg_locks WHERE NOT granted
"""

BLOCKING = """
SELECT holder.pid, holder.usename AS role, holder.state, count(*) AS others, left(holder.query, 1000) AS query,
    extract(epoch FROM clock_timestamp() - holder.xact_start) AS runs
FROM pg_stat_activity AS waiting
CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocker (pid)
JOIN pg_stat_activity AS holder ON holder.pid = blocker.pid
WHERE waiting.wait_event_type = 'Lock' AND holder.wait_event_type IS DISTINCT FROM 'Lock'
GROUP BY 1, 2, 3, 5, 6 ORDER BY others DESC LIMIT 1
"""
"""Who holds what others wait for, and waits for nobody."""

REPLICAS = """
SELECT count(*) AS replicas, coalesce(max(extract(epoch FROM replay_lag)), 0) AS lag,
    coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), 0) AS bytes
FROM pg_stat_replication
"""
"""The lag in time is only known of what was replayed: one that replays nothing any more is seen by its bytes."""

BEHIND = """
SELECT pg_wal_lsn_diff(received, replayed) AS bytes,
    CASE WHEN received = replayed THEN 0
        ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END AS lag
FROM (SELECT pg_last_wal_receive_lsn() AS received, pg_last_wal_replay_lsn() AS replayed) AS positions
"""
"""Nothing where it only reads an archive; no lag before a first transaction was replayed."""

PERMISSIONS = """
SELECT 'role ' || rolname AS mark FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%'
UNION ALL SELECT 'superuser ' || rolname FROM pg_roles WHERE rolsuper
UNION ALL SELECT 'power ' || power || ' ' || rolname FROM pg_roles CROSS JOIN LATERAL (
    VALUES ('createrole', rolcreaterole), ('replication', rolreplication), ('bypassrls', rolbypassrls),
        ('createdb', rolcreatedb), ('login', rolcanlogin)
) AS powers (power, has) WHERE has AND NOT rolsuper
UNION ALL SELECT 'member ' || member.rolname || ' of ' || held.rolname
    FROM pg_auth_members JOIN pg_roles AS member ON member.oid = pg_auth_members.member
    JOIN pg_roles AS held ON held.oid = pg_auth_members.roleid WHERE member.rolname NOT LIKE 'pg\\_%'
UNION ALL SELECT DISTINCT 'grant ' || privilege_type || ' in ' || nspname || ' to ' || coalesce(rolname, 'PUBLIC')
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    CROSS JOIN LATERAL aclexplode(relacl) LEFT JOIN pg_roles ON pg_roles.oid = grantee
    WHERE nspname NOT IN ('pg_catalog', 'information_schema') AND grantee <> relowner
UNION ALL SELECT 'grant ' || privilege_type || ' on schema ' || nspname || ' to ' || coalesce(rolname, 'PUBLIC')
    FROM pg_namespace CROSS JOIN LATERAL aclexplode(nspacl) LEFT JOIN pg_roles ON pg_roles.oid = grantee
    WHERE grantee <> nspowner
UNION ALL SELECT 'grant ' || privilege_type || ' on database ' || datname || ' to ' || coalesce(rolname, 'PUBLIC')
    FROM pg_database CROSS JOIN LATERAL aclexplode(datacl) LEFT JOIN pg_roles ON pg_roles.oid = grantee
    WHERE grantee <> datdba
LIMIT {most}
"""
"""Who there is and who may do what. Tables count by schema: a new table with usual rights is no news."""

ROWS = "SELECT tup_returned + tup_fetched FROM pg_stat_database WHERE datname = current_database()"
ROWS_OF = {
    "role": "SELECT sum(rows) FROM pg_stat_statements JOIN pg_roles ON pg_roles.oid = userid WHERE rolname = $1",
    "table": "SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables"
    " WHERE relid = to_regclass($1)",
}
"""Rows that were read since ever, by a role or from a table."""

"""The columns of what PostgreSQL tells of itself, and names by which people look for them in vain.

Source: the catalogue of PostgreSQL 15; tests/integration/test_catalogue.py compares.
"""


def _views(text: str) -> dict[str, frozenset[str]]:
    """Read blocks: the name of a view and a colon, then its columns."""
    blocks = (block.split(":") for block in text.split(";") if block.strip())
    return {name.strip(): frozenset(columns.split()) for name, columns in blocks}


COLUMNS = _views("""
    pg_stat_activity:
        datid datname pid leader_pid usesysid usename application_name client_addr client_hostname client_port
        backend_start xact_start query_start state_change wait_event_type wait_event state backend_xid
        backend_xmin query_id query backend_type;
    pg_stat_database:
        datid datname numbackends xact_commit xact_rollback blks_read blks_hit tup_returned tup_fetched
        tup_inserted tup_updated tup_deleted conflicts temp_files temp_bytes deadlocks checksum_failures
        checksum_last_failure blk_read_time blk_write_time session_time active_time idle_in_transaction_time
        sessions sessions_abandoned sessions_fatal sessions_killed stats_reset;
    pg_stat_bgwriter:
        checkpoints_timed checkpoints_req checkpoint_write_time checkpoint_sync_time buffers_checkpoint
        buffers_clean maxwritten_clean buffers_backend buffers_backend_fsync buffers_alloc stats_reset;
    pg_stat_replication:
        pid usesysid usename application_name client_addr client_hostname client_port backend_start backend_xmin
        state sent_lsn write_lsn flush_lsn replay_lsn write_lag flush_lag replay_lag sync_priority sync_state
        reply_time;
    pg_stat_user_tables:
        relid schemaname relname seq_scan seq_tup_read idx_scan idx_tup_fetch n_tup_ins n_tup_upd n_tup_del
        n_tup_hot_upd n_live_tup n_dead_tup n_mod_since_analyze n_ins_since_vacuum last_vacuum last_autovacuum
        last_analyze last_autoanalyze vacuum_count autovacuum_count analyze_count autoanalyze_count;
    pg_stat_all_tables:
        relid schemaname relname seq_scan seq_tup_read idx_scan idx_tup_fetch n_tup_ins n_tup_upd n_tup_del
        n_tup_hot_upd n_live_tup n_dead_tup n_mod_since_analyze n_ins_since_vacuum last_vacuum last_autovacuum
        last_analyze last_autoanalyze vacuum_count autovacuum_count analyze_count autoanalyze_count;
    pg_stat_user_indexes:
        relid indexrelid schemaname relname indexrelname idx_scan idx_tup_read idx_tup_fetch;
    pg_stat_all_indexes:
        relid indexrelid schemaname relname indexrelname idx_scan idx_tup_read idx_tup_fetch;
    pg_statio_user_tables:
        relid schemaname relname heap_blks_read heap_blks_hit idx_blks_read idx_blks_hit toast_blks_read
        toast_blks_hit tidx_blks_read tidx_blks_hit;
    pg_statio_user_indexes:
        relid indexrelid schemaname relname indexrelname idx_blks_read idx_blks_hit;
    pg_stat_progress_vacuum:
        pid datid datname relid phase heap_blks_total heap_blks_scanned heap_blks_vacuumed index_vacuum_count
        max_dead_tuples num_dead_tuples;
    pg_locks:
        locktype database relation page tuple virtualxid transactionid classid objid objsubid virtualtransaction
        pid mode granted fastpath waitstart;
    pg_tables:
        schemaname tablename tableowner tablespace hasindexes hasrules hastriggers rowsecurity;
    pg_indexes:
        schemaname tablename indexname tablespace indexdef;
    pg_replication_slots:
        slot_name plugin slot_type datoid database temporary active active_pid xmin catalog_xmin restart_lsn
        confirmed_flush_lsn wal_status safe_wal_size two_phase;
    pg_settings:
        name setting unit category short_desc extra_desc context vartype source min_val max_val enumvals
        boot_val reset_val sourcefile sourceline pending_restart;
    pg_stat_statements:
        userid dbid toplevel queryid query plans total_plan_time min_plan_time max_plan_time mean_plan_time
        stddev_plan_time calls total_exec_time min_exec_time max_exec_time mean_exec_time stddev_exec_time rows
        shared_blks_hit shared_blks_read shared_blks_dirtied shared_blks_written local_blks_hit local_blks_read
        local_blks_dirtied local_blks_written temp_blks_read temp_blks_written blk_read_time blk_write_time
        temp_blk_read_time temp_blk_write_time wal_records wal_fpi wal_bytes jit_functions jit_generation_time
        jit_inlining_count jit_inlining_time jit_optimization_count jit_optimization_time jit_emission_count
        jit_emission_time;
    pg_database:
        oid datname datdba encoding datlocprovider datistemplate datallowconn datconnlimit datfrozenxid
        datminmxid dattablespace datcollate datctype daticulocale datcollversion datacl;
""")

WRONG = {
    "tablename": "relname",
    "table_name": "relname",
    "indexname": "indexrelname",
    "index_name": "indexrelname",
    "schema_name": "schemaname",
    "table_schema": "schemaname",
    "relname": "tablename",
    "indexrelname": "indexname",
    "procpid": "pid",
    "process_id": "pid",
    "current_query": "query",
    "dbname": "datname",
    "username": "usename",
    "client_address": "client_addr",
    "total_time": "total_exec_time",
    "mean_time": "mean_exec_time",
    "min_time": "min_exec_time",
    "max_time": "max_exec_time",
    "stddev_time": "stddev_exec_time",
    "sent_location": "sent_lsn",
    "write_location": "write_lsn",
    "flush_location": "flush_lsn",
    "replay_location": "replay_lsn",
}
"""A column that is not there, and the one that is meant where that one is. Several were renamed by newer versions."""

RENAMED = {
    "pg_current_xlog_location": "pg_current_wal_lsn",
    "pg_last_xlog_receive_location": "pg_last_wal_receive_lsn",
    "pg_last_xlog_replay_location": "pg_last_wal_replay_lsn",
    "pg_xlog_location_diff": "pg_wal_lsn_diff",
}
"""Functions that PostgreSQL 10 gave another name."""

"""The functions of databases that only read and compute, as data: a call of any other is no read.

Sources: the chapters on functions of the manuals of PostgreSQL 15, MySQL 8 and SQLite.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


READING = _words("""
    count sum min max avg string_agg array_agg json_agg jsonb_agg json_object_agg jsonb_object_agg bool_and bool_or
    every bit_and bit_or bit_xor any_value mode stddev stddev_pop stddev_samp variance var_pop var_samp corr covar_pop
    covar_samp regr_slope regr_intercept regr_count percentile_cont percentile_disc xmlagg range_agg
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value grouping
    abs ceil ceiling floor round trunc sign sqrt cbrt exp ln log log10 log2 power pow mod div pi degrees
    radians sin cos tan asin acos atan atan2 gcd lcm factorial width_bucket random numeric_scale scale min_scale
    trim_scale isfinite
    ascii btrim char_length character_length chr concat concat_ws initcap left length lower lpad ltrim md5
    octet_length bit_length overlay position quote_ident quote_literal quote_nullable regexp_match
    regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regexp_count regexp_like regexp_substr
    regexp_instr repeat replace reverse right rpad rtrim split_part starts_with string_to_array string_to_table strpos
    substr substring to_hex translate trim upper format encode decode sha256 sha512 sha224 sha384 convert_from
    convert_to to_ascii parse_ident normalize
    age clock_timestamp current_date current_time current_timestamp date date_bin date_part date_trunc extract
    justify_days justify_hours justify_interval localtime localtimestamp make_date make_interval make_time
    make_timestamp make_timestamptz now statement_timestamp timeofday transaction_timestamp to_char to_date to_number
    to_timestamp timezone
    coalesce nullif greatest least num_nonnulls num_nulls cast row
    array_append array_cat array_dims array_length array_lower array_ndims array_position array_positions array_prepend
    array_remove array_replace array_to_string array_upper cardinality unnest trim_array generate_series
    generate_subscripts
    to_json to_jsonb array_to_json row_to_json json_build_array jsonb_build_array json_build_object jsonb_build_object
    json_object jsonb_object json_array_elements jsonb_array_elements json_array_elements_text
    jsonb_array_elements_text json_array_length jsonb_array_length json_each jsonb_each json_each_text jsonb_each_text
    json_extract_path jsonb_extract_path json_extract_path_text jsonb_extract_path_text json_object_keys
    jsonb_object_keys json_populate_record jsonb_populate_record json_to_record jsonb_to_record json_to_recordset
    jsonb_to_recordset json_strip_nulls jsonb_strip_nulls jsonb_pretty json_typeof jsonb_typeof jsonb_path_exists
    jsonb_path_query jsonb_path_query_array jsonb_path_query_first jsonb_set jsonb_insert
    lower_inc upper_inc isempty range_merge daterange tsrange tstzrange int4range int8range numrange
    abbrev broadcast family host hostmask masklen netmask network set_masklen inet_same_family inet_merge
    to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_rank ts_headline similarity
    gen_random_uuid uuid_generate_v4 get_byte get_bit
    current_catalog current_database current_query current_role current_schema current_schemas current_user
    current_setting session_user user version inet_client_addr inet_client_port inet_server_addr inet_server_port
    pg_backend_pid pg_blocking_pids pg_safe_snapshot_blocking_pids pg_conf_load_time pg_current_logfile
    pg_is_other_temp_schema pg_listening_channels pg_notification_queue_usage pg_postmaster_start_time
    pg_trigger_depth pg_my_temp_schema
    has_any_column_privilege has_column_privilege has_database_privilege has_function_privilege has_schema_privilege
    has_sequence_privilege has_table_privilege has_tablespace_privilege has_parameter_privilege pg_has_role
    row_security_active
    format_type pg_get_constraintdef pg_get_expr pg_get_functiondef pg_get_function_arguments
    pg_get_function_identity_arguments pg_get_function_result pg_get_indexdef pg_get_keywords pg_get_partkeydef
    pg_get_ruledef pg_get_serial_sequence pg_get_statisticsobjdef pg_get_triggerdef pg_get_userbyid pg_get_viewdef
    pg_index_column_has_property pg_index_has_property pg_indexam_has_property pg_options_to_table
    pg_partition_ancestors pg_partition_root pg_partition_tree pg_tablespace_databases pg_tablespace_location pg_typeof
    pg_collation_for pg_table_is_visible pg_type_is_visible pg_function_is_visible to_regclass to_regproc to_regrole
    to_regnamespace to_regtype to_regprocedure col_description obj_description shobj_description pg_describe_object
    pg_identify_object pg_get_object_address
    pg_column_size pg_column_compression pg_database_size pg_indexes_size pg_relation_size pg_size_bytes
    pg_size_pretty pg_table_size pg_tablespace_size pg_total_relation_size pg_relation_filenode pg_relation_filepath
    pg_filenode_relation
    pg_is_in_recovery pg_is_wal_replay_paused pg_get_wal_replay_pause_state pg_last_wal_receive_lsn
    pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_current_wal_lsn pg_current_wal_insert_lsn
    pg_current_wal_flush_lsn pg_wal_lsn_diff pg_walfile_name pg_walfile_name_offset pg_xact_commit_timestamp
    pg_last_committed_xact pg_current_xact_id_if_assigned txid_current_if_assigned pg_current_snapshot
    txid_current_snapshot pg_snapshot_xmin pg_snapshot_xmax pg_visible_in_snapshot pg_control_checkpoint
    pg_control_system mxid_age pg_get_multixact_members pg_sequence_last_value pg_sequence_parameters
    pg_lock_status pg_show_all_settings pg_timezone_names pg_timezone_abbrevs pg_available_extensions pg_config
    pg_stat_statements pg_stat_statements_info pgstattuple pgstattuple_approx pgstatindex pg_buffercache_pages
    pg_buffercache_summary pg_freespace
    pg_stat_get_activity pg_stat_get_backend_idset pg_stat_get_backend_pid pg_stat_get_backend_activity
    pg_stat_get_progress_info pg_stat_get_wal_senders pg_stat_get_replication_slot pg_stat_get_live_tuples
    pg_stat_get_dead_tuples pg_stat_get_db_conflict_all pg_stat_get_last_autovacuum_time
    date_format time_format datediff timediff timestampdiff timestampadd date_add date_sub adddate subdate curdate
    curtime utc_timestamp utc_date unix_timestamp from_unixtime sec_to_time time_to_sec sysdate dayofweek dayname
    month year day hour minute second week quarter str_to_date last_day if ifnull isnull group_concat json_extract
    json_unquote json_contains json_length json_keys json_arrayagg json_objectagg instr locate substring_index hex
    unhex lcase ucase field find_in_set elt format_bytes format_pico_time sys_time inet_ntoa inet_aton bin_to_uuid
    uuid_to_bin uuid connection_id database schema found_rows row_count convert crc32 sha1 sha2 conv
    rand greatest least any_value strcmp space char ord
    datetime julianday strftime unixepoch typeof total printf iif likelihood unlikely likely json json_array json_valid
    json_type json_tree quote zeroblob sqlite_version total_changes changes last_insert_rowid
""")

CHANGING = {
    "pg_cancel_backend": "it cancels what another session runs",
    "pg_terminate_backend": "it ends another session",
    "nextval": "it advances a sequence",
    "setval": "it sets a sequence",
    "set_config": "it changes a setting",
    "pg_reload_conf": "it makes the server read its settings again",
    "pg_sleep": "it waits and holds a connection",
    "pg_sleep_for": "it waits and holds a connection",
    "pg_sleep_until": "it waits and holds a connection",
    "sleep": "it waits and holds a connection",
    "benchmark": "it keeps the server busy",
    "get_lock": "it takes a lock",
    "release_lock": "it gives a lock back",
    "load_file": "it reads a file of the server",
    "pg_read_file": "it reads a file of the server",
    "pg_read_binary_file": "it reads a file of the server",
    "pg_ls_dir": "it reads a folder of the server",
    "pg_stat_file": "it reads a file of the server",
    "lo_import": "it stores a file of the server in the database",
    "lo_export": "it writes a file of the server",
    "pg_file_write": "it writes a file of the server",
    "pg_notify": "it sends a notification",
    "pg_promote": "it makes a standby the primary",
    "pg_switch_wal": "it starts a new file of the write-ahead log",
    "pg_rotate_logfile": "it starts a new log file",
    "txid_current": "it takes a transaction number",
    "pg_current_xact_id": "it takes a transaction number",
}
"""Why a known function is no read. All other `pg_`, `lo_` and `txid_` functions that are not in `READING` are none."""

REMOVING = _words("""
    lo_unlink pg_file_unlink pg_drop_replication_slot pg_replication_origin_drop lo_truncate lo_truncate64
""")
WRITING = _words("lo_export pg_file_write pg_file_rename pg_file_sync")
"""What writes a file of the server."""
SENDING = _words("""
    dblink dblink_exec dblink_open dblink_fetch dblink_send_query dblink_connect query_to_xml query_to_xml_and_xmlschema
    cursor_to_xml crosstab ts_stat xpath_table connectby http http_get http_post http_put http_delete schedule
    schedule_in_database
""")
"""What runs a text that it is given, or sends one elsewhere: opaque."""

NOT_FUNCTIONS = _words("""
    in any all some exists and or not where select from join on by having as over filter using when then else limit
    offset union except intersect distinct between like ilike group within values case lateral only with recursive
    materialized set sets rollup cube is end array cross left right inner outer natural fetch first next for
    returning interval to similar escape
    numeric decimal varchar char character bpchar bit varying timestamp timestamptz time timetz float precision
    bernoulli system tablesample window partition order key index
""")
"""Words that stand before a parenthesis and call nothing."""

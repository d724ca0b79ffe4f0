"""A query that may be sent to a database without asking: one SELECT with known functions, read with suspicion.

A read-only session alone is no fence (it lets a backend be cancelled, and can be switched off), so the text is judged
first and the session is read-only besides.
"""

import re

_TOKEN = re.compile(
    r"(?P<blank>\s+)|(?P<text>'(?:[^'\\]|'')*')|(?P<quoted>\"[^\"\\]+\")|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>::|<=|>=|<>|!=|\|\||->>|->|!~\*?|~\*|[-+*/%<>=(),.\[\]~])"
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FUNCTIONS = _words("""
    count sum min max avg round floor ceil ceiling abs coalesce nullif greatest least now age date_trunc date_part
    extract to_char to_timestamp make_interval length char_length left right substr lower upper trim btrim ltrim
    rtrim replace concat concat_ws string_agg array_agg json_agg jsonb_agg split_part position strpos cast format
    quote_ident version current_database current_schema pg_size_pretty pg_total_relation_size pg_relation_size
    pg_table_size pg_indexes_size pg_database_size pg_blocking_pids cardinality array_length row_number rank
    dense_rank lag lead first_value last_value ntile percentile_cont percentile_disc stddev variance bool_and bool_or
    every pg_is_in_recovery pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_current_wal_lsn pg_wal_lsn_diff
    pg_last_xact_replay_timestamp pg_postmaster_start_time pg_backend_pid pg_get_indexdef
""")
_BEFORE_PAREN = _words("""
    in any all some exists and or not where select from join on by having as over filter using when then else limit
    offset union except intersect distinct between like ilike numeric varchar char group within values case
""")
_CHANGING = _words("""
    into for with insert update delete merge truncate drop alter create grant revoke copy call do execute prepare lock
    vacuum analyze set reset begin start commit rollback notify listen load refresh reindex cluster returning declare
    checkpoint comment security discard operator
""")
_SECRET = re.compile(
    r"pg_authid|pg_shadow|pg_user_mapping|pg_subscription|pg_hba|pg_file_settings|pg_largeobject|pg_foreign_server|"
    r"passw|secret|token|api_?key|credential|conninfo|private",
    re.IGNORECASE,
)
_SHOW = re.compile(r"\s*show\s+(?!all\b)[a-z_.]+\s*;?\s*", re.IGNORECASE)
_CHANGES_FIRST = re.compile(
    r"\s*(?:insert|update|delete|merge|truncate|drop|alter|create|grant|revoke|vacuum|reindex|cluster|refresh|call|do|"
    r"set|lock|copy|notify|comment)\b",
    re.IGNORECASE,
)


def query_trouble(sql: str) -> str | None:
    """Give why this SQL is not sent by itself, None for a query that only reads. Completes "Not run because ..."."""
    if _SECRET.search(sql):
        return "the query reads what may be a secret"
    if _SHOW.fullmatch(sql):
        return None
    tokens = _tokens(sql.strip().removesuffix(";"))
    if tokens is None:
        return "the query has parts that are not known to be harmless"
    words = [text.lower() for kind, text in tokens if kind == "word"]
    if words[:2] == ["explain", "select"]:
        words, tokens = words[1:], tokens[1:]
    if not words or words[0] != "select" or tokens[0] != ("word", tokens[0][1]):
        return "only a single SELECT is sent to a database without asking"
    unwanted = next((word for word in words if word in _CHANGING), None)
    if unwanted:
        return f"the query holds the word `{unwanted.upper()}`"
    return _call_trouble(tokens)


def changes(sql: str) -> bool:
    """Tell whether the statement is known to change something."""
    return _CHANGES_FIRST.match(sql) is not None


def _tokens(sql: str) -> list[tuple[str, str]] | None:
    """Give kind and text of each token; None when there is anything else, such as a comment or a second statement."""
    tokens: list[tuple[str, str]] = []
    at = 0
    while at < len(sql):
        if sql.startswith(("--", "/*"), at):
            return None
        found = _TOKEN.match(sql, at)
        if not found or not found.lastgroup:
            return None
        # A quote directly behind a word or a quote is a kind of text with rules of its own (E'', U&'', $tag$).
        glued = found.lastgroup in {"text", "quoted"} and at and (sql[at - 1].isalnum() or sql[at - 1] in "_&'\"")
        if glued:
            return None
        if found.lastgroup != "blank":
            tokens.append((found.lastgroup, found[0]))
        at = found.end()
    return tokens


def _call_trouble(tokens: list[tuple[str, str]]) -> str | None:
    for index, (kind, text) in enumerate(tokens[:-1]):
        if tokens[index + 1] != ("sign", "("):
            continue
        if kind == "quoted":
            return f"the query calls {text}, which is not a function known to read only"
        if kind != "word" or text.lower() in _BEFORE_PAREN:
            continue
        own = index > 0 and tokens[index - 1] == ("sign", ".")
        if own or text.lower() not in _FUNCTIONS:
            return f"the query calls `{text}`, which is not a function known to read only"
    return None

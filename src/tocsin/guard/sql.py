"""What does this SQL do? Judged over the whole tree of every statement; what is not known to only read is a change.

A session that only reads is no fence: it lets a backend be ended, and can be switched off. So the text is judged, by
two readers that must agree: the words as the server splits them (`sql_tokens.py`), and the tree of a parser.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

import msgspec

from tocsin.guard.placeholders import ANGLE, placeholder_in
from tocsin.guard.sql_client import client_command
from tocsin.guard.sql_functions import CHANGING, NOT_FUNCTIONS, READING, REMOVING, SENDING, WRITING
from tocsin.guard.sql_tokens import LONGEST, Dialect, Token, Tokens, plain, statements, tokens_of

Risk = Literal["read", "change", "destructive"]
RISKS: tuple[Risk, ...] = ("read", "change", "destructive")


class SqlVerdict(NamedTuple):
    """What a text does to a database. `flags` are those of a command; `why` is one clause about "it".

    `single` tells whether it is one statement and nothing else, the only kind that may be sent without a person.
    """

    risk: Risk
    flags: frozenset[str]
    why: str
    single: bool = True


class _Part(msgspec.Struct, frozen=True):
    """What one statement, or one piece of it, does."""

    risk: Risk
    why: str
    flags: frozenset[str] = frozenset()


_READS = _Part("read", "it only reads")
_SECRET = _Part("read", "it shows what may be a secret", frozenset({"prints-secret"}))
_BLANK = re.compile(r"\{\{[^{}\n]*\}\}")
_PARAMETER = re.compile(r"(?<![:\w]):[A-Za-z_]\w*\b(?!['\"])")
_SECRET_TABLES = re.compile(
    r"pg_authid|pg_shadow|pg_user_mappings?|pg_subscription|pg_foreign_server|pg_largeobject(?!_)|mysql\.user",
    re.IGNORECASE,
)
_SECRET_NAMES = re.compile(
    r"(?i:passw|passphrase|secret|api_?key|credential|private_?key|conninfo)|(?:^|_)token$|[a-z]Token$|^Token$"
)
_REMOVES = frozenset({"delete", "drop", "truncate", "purge", "shutdown"})
_NO_REMOVAL_BEHIND = frozenset({"on", "for", "after", "before", "or", "of", ",", "."})
_NO_REMOVAL_BEFORE = ("not", "default", "expression", "identity", "(", ".")
_REMOVES_IN_TEXT = re.compile(r"\b(?:delete|drop|truncate)\b", re.IGNORECASE)
# Unquoted in a query, these say that it is more than one, whatever the parser saw.
_SUSPECT = frozenset({"insert", "update", "delete", "merge", "truncate", "drop", "into", "returning", "execute", "copy",
                      "call", "do", "replace"})  # fmt: skip
_QUERIES = frozenset({"select", "with", "values", "table", "("})
_WRITES = {
    "insert": "it adds rows",
    "replace": "it replaces rows",
    "merge": "it merges rows",
    "copy": "it loads or sends rows",
    "create": "it creates something",
    "alter": "it alters something",
    "comment": "it sets a comment",
    "grant": "it gives a right",
    "revoke": "it takes a right away",
    "refresh": "it rebuilds a view",
    "reindex": "it rebuilds an index",
    "cluster": "it rewrites a table",
    "vacuum": "it cleans up tables",
    "analyze": "it writes the statistics of tables anew",
    "optimize": "it rewrites a table",
    "set": "it changes a setting",
    "reset": "it changes a setting",
    "discard": "it forgets the state of the session",
    "lock": "it takes a lock",
    "listen": "it listens for notifications",
    "unlisten": "it stops listening",
    "notify": "it sends a notification",
    "begin": "it opens a transaction",
    "start": "it opens a transaction",
    "commit": "it ends a transaction",
    "end": "it ends a transaction",
    "rollback": "it ends a transaction",
    "checkpoint": "it makes the server write everything to disk",
    "kill": "it ends another session",
    "flush": "it makes the server write or forget something",
    "use": "it switches to another database",
    "prepare": "it prepares a statement",
    "deallocate": "it forgets a statement",
    "declare": "it opens a cursor",
    "fetch": "it moves a cursor",
    "move": "it moves a cursor",
    "close": "it closes a cursor",
    "savepoint": "it marks a place in a transaction",
    "release": "it marks a place in a transaction",
    "abort": "it ends a transaction",
    "stop": "it stops replication",
    "change": "it changes where it replicates from",
    "security": "it sets a label",
    "reassign": "it gives objects to another role",
    "import": "it imports a schema",
}
_OPAQUE = {
    "do": "it runs a block of code",
    "call": "it calls a procedure",
    "execute": "it runs a statement prepared elsewhere",
    "load": "it loads data or a library",
    "install": "it loads code into the server",
}
_REMOVED = {"delete": "it deletes rows", "truncate": "it empties tables", "drop": "it drops something",
            "purge": "it removes logs", "shutdown": "it stops the server"}  # fmt: skip
_EXPLAINED = frozenset({"select", "with", "values", "table", "insert", "update", "delete", "merge", "(", "replace",
                        "create"})  # fmt: skip
_PRAGMAS = frozenset({"table_info", "table_list", "index_list", "index_info", "foreign_key_list", "database_list",
                      "integrity_check", "quick_check", "compile_options", "page_count", "freelist_count"})  # fmt: skip


@lru_cache(maxsize=1024)
def judge_sql(text: str, dialect: Dialect = "postgres") -> SqlVerdict:
    """Give what a text of SQL does, its worst statement first; what cannot be read with certainty is a change."""
    found = _judged(text, dialect)
    blank = placeholder_in(text, sql=True) if len(text) <= LONGEST else None
    if not blank:
        return found
    if found.risk == "change":
        filled = _PARAMETER.sub("placeholder", _BLANK.sub("placeholder", text))
        found = _judged(ANGLE.sub("placeholder", filled), dialect)
    return found._replace(flags=found.flags | {"placeholder"})


def _judged(text: str, dialect: Dialect) -> SqlVerdict:
    found = tokens_of(text, dialect)
    parts = [_statement(text, part, dialect) for part in statements(found.tokens)]
    parts += [_Part(*client_command(token.text)) for token in found.tokens if token.kind == "meta"]
    if found.doubt:
        parts.append(_doubtful(text, found))
    if not parts:
        return SqlVerdict("change", frozenset(), "there is no statement in it", single=False)
    worst = max(parts, key=lambda part: RISKS.index(part.risk))
    return SqlVerdict(worst.risk, frozenset().union(*(part.flags for part in parts)), worst.why, len(parts) == 1)


def _doubtful(text: str, found: Tokens) -> _Part:
    """Judge a text that may be read in two ways by all its words, wherever they stand."""
    return _Part("destructive" if _REMOVES_IN_TEXT.search(text) else "change", found.doubt)


def _statement(text: str, tokens: tuple[Token, ...], dialect: Dialect) -> _Part:
    first = tokens[0].low
    if first in _REMOVED:
        return _Part("destructive", _REMOVED[first])
    if first in _QUERIES:
        return _query(text, tokens, dialect)
    own = _OWN.get(first)
    return own(text, tokens, dialect) if own else _written(tokens)


def _shown(_: str, tokens: tuple[Token, ...], __: Dialect) -> _Part:
    if any(token.text == "(" for token in tokens):
        return _Part("change", "it is not understood")
    words = [token.low for token in tokens]
    return _SECRET if "grants" in words or words[1:3] == ["create", "user"] else _named(tokens[1:]) or _READS


def _pragma(_: str, tokens: tuple[Token, ...], __: Dialect) -> _Part:
    reads = len(tokens) > 1 and tokens[1].low in _PRAGMAS and not any(token.text == "=" for token in tokens)
    return _READS if reads else _Part("change", "it may change how the database works")


def _written(tokens: tuple[Token, ...]) -> _Part:
    """Judge a statement by its words: one that is no query."""
    first = tokens[0].low
    opaque = first in _OPAQUE or [token.low for token in tokens[:2]] == ["create", "extension"]
    flags = frozenset({"opaque"}) if opaque or first not in _WRITES else frozenset[str]()
    removed = None if first in {"grant", "revoke"} else _removal(tokens)
    if removed:
        return _Part("destructive", _REMOVED[removed], flags)
    if opaque and any(token.kind == "string" and _REMOVES_IN_TEXT.search(token.text) for token in tokens):
        return _Part("destructive", "the code that it carries removes something", flags)
    return _Part("change", _OPAQUE.get(first) or _WRITES.get(first) or "what it does is not known", flags)


def _removal(tokens: tuple[Token, ...]) -> str | None:
    """Give the word that removes something, unless it only names an event, a right or a property."""
    for index, token in enumerate(tokens):
        before = tokens[index - 1].low if index else ""
        after = tokens[index + 1].low if index + 1 < len(tokens) else ""
        if token.low in _REMOVES and before not in _NO_REMOVAL_BEHIND and after not in _NO_REMOVAL_BEFORE:
            return token.low
    return None


def _explained(text: str, tokens: tuple[Token, ...], dialect: Dialect) -> _Part:
    """Judge what is explained: it runs with ANALYZE, and is only planned without."""
    options, rest = [], list(tokens[1:])
    if rest and rest[0].text == "(" and len(rest) > 1 and rest[1].low not in _QUERIES:
        close = next((n for n, token in enumerate(rest) if token.text == ")"), len(rest) - 1)
        options, rest = rest[1:close], rest[close + 1 :]
    while rest and rest[0].low in {"analyze", "verbose", "extended", "partitions", "format", "=", "json", "tree",
                                   "traditional", "query", "plan"}:  # fmt: skip
        options.append(rest.pop(0))
    if not rest:
        return _Part("change", "it is not complete")
    if rest[0].low not in _EXPLAINED:
        return _described(rest) if not options else _Part("change", "what it explains is not understood")
    runs = any(
        token.low == "analyze" and "".join(t.text.lower() for t in options[n + 1 : n + 2]) not in {"false", "off", "0"}
        for n, token in enumerate(options)
    )
    inner = _statement(text, tuple(rest), dialect)
    return inner if runs else _called(tuple(rest), frozenset()) or _READS


def _described(rest: list[Token]) -> _Part:
    """Judge DESCRIBE of a table: a name, with dots, and nothing else."""
    names = all(token.kind in {"word", "quoted"} or token.text == "." for token in rest)
    known = rest[0].low in _REMOVED or rest[0].low in _WRITES or rest[0].low in _OPAQUE
    return _READS if names and not known else _Part("change", "what it explains is not understood")


def _copied(text: str, tokens: tuple[Token, ...], dialect: Dialect) -> _Part:
    """Judge COPY: of rows or of a query, to the client, to a file of the server or to a program there."""
    place = next((n for n, token in enumerate(tokens) if token.depth == 0 and token.low in {"to", "from"}), 0)
    target = tokens[place + 1] if place and place + 1 < len(tokens) else None
    inner = tokens[2 : place - 1] if len(tokens) > 2 and tokens[1].text == "(" else ()  # noqa: PLR2004, COPY (
    copied = _statement(text, inner, dialect) if inner else _named(tokens[1:place]) or _READS
    if target is not None and target.low == "program":
        where = _Part("change", "it starts a program on the server", frozenset({"opaque", "remote"}))
    elif target is None or tokens[place].low == "from":
        where = _Part("change", "it loads rows")
    elif target.low == "stdout":
        where = _READS
    else:
        where = _Part("change", "it writes a file of the server", frozenset({"writes-file"}))
    worst = max((where, copied), key=lambda part: RISKS.index(part.risk))
    return msgspec.structs.replace(worst, flags=where.flags | copied.flags)


def _query(text: str, tokens: tuple[Token, ...], dialect: Dialect) -> _Part:
    """Judge a query by its tree and by its words; the worse of both."""
    tree = _tree(text, tokens, dialect)
    if tree.risk != "read":
        return tree
    suspect = next((token.text for token in tokens if token.low in _SUSPECT and not _names(token, tokens)), None)
    if suspect:
        return _Part("change", f"it holds the word `{suspect.upper()}`")
    return tree


def _names(token: Token, tokens: tuple[Token, ...]) -> bool:
    """Tell whether a word is a function, as in `replace(...)`, or a column, as in `t.update`."""
    at = tokens.index(token)
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    return (after == "(" and token.low in READING) or (at > 0 and tokens[at - 1].text == ".")


def _tree(text: str, tokens: tuple[Token, ...], dialect: Dialect) -> _Part:
    """Judge a statement by the tree that the parser makes of it."""
    from tocsin.guard.sql_tree import tree_of  # noqa: PLC0415, the parser is needed only where there is SQL

    tree = tree_of(plain(text, tokens), dialect)
    if tree is None:
        return _not_understood(tokens)
    trouble = tree.trouble
    called = _called(tokens, tree.aliases)
    named = _named(tokens)
    flags = frozenset[str]().union(*(part.flags for part in (called, named) if part))
    if trouble and trouble[0] == "destructive":
        return _Part("destructive", trouble[1], flags)
    if called:
        return msgspec.structs.replace(called, flags=flags)
    unknown = next((name for name in tree.calls if name.lower() not in READING), None)
    if unknown:
        return _Part("change", f"it calls `{unknown}`, which is not known to only read", flags | {"opaque"})
    if trouble:
        return _Part("change", trouble[1], flags)
    return msgspec.structs.replace(_READS, flags=flags)


def _not_understood(tokens: tuple[Token, ...]) -> _Part:
    if any(a.low == "into" and b.low in {"outfile", "dumpfile"} for a, b in pairwise(tokens)):
        return _Part("change", "it writes a file of the server", frozenset({"writes-file"}))
    return _Part("destructive" if _removal(tokens) else "change", "it is not understood")


def _named(tokens: tuple[Token, ...]) -> _Part | None:
    """Tell when a name speaks of a secret."""
    names = [token for token in tokens if token.kind in {"word", "quoted"}]
    dotted = " ".join(f"{a.text}.{b.text}" for a, b in pairwise(names))
    alone = names[0].text if names else ""
    if any(_SECRET_NAMES.search(token.text) for token in names) or _SECRET_TABLES.search(dotted or alone):
        return _SECRET
    strings = {token.text.strip("'").lower() for token in tokens if token.kind == "string"}
    return _SECRET if strings & {"primary_conninfo", "ssl_passphrase_command"} else None


def _called(tokens: tuple[Token, ...], aliases: frozenset[str]) -> _Part | None:
    """Give the worst of the calls that are not known to only read; None when all are."""
    found: list[_Part] = []
    for index, token in enumerate(tokens[:-1]):
        if tokens[index + 1].text != "(" or token.kind not in {"word", "quoted"}:
            continue
        name = token.text.lower()
        own = index > 1 and tokens[index - 1].text == "." and tokens[index - 2].text.lower() != "pg_catalog"
        if token.kind == "word" and name in NOT_FUNCTIONS and not own:
            continue
        if (own or not _reads(name)) and name not in aliases:
            found.append(_call(name, tokens, own=own))
    return max(found, key=lambda part: RISKS.index(part.risk), default=None)


def _reads(name: str) -> bool:
    return name in READING or name.startswith("pg_stat_get_")


def _call(name: str, tokens: tuple[Token, ...], *, own: bool) -> _Part:
    """Judge one call that is not known to only read."""
    if name in SENDING:
        removes = any(token.kind == "string" and _REMOVES_IN_TEXT.search(token.text) for token in tokens)
        why = f"it sends a text elsewhere with `{name}`"
        return _Part("destructive", why) if removes else _Part("change", why, frozenset({"opaque"}))
    if name in REMOVING:
        return _Part("destructive", f"`{name}` removes something")
    flags = frozenset({"writes-file"}) if name in WRITING else frozenset[str]()
    if name in CHANGING and not own:
        return _Part("change", CHANGING[name], flags)
    known = name.startswith(("pg_", "lo_", "txid_")) and not own
    why = f"it calls `{name}`, which is not known to only read"
    return _Part("change", why, flags if known else flags | {"opaque"})


_OWN: dict[str, Callable[[str, tuple[Token, ...], Dialect], _Part]] = {
    "explain": _explained,
    "describe": _explained,
    "desc": _explained,
    "show": _shown,
    "pragma": _pragma,
    "copy": _copied,
    "update": _tree,
}

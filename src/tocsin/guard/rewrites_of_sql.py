"""Names in a query that PostgreSQL would not find: columns of its catalogue, and names that need quotes.

Only words are put in place of words; what the query asks for, and how it is written, stays.
"""

from collections.abc import Iterator
from itertools import pairwise

from tocsin.guard.catalogue import COLUMNS, RENAMED, WRONG
from tocsin.guard.rewrites import Edit, edited
from tocsin.guard.sql_tokens import Token, statements, tokens_of

_SCHEMAS = frozenset({"schemaname", "nspname", "table_schema"})
_TABLES = frozenset({"tablename", "relname", "table_name", "indexname", "indexrelname"})
_NO_ALIAS = frozenset({
    "where", "join", "left", "right", "inner", "outer", "full", "cross", "natural", "on", "using", "group", "order",
    "having", "limit", "offset", "union", "except", "intersect", "window", "for", "fetch", "lateral", "tablesample",
})  # fmt: skip


def mended(sql: str, quoted: frozenset[str] = frozenset()) -> tuple[str, tuple[str, ...]]:
    """Give a query with the names that PostgreSQL knows, and phrases that say what differs.

    `quoted` are names that are known to need quotes, such as `senderAddress`.
    """
    found = tokens_of(sql)
    if found.doubt:
        return sql, ()
    edits = [edit for part in statements(found.tokens) for edit in _edits(part, quoted)]
    return edited(sql, edits), tuple(dict.fromkeys(edit.says for edit in edits))


def _edits(tokens: tuple[Token, ...], quoted: frozenset[str]) -> Iterator[Edit]:
    sources = _Sources(tokens)
    for index, token in enumerate(tokens):
        if token.kind != "word":
            continue
        behind = tokens[index + 1].text if index + 1 < len(tokens) else ""
        right = RENAMED.get(token.low) if behind == "(" else sources.right(tokens, index)
        if right:
            yield Edit(token.start, token.end, right, f"`{right}` instead of `{token.text}`, which is not there")
        elif token.text in quoted and token.text != token.low and behind != "(":
            yield Edit(
                token.start, token.end, f'"{token.text}"', f"`{token.text}` in quotes, or it would be `{token.low}`"
            )
    yield from _composed(tokens)


def _composed(tokens: tuple[Token, ...]) -> Iterator[Edit]:
    """Give the edits of a name put together as `schemaname||'.'||tablename`, which fails for names that need quotes."""
    for index in range(len(tokens) - 6):
        part = tokens[index : index + 7]
        texts = [token.text for token in part]
        if part[0].low not in _SCHEMAS or texts[1:6] != ["|", "|", ".", "|", "|"] or part[6].low not in _TABLES:
            continue
        before = tokens[index - 1] if index else None
        after = tokens[index + 7] if index + 7 < len(tokens) else None
        alone = before is not None and after is not None and before.text == "(" and after.text == ")"
        if not alone and (after is None or after.text != "::"):
            continue
        cast = "::regclass" if alone else ""
        yield Edit(part[0].start, part[6].end, f"format('%I.%I', {texts[0]}, {texts[6]}){cast}",
                   "names are put together so that those with capital letters are found")  # fmt: skip


class _Sources:
    """What a statement reads from, as far as that is known."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        """Take the words of one statement."""
        self.aliases: dict[str, str] = {}
        self.unknown = False
        self.named = {b.low for a, b in pairwise(tokens) if a.low == "as"}
        for index, token in enumerate(tokens):
            if token.low in {"from", "join"}:
                self._read(tokens, index + 1)

    def _read(self, tokens: tuple[Token, ...], at: int) -> None:
        """Read a list such as `pg_locks l, pg_catalog.pg_stat_activity AS a`."""
        while at < len(tokens):
            if tokens[at].text == "(":
                return  # a subquery or an expression such as `extract(epoch from (...))`
            if tokens[at].low == "pg_catalog" and at + 2 < len(tokens):
                at += 2
            name = tokens[at].low
            self.unknown |= name not in COLUMNS
            at += 1
            if at < len(tokens) and tokens[at].low == "as":
                at += 1
            if at < len(tokens) and tokens[at].kind == "word" and tokens[at].low not in _NO_ALIAS:
                self.aliases[tokens[at].low] = name
                at += 1
            else:
                self.aliases[name] = name
            if at >= len(tokens) or tokens[at].text != ",":
                return
            at += 1

    def right(self, tokens: tuple[Token, ...], index: int) -> str | None:
        """Give the column that is meant by a word, None when the word is right or it is not known."""
        name = tokens[index].low
        right = WRONG.get(name)
        if right is None:
            return None
        if index > 1 and tokens[index - 1].text == ".":
            views = [self.aliases.get(tokens[index - 2].low, "")]
        elif self.unknown or name in self.named or (index and tokens[index - 1].low in {"as", "from", "join"}):
            return None
        else:
            views = list(self.aliases.values())
        known = [COLUMNS[view] for view in views if view in COLUMNS]
        if any(name in columns for columns in known) or len([c for c in known if right in c]) != 1:
            return None
        return right

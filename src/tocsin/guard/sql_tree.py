"""The tree that a parser makes of one statement: what in it is no plain query."""

import msgspec
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from tocsin.guard.sql_tokens import Dialect

# Everything a query that only reads is made of; whatever else stands in a tree is a change.
_PLAIN_KINDS = (
    exp.Condition, exp.Query, exp.Func, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered,
    exp.Limit, exp.Offset, exp.Fetch, exp.LimitOptions, exp.With, exp.CTE, exp.TableAlias, exp.Alias, exp.Identifier,
    exp.Star, exp.DataType, exp.DataTypeParam, exp.ColumnDef, exp.Interval, exp.IntervalSpan, exp.Var, exp.Distinct,
    exp.Lateral, exp.Unnest, exp.Values, exp.Tuple, exp.WindowSpec, exp.Window, exp.Filter, exp.WithinGroup,
    exp.GroupingSets, exp.Cube, exp.Rollup, exp.TableSample, exp.Table, exp.Aliases, exp.Slice, exp.JSONPath,
    exp.JSONPathPart, exp.Hint, exp.ObjectIdentifier, exp.PropertyEQ, exp.All, exp.Any, exp.Collate, exp.Qualify,
    exp.MatchAgainst, exp.AtTimeZone,
)  # fmt: skip


_TROUBLES: tuple[tuple[type | tuple[type, ...], tuple[str, str]], ...] = (
    ((exp.Delete, exp.Drop, exp.TruncateTable), ("destructive", "it deletes rows")),
    (exp.Insert, ("change", "it adds rows")),
    (exp.Merge, ("change", "it merges rows")),
    (exp.Into, ("change", "it creates a table")),
    (exp.Lock, ("change", "it locks the rows that it reads")),
)


class Tree(msgspec.Struct, frozen=True):
    """What a statement is made of.

    `trouble` is a risk and a reason unless it is a plain query; `calls` are the functions that the parser does not
    know by itself; `aliases` are names in front of a list of columns, such as `t(a, b)`, in small letters.
    """

    trouble: tuple[str, str] | None
    calls: tuple[str, ...]
    aliases: frozenset[str]


def tree_of(text: str, dialect: Dialect) -> Tree | None:
    """Give what one statement is made of, None when the parser does not understand it."""
    try:
        root = parse_one(text, read=dialect)
        nodes = list(root.walk())
        return Tree(_trouble(root, nodes), _calls(nodes), _aliases(nodes))
    except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError, IndexError, KeyError):
        return None  # besides its own errors, the parser stumbles over texts that are no SQL at all


def _trouble(root: exp.Expr, nodes: list[exp.Expr]) -> tuple[str, str] | None:
    """Give the worst that a node does."""
    found = [trouble for node in nodes if (trouble := _node_trouble(node))]
    if not found and not isinstance(root, exp.Query | exp.Values):
        return "change", "it is no query"
    return max(found, key=lambda trouble: trouble[0] == "destructive", default=None)


def _node_trouble(node: exp.Expr) -> tuple[str, str] | None:
    if isinstance(node, exp.Update) and not isinstance(node.parent, exp.When):
        where = node.args.get("where")
        narrows = where is not None and _narrows(where.this)
        return (
            ("change", "it updates rows") if narrows else ("destructive", "nothing narrows down which rows it updates")
        )
    if isinstance(node, exp.When) and isinstance(node.args.get("then"), exp.Var) and "DELETE" in node.args["then"].name:
        return "destructive", "it deletes rows"
    named = next((trouble for kinds, trouble in _TROUBLES if isinstance(node, kinds)), None)
    return named or (None if isinstance(node, _PLAIN_KINDS) else ("change", "it is not understood"))


def _calls(nodes: list[exp.Expr]) -> tuple[str, ...]:
    named = (exp.Anonymous, exp.AnonymousAggFunc)
    return tuple(dict.fromkeys(node.name for node in nodes if isinstance(node, named)))


def _aliases(nodes: list[exp.Expr]) -> frozenset[str]:
    lists = [node for node in nodes if isinstance(node, exp.TableAlias) and node.args.get("columns")]
    return frozenset(node.name.lower() for node in lists)


def _narrows(condition: exp.Expr) -> bool:
    """Tell whether a condition leaves rows out: it looks at a column, and not only in order to be always true."""
    bare = condition.unnest()
    if isinstance(bare, exp.Or):
        left, right = bare.left.unnest(), bare.right.unnest()
        return _narrows(left) and _narrows(right) and not _opposite(left, right)
    if isinstance(bare, exp.And):
        return _narrows(bare.left) or _narrows(bare.right)
    if isinstance(bare, exp.Not):
        return _narrows(bare.this)
    if isinstance(bare, exp.Binary) and bare.left.unnest() == bare.right.unnest():
        return False
    if isinstance(bare, exp.Like | exp.ILike) and set(bare.expression.name) == {"%"}:
        return False
    return bare.find(exp.Column) is not None


def _opposite(left: exp.Expr, right: exp.Expr) -> bool:
    """Tell whether one of the two is always true, such as `a IS NULL OR a IS NOT NULL`."""
    pairs = ((left, right), (right, left))
    if any(isinstance(a, exp.Not) and a.this.unnest() == b for a, b in pairs):
        return True
    same = isinstance(left, exp.Binary) and isinstance(right, exp.Binary) and left.left == right.left
    if not same or left.args.get("expression") != right.args.get("expression"):
        return False
    both_is = isinstance(left, exp.Is) and isinstance(right, exp.Is)
    if both_is:
        return bool(left.args.get("negate")) != bool(right.args.get("negate"))
    return any(isinstance(a, exp.EQ) and isinstance(b, exp.NEQ) for a, b in pairs)

"""SQL text becomes statements and comments, by quotes and semicolons alone; nothing is judged here."""

import re

from tocsin.guard.shell import Part

_TOKEN = re.compile(
    r"(?P<comment>--[^\n]*)|(?P<block>/\*.*?(?:\*/|\Z))|(?P<quoted>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`)"
    r"|(?P<dollar>\$(?P<tag>\w{0,60})\$.{0,20000}?\$(?P=tag)\$)"
    r"|(?P<open>['\"])|(?P<end>;)|(?P<meta>(?m:^)[ \t]*\\[A-Za-z][^\n]*)",
    re.DOTALL,
)
KEYWORD = re.compile(
    r"^\s*(?:select|insert|update|delete|with|create|alter|drop|grant|revoke|explain|show|vacuum|analyze|begin|start|"
    r"commit|rollback|truncate|reindex|cluster|checkpoint|call|copy|kill|use|describe|desc|optimize|flush|set|reset|lock|"
    r"refresh|do|execute|prepare|merge|replace|declare|fetch|close|discard|comment|notify|listen|table|values|repair|"
    r"check|pragma|attach|detach|exec|if|resume|pause|reload|reconnect|system|rename|exchange|start|stop|change|purge|end|"
    r"abort|savepoint|release|load|security|reassign|import|unlock|handler|cancel|restore|backup|dbcc)\b",
    re.IGNORECASE,
)


def split_sql(text: str) -> list[Part]:
    """Give the statements and stand-alone comments of an SQL text, in order; each statement is a slice of it.

    A statement without a keyword at its start, or with a quote left open, counts as broken.
    """
    parts: list[Part] = []
    start, broken = 0, False
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind in ("comment", "block") and not text[start : token.start()].strip():
            if parts and parts[-1].kind == "statement" and _line(text, token.start()) == parts[-1].end_line:
                parts[-1] = parts[-1]._replace(aside=token[0].strip("-/* "))
            else:
                parts += _remarks(text, token)
            start = token.end()
        elif kind == "meta" and not text[start : token.start()].strip():
            parts.append(_statement(text, token.start(), token.end(), broken=False))
            start = token.end()
        elif kind == "open":
            broken = True
        elif kind == "end":
            parts += (
                [_statement(text, start, token.end(), broken=broken)] if text[start : token.start()].strip() else []
            )
            start, broken = token.end(), False
    if text[start:].strip():
        parts.append(_statement(text, start, len(text), broken=broken))
    return parts


def _statement(text: str, start: int, end: int, *, broken: bool) -> Part:
    start += len(text[start:end]) - len(text[start:end].lstrip())
    source = text[start:end].rstrip()
    first = _line(text, start)
    known = KEYWORD.match(source) or source.startswith(("\\", "("))
    return Part("statement", source, first, first + source.count("\n"), broken or not known)


def _remarks(text: str, token: re.Match[str]) -> list[Part]:
    first = _line(text, token.start())
    lines = token[0].removeprefix("--").removeprefix("/*").removesuffix("*/").split("\n")
    return [
        Part("comment", line.strip(" *-"), first + n, first + n) for n, line in enumerate(lines) if line.strip(" *-")
    ]


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at)

"""Blanks an author left to be filled in: `<pid>`, `{{name}}`, `[Contact]`, `XXX`, `YYYY-MM-DD`, `f(PID)` in SQL."""

import re

_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
_ANYWHERE = re.compile(
    r"\{\{-?\s*(?!\.|-|(?:range|json|end|println|print|printf|if|else|with|index|join|len|upper|lower|split)\b)"
    r"[\w. -]+\s*\}\}|\bX{3,}(?:-X{2,})*\b|\bYYYY-?MM-?DD\b|\bTBD\b|\b(?:YOUR|MY)_[A-Z0-9_]+\b|/path/to/\S*"
)
ANGLE = re.compile(r"(?<![<\w&])<[A-Za-z][\w.:/-]*(?: [\w.:/-]+)*>(?!\()")
_BRACKET = re.compile(r"(?<![\[\w$\\])\[[A-Z][A-Za-z]+(?: [A-Za-z]+)*\](?![\](\[+*?{])")
# A lone capital word as the argument of an SQL function, besides those SQL itself knows.
_SQL_CALL = re.compile(r"\b[a-z_]{3,}\(\s*([A-Z][A-Z0-9_]{1,})\s*\)")
_SQL_WORDS = frozenset({
    "ALL", "NULL", "TRUE", "FALSE", "DEFAULT", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER",
    "SESSION_USER", "USER", "ANALYZE", "VERBOSE", "FULL", "BUFFERS",
})  # fmt: skip
_SQL_TEXT = re.compile(r"\b(select|update|delete|insert|create|alter|call|vacuum)\b", re.IGNORECASE)
# Capital nouns that stand for the reader's own value when they are a whole word of a command.
_NOUN = re.compile(
    r"(?<=\s)(?:PID|POD|NAMESPACE|NODE|HOST|HOSTNAME|IP|VERSION|TAG|COMMIT|CONTAINER|SERVICE|"
    r"[A-Z]+_(?:ID|NAME|IP|VERSION|TAG|HASH|SHA))(?=\s|$)"
)
_SEARCH = re.compile(r"^\s*(grep|egrep|rg|awk|sed|ag)\b|\|\s*(grep|egrep|rg|awk|sed)\b")
_ELLIPSIS = re.compile(r"(?:^|\s)(?:\.\.\.|…)(?=\s|$)")


def placeholder_in(text: str) -> str | None:
    """Give the first placeholder of a command as written, or None when it is fully bound."""
    found = _ANYWHERE.search(text) or ANGLE.search(text)
    if found:
        return found[0].strip()
    if _SQL_TEXT.search(text):
        call = next((m[1] for m in _SQL_CALL.finditer(text) if m[1] not in _SQL_WORDS), None)
        if call:
            return call
    bare = _QUOTED.sub(lambda m: "q" * len(m[0]), text)
    found = _ELLIPSIS.search(bare) or _BRACKET.search(bare)
    if not found and not _SEARCH.search(text):
        found = _BRACKET.search(text) or _NOUN.search(bare)
    return found[0].strip() if found else None


def placeholder_in_prose(text: str) -> str | None:
    """Give the first placeholder of a contact or another value in running text, or None."""
    found = _ANYWHERE.search(text) or ANGLE.search(text) or re.search(r"(?<!\w)\[[A-Za-z][^\]]*\](?![(\[])", text)
    return found[0] if found else None


def is_bare(text: str, blank: str) -> bool:
    """Tell whether a placeholder stands outside quotes, where a shell acts on it."""
    return blank in _QUOTED.sub(lambda m: "q" * len(m[0]), text)

"""How a query is sent: in a session that only reads, without the password among the arguments, with the right names."""

import re

from tocsin.guard.calls import Word
from tocsin.guard.options import options_of
from tocsin.guard.rewrites import Asked, Context, Edit
from tocsin.guard.rewrites_of_sql import mended

SESSION = (
    ("PGOPTIONS", "-c default_transaction_read_only=on -c statement_timeout=8000 -c lock_timeout=1000"),
    ("PGCONNECT_TIMEOUT", "5"),
    ("PGAPPNAME", "tocsin"),
)
"""What libpq is told besides: only reading, and nothing that waits for long."""
_TAKING = frozenset({
    "-c", "--command", "-d", "--dbname", "-f", "--file", "-h", "--host", "-p", "--port", "-U", "--username", "-v",
    "--set", "--variable", "-o", "--output", "-F", "-P", "-R", "-T", "-L",
})  # fmt: skip
_IN_DOUBLE = re.compile(r"""([\\"$`])""")


def psql(source: str, words: tuple[Word, ...], context: Context) -> Asked:
    """Give the edits of one call of psql; the address it is given is put in quotes."""
    options = options_of(words[1:], _TAKING)
    queries = [option.value for option in options.given if option.name in {"-c", "--command"} and option.value]
    edits: list[Edit] = []
    flags = ("" if options.has("-X", "--no-psqlrc") else " -X") + (
        "" if any("ON_ERROR_STOP" in word.text for word in words) else " -v ON_ERROR_STOP=1"
    )
    if flags:
        edits.append(Edit(words[0].end, words[0].end, flags, "in a session that only reads, for 8 seconds at most"))
    named = options.find("-d", "--dbname")
    addresses = [*options.others, *([named.value] if named and named.value else [])]
    connects = tuple(name for word in addresses if (name := word.whole_variable))
    for word in addresses:
        name = word.whole_variable
        if name and source[word.start : word.end] not in {f'"${name}"', f'"${{{name}}}"'}:
            edits.append(Edit(word.start, word.end, f'"${name}"', f"`${name}` in quotes"))
    for word in queries:
        edits += _query(source, word, context)
    return Asked(edits=tuple(edits), environment=SESSION, connects=connects)


def _query(source: str, word: Word, context: Context) -> list[Edit]:
    """Give the edit of a query that is one word in quotes."""
    written = source[word.start : word.end]
    sign = written[:1]
    if word.variables or sign not in {"'", '"'} or written[-1:] != sign or len(written) < 2:  # noqa: PLR2004, two quotes
        return []
    new, says = mended(word.text, context.quoted)
    if new == word.text or (sign == "'" and "'" in written[1:-1]):
        return []
    double = sign == '"' or "'" in new
    new = '"' + _IN_DOUBLE.sub(r"\\\1", new) + '"' if double else f"'{new}'"
    return [Edit(word.start, word.end, new, ", ".join(says))]

"""What the info string of a fence says that it holds."""

import re
from typing import Literal

Kind = Literal["shell", "console", "sql", "unknown", "other"]

SHELLS = frozenset({"bash", "sh", "shell", "zsh", "ksh", "dash", "ash", "shellscript", "bashrc", "fish"})
CONSOLES = frozenset({"console", "shell-session", "shellsession", "sh-session", "bash-session", "terminal", "term",
                      "tty", "session", "cmdline", "command", "commandline", "ps1con"})  # fmt: skip
SQL = frozenset(
    {"sql", "postgresql", "postgres", "pgsql", "plpgsql", "mysql", "mariadb", "psql", "sqlite", "tsql", "plsql"}
)
TEXT = frozenset({"text", "txt", "plain", "plaintext", "none", "nohighlight", "no-highlight", "raw", "code", "example"})


def language_of(info: str) -> tuple[Kind, str]:
    """Give the kind of a fence and the name of its language ("" when it has none): "{.bash .x}" is shell too."""
    found = re.match(r"^[\s{.]*(?:language-)?(?P<name>[A-Za-z][\w+#-]*)", info)
    name = found["name"].casefold() if found and "=" not in info[found.end() : found.end() + 1] else ""
    if name in SHELLS:
        return "shell", name
    if name in CONSOLES:
        return "console", name
    if name in SQL:
        return "sql", name
    return ("unknown" if not name or name in TEXT else "other"), name

"""Console transcripts: what was typed behind a prompt is a command, what stands between the prompts is output."""

import re
from typing import Literal, NamedTuple

from tocsin.guard.shell import split
from tocsin.runbook.commandlike import is_known, other_than_command
from tocsin.runbook.known_commands import COMMAND_WORDS

Console = Literal["shell", "sql", "other", "comment"]

_HOST = r"[\w.-]{1,64}@[\w.-]{1,128}"
# Prompts of a shell: `$ `, `user@host:~$ `, `[root@host ~]# `, `sh-4.4# `, `/ # `, `(venv) $ `.
_SHELL = re.compile(
    rf"^\s*(?:\([\w.-]+\)\s*)?(?:\[{_HOST}[^\]\n]{{0,80}}\]\s?[$#%]|{_HOST}[:\s]?[^\s$#%>]{{0,80}}\s?[$#%]|"
    r"[\w.-]{2,128}:[~/][^\s$#%>]{0,80}\s?[$#%]|(?:ba|z|k|da)?sh-[0-9.]+[$#]|[~/][^\s$#%>]{0,40}\s[$#]|[\w.-]{2,128}\s[$%]|"
    r"[$❯➜])[ \t]+(?=\S)"  # noqa: RUF001 - what some shells print
)
_PLAIN = ("$", "❯", "➜")  # noqa: RUF001 - as above
_GLUED = re.compile(r"^\s*\$(?=[a-z][\w-]* )")
_ROOT = re.compile(r"^\s*[#%>][ \t]+(?=\S)")
# Prompts of other programs: psql (`db=# `, `db-> `), mysql, redis, mongo, Python, Ruby, PowerShell ...
_SQL = re.compile(
    r"^\s*(?:[\w-]{1,64}[=\-('\"*!^][#>]|(?:mysql|MariaDB \[[^\]]*\]|sqlite|cqlsh(?::\w+)?|ksql|clickhouse|duckdb)\s?>|"
    r"[\w.-]+@[\w.-]+(?::\d+)?/\w+>)[ \t]+(?=\S)"
)
_OTHER = re.compile(
    r"^\s*(?:(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}:[0-9]+|redis[\w.:-]*)(?:\[\d+\])?>|[\w-]+:(?:PRIMARY|SECONDARY|\w+)>|>>>|\.\.\.|"
    r"(?:\[[\w -]+\]\s*)?(?:irb|pry|iex|production|staging|console|scala|gremlin|ghci|node|test)[\w():]*\s?[>*]|"
    r"\(gdb\)|PS [A-Z]:\\[^>]*>|[A-Z]:\\[^>]*>)[ \t]+(?=\S)"
)
_SQL_GOES_ON = re.compile(r"^\s*(?:[\w-]{0,64}[-('\"*!^][#>]|->)[ \t]+")
_GOES_ON = re.compile(r"^\s*>[ \t]?")


class Typed(NamedTuple):
    """What was typed at one prompt, without the prompt; lines are 0-based and inclusive."""

    console: Console
    text: str
    line: int
    end_line: int


def transcript(body: str, *, console: bool) -> list[Typed] | None:
    """Give what was typed in a transcript, with its comments, or None when there is no prompt in it.

    `console` says that the fence calls itself one, so that `# ` and `> ` may be prompts too.
    """
    lines = body.split("\n")
    kinds = [_prompt(line, console=console) for line in lines]
    if not any(kinds):
        kinds = [_root_prompt(line) for line in lines] if console or _only_root(lines) else []
    if not any(kinds):
        return None
    found: list[Typed] = []
    at = 0
    while at < len(lines):
        kind = kinds[at]
        if kind is None:
            if lines[at].lstrip().startswith("# "):
                found.append(Typed("comment", lines[at].strip().lstrip("#").strip(), at, at))
            at += 1
            continue
        found.append(_typed(lines, kinds, at))
        at = found[-1].end_line + 1
    return found


def _prompt(line: str, *, console: bool) -> tuple[Console, str] | None:
    for kind, pattern in (("sql", _SQL), ("other", _OTHER), ("shell", _SHELL)):
        found = pattern.match(line)
        rest = line[found.end() :] if found else ""
        # "/srv/shop/ # the root" is a path with a remark, "50 % of" a sentence: a known command stands behind a prompt.
        if found and (kind != "shell" or found[0].strip() in _PLAIN or is_known(rest)):
            return kind, rest  # type: ignore[return-value]
    glued = _GLUED.match(line) if console else None
    if glued and line[glued.end() :].split(maxsplit=1)[0] in COMMAND_WORDS:
        return "shell", line[glued.end() :]
    return None


def _root_prompt(line: str) -> tuple[Console, str] | None:
    found = _ROOT.match(line)
    rest = line[found.end() :] if found else ""
    if found and is_known(rest) and other_than_command(rest, certain=False) is None:
        return "shell", rest
    return None


def _only_root(lines: list[str]) -> bool:
    """Tell whether every line that begins like a comment holds a command: then `#` is the prompt of root."""
    marked = [line for line in lines if _ROOT.match(line)]
    written = next((line for line in lines if line.strip()), "")
    return bool(marked) and written in marked and all(_root_prompt(line) for line in marked)


def _typed(lines: list[str], kinds: list[tuple[Console, str] | None], at: int) -> Typed:
    """Give the command at a prompt with the lines that continue it."""
    prompt = kinds[at]
    assert prompt is not None  # noqa: S101 - the caller looked
    console, text = prompt
    end = at
    while end + 1 < len(lines) and _incomplete(console, text):
        following = lines[end + 1]
        if console == "sql" and _SQL_GOES_ON.match(following):
            following = _SQL_GOES_ON.sub("", following, count=1)
        elif console == "shell" and kinds[end + 1] is None:
            following = _GOES_ON.sub("", following, count=1)
        elif kinds[end + 1] is not None or console == "sql":
            break
        text, end = f"{text}\n{following}", end + 1
    return Typed(console, text.rstrip(), at, end)


def _incomplete(console: Console, text: str) -> bool:
    if console == "sql":
        return not text.rstrip().endswith((";", "\\g", "\\gx")) and not text.lstrip().startswith("\\")
    if console != "shell":
        return False
    return text.rstrip(" \t").endswith("\\") or any(part.broken for part in split(text))

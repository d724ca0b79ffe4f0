"""What a line is by its form: an item of a list, a line of a log, a setting, a query, a drawing, a sentence."""

import re
import unicodedata
from functools import lru_cache

from tocsin.runbook.known_commands import COMMAND_WORDS, ENGLISH, KEYWORDS, words

LONG = 10_000
"""A line of more characters is no command that anybody wrote."""
_DATE = r"[0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_SQL_START = (
    r"select|insert\s+into|update|delete\s+from|with|create|alter|drop|grant|revoke|explain|show|vacuum|analyze|begin|"
    r"commit|rollback|truncate|reindex|checkpoint|call|copy|kill|use|describe|optimize|flush|restore|backup|dbcc"
)
# What a line is by its first characters, most telling first.
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a list item", re.compile(r"^(?:[-*•·–+]|[0-9]{1,3}[.)]|[A-Za-z][.)]|\[[ xX]?\])\s+\S")),  # noqa: RUF001 - a dash
    ("a quotation", re.compile(r"^(?:\"\"\"|'''|>\s(?![/~.$])|“|‘|\"[A-Z][^\"$/]* [^\"]*\"?$)")),  # noqa: RUF001 - typographic
    ("a ruler", re.compile(r"^(?:={3,}|-{3,}|\*{3,}|_{3,}|~{3,}|[-=+|]{3,}$)")),
    ("a row of a table", re.compile(r"^\||^\+[-=+]+")),
    ("a name", re.compile(r"^\$\{?\w+\}?(?:-\$\{?\w+\}?)+$")),
    ("an address", re.compile(r"^(?:[a-z][a-z0-9+.-]*://|mailto:|[\w.+-]+@[\w-]+\.[a-z]+(?:[\s,;]|$))")),
    ("a chat command", re.compile(r"^(?:/[a-z][\w-]*(?:\s|$)(?![|>&;])|![A-Za-z]|@[A-Za-z]|\\[A-Za-z])")),
    ("a line of a log", re.compile(
        rf"^(?:\[?{_DATE}|\[?[0-9]{{1,2}}:[0-9]{{2}}\b|{_MONTH} +[0-9]|[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}\b|"
        r"[IWEF][0-9]{4} [0-9:]+|at \S+[.(]\S|\[ *[0-9.]+\]|"
        r"\[?(?:trace|debug|info|warn(?:ing)?|error|fatal|panic|critical)\b[\]: ]|"
        r"(?:time|ts|level|at|timestamp)=\S.*\b(?:level|msg|ts|severity|message)=|[0-9]+ (?:bytes|packets|rows?)\b)",
        re.IGNORECASE,
    )),
    ("a key and its value", re.compile(r"^(?:[A-Za-z_][\w./-]*|\"[^\"]+\"|'[^']+'):(?:\s|$)")),
    ("a setting", re.compile(r"^(?:\[[^\]\s]+\]\s*$|[A-Za-z_][\w-]*(?:\.[\w-]+)+\s*=|(?:let\s+)?[\w-]+\s+:?=>?\s|"
                            r"[A-Z]+=\S+\s{2,}/|(?:host|hostssl|local)\s+\w+\s+\S+\s.*\b(?:md5|trust|peer|reject|scram-\S+)$)")),
    ("data", re.compile(r"^(?:[{}\[\](),;]+\s*$|\{\s*\"|\{\s*[\w.]+\s*[,:}]|\[\s*[{\"]|</?[A-Za-z!?])")),
    ("a query", re.compile(
        r"^(?:\{[^}]*=~?\s?\"|[A-Za-z_:][\w:]*\{[^}]*(?:=~?|!=|!~)\s?\"|[\w:.]+\s+(?:==|!=|>=|<=|=~|!~)\s)"
    )),
    ("code", re.compile(r"^(?:[A-Za-z_$][\w.:]*\((?!\))|[A-Za-z_$][\w:]*\.[\w.:]*\(\)|\)|//|/\*|\*/|<%|#include\b)")),
    ("code", re.compile(r"^(?:if|for|while|switch)\s*\(.*\)\s*(?:\{|return\b|throw\b|\w+\()")),
    ("code", re.compile(
        r"^(?:import|from|def|class|const|var|func|fn|package|public|private|protected|async|await|interface|enum|struct|"
        r"impl|pub|using|namespace|require|lambda|raise|throw|except|catch|finally|elif|println?|console\.\w+|module|"
        r"end|defmodule|begin|return|try|resource|provider|variable|output|location|server|upstream)\b(?![-./=])"
    )),
)  # fmt: skip
_SQL = re.compile(rf"^(?:{_SQL_START})\b(?![-./=])", re.IGNORECASE)
_SQL_MORE = re.compile(
    r";\s*$|^select\s+[\w.]+\(|\b(?:from|into|table|index|set|database|databases|processlist|pools|extension|role|user|"
    r"pg_\w+|now\(|count\(|where|as \()\b|\*",
    re.IGNORECASE,
)
_DRAWING = re.compile(r"[│├└┌┐┘┬┴┼─━═║╔╗╚╝▼▲►◄→←⇒⇐↓↑⟶✓✔✗✘✅❌⚠☐☑•]|(?:^|\s)(?:-{1,2}>|=>|<-{1,2})(?:\s|$)")
_RANGE = re.compile(r"\w\[[0-9]+[smhdw]\]|\w\{[^}]*\}\[")
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`")
_APOSTROPHE = re.compile(
    r"(?i)\b[a-z]+n['’]t\b|\b(?:it|that|there|here|what|who|let)['’]s\b|\b(?:you|we|they)['’](?:re|ve|ll|d)\b"  # noqa: RUF001
)
OPTION = re.compile(r"^-{1,2}[A-Za-z0-9?]")
BLOCKS = frozenset({"if", "for", "while", "until", "case"})
_DOUBLE = re.compile(r'"(?:\\.|[^"\\])*"')
ASSIGNED = re.compile(r"^[A-Za-z_]\w*\+?=")
# Words of a sentence that are hardly ever a bare argument of a command.
_GLUE = words("""
    the a an your you we our its their is are was were be been being should must will would can could may might
    have has had this that these those which when where why how and or but of because then there please not
    doesn't if unless until after before during into with without it they he she who also any every some otherwise
    instead
""")
# Commands that take words of a language as arguments.
_SPEAKING = words("""
    echo printf logger wall say man apropos grep egrep fgrep rg ag ack zgrep select read notify-send tldr
    info figlet cowsay expect spawn message espeak write mail sendmail pd hub gh glab jira
""")


@lru_cache(maxsize=2048)
def shape(line: str) -> str | None:
    """Give what a line is by its form alone (a list item, a log line, a sentence), or None when it may be a command."""
    line = line.strip()
    if not line or len(line) > LONG:
        return "text" if line else None
    if unicodedata.category(line[0]) in {"So", "Sk", "Sm"} and line[0] not in "|<>~+`^$=":
        return "text"
    kind = next((kind for kind, pattern in _KINDS if pattern.match(line)), None)
    return kind or _inner_shape(line)


def _inner_shape(line: str) -> str | None:
    bare = re.sub(r"\s#.*$", "", _QUOTED.sub("q", line))
    if _is_sql(line):
        return "SQL"
    if _DRAWING.search(bare):
        return "a drawing"
    if _RANGE.search(bare) and not bare.startswith("["):
        return "a query"
    return "a sentence" if is_sentence(line) else None


def is_sentence(line: str) -> bool:
    """Tell whether a line reads as English rather than as a command."""
    said = bare_words(line)
    if not said or said[0] in _SPEAKING:
        return False
    if said[0] in BLOCKS:
        return not _opens_block(said)
    if said[0] in KEYWORDS:
        return False
    shouted = said[0][0].isupper() and said[0].isalpha() and said[0] not in COMMAND_WORDS
    return shouted or _APOSTROPHE.search(_DOUBLE.sub("q", line)) is not None or _glued(said)


def _glued(said: list[str]) -> bool:
    """Tell whether there are words or marks between words that hold a sentence together."""
    in_block = any(word.endswith(";") for word in said)
    program = said[0] in COMMAND_WORDS - ENGLISH  # `... record-set a list` has an "a" that is no article
    glue = any(word in _GLUE and not (program and word == "a") for word in said[1:]) and not in_block
    ends = len(said) > 2 and re.fullmatch(r"[A-Za-z]{2,}[.!?:]", said[-1])  # noqa: PLR2004 - a sentence has three words
    return bool(glue or ends or any(re.match(r"[A-Za-z]{2,},$|\([A-Za-z]", word) for word in said[1:] + said[:1]))


def _opens_block(said: list[str]) -> bool:
    """Tell "if [ -f x ]" and "for x in" from "if the disk is full"."""
    speaks = any(re.search(r"[\[($;!=]", word) for word in said) or (
        said[0] != "for" and len(said) > 1 and said[1] in COMMAND_WORDS
    )
    return speaks or "in" in said[2:3]


def _is_sql(line: str) -> bool:
    """Tell SQL; a word such as `kill` that is a command too begins SQL only with a semicolon at the end."""
    shell_too = line.split(maxsplit=1)[0] in COMMAND_WORDS and not line.endswith(";")
    return bool(_SQL.match(line) and _SQL_MORE.search(line)) and not shell_too


def bare_words(line: str) -> list[str]:
    """Give the words of a line without its comment, each quotation as one `q`."""
    bare = _QUOTED.sub("q", line)
    bare = re.sub(r"(?:^|\s)#.*$", "", bare)
    return bare.split()

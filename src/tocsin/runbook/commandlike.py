"""Is a statement a shell command, and if not, what is it? Its first word decides, and what follows it.

The judgement is on the safe side: a line without something that speaks for a command is text.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from tocsin.runbook.imperatives import VERBS
from tocsin.runbook.known_commands import COMMAND_WORDS, ENGLISH, KEYWORDS, words
from tocsin.runbook.shapes import ASSIGNED, BLOCKS, OPTION, bare_words, shape

UNKNOWN = "text, or a command that is not widely known"
_PATH = re.compile(r"^(?:\.{1,2}|~|\$\{?\w+\}?)?/[\w.@%+~*{}$/-]*$|^[\w.-]+(?:/[\w.+-]+)+/?$")
_PROGRAM = re.compile(r"\.(?:sh|bash|py|rb|pl|js|ts|php|exe|bin|run|groovy)$|(?:^|/)(?:s?bin|scripts?|tools?|hack)/")
_DOCUMENT = re.compile(
    r"/$|\.(?:conf|cfg|cnf|ini|toml|ya?ml|json|log|md|txt|pem|key|crt|env|sql|html?|xml|csv|gz|zip|tar|service|"
    r"properties|plist|tf|lock|db|sock|pid|out|err|j2|erb|tmpl|go|java|tsx?|jsx?|css)$|"
    r"^/(?:etc|proc|sys|dev|var/log|var/run|home)/"
)
_WORD = re.compile(r"^(?:[A-Za-z0-9_][\w.+@-]*|\$\{?\w+\}?|q+)$")
_TOOL = re.compile(r"(?:ctl|cli|adm|admin|tool|cmd|sh)$|[A-Za-z][-_.][A-Za-z]+$")
_GAPS = re.compile(r"\S(?: {2,}|\t+)\S")
_SPEAKS = re.compile(r"[^A-Za-z,.:?!'-]|^-|^\.{1,2}$|\w\.\w|^[A-Z]{2,}$")
_CELL = re.compile(r"[0-9]+/[0-9]+|[A-Z][a-z]+(?:[A-Z][a-z]+)*")
_WRAPPERS = words("""
    sudo time nohup exec env command builtin nice ionice watch timeout doas then do else stdbuf unbuffer xargs
""")
# English words that another command may follow, or a subcommand that is itself a plain word.
_FOLLOWED = words("watch time timeout exec which type man parallel at git flux argo vault helm go gem rake")
# What a tool that nobody else knows is told to do.
_SUBCOMMANDS = words("""
    status start stop restart reload list ls info version help show get describe logs run check health healthcheck
    ping up down deploy rollback enable disable create update sync apply init login drain set exec stats scale
    backup restore
""")
# What a lone English word may still be as a command on its own.
_LONE = words("""
    top who w date mount history users last hash id sync exit wait free bash make screen git tree time yes locate type
    set
""")


def other_than_command(text: str, *, certain: bool = True, defined: Sequence[str] = ()) -> str | None:
    """Give what a statement is when it is no shell command ("a sentence", "a line of a log"), or None when it is one.

    `certain` says that it stands where commands stand: a fence that says so, or behind a prompt. `defined` are the
    functions and aliases defined beside it.
    """
    line = _first_line(text)
    kind = shape(line)
    if kind:
        return kind
    said = _unwrapped(bare_words(line))
    if not said:
        return None if certain else "a setting"
    if OPTION.match(said[0]) and bare_words(line)[0] in _WRAPPERS:  # `sudo -i`
        return None
    if re.match(r"[:>]|\"?\$", line if said[0] in ("q", ">", ":>", ":") else said[0]):
        return None if certain else "text"
    first = said[0].lstrip("({!").removesuffix("()") or said[min(1, len(said) - 1)]
    if {first, said[0]} & KEYWORDS or first in defined:
        return None
    return _by_words(first, said, line, certain=certain)


def is_known(text: str) -> bool:
    """Tell whether a statement begins with a command that is widely known, or with a path to a program."""
    said = _unwrapped(bare_words(_first_line(text)))
    if not said:
        return False
    tool = _TOOL.search(said[0]) is not None and any(OPTION.match(word) for word in said[1:])
    known = said[0] in COMMAND_WORDS | BLOCKS or said[0].startswith(("./", "../", "~/", "/"))
    return known or tool or (OPTION.match(said[0]) is not None and bare_words(_first_line(text))[0] in _WRAPPERS)


def _unwrapped(said: list[str]) -> list[str]:
    """Give the words from the real command on: behind assignments, `sudo -u name`, `timeout 5` and the like."""
    while said and ASSIGNED.match(said[0]):
        said = said[1:]
    if len(said) > 1 and said[0] in _WRAPPERS:
        inner = next((n for n, word in enumerate(said[1:5], 1) if word in COMMAND_WORDS or "/" in word), None)
        options = next((n for n, word in enumerate(said[1:], 1) if not OPTION.match(word)), 1)
        if inner is not None or said[0] not in ENGLISH:
            return _unwrapped(said[inner or options :])
    return said


def _by_words(first: str, said: list[str], line: str, *, certain: bool) -> str | None:
    if "/" in first:
        return _path(first, said[1:], certain=certain)
    if not _WORD.match(first):
        return "text"
    if "|" in said and not _any_known(said):
        return "a row of a table"
    if first in COMMAND_WORDS:
        return _english(first, said[1:]) if first in ENGLISH else None
    if first[0].isupper() or not certain:
        tool = _TOOL.search(first) is not None and any(OPTION.match(word) for word in said[1:])
        return "text" if first[0].isupper() else None if tool else UNKNOWN
    return _unknown(first, said[1:], line)


def _path(first: str, arguments: list[str], *, certain: bool) -> str | None:
    if not _PATH.match(first):
        return "text"
    if _PROGRAM.search(first):
        return None
    absolute = first.startswith(("/", "./", "../", "~/", "$"))
    is_program = absolute and not _DOCUMENT.search(first) and (certain or arguments)
    return None if is_program else "a path"


def _english(first: str, arguments: list[str]) -> str | None:
    """Judge a word that is both a command and English by what follows it."""
    if not arguments:
        is_command = first in _LONE
    elif arguments[0] in ("-", "–") and arguments[1:] and arguments[1] not in COMMAND_WORDS:  # noqa: RUF001 - a dash
        is_command = first in ("su", "tee")
    elif first == "make":
        is_command = len(arguments) == 1 or any(OPTION.match(word) or "=" in word for word in arguments)
    elif first == "service" and arguments[-1] in _SUBCOMMANDS:
        is_command = True
    elif first in _FOLLOWED:
        is_command = arguments[0] in COMMAND_WORDS or first in ("git", "helm") or _speaks(arguments)
    else:
        is_command = _speaks(arguments)
    return None if is_command else "a sentence"


def _speaks(arguments: Iterable[str]) -> bool:
    """Tell whether an argument has what words of a sentence have not: an option, a path, a number, a variable."""
    return any(_SPEAKS.search(word) for word in arguments)


def _unknown(first: str, arguments: list[str], line: str) -> str | None:
    """Judge a first word that is not known, in a fence that says that it holds commands."""
    options = any(OPTION.match(word) for word in arguments)
    if first.isdigit() or (len(_GAPS.findall(line)) > 1 and not options) or any(map(_CELL.fullmatch, arguments)):
        return "output"
    if line.endswith((";", "{")):
        return "a setting"
    if options or (arguments and arguments[0] in _SUBCOMMANDS and first not in VERBS):
        return None
    if first in VERBS:
        return "a sentence"
    is_tool = _TOOL.search(first) and len(arguments) <= 1 and (arguments or "_" not in first) and not first[0].isdigit()
    return None if is_tool or any(re.search(r"[/=$]|^[|>&]", word) for word in arguments) else UNKNOWN


def _any_known(said: list[str]) -> bool:
    starts = [said[0], *(word for before, word in pairwise(said) if before == "|")]
    return any(word in COMMAND_WORDS or "/" in word for word in starts)


def _first_line(text: str) -> str:
    """Give the first line of a statement with those that continue it."""
    joined = re.sub(r"\\\r?\n\s*", " ", text)
    return joined.split("\n", maxsplit=1)[0].strip()

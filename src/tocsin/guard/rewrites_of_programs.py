"""Which calls are changed so that they end, need no terminal and show no secret, program by program.

Each is run for real by tests/integration/test_rewrites.py.
"""

import re
from collections.abc import Callable, Iterator

import msgspec

from tocsin.guard.calls import Call, Word
from tocsin.guard.options import Option, options_of
from tocsin.guard.rewrites import Asked, Context, Edit
from tocsin.guard.rewrites_of_psql import psql

LINES = 200
"""Lines of a log that are shown where the author named no number."""
PRESENCE = "compgen -e | sed 's/$/ is set/'"
"""Prints the names of the exported variables, never a value; bash alone has it."""
PM2_FIELDS = (
    r"""jq -r '.[] | "\(.name): \(.pm2_env.status), \(.monit.memory / 1048576 | floor) MB, CPU \(.monit.cpu) %, """
    r"""\(.pm2_env.restart_time) restarts"'"""
)
"""What is shown of each process; the rest of what `pm2 jlist` prints holds the whole environment."""

_ENVIRONMENT = "/Divergent env/,$d"
_WRAPPERS = frozenset({"sudo", "command", "nohup", "time"})
_ENDS = "it ends instead of following the log"
_LAST = f"the last {LINES} lines"
_PAGER = "without a pager"
_LOG_TAKING = frozenset({"-n", "--tail", "--since", "--until", "--since-time", "-c", "--container", "--namespace", "-l",
                         "--selector", "--context", "--limit-bytes", "--max-log-requests"})  # fmt: skip
_GIT_TAKING = frozenset({"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path"})
_GIT_PAGED = frozenset({"log", "show", "diff", "branch", "tag", "reflog", "stash", "blame", "status", "shortlog",
                        "ls-files", "grep", "whatchanged", "config", "rev-parse"})  # fmt: skip
_SYSTEMD = frozenset({"systemctl", "journalctl", "loginctl", "timedatectl", "hostnamectl", "networkctl"})
_NETSTAT = re.compile(r"-[tulpnaex46s]+")
_NETSTAT_WORDS = {"--tcp": "--tcp", "--udp": "--udp", "--listening": "--listening", "--numeric": "--numeric",
                  "--all": "--all", "--programs": "--processes", "--program": "--processes"}  # fmt: skip
_JOURNAL_TAKING = frozenset({"-u", "--unit", "-n", "--lines", "-p", "--priority", "--since", "--until", "-S", "-U",
                             "-t", "-g", "--grep", "-o", "--output", "-H", "-M"})  # fmt: skip
_JOURNAL_BOUND = ("-n", "--lines", "--since", "-S", "-b", "--boot", "--disk-usage", "--list-boots")
_CURL_TAKING = frozenset({
    "-w", "--write-out", "-o", "--output", "-m", "--max-time", "--connect-timeout", "-H", "--header", "-X", "--request",
    "-d", "--data", "-u", "--user", "-A", "--user-agent", "-b", "--cookie", "-e", "--referer", "-x", "--proxy",
    "--resolve", "--cacert", "--retry", "--data-raw", "--data-binary", "-F", "--form", "--url",
})  # fmt: skip


def rewrites_of(source: str, pipeline: tuple[Call, ...], context: Context) -> Iterator[Asked]:
    """Give what is to be changed in a pipeline, call by call, and in the pipeline as a whole."""
    for call in pipeline:
        words = _bare(call.words)
        own = _PROGRAMS.get(words[0].text) if _is_plain(source, words[0]) else None
        if own:
            yield own(source, words, context)
    yield from _whole(source, pipeline, context)


def _bare(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Leave out `sudo` and the like in front of the program."""
    while len(words) > 1 and words[0].text in _WRAPPERS and not words[1].text.startswith("-"):
        words = words[1:]
    return words


def _is_plain(source: str, word: Word) -> bool:
    return source[word.start : word.end] == word.text


# -- edits


def _word(text: str) -> str:
    """Give a text as one word of the shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def _behind(word: Word, text: str, says: str) -> Edit:
    return Edit(word.end, word.end, text, says)


def _without(source: str, option: Option, says: str) -> Edit | None:
    """Take an option away: its word, or its letter in a cluster."""
    word = option.word
    if not _is_plain(source, word):
        return None
    if option.letter and len(word.text) > 2:  # noqa: PLR2004, a dash and one letter
        return Edit(word.start + option.letter, word.start + option.letter + 1, "", says)
    start = word.start
    while start and source[start - 1] in " \t":
        start -= 1
    return Edit(start, word.end, "", says)


def _asked(*edits: Edit | None) -> Asked:
    return Asked(edits=tuple(edit for edit in edits if edit))


# -- logs


def _pm2(source: str, words: tuple[Word, ...], context: Context) -> Asked:
    """`logs` prints what there is, and `monit` becomes a list of what it draws."""
    sub = words[1].text if len(words) > 1 else ""
    if sub == "monit" and _is_plain(source, words[1]):
        if "jq" in context.absent:
            return _asked(Edit(words[1].start, words[1].end, "list", "a list instead of a screen that is drawn anew"))
        return _asked(Edit(words[1].start, words[1].end, f"jlist | {PM2_FIELDS}",
                           "a list instead of a screen that is drawn anew"))  # fmt: skip
    if sub not in {"logs", "log"}:
        return Asked()
    options = options_of(words[2:], frozenset({"--lines", "--format", "--highlight"}))
    return _asked(
        None if options.has("--nostream") else _behind(words[-1], " --nostream", _ENDS),
        None if options.has("--lines") else _behind(words[-1], f" --lines {LINES}", _LAST),
    )


def _tail(source: str, words: tuple[Word, ...], _: Context) -> Asked:
    """`tail -f` shows the end of the file."""
    if len(words) > 1 and re.fullmatch(r"-[0-9]{1,6}[fF]", words[1].text) and _is_plain(source, words[1]):
        return _asked(Edit(words[1].end - 1, words[1].end, "", _ENDS))
    options = options_of(words[1:], frozenset({"-n", "--lines", "-c", "--bytes", "--pid", "-s", "--sleep-interval"}))
    follow = [option for option in options.given if option.name in {"-f", "-F", "--follow", "--retry"}]
    if not follow:
        return Asked()
    sized = options.has("-n", "--lines", "-c", "--bytes") or any(re.fullmatch("-[0-9]", o.name) for o in options.given)
    more = None if sized else _behind(words[0], f" -n {LINES}", _LAST)
    return _asked(more, *(_without(source, option, _ENDS) for option in follow))


def _container_logs(source: str, words: tuple[Word, ...], _: Context) -> Asked:
    """`logs -f` of kubectl, docker and the like shows the end of the log; `get -w` and `stats` look once."""
    place = next((n for n, word in enumerate(words) if n and word.text in {"logs", "get", "stats", "exec", "run"}), 0)
    sub = words[place].text
    options = options_of(words[place + 1 :], _LOG_TAKING)
    cluster = words[0].text in {"kubectl", "oc"}
    if sub == "logs":
        follow = [option for option in options.given if option.name in {"-f", "--follow"}]
        bound = options.has("--tail", "--since", "--since-time", "--limit-bytes", *(() if cluster else ("-n",)))
        more = _behind(words[place], f" --tail={LINES}", _LAST) if follow and not bound else None
        return _asked(more, *(_without(source, option, _ENDS) for option in follow))
    if sub == "get" and cluster:
        watch = [option for option in options.given if option.name in {"-w", "--watch", "--watch-only"}]
        return _asked(*(_without(source, option, "it looks once instead of watching") for option in watch))
    if sub == "stats" and not cluster and not options.has("--no-stream"):
        return _asked(_behind(words[place], " --no-stream", "it looks once"))
    return Asked()


def _systemd(source: str, words: tuple[Word, ...], _: Context) -> Asked:
    """No pager; the journal as far as it goes, or its end."""
    options = options_of(words[1:], _JOURNAL_TAKING)
    pager = None if options.has("--no-pager") else _behind(words[0], " --no-pager", _PAGER)
    if words[0].text != "journalctl":
        return _asked(pager)
    follow = [_without(source, option, _ENDS) for option in options.given if option.name in {"-f", "--follow"}]
    whole = options.has("-k", "--dmesg", *_JOURNAL_BOUND)
    more = None if options.has(*_JOURNAL_BOUND) or (whole and not follow) else _behind(words[0], f" -n {LINES}", _LAST)
    return _asked(pager, more, *follow)


# -- the machine


def _top(_: str, words: tuple[Word, ...], __: Context) -> Asked:
    """One look, as text."""
    options = options_of(words[1:], frozenset({"-n", "-o", "-w", "-p", "-u", "-U", "-d", "-E", "-e"}))
    return _asked(
        None if options.has("-b") else _behind(words[0], " -b", "as text instead of on a screen"),
        None if options.has("-n") else _behind(words[0], " -n 1", "it looks once"),
    )


def _netstat(source: str, words: tuple[Word, ...], context: Context) -> Asked:
    """`ss` where the machine has no `netstat`: its letters for sockets mean the same."""
    if "netstat" not in context.absent or "ss" in context.absent or not _is_plain(source, words[0]):
        return Asked()
    new = [_NETSTAT_WORDS.get(word.text, word.text) for word in words[1:]]
    if not all(_NETSTAT.fullmatch(text) or text in _NETSTAT_WORDS.values() for text in new):
        return Asked()
    edits = [Edit(words[0].start, words[0].end, "ss", "`ss`, because this machine has no `netstat`")]
    edits += [
        Edit(word.start, word.end, text, "") for word, text in zip(words[1:], new, strict=True) if word.text != text
    ]
    return _asked(*edits)


# -- code and the network


def _git(_: str, words: tuple[Word, ...], __: Context) -> Asked:
    """No pager, and no program of the repository's own that makes differences."""
    options = options_of(words[1:], _GIT_TAKING)
    sub = options.others[0] if options.others else None
    if sub is None or sub.text not in _GIT_PAGED:
        return Asked()
    before = [option for option in options.given if option.word.start < sub.start]
    paged = not any(option.name in {"--no-pager", "-P"} for option in before)
    shows = sub.text in {"show", "diff"} or (sub.text in {"log", "stash"} and options.has("-p", "--patch", "-u"))
    plain = not options.has("--ext-diff", "--no-ext-diff", "--textconv")
    found = _asked(
        _behind(words[0], " --no-pager", _PAGER) if paged else None,
        _behind(sub, " --no-ext-diff --no-textconv", "without foreign programs") if shows and plain else None,
    )
    return msgspec.structs.replace(found, environment=(("GIT_OPTIONAL_LOCKS", "0"),))


def _curl(_: str, words: tuple[Word, ...], context: Context) -> Asked:
    """It gives up, an HTTP error is a failure that says why, and a format in the document is laid out for it."""
    options = options_of(words[1:], _CURL_TAKING)
    written = options.find("-w", "--write-out")
    form = written.value.text if written and written.value else ""
    edits: list[Edit | None] = []
    tells = options.has("-f", "--fail", "--fail-with-body", "-i", "--include", "-I", "--head", "-v") or "code}" in form
    if not tells:
        old = "curl --fail-with-body" in context.absent
        edits.append(_behind(words[0], " --fail" if old else " --fail-with-body", "an HTTP error counts as a failure"))
    if options.has("-s", "--silent") and not options.has("-S", "--show-error"):
        edits.append(_behind(words[0], " --show-error", "it says why it fails"))
    if not options.has("-m", "--max-time"):
        edits.append(_behind(words[0], " --max-time 10", "it gives up after 10 seconds"))
    name = form.removeprefix("@")
    body = dict(context.files).get(name)
    if form.startswith("@") and body is not None and written and written.value:
        value = written.value
        inlined = Edit(value.start, value.end, _word(body), "")
        return Asked(edits=tuple(edit for edit in edits if edit), files=(name,),
                     inlined=(inlined,) if value is not written.word else ())  # fmt: skip
    return _asked(*edits)


_PROGRAMS: dict[str, Callable[[str, tuple[Word, ...], Context], Asked]] = {
    "pm2": _pm2,
    "tail": _tail,
    **dict.fromkeys(("kubectl", "oc", "docker", "docker-compose", "podman", "nerdctl"), _container_logs),
    **dict.fromkeys(_SYSTEMD, _systemd),
    "top": _top,
    "netstat": _netstat,
    "git": _git,
    "curl": _curl,
    "psql": psql,
}


# -- pipelines


def _whole(source: str, pipeline: tuple[Call, ...], _: Context) -> Iterator[Asked]:
    first, last = pipeline[0].words, pipeline[-1].words
    if len(first) == 1 and first[0].text in {"env", "printenv"} and _is_plain(source, first[0]):
        yield _asked(Edit(first[0].start, first[0].end, PRESENCE, "which variables are set, never their values"))
    if [word.text for word in last] in (["less"], ["more"]) and len(pipeline) > 1:
        bar = source.rfind("|", pipeline[-2].words[-1].end, last[0].start)
        start = len(source[:bar].rstrip(" \t"))
        yield _asked(Edit(start, last[-1].end, "", _PAGER))
    described = [word.text for word in first[:2]] in (["pm2", "describe"], ["pm2", "show"], ["pm2", "info"])
    if described and pipeline[1:2] and pipeline[1].texts == ("sed", _ENVIRONMENT):
        return
    if described:
        yield _asked(_behind(first[-1], f" | sed '{_ENVIRONMENT}'", "without the environment variables it lists"))

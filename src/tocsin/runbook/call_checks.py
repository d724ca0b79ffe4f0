"""What is wrong with single calls: requests without limits, output that nobody should see, failures that are hidden."""

import re

from tocsin.runbook.commands import Command
from tocsin.runbook.invocations import Invocation
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.policy import Step


def check_calls(command: Command, ledger: Ledger) -> None:
    """Record the trouble of each call of a command."""
    for call in command.calls:
        _bare_request(command, call, ledger)
        _personal_output(command, call, ledger)
        _work_tree(command, call, ledger)
        _unquoted(command, call, ledger)
    _hidden_failure(command, ledger)


_LOOPBACK = re.compile(r"^(?:https?://)?(?:localhost|127\.[0-9.]+|\[::1\]|0\.0\.0\.0)(?:[:/]|$)")
_NEEDS_AUTH = re.compile(
    r"https?://api\.(?:pagerduty|github|cloudflare|sendgrid|stripe|datadoghq)\.\w+/", re.IGNORECASE
)


def _bare_request(command: Command, call: Invocation, ledger: Ledger) -> None:
    missing = []
    if call.name == "curl" and not call.has("-V", "--version", "-h", "--help"):
        told = "http_code" in (call.value("-w", "--write-out") or "") or call.has("-I", "--head", "-i", "--include")
        if not (told or call.has("-f", "--fail", "--fail-with-body", "--fail-early")):
            missing.append("--fail-with-body")
        if not (call.has("-m", "--max-time") or "timeout" in call.wrapped or _wrapped_by_timeout(command, call)):
            missing.append("--max-time 10")
        if any(_NEEDS_AUTH.match(word) for word in call.words) and not _authorised(call):
            missing.append("an Authorization header")
    elif call.name == "wget" and not call.has("-T", "--timeout", "--read-timeout") and "timeout" not in call.wrapped:
        missing.append("--timeout=10 --tries=1")
    if missing:
        options = " ".join(word for word in missing if word.startswith("-"))
        ledger.warn(
            "RB130", command.line(call),
            f"`{call.name}` is called without {_and(missing)}: an error page counts as an answer, or a server that "
            "hangs holds everybody up.",
            re.sub(rf"\b{call.name}\b", f"{call.name} {options}", call.text, count=1) if options else None,
            at=call.text,
        )  # fmt: skip


def _wrapped_by_timeout(command: Command, call: Invocation) -> bool:
    return call.text.startswith("timeout ") or f"timeout {call.text}" in command.step.source


def _authorised(call: Invocation) -> bool:
    return call.has("-u", "--user", "-n", "--netrc", "--oauth2-bearer", "-K", "--config") or any(
        re.match(r"(?:authorization|x-api-key|x-auth\S*)\s*:", word, re.IGNORECASE) for word in call.words
    )


def _and(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


_LOG_TOOLS = {
    "pm2": ("logs", "log"), "kubectl": ("logs",), "oc": ("logs",), "docker": ("logs",), "podman": ("logs",),
    "docker-compose": ("logs",), "heroku": ("logs",), "nomad": ("logs",), "fly": ("logs",), "flyctl": ("logs",),
    "aws": ("logs",), "gcloud": ("logging",), "stern": (), "journalctl": (), "dmesg": (),
}  # fmt: skip
_LOG_FILE = re.compile(
    r"/var/log/|\.log(?:\.[0-9]+|\.gz|\b)|(?:access|error|audit|mail)[._-]log|syslog|catalina", re.IGNORECASE
)
_READERS = frozenset({"tail", "head", "cat", "less", "more", "zcat", "zless", "grep", "egrep", "zgrep", "rg", "awk",
                      "sed", "tac", "bat", "jq"})  # fmt: skip
_ENVIRONMENTS = {"pm2": ("jlist", "prettylist", "env", "describe", "show", "info"), "docker": ("inspect",),
                 "podman": ("inspect",), "systemctl": ("show",)}  # fmt: skip
_WIRE = frozenset({"tcpdump", "strace", "ngrep", "tshark", "gcore", "mysqldump", "pg_dump", "mongodump"})
_PEOPLE_SQL = re.compile(
    r"\bselect\b(?!\s+count\b)[^;]*\bfrom\s+\S*(?:user|customer|account|person|people|patient|member|email|order)s?\b",
    re.IGNORECASE,
)


def _personal_output(command: Command, call: Invocation, ledger: Ledger) -> None:
    """What may show people's data or secrets has to be redacted, and seen by few."""
    what = _shows(command.step, call)
    if what is None or _only_counts(command, call) or "/dev/null" in call.writes:
        return
    ledger.warn(
        "RB122", command.line(call),
        f"The output may hold personal data or secrets: {what}.", at=call.text,
    )  # fmt: skip


def _shows(step: Step, call: Invocation) -> str | None:
    return _shows_logs(call) or shows_processes(call) or _shows_data(step, call)


def _shows_logs(call: Invocation) -> str | None:
    logs = _LOG_TOOLS.get(call.name)
    asked = logs is not None and (not logs or any(word in logs for word in call.operands[:3]))
    read = call.name in _READERS and any(_LOG_FILE.search(word) for word in (*call.operands, *call.reads))
    return "logs hold what users sent" if asked or read else None


def shows_processes(call: Invocation) -> str | None:
    """Give how a call shows the arguments or the environment of processes, None when it does not."""
    first = next(iter(call.operands), "")
    if call.name == "ps" and _shows_arguments(call):
        return "`ps` shows the arguments of every process, and arguments hold passwords"
    if first in _ENVIRONMENTS.get(call.name, ()):
        return f"`{call.name} {first}` shows the environment of a process"
    if call.name in ("kubectl", "oc") and (
        first == "describe" or (first == "get" and (call.value("-o", "--output") or "") in ("yaml", "json"))
    ):
        return f"`{call.name} {first}` shows the environment of a container"
    return None


def _shows_data(step: Step, call: Invocation) -> str | None:
    first = next(iter(call.operands), "")
    if call.name in _WIRE or (call.name == "redis-cli" and first.casefold() in ("monitor", "keys", "get", "hgetall")):
        return f"`{call.name}` shows the data itself"
    sql = " ".join(query.text for query in step.queries if query.client == call.name)
    return "the rows are about people" if _PEOPLE_SQL.search(sql) else None


def _shows_arguments(call: Invocation) -> bool:
    if call.has("-o", "--format", "-C") or "-o" in call.words:
        chosen = call.value("-o", "--format") or ""
        return bool(re.search(r"\b(?:args|cmd|command)\b", chosen))
    return any(
        re.fullmatch(r"-?[A-Za-z]*(?:[auxef]){2,}[A-Za-z]*|-[A-Za-z]*[ef][A-Za-z]*", word) for word in call.words
    )


def _only_counts(command: Command, call: Invocation) -> bool:
    """Tell whether only a number of the output is left in the end."""
    later = [c for c in command.calls if c.pipeline == call.pipeline and c.stage >= call.stage]
    counts = ("-c", "--count", "-q", "--quiet")
    return any(c.name == "wc" or (c.name in ("grep", "egrep", "zgrep", "rg") and c.has(*counts)) for c in later)


_MOVES_TREE = frozenset({"checkout", "switch", "reset", "restore", "pull", "merge", "rebase", "clean", "cherry-pick",
                         "revert", "am", "apply", "bisect"})  # fmt: skip
_OTHER_TREES = {"svn": ("update", "up", "switch", "revert"), "hg": ("update", "up", "checkout", "revert")}


def _work_tree(command: Command, call: Invocation, ledger: Ledger) -> None:
    first = _subcommand(call)
    stashes = first == "stash" and not {"list", "show"} & set(call.operands)
    moves = call.name == "git" and (first in _MOVES_TREE or stashes)
    if moves and re.search(r"(?:^|/)(?:tmp|temp)\b", call.value("-C", "--work-tree") or ""):
        return
    if command.effects.risk != "read" and (moves or first in _OTHER_TREES.get(call.name, ())):
        ledger.warn(
            "RB144", command.line(call),
            f"`{call.name} {first}` changes the files of the work tree it is run in; on a production machine the "
            "service may start from half of a version.", at=call.text,
        )  # fmt: skip


def _subcommand(call: Invocation) -> str:
    """Give the first word that is neither an option nor the value of git's own options."""
    words = iter(call.words)
    for word in words:
        if word in ("-C", "-c", "--git-dir", "--work-tree"):
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""


_BARE_VARIABLE = re.compile(r"\$(?:\{(?P<braced>[A-Za-z_]\w*)\}|(?P<plain>[A-Za-z_]\w*))")
_IN_QUOTES = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)


def outside_quotes(call: Invocation) -> str | None:
    """Give the first variable of a call that its shell would split into words."""
    if call.name in ("[[", "export", "local", "declare", "readonly"):
        return None
    for word in call.arguments:
        found = _BARE_VARIABLE.search(_IN_QUOTES.sub("", word.raw))
        if found and not word.raw.startswith(("$(", "`")):
            return found[0]
    return None


def _unquoted(command: Command, call: Invocation, ledger: Ledger) -> None:
    bare = outside_quotes(call)
    if bare is None or "secret-in-argv" in command.effects.flags:
        return
    ledger.warn(
        "RB121", command.line(call) + call.text[: max(call.text.find(bare), 0)].count("\n"),
        f"{bare} stands outside quotes: blanks, `*`, `?` or `&` in its value change the command, and when it is "
        "empty another thing is meant.",
        f'write "{bare}"', at=bare,
    )  # fmt: skip


# What these print can be trusted to be there: an empty result means that there is nothing.
_RELIABLE = frozenset({
    "ps", "netstat", "ss", "top", "df", "du", "free", "env", "printenv", "set", "ls", "echo", "printf", "uptime",
    "date", "history", "who", "w", "id", "lsof", "lscpu", "find", "seq", "yes", "uname", "hostname", "git", "mount",
    "ip", "ifconfig", "vmstat", "iostat", "mpstat", "crontab", "lsblk", "lsmod", "sysctl", "getent", "true",
})  # fmt: skip
_FILTERS = frozenset({"grep", "egrep", "fgrep", "rg", "zgrep", "jq", "head", "tail", "wc", "sort", "uniq", "awk",
                      "sed", "cut", "tr", "column", "tee", "xargs", "less", "python3", "python", "yq"})  # fmt: skip


def _hidden_failure(command: Command, ledger: Ledger) -> None:
    if "pipefail" in command.step.source:
        return
    for first in (call for call in command.calls if call.stage == 0 and call.stages > 1):
        rest = [c for c in command.calls if c.pipeline == first.pipeline and c.stage > 0]
        if first.name in _RELIABLE or not rest or rest[-1].name not in _FILTERS:
            continue
        finds = next((c for c in rest if c.name in ("grep", "egrep", "fgrep", "rg", "zgrep")), None)
        says = (
            f"nothing found and `{first.name}` failing look the same" if finds is not None
            else f"`{rest[-1].name}` decides the outcome, so a failing `{first.name}` counts as success"
        )  # fmt: skip
        ledger.warn("RB131", command.line(first), f"The pipe hides a failure: {says}.", at=first.text)

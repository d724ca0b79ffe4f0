"""Reads logs, searches, counts and histories."""

import re

from tocsin.response.printed import Found, Printed, counted, shortened, whole

_HEADING = re.compile(r"^\[TAILING\]|^\S+\.log last \d+ lines:$|^==> .* <==$")
_ERROR = re.compile(
    r"\b(?:error|fatal|exception|panic|traceback|critical|emerg|out of memory|oom|segfault)\w*\b|\b\w+Error\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"^\s*([0-9]{1,15})\s+(.+)$")
_LOGS = frozenset({"journalctl", "tail", "head", "cat", "dmesg"})
_LOG_WORDS = frozenset({"pm2", "kubectl", "docker", "docker-compose"})


def search(printed: Printed) -> Found | None:
    """Read what is left of a text behind a `grep`: a number, the most frequent, or the lines themselves."""
    if not any(call.name == "grep" for call in printed.calls) or printed.exit not in {0, 1, 141}:
        return None
    lines = [line for line in printed.lines if not _HEADING.match(line)]
    number = whole(lines[0]) if len(lines) == 1 and printed.last.name in {"wc", "grep"} else None
    if not lines or number == 0:
        told = next((line for line in reversed(printed.err.splitlines()) if line.strip()), "")
        return Found(shortened(f"no line matches; {told}" if told else "no line matches"))
    if number is not None:
        return Found(counted(number, "line matches", "lines match"))
    if printed.exit:
        return None
    return most_frequent(printed) or Found(
        shortened(f"{counted(len(lines), 'line matches', 'lines match')}, last: {lines[-1]}", 160)
    )


def most_frequent(printed: Printed) -> Found | None:
    """Read the first line of `uniq -c | sort -nr`."""
    names = [call.name for call in printed.calls]
    top = _COUNTED.match(printed.lines[0]) if printed.lines else None
    if "uniq" not in names or not top:
        return None
    return Found(shortened(f"most often: {top[2]}, {counted(int(top[1]), 'time')}"))


def log(printed: Printed) -> Found | None:
    """Read how many lines a log gave and the last that speaks of an error."""
    words = printed.first.texts
    is_log = words[0] in _LOGS or (words[0] in _LOG_WORDS and "logs" in words[1:3])
    if not is_log or printed.exit not in {0, 141}:
        return None
    # Containers print their error stream on ours.
    lines = [line for line in (printed.out + "\n" + printed.err).splitlines() if line.strip()]
    lines = [line for line in lines if not _HEADING.match(line)]
    last = next((line for line in reversed(lines) if _ERROR.search(line)), None)
    text = counted(len(lines), "line")
    return Found(shortened(f"{text}, last error: {last}", 160) if last else text)


def history(printed: Printed) -> Found | None:
    """Read how many commits `git log` gave, and the newest."""
    if "log" not in printed.first.texts[1:3] or printed.exit or len(printed.calls) != 1:
        return None
    lines = printed.lines
    whole = [n for n, line in enumerate(lines) if re.match(r"commit [0-9a-f]{7,}", line)]
    if not lines:
        return Found("no commits")
    if whole:
        subject = next((line.strip() for line in lines if line.startswith("    ")), lines[0])
        return Found(shortened(f"{counted(len(whole), 'commit')}, newest: {subject}"))
    return (
        Found(shortened(f"{counted(len(lines), 'commit')}, newest: {lines[0]}"))
        if "--oneline" in printed.first.texts
        else None
    )

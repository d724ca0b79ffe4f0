"""What a pipe lets through: `pm2 jlist` prints whole environments, a filter that names fields or counts does not."""

from tocsin.guard.patterns import pattern
from tocsin.guard.syntax import Command

_FIELD = (
    r"\.(?:name|pid|pm_id|monit\.(?:memory|cpu)"
    r"|pm2_env\.(?:status|restart_time|unstable_restarts|pm_uptime|created_at|exec_mode|instances|node_version|version))"
)
_VALUE = rf"{_FIELD}(?: ?[*/] ?[0-9]{{1,9}})?(?: ?\| ?(?:floor|round|tostring))?"
_TEXT = rf'"(?:[^"\\]|\\\({_VALUE}\))*"'
_MEMBER = rf"(?:[a-z_]{{1,30}}: ?{_VALUE}|name|pid|pm_id)"
_FILTER = pattern(
    rf"\.\[\] ?\| ?(?:{_TEXT}|{_VALUE}|\{{ ?{_MEMBER}(?:, ?{_MEMBER})* ?\}}"
    rf"|\[ ?{_VALUE}(?:, ?{_VALUE})* ?\](?: ?\| ?@(?:tsv|csv))?)"
)
_COUNTED = pattern(r"(?:\. ?\| ?)?length")
_LISTS = frozenset({("pm2", "jlist"), ("pm2", "prettylist")})
_PLAIN = frozenset({"-r", "-c", "-rc", "-cr", "--raw-output", "--compact-output"})


def counts_alone(command: Command) -> bool:
    """Tell whether a command only counts what it is given, or says whether something is in it."""
    if command.before is None or not command.words or not all(word.fixed for word in command.words):
        return False
    name, *words = (word.text for word in command.words)
    asks = name == "grep" and bool({"-c", "-q", "-ic", "-qi", "-iq", "-ci"} & set(words))
    return (
        asks or (name == "wc" and len(words) <= 1) or (name == "jq" and _COUNTED.fullmatch(" ".join(words)) is not None)
    )


def behind(command: Command) -> list[Command]:
    """Give the commands whose output comes to this one and goes nowhere else."""
    found: list[Command] = []
    before = command.before
    while before and not before.redirections and before.words and before.words[0].text != "tee":
        found.append(before)
        before = before.before
    return found


def shows_fields_alone(command: Command) -> bool:
    """Tell whether a command filters the list of pm2's processes down to fields that hold no secret."""
    before = command.before
    if before is None or tuple(word.text for word in before.words) not in _LISTS or len(command.words) < 2:  # noqa: PLR2004, a name and a filter
        return False
    name, *options, asked = command.words
    plain = all(word.fixed for word in command.words) and all(option.text in _PLAIN for option in options)
    return name.text == "jq" and plain and _FILTER.fullmatch(asked.text) is not None

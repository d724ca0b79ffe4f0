"""Commands that never come back, or that want a terminal: what an unattended run would hang on."""

import re
from typing import NamedTuple


class Hang(NamedTuple):
    """Why a command hangs. `code` is RB103 (never ends) or RB104 (wants a terminal)."""

    code: str
    what: str
    suggestion: str | None


class _Rule(NamedTuple):
    code: str
    call: re.Pattern[str]
    ends: re.Pattern[str] | None
    what: str
    suggestion: str | None


_FOLLOW = r"(?=[^|;&]*\s(?:-[a-zA-Z]*[fF]\b|--follow\b))"


def _rule(code: str, call: str, what: str, suggestion: str | None = None, ends: str | None = None) -> _Rule:
    start = r"(?:^|[|;&(]\s*|\bsudo\s+|\bnpx\s+|\n\s*)"
    return _Rule(code, re.compile(start + call, re.MULTILINE), re.compile(ends) if ends else None, what, suggestion)


# `ends` is the option that makes the same command come back.
_RULES = (
    _rule("RB103", r"pm2 logs?\b", "pm2 logs follows the log", "add --nostream --lines 100", r"--nostream"),
    _rule("RB103", r"pm2 monit\b", "pm2 monit redraws the screen", "use pm2 status, or pm2 describe NAME"),
    _rule("RB104", r"pm2 monit\b", "pm2 monit draws on a terminal", "use pm2 status, or pm2 describe NAME"),
    _rule("RB103", rf"tail{_FOLLOW}", "tail -f follows the file", "use tail -n 100"),
    _rule("RB103", rf"journalctl{_FOLLOW}", "journalctl -f follows the log", "use -n 100 --no-pager instead of -f"),
    _rule("RB103", rf"(?:kubectl|oc|docker|docker-compose|docker compose) logs{_FOLLOW}", "it follows the log",
          "use --tail=100 instead of -f"),
    _rule("RB103", r"stern\b", "stern follows the logs", "add --no-follow", r"--no-follow"),
    _rule("RB103", r"kubectl get\b(?=[^|;&]*\s(?:-w|--watch)\b)", "it keeps watching", "leave out the watch option"),
    _rule("RB103", r"(?:kubectl|oc) port-forward\b", "a port-forward runs until it is stopped"),
    _rule("RB103", r"docker stats\b", "docker stats redraws", "add --no-stream", r"--no-stream"),
    _rule("RB103", r"watch\s", "watch repeats for ever", "run the watched command itself"),
    _rule("RB103", r"ping\s", "ping goes on", "add -c 4", r"\s-c\b|\s-c?[0-9]*c"),
    _rule("RB103", r"prisma studio\b", "prisma studio starts a server", "use a query such as SELECT 1"),
    _rule("RB103", r"node\s[^|;&\n]*--inspect\b", "node --inspect starts a second copy of the service",
          "profile the copy that runs, or a copy elsewhere"),
    _rule("RB103", r"(?:npm|yarn) (?:run )?(?:start|dev|serve)\b", "it starts a server"),
    _rule("RB104", r"top\b", "top draws on a terminal", "use top -b -n 1", r"\s-\w*b"),
    _rule("RB104", r"(?:htop|vim?|nano|emacs|less|more|man)(?=\s|$)", "it wants a person at a terminal"),
    _rule("RB104", r"(?:kubectl|oc|docker|docker-compose|docker compose) exec\b(?=[^|;&]*\s-(?:it|ti)\b)",
          "it opens a session on a terminal", "leave out -it and give the command to run"),
    _rule("RB104", r"(?:kubectl|oc) edit\b", "it opens an editor", "use kubectl patch"),
)  # fmt: skip
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
_LIMITED = re.compile(r"^\s*(?:sudo\s+)?timeout\s")


def hangs(source: str) -> tuple[Hang, ...]:
    """Give why a shell statement would not come back, one for each code; quoted text does not count."""
    bare = _QUOTED.sub("''", source)
    if _LIMITED.match(bare):
        return ()
    found: dict[str, Hang] = {}
    for rule in _RULES:
        if rule.call.search(bare) and not (rule.ends and rule.ends.search(bare)):
            found.setdefault(rule.code, Hang(rule.code, rule.what, rule.suggestion))
    return tuple(found.values())

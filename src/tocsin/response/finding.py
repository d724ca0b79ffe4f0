"""What a diagnostic found, in one short phrase. Green or red only where a known form of output says so."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from tocsin.guard.calls import Call, Unclear, Word, calls_in
from tocsin.response.answers import answer, query
from tocsin.response.guard import SQL, TIMEOUT
from tocsin.response.machine import disk, load, memory
from tocsin.response.printed import Found, Printed, counted, shortened
from tocsin.response.processes import pm2_describe, pm2_status, port, process_list, properties, sockets, unit
from tocsin.response.texts import history, log, most_frequent, search
from tocsin.runbook.policy import Step

# A program that wrote on after its reader had enough; with `head` at the end that is as it should be.
BROKEN_PIPE = 141

_MISSING = re.compile(r"(?:^|\n)(?:bash|sh): (?:line \d+: )?([\w.+-]+): (?:command )?not found")

_UNSET = re.compile(r"(?:^|\n)(?:bash|sh): (?:line \d+: )?(\w+): unbound variable")
_Reader = Callable[[Printed], Found | None]
_READERS: dict[tuple[str, ...], _Reader] = {
    ("pm2", "status"): pm2_status,
    ("pm2", "list"): pm2_status,
    ("pm2", "ls"): pm2_status,
    ("pm2", "describe"): pm2_describe,
    ("pm2", "show"): pm2_describe,
    ("pm2", "info"): pm2_describe,
    ("systemctl", "status"): unit,
    ("systemctl", "is-active"): unit,
    ("systemctl", "show"): properties,
    ("netstat",): port,
    ("ss", "-s"): sockets,
    ("ss",): port,
    ("ps",): process_list,
    ("df",): disk,
    ("free",): memory,
    ("uptime",): load,
    ("top",): load,
    ("psql",): query,
    ("curl",): answer,
    ("git",): history,
}


class Outcome(Protocol):
    """What came of a command, as a runner tells it."""

    @property
    def how(self) -> str:
        """Give `ended`, `timed-out`, `not-started` or `cut-short`."""
        ...

    @property
    def exit(self) -> int | None:
        """Give the exit code of a command that ended."""
        ...

    @property
    def out(self) -> str:
        """Give what it printed."""
        ...

    @property
    def err(self) -> str:
        """Give what it printed as errors."""
        ...


def finding(step: Step, effective: str, outcome: Outcome) -> Found:
    """Give what the outcome of the text that ran says. A failing command is no bad news by itself."""
    if outcome.how != "ended" or outcome.exit is None:
        return _unfinished(step, outcome)
    missing = _MISSING.search(outcome.err)
    if missing and outcome.exit:
        return Found(f"`{missing[1]}` is not installed here")
    unset = _UNSET.search(outcome.err)
    if unset and outcome.exit:
        return Found(f"`{unset[1]}` is not set here")
    if step.language == SQL:
        sent = Call((Word("psql", 0, 0), Word(effective, 0, 0, quoted=True)))
        answered = query(Printed((sent,), outcome.exit, outcome.out, outcome.err))
        return answered or _plainly(outcome.exit, outcome.out, outcome.err)
    calls = calls_in(effective)
    if not isinstance(calls, Unclear) and len(calls) == 1:
        printed = Printed(tuple(map(_bare, calls[0])), outcome.exit, outcome.out, outcome.err)
        words = printed.first.texts
        own = _READERS.get(words[:2]) or _READERS.get(words[:1])
        readers: tuple[_Reader, ...] = (*((own,) if own else ()), search, most_frequent, log)
        for reader in readers:
            found = reader(printed)
            if found:
                return found
    return _plainly(outcome.exit, outcome.out, outcome.err)


def _bare(call: Call) -> Call:
    """Leave out the flag that may stand before the subcommand, so that the subcommand is the second word."""
    return Call(tuple(word for word in call.words if word.text != "--no-pager"))


def _unfinished(step: Step, outcome: Outcome) -> Found:
    if outcome.how == "timed-out":
        seconds = min(step.timeout or TIMEOUT, TIMEOUT) / timedelta(seconds=1)
        return Found(f"did not end in {seconds:g} s")
    if outcome.how == "not-started":
        return Found(shortened(f"could not be started: {outcome.err}"))
    return Found("was stopped before its end" if not outcome.out else "was stopped: it printed without end")


def _plainly(code: int, out: str, err: str) -> Found:
    """Give the exit code with the last error, or how much was printed."""
    lines = [line for line in out.splitlines() if line.strip()]
    if code and not (code == BROKEN_PIPE and lines):
        told = next((line for line in reversed(err.splitlines()) if line.strip()), "")
        return Found(shortened(f"exit {code}: {told}" if told else f"exit {code}"))
    if not lines:
        return Found("printed nothing")
    return Found(shortened(lines[0]) if len(lines) == 1 else counted(len(lines), "line"))

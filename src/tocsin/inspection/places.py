"""Which machine each line of a document runs on, and what another machine lacks of what is needed there."""

import asyncio
import shlex
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from tocsin.response.guard import places
from tocsin.runbook.policy import Finding, Runbook, Step
from tocsin.runbook.references import Reference
from tocsin.runner import command as runner
from tocsin.runner import remote
from tocsin.settings import LOCAL, Settings

PATIENCE = timedelta(seconds=8)


def by_machine(needed: Iterable[Reference], runbook: Runbook, settings: Settings) -> Mapping[str, list[Reference]]:
    """Give what is needed for each machine that runs steps of the document."""
    usual, _ = places(settings, None)
    told = dict(_machines(runbook, settings))
    found: dict[str, list[Reference]] = {}
    for one in needed:
        found.setdefault(told.get(one.line, usual), []).append(one)
    return found


def _machines(runbook: Runbook, settings: Settings) -> Iterator[tuple[int, str]]:
    for entry in runbook.incident_types:
        machine, _ = places(settings, entry.id)
        steps: tuple[Step, ...] = (*entry.diagnostics, *(step for one in entry.resolution for step in one.steps))
        yield from ((line, machine) for step in steps for line in range(step.line, step.end_line + 1))


async def absent_over_there(needed: Mapping[str, list[Reference]], settings: Settings, base: Path) -> list[Finding]:
    """Give RB112 and RB111 for programs and files that other machines lack, RB004 for one that was not reached."""
    asked = [_absent(name, here, settings, base) for name, here in needed.items() if name != LOCAL]
    return [finding for found in await asyncio.gather(*asked) for finding in found]


async def _absent(name: str, needed: list[Reference], settings: Settings, base: Path) -> list[Finding]:
    wanted = {(one.kind, one.name): one for one in reversed(needed) if _is_asked(one)}
    lines = [f"{_question(kind, what)} || echo {shlex.quote(f'{kind} {what}')}" for kind, what in wanted]
    asking = runner.Command(text="\n".join([*lines, "true"]), environment={}, timeout=PATIENCE)
    outcome = await remote.run(asking, remote.host_of(name, settings.hosts[name], base))
    if outcome.how != "ended" or outcome.exit:
        told = outcome.err.strip().splitlines() or [outcome.how]
        return [Finding(code="RB004", level="info", line=1, message=f"[targets.{name}] was not looked at: {told[-1]}")]
    missing = set(outcome.out.splitlines())
    return [_told(one, name) for (kind, what), one in wanted.items() if f"{kind} {what}" in missing]


def _is_asked(one: Reference) -> bool:
    return one.kind == "program" or (one.kind == "file" and one.name.startswith("/"))


def _question(kind: str, what: str) -> str:
    asks = "command -v --" if kind == "program" else "test -e"
    return f"{asks} {shlex.quote(what)} >/dev/null 2>&1"


def _told(one: Reference, name: str) -> Finding:
    if one.kind == "program":
        message = f"`{one.name}` is not installed on {name}, which runs the step"
        return Finding(code="RB112", level="warning", line=one.line, message=message)
    return Finding(code="RB111", level="warning", line=one.line, message=f"{one.name} is not on {name}")

"""`tocsin drill --live`: a real service is broken in each way the configuration names, and the answer is scored.

The server is the real program with the real configuration; only its channels lead to stand-ins: nobody is paged.
docs/decisions/0070-a-live-drill-is-a-real-server-behind-stand-ins.md
"""

import asyncio
import os
import shlex
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from tocsin.clock import SystemClock
from tocsin.drill.live_ear import hearing
from tocsin.drill.live_fault import Fault, check_programs
from tocsin.drill.live_record import FOLDER, Left, Record, held, record_of, take_away
from tocsin.drill.live_server import Served, live_server
from tocsin.drill.live_stand_ins import SECRETS, StandIns
from tocsin.drill.live_story import WITHIN, Scene, Story, Tell
from tocsin.drill.live_watch import Watch
from tocsin.drill.score import Score, judged
from tocsin.errors import Refused, Unreachable, UsageError
from tocsin.runbook.policy import Runbook
from tocsin.runner.finishing import uninterrupted
from tocsin.settings import ChannelSettings, DrillSettings, Settings
from tocsin.triage.severity import severity_of

_ROOMS = ("console", "webhook", "slack", "apprise")


class Plan(NamedTuple):
    """What is rehearsed: a document, its configuration with both their files, and which variants of it."""

    runbook: Runbook
    path: Path
    settings: Settings
    config: Path
    drills: Sequence[DrillSettings]


def planned(settings: Settings, entries: Sequence[str], only: str | None) -> tuple[DrillSettings, ...]:
    """Give the variants that can be injected, of these entries (of all without any). Raises UsageError for none."""
    known = tuple(one for one in settings.drills.values() if one.inject)
    found = tuple(one for one in known if one.incident_type in (entries or (one.incident_type,)))
    found = tuple(one for one in found if only in {None, one.id})
    if not found:
        has = ", ".join(f"{one.incident_type}/{one.id}" for one in known) or "none"
        raise UsageError(f"no drill can be injected for that: give one of [drills] an `inject`; there are {has}")
    return found


async def drill_live(plan: Plan, environment: Mapping[str, str], tell: Tell) -> list[Score]:
    """Play each variant against the real service and give its score; `tell` hears of what happens meanwhile.

    `environment` is that of the caller. Raises Refused, with nothing injected, when the service is not well before.
    Whatever ends it, a fault that is under way is ended and restored first.
    """
    around, base = {**environment, **_written(plan)}, plan.config.resolve().parent
    with (
        held(record_of(plan.config, plan.settings.drill_environment)) as record,
        tempfile.TemporaryDirectory(prefix=FOLDER) as named,
    ):
        folder = Path(named)
        await uninterrupted(_undone(record, around, folder, tell))
        for drill in plan.drills:
            check_programs(drill, base, around.get("PATH", os.defpath))
        record.note(folder=named)
        async with _scene(plan, around, folder, record, tell) as scene:
            unwell = await scene.watch.until_first_seen()
            if unwell:
                raise Refused(f"the service is not well, so nothing was injected: {unwell}")
            scores: list[Score] = []
            for drill in plan.drills:
                if scores and not scores[-1].restored:
                    scores.append(_not_run(drill))
                    continue
                fault = Fault(drill, base, around, folder, record)
                scores.append(_judged(await _played(drill, fault, scene), drill, plan))
            return scores


async def _undone(record: Record, environment: Mapping[str, str], folder: Path, tell: Tell) -> None:
    """End what a drill left that was killed or failed, the fault first. Raises Refused when that stays wrong."""
    left = record.left
    if left == Left():
        return
    what = f"the fault {left.fault}" if left.restore else "its server"
    tell(f"an earlier drill has left {what} behind: first that is ended{' and put right' * bool(left.restore)}")
    await asyncio.to_thread(take_away, record, "inject", "restore")
    if left.restore:
        entry, _, name = left.fault.partition("/")
        drill = DrillSettings(id=name, incident_type=entry, restore=left.restore)
        trouble = await Fault(drill, Path(left.base), environment, folder, record).end()
        if trouble:
            raise Refused(f"{left.fault}, which an earlier drill left, cannot be put right: {trouble}; "
                          f"put it right yourself, then remove {record.path}")  # fmt: skip
    await asyncio.to_thread(take_away, record, "server")
    tell("what the earlier drill left is ended" + ", and the service put right" * bool(left.restore))


def _not_run(drill: DrillSettings) -> Score:
    why = "not run: the service is not well"
    return Score(incident_type=drill.incident_type, variant=drill.id, passed=False, because=(why,))


def _written(plan: Plan) -> dict[str, str]:
    """Give the variables of the file that [drills] names. Raises UsageError."""
    if plan.settings.drill_environment is None:
        return {}
    path = plan.config.resolve().parent / plan.settings.drill_environment
    try:
        words = shlex.split(path.read_text("utf-8"), comments=True)
    except (OSError, ValueError) as error:
        why = f"{path}, which [drills] names as environment, cannot be read: {getattr(error, 'strerror', error)}"
        raise UsageError(f"{why}; start what is drilled first") from error
    return dict(word.split("=", 1) for word in words if "=" in word)


@asynccontextmanager
async def _scene(
    plan: Plan, around: Mapping[str, str], folder: Path, record: Record, tell: Tell
) -> AsyncIterator[Scene]:
    """Start what the drill is played with, and end it."""
    clock, stand_ins = SystemClock(), StandIns(plan.settings)
    rooms = tuple(name for name, channel in plan.settings.channels.items() if _is_room(channel))
    async with stand_ins.serving() as channels:
        for name in stand_ins.instead:
            tell(f"the channel {name} has no stand-in: its messages go to the console")
        written = folder / "stand-ins.toml"
        written.write_text(channels, "utf-8")
        served = Served(plan.path.resolve(), plan.config.resolve(), written, {**around, **SECRETS})
        async with live_server(served, folder, record) as server:
            stand_ins.answers_at(server.address)
            tell(f"Tocsin serves {plan.path.name} at {server.address}; messages go to stand-ins, nobody is paged")
            async with hearing((server, *stand_ins.all_of_them), clock) as heard:
                yield Scene(server, Watch(server, plan.settings, clock), clock, heard, rooms or ("console",), tell)


def _is_room(channel: ChannelSettings) -> bool:
    """Give whether a channel reaches everybody on it, and not one person each."""
    return channel.kind in _ROOMS and (channel.kind != "slack" or "channel" in channel.options)


async def _played(drill: DrillSettings, fault: Fault, scene: Scene) -> Score:
    """Play one variant. A fault that began is ended, also when this is interrupted or the server is gone."""
    story = Story(drill, fault, scene)
    try:
        unwell = await scene.watch.until_well()
        if unwell:
            story.adds(f"it was not begun, because the service was not well: {unwell}")
            return story.score
        try:
            await story.breaks()
        except Refused as error:
            story.adds(str(error))
        finally:
            scene.tell(f"{drill.incident_type}/{drill.id}: is put right")
            trouble = await uninterrupted(fault.end())
            if trouble:
                scene.tell(f"{drill.incident_type}/{drill.id}: {trouble}")
            story.mended(trouble)
        await story.is_over()
    except (Refused, Unreachable) as error:
        story.adds(str(error))
        scene.tell(f"{drill.incident_type}/{drill.id}: {error}")
    return story.score


def _judged(score: Score, drill: DrillSettings, plan: Plan) -> Score:
    expected = replace(drill.expect, within=drill.expect.within or WITHIN)
    entry = plan.runbook.incident_type(drill.incident_type)
    least = severity_of(entry, plan.settings.incident_types) if entry else None
    return judged(score, expected, [one.id for one in plan.runbook.severities], least)

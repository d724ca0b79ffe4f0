"""Silences as somebody wants them: kept, ended, and told with what they hold back."""

import logging
from typing import NamedTuple

from tocsin.detection.alert import AlertState
from tocsin.engine.engine import Engine
from tocsin.errors import NotFound
from tocsin.grouping.drafting import Draft, cautions, silence_of
from tocsin.incident.silence import Silence, status_of
from tocsin.store import silences as s

log = logging.getLogger("tocsin.silences")


class Silenced(NamedTuple):
    """A silence, what is worth a warning about it, and the alerts it holds back now."""

    silence: Silence
    cautions: tuple[str, ...]
    held: tuple[AlertState, ...]


async def begin(engine: Engine, draft: Draft, by: str) -> Silenced:
    """Make a silence. Raises UsageError for what is missing or makes no sense."""
    world, now = engine.worlds.current, engine.clock.now()
    kept = await engine.store.write(s.begin(silence_of(draft, by, world.settings, now)))
    found = cautions(kept, *world)
    log.warning("%s by %s: %s because %s", kept.id, by, " ".join(one.text for one in kept.matchers), kept.why)
    for caution in found:
        log.warning("%s: %s", kept.id, caution)
    engine.changes.tell()  # pages show it; nothing is due that was not
    return Silenced(kept, found, ())


async def end(engine: Engine, name: str, by: str) -> Silenced:
    """End a silence; what it held back is looked at again at once. Raises NotFound."""
    ended = await engine.store.write(s.end(name, by, engine.clock.now()))
    if ended is None:
        raise NotFound(f"there is no silence {name[:40]}; `tocsin silence list` names them")
    log.warning("%s is over, ended by %s", name, ended.ended_by or "its time")
    engine.changes.announce()
    return (await _with_held(engine, (ended,)))[0]


async def one(engine: Engine, name: str) -> Silenced:
    """Give a silence. Raises NotFound."""
    found = await engine.store.read(s.silence(name))
    if found is None:
        raise NotFound(f"there is no silence {name[:40]}; `tocsin silence list` names them")
    return (await _with_held(engine, (found,)))[0]


async def listed(engine: Engine, before: int, limit: int) -> tuple[Silenced, ...]:
    """Give silences, newest first, those that are over too."""
    return await _with_held(engine, await engine.store.read(s.silences(before, limit)))


async def in_force(engine: Engine) -> tuple[Silenced, ...]:
    """Give the silences that hold now, in the order they were made."""
    now = engine.clock.now()
    ahead = await engine.store.read(s.silences_ahead(now))
    return await _with_held(engine, tuple(one for one in ahead if status_of(one, now) == "active"))


async def _with_held(engine: Engine, found: tuple[Silence, ...]) -> tuple[Silenced, ...]:
    now = engine.clock.now()
    active = any(status_of(silence, now) == "active" for silence in found)
    held = await engine.store.read(s.alerts_held(now)) if active else ()
    return tuple(
        Silenced(silence, cautions(silence, *engine.worlds.current), _held_by(silence, held)) for silence in found
    )


def _held_by(silence: Silence, held: tuple[AlertState, ...]) -> tuple[AlertState, ...]:
    return tuple(state for state in held if state.held and silence.id in state.held.silences)

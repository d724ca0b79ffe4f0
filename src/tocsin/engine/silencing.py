"""Silences as somebody wants them: kept, ended, and told with what they hold back, and with what they do not."""

import logging
from typing import NamedTuple

from tocsin.detection.alert import AlertState
from tocsin.engine.engine import Engine
from tocsin.errors import NotFound
from tocsin.grouping.drafting import Draft, cautions, silence_of
from tocsin.grouping.matchers import fits, subject
from tocsin.incident.silence import Silence, status_of
from tocsin.store import silences as s
from tocsin.store.readings import FiringAlert, firing_alerts
from tocsin.store.transactions import Viewer

log = logging.getLogger("tocsin.silences")


_MOST_FIRING = 1000
_MOST_NAMED = 3
_EVERYBODY = Viewer(everything=False, person="")


class Silenced(NamedTuple):
    """A silence, what is worth a warning about it, and the alerts it holds back now."""

    silence: Silence
    cautions: tuple[str, ...]
    held: tuple[AlertState, ...]


async def begin(engine: Engine, draft: Draft, by: str) -> Silenced:
    """Make a silence. Raises UsageError for what is missing or makes no sense."""
    world, now = engine.worlds.current, engine.clock.now()
    kept = await engine.store.write(s.begin(silence_of(draft, by, world.settings, now)))
    [made] = await _with_held(engine, (kept,))
    log.warning("%s by %s: %s because %s", kept.id, by, " ".join(one.text for one in kept.matchers), kept.why)
    for caution in made.cautions:
        log.warning("%s: %s", kept.id, caution)
    engine.changes.tell()  # pages show it; nothing is due that was not
    return made


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


async def listed(engine: Engine, limit: int) -> tuple[Silenced, ...]:
    """Give silences, newest first, of those that are over so many of the latest."""
    return await _with_held(engine, await engine.store.read(s.silences_told(engine.clock.now(), limit)))


async def in_force(engine: Engine) -> tuple[Silenced, ...]:
    """Give the silences that hold now, in the order they were made."""
    now = engine.clock.now()
    ahead = await engine.store.read(s.silences_ahead(now))
    return await _with_held(engine, tuple(one for one in ahead if status_of(one, now) == "active"))


async def _with_held(engine: Engine, found: tuple[Silence, ...]) -> tuple[Silenced, ...]:
    now = engine.clock.now()
    active = {silence.id for silence in found if status_of(silence, now) == "active"}
    held = await engine.store.read(s.alerts_held(now)) if active else ()
    firing = await engine.store.read(firing_alerts(_EVERYBODY, now, _MOST_FIRING)) if active else ()
    return tuple(
        Silenced(
            silence,
            (*cautions(silence, *engine.worlds.current), *(_goes_on(silence, firing) if silence.id in active else ())),
            _held_by(silence, held),
        )
        for silence in found
    )


def _goes_on(silence: Silence, firing: tuple[FiringAlert, ...]) -> tuple[str, ...]:
    """Give that incidents it speaks of are open and go on as they do; those that few may see are not named."""
    fitting = (one for one in firing if one.open)
    numbers = sorted(
        {one.incident for one in fitting if fits(silence.matchers, subject(one.state.alert, one.entry, one.severity))}
    )
    if not numbers:
        return ()
    more = f" and {len(numbers) - _MOST_NAMED} more" if len(numbers) > _MOST_NAMED else ""
    verb, goes, them = ("are", "go", "them") if len(numbers) > 1 else ("is", "goes", "it")
    named = ", ".join(numbers[:_MOST_NAMED])
    return (f"{named}{more} {verb} open and {goes} on, paging until somebody acknowledges or resolves {them}",)


def _held_by(silence: Silence, held: tuple[AlertState, ...]) -> tuple[AlertState, ...]:
    return tuple(state for state in held if state.held and silence.id in state.held.silences)

"""People move alerts between incidents: merge two, or split some off. Both incidents change together or not at all."""

from tocsin.engine.corrections import corrections_known
from tocsin.engine.engine import Engine, Loaded, Part
from tocsin.errors import NotFound
from tocsin.grouping.deciding import New
from tocsin.grouping.moving import Known, Mover, merging, split_before, splitting
from tocsin.incident.incident import Incident
from tocsin.store import transactions as t


async def merge(engine: Engine, number: str, into: str, who: Mover, viewer: t.Viewer) -> Incident:
    """Let an incident go on in another one, and give that. Raises NotFound, UsageError or Refused."""
    while True:
        one, other = await engine.load(number, viewer), await engine.load(into, viewer)
        leaving, target = _known(one, number), _known(other, into)
        moved = merging(leaving, target, who)
        if not moved.leaving:
            return target.incident
        now = max(engine.clock.now(), leaving.incident.at, target.incident.at)
        done = await engine.commit_together((Part(one, moved.leaving), Part(other, moved.going)), now)
        if done is not None:
            return done[1]


async def split(engine: Engine, number: str, groups: tuple[str, ...], who: Mover, viewer: t.Viewer) -> Incident:
    """Give alerts of an incident one of their own, and give that. Raises NotFound, UsageError or Refused."""
    while True:
        loaded = await engine.load(number, viewer)
        known = _known(loaded, number)
        before = split_before(known.incident, groups)
        if before is not None:
            return _known(await engine.load(before), before).incident
        ordinal, now = await engine.store.read(t.next_ordinal()), max(engine.clock.now(), known.incident.at)
        corrections = await corrections_known(engine.store)
        new = New(engine.number(ordinal, now), engine.worlds.current, corrections)
        moved = splitting(known, groups, who, new, now)
        states = {state.alert.group_key: state for state in loaded.alerts}
        first, *rest = (states[group] for group in dict.fromkeys(groups))
        timeline = t.Timeline(None, 0, (), first, ordinal, tuple(rest))
        opens = Part(Loaded(timeline, (), None, engine.worlds.current), moved.going, leave=number)
        done = await engine.commit_together((Part(loaded, moved.leaving), opens), now)
        if done is not None:
            return done[1]


def _known(loaded: Loaded, number: str) -> Known:
    if loaded.incident is None:
        raise NotFound(f"there is no incident {number}")
    return Known(loaded.incident, loaded.alerts, loaded.world)

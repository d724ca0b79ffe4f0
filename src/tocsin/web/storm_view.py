"""The words of a storm: how much came in how long, what holds it together, what is bundled, until when."""

from collections.abc import Iterable
from datetime import datetime

from tocsin.engine.engine import Understood
from tocsin.engine.pacing import ALONE, LANE
from tocsin.grouping.storm import Storm, storm
from tocsin.web.asking import Asked
from tocsin.web.listing import LOOK_BACK, listed_for, understood_of
from tocsin.web.times import Times, lasting


def storm_words(known: Iterable[Understood], times: Times, number: str = "") -> str:
    """Give what is told of the storm that is on, "" for none. `number` is the incident it is told on."""
    found = list(known)
    on = storm((one.incident for one in found if one.incident is not None), times.now)
    if on is None:
        return ""
    least = "at least " if len(found) >= LOOK_BACK else ""
    came = f"{least}{on.alerts} alerts in {lasting(times.now - on.since)}, {_held(on, number)}."
    bundled = "" if number else f"{_bundled()} "
    return f"{came} {bundled}It is over at {times.hm(on.until)} if nothing more comes."


async def storm_on(who: Asked, number: str) -> str:
    """Give what is told of the storm on the page of an incident."""
    return storm_words(await understood_of(who, await listed_for(who)), who.times, number)


def in_storm(version: str, *, on: bool) -> str:
    """Give the version of a page that tells of the storm, when one is on: nothing of its own changes with that."""
    return f"{version}/storm" if on else version


async def storm_until(who: Asked) -> datetime | None:
    """Give when the storm that is on is over if nothing more comes; None where none is on."""
    known = await understood_of(who, await listed_for(who))
    on = storm((one.incident for one in known if one.incident is not None), who.times.now)
    return on.until if on else None


def _held(on: Storm, number: str) -> str:
    together = f"{on.incidents} incident{'s' if on.incidents > 1 else ''}"
    if number:
        return f"{on.counts.get(number, 0)} of them held together here, all in {together}"
    where = "" if on.incidents == 1 or on.most == 1 else f", {on.most} of them in {on.largest}"
    return f"held together in {together}{where}"


def _bundled() -> str:
    seconds = LANE.per.total_seconds() / LANE.messages
    return (
        f"After {ALONE} messages in a row each person gets what waits as one, the most urgent first, "
        f"every {seconds:.0f} s at most."
    )

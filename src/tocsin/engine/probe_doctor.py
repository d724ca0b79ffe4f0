"""The doctor's look at probes: each is looked at once, beside what is remembered of it, and it is said what it saw."""

import asyncio
from collections.abc import Callable, Sequence

from tocsin.clock import Clock
from tocsin.detection.reading import Broken, Reading
from tocsin.engine.doctor import Check
from tocsin.engine.looking import closed, look_once
from tocsin.engine.plan import unit_of
from tocsin.engine.probe_seen import Seen
from tocsin.errors import SettingsInvalid
from tocsin.probes.probe import Probe
from tocsin.runbook.units import told
from tocsin.settings import ProbeSettings

AT_ONCE = 16
WITHIN = 30.0
"""Seconds after which the doctor waits for no look any more."""

MOST_TOLD = 100
"""So many probes are told one by one."""


async def look_at_probes(
    seen: Sequence[Seen], made: Callable[[ProbeSettings], Probe], clock: Clock
) -> tuple[Check, ...]:
    """Give what a look at every probe finds; those of remote probers are told by what was heard last."""
    here = [one for one in seen if not one.settings.at]
    places = asyncio.Semaphore(AT_ONCE)

    async def look(one: Seen) -> Check:
        async with places:
            try:
                looker = made(one.settings)
            except SettingsInvalid as error:
                return Check(f"probe {one.settings.id}", "error", str(error))
            try:
                found = await look_once(one.settings.id, looker, one.settings.timeout, clock.now)
            finally:
                await closed(one.settings.id, looker)
            return _told(one, found)

    tasks = {one.settings.id: asyncio.create_task(look(one)) for one in here}
    if tasks:
        await asyncio.wait(tasks.values(), timeout=WITHIN)
    looked = {name: _result(name, task) for name, task in tasks.items()}
    checks = [looked.get(one.settings.id) or _remote(one) for one in seen]
    unwatched = [
        Check(f"probe {one.settings.id}", "warning", f"the check {name} is not judged: {why}")
        for one in seen
        for name, why in one.unwatched.items()
    ]
    return (*_few(checks), *unwatched[:MOST_TOLD])


def _result(name: str, task: "asyncio.Task[Check]") -> Check:
    if not task.done():
        task.cancel()
        return Check(f"probe {name}", "warning", f"there was no time to look within {WITHIN:.0f} s; ask again")
    return task.result()


def _told(one: Seen, found: Reading | Broken) -> Check:
    name = f"probe {one.settings.id}"
    if isinstance(found, Broken):
        return Check(name, "error", f"cannot look: {found.why}")
    values = ", ".join(
        f"{value} {told(number, unit_of(one.settings, value))}" for value, number in found.values.items()
    )
    trouble = found.details.get("trouble", "")
    words = "; ".join(part for part in (values or "no values", trouble) if part)
    return Check(name, "warning" if trouble else "ok", f"sees {words}")


def _remote(one: Seen) -> Check:
    name, prober = f"probe {one.settings.id}", one.settings.at
    if one.broken is not None:
        return Check(name, "error", f"cannot look: {one.broken.why}")
    if one.looked is None:
        return Check(
            name, "warning", f"the prober {prober} was not heard yet; start `tocsin probe --at {prober}` there"
        )
    return Check(name, "ok", f"the prober {prober} looked at {one.looked:%Y-%m-%d %H:%M:%S} UTC")


def _few(checks: Sequence[Check]) -> list[Check]:
    """Give the checks, and only how many are well where those are too many."""
    wrong = [check for check in checks if check.level != "ok"]
    well = [check for check in checks if check.level == "ok"]
    if len(checks) <= MOST_TOLD:
        return list(checks)
    more = len(wrong) - MOST_TOLD
    rest = [Check("probes", "warning", f"{more} more probes are not well")] if more > 0 else []
    return [
        *wrong[:MOST_TOLD],
        *rest,
        Check("probes", "ok", f"{len(well)} of {len(checks)} probes look and see no trouble"),
    ]

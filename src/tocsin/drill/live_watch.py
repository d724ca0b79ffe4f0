"""How the service of a live drill is, as the probes of the drill's server see it."""

import asyncio
from datetime import timedelta
from typing import Any

from tocsin.clock import Clock
from tocsin.drill.live_server import PAUSE, LiveServer
from tocsin.settings import CheckSettings, ProbeSettings, Settings

Json = dict[str, Any]

_USUAL_PATIENCE = timedelta(seconds=60)
_MOST_PATIENCE = timedelta(minutes=10)
_LOOKS = 3
"""So many looks more than a check asks for may be lost."""

_SEEN = ("ok", "learning")


class Watch:
    """Asks the server what its probes saw. Probes of other machines cannot reach it, and are not waited for."""

    def __init__(self, server: LiveServer, settings: Settings, clock: Clock) -> None:
        """Take what is watched, and the server that watches it."""
        self._server, self._clock = server, clock
        self._probes = [probe for probe in settings.probes.values() if not probe.at]

    async def incidents(self) -> list[Json]:
        """Give all incidents, newest first."""
        found: list[Json] = (await self._server.get("/api/v1/incidents?limit=500"))["incidents"]
        return found

    async def until_first_seen(self) -> str:
        """Wait until everything was looked at; say what is not well, "" for nothing. What fires does so at once."""
        return await self._until_well(at_once=True)

    async def until_well(self) -> str:
        """Wait until every check is good, for as long as checks take to be; say what is not, "" for nothing."""
        return await self._until_well(at_once=False)

    async def _until_well(self, *, at_once: bool) -> str:
        end = self._clock.monotonic() + patience(self._probes).total_seconds()
        while True:
            bad, unknown = await self._troubles()
            if not bad and not unknown:
                return ""
            if (bad and at_once) or self._clock.monotonic() >= end:
                return "; ".join(bad)  # what cannot be judged says nothing
            await asyncio.sleep(PAUSE)

    async def _troubles(self) -> tuple[list[str], bool]:
        """Give what is wrong, and whether something was not looked at yet."""
        local = {probe.id for probe in self._probes}
        shown = [one for one in (await self._server.get("/api/v1/probes"))["probes"] if one["id"] in local]
        checks = [(one, check) for one in shown for check in one["checks"] if not check["unwatched"]]
        bad = [f"the probe {one['id']} cannot look: {one['why']}" for one in shown if one["state"] == "broken"]
        bad += [f"{one['id']}/{check['id']}: {check['words']}" for one, check in checks if check["state"] == "firing"]
        unseen = any(one["state"] == "unknown" for one in shown)
        return bad, unseen or any(check["state"] not in (*_SEEN, "firing") for _, check in checks)


def patience(probes: list[ProbeSettings]) -> timedelta:
    """Give how long checks may take until they are good again after what they watch is."""
    longest = max((_recovers_in(probe, check) for probe in probes for check in probe.checks), default=timedelta(0))
    return min(_USUAL_PATIENCE + longest, _MOST_PATIENCE)


def _recovers_in(probe: ProbeSettings, check: CheckSettings) -> timedelta:
    looks = (check.times + _LOOKS) * (probe.every + probe.timeout)
    return looks + (check.window or timedelta(0)) + check.recovers_for

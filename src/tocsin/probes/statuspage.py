"""What somebody's status page says of itself, where it is one of Statuspage's: Supabase, Cloudflare, Sentry and so on.

The page is the instrument: when it does not answer, the probe is broken, and nothing is down.
Source: the public API of a status page by Statuspage, `/api/v2/summary.json`.
"""

from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from itertools import islice

import msgspec
from msgspec.structs import replace
from yarl import URL

from tocsin.detection.reading import Reading
from tocsin.probes.options import StatuspageOptions
from tocsin.probes.probe import LookFailed
from tocsin.probes.table import Parts
from tocsin.probes.target import target_of
from tocsin.probes.trouble import NoAnswer

_INDICATORS = {"none": 0.0, "maintenance": 0.0, "minor": 1.0, "major": 2.0, "critical": 3.0}
_STATUSES = {
    "operational": 0.0, "under_maintenance": 0.0,
    "degraded_performance": 1.0, "partial_outage": 2.0, "major_outage": 3.0,
}  # fmt: skip
_OVER = {"resolved", "postmortem", "completed"}
_MOST_NAMED = 8


class _Status(msgspec.Struct):
    indicator: str


class _Component(msgspec.Struct):
    name: str
    status: str
    id: str = ""
    group: bool | None = False


class _Incident(msgspec.Struct):
    name: str
    status: str = ""


class _Summary(msgspec.Struct):
    status: _Status
    components: list[_Component]
    incidents: list[_Incident] = []


class Statuspage:
    """Reads a status page. Raises SettingsInvalid for an address that is none."""

    memory = ""

    def __init__(self, options: StatuspageOptions, parts: Parts) -> None:
        """Take whose page, and which components have a name of ours."""
        self._target, self._named = target_of(options, parts), options.values
        url = self._target.wanted.url
        if not url.path.endswith(".json"):
            url = URL(f"{str(url.with_query(None)).rstrip('/')}/api/v2/summary.json", encoded=True)
        self._wanted = replace(self._target.wanted, url=url)

    async def look(self, now: datetime) -> Reading:
        """Read it once."""
        summary = await self._summary()
        if summary.status.indicator not in _INDICATORS:
            raise LookFailed(f"{self._target.host} has an indicator {summary.status.indicator[:20]!r} nobody knows")
        single = [one for one in summary.components if not one.group]
        degraded = [one for one in single if _STATUSES.get(one.status, 1.0)]
        incidents = [one for one in summary.incidents if one.status not in _OVER]
        values = {
            "indicator": _INDICATORS[summary.status.indicator],
            "degraded": float(len(degraded)),
            "maintenance": float(sum(one.status == "under_maintenance" for one in single)),
            "incidents": float(len(incidents)),
        }
        details = self._named_ones(summary.components, values)
        if degraded:
            details["degraded"] = self._shown(f"{one.name}: {one.status.replace('_', ' ')}" for one in degraded)
        if incidents:
            details["incidents"] = self._shown(one.name for one in incidents)
        return Reading(at=now, values=values, details=details)

    def _named_ones(self, components: list[_Component], values: dict[str, float]) -> dict[str, str]:
        """Add the components that have a name of ours, the worst where several are called alike."""
        missing = []
        for name, wanted in self._named.items():
            found = [_STATUSES.get(one.status, 1.0) for one in components if wanted in (one.name, one.id)]
            if found:
                values[name] = max(found)
            else:
                missing.append(f"{name} is not there: no component is called {wanted!r}")
        return {"not_read": self._target.shown("; ".join(missing))} if missing else {}

    def _shown(self, texts: Iterable[str]) -> str:
        return self._target.shown(", ".join(islice(texts, _MOST_NAMED)))

    async def _summary(self) -> _Summary:
        host = self._target.host
        try:
            got = await self._target.ask(self._wanted)
            if got.status != HTTPStatus.OK:
                raise LookFailed(f"{host} answered {got.status}: look at the address of the page")
            return msgspec.json.decode(self._target.body(got), type=_Summary)
        except NoAnswer as none:
            raise LookFailed(f"the status page at {host} cannot be read: {none}") from none
        except (msgspec.DecodeError, RecursionError) as wrong:
            raise LookFailed(f"{host} does not answer as a page of Statuspage does") from wrong

    async def close(self) -> None:
        """Nothing is held: the connections belong to all probes."""

"""What a Prometheus knows: one number for each expression in PromQL.

The Prometheus is the instrument: when it does not answer, the probe is broken, and nothing is down.
Source: the HTTP API of Prometheus, "Instant queries".
"""

from datetime import datetime
from http import HTTPStatus

from msgspec.structs import replace
from yarl import URL

from tocsin.detection.reading import Reading
from tocsin.probes.exchange import Answer
from tocsin.probes.expressions import decoded
from tocsin.probes.options import PromqlOptions, Query
from tocsin.probes.probe import LookFailed
from tocsin.probes.series import one_of
from tocsin.probes.table import Parts
from tocsin.probes.target import target_of
from tocsin.probes.trouble import NoAnswer


class Promql:
    """Asks a Prometheus. Raises SettingsInvalid for an address that is none."""

    memory = ""

    def __init__(self, options: PromqlOptions, parts: Parts) -> None:
        """Take whom to ask, and what."""
        self._target = target_of(options, parts)
        url = self._target.wanted.url
        asked = URL(f"{str(url.with_query(None)).rstrip('/')}/api/v1/query", encoded=True)
        self._queries = {
            name: (value if isinstance(value, Query) else Query(query=value)) for name, value in options.values.items()
        }
        self._urls = {
            name: asked.with_query({**url.query, "query": query.query, "timeout": f"{self._target.within:g}s"})
            for name, query in self._queries.items()
        }

    async def look(self, now: datetime) -> Reading:
        """Ask everything once, one after the other and all of it in the time of one look."""
        values, not_read, left = dict[str, float](), list[str](), self._target.within
        for name, query in self._queries.items():
            try:
                got = await self._target.ask(replace(self._target.wanted, url=self._urls[name]), max(left, 0.001))
                found = one_of(self._numbers(name, got), query.take)
            except NoAnswer as none:
                raise LookFailed(f"{self._target.host} cannot be asked for {name}: {none}") from none
            left -= got.seconds
            if isinstance(found, str):
                not_read.append(f"{name} {found}")
            else:
                values[name] = found
        details = {"not_read": self._target.shown("; ".join(not_read))} if not_read else {}
        return Reading(at=now, values=values, details=details)

    def _numbers(self, name: str, got: Answer) -> list[float]:
        """Give the numbers of an answer. Raises NoAnswer, LookFailed."""
        try:
            body = decoded(self._target.body(got))
        except ValueError:
            body = None
        body = body if isinstance(body, dict) else {}
        if got.status != HTTPStatus.OK or body.get("status") != "success":
            said = self._target.shown(str(body.get("error") or "")) or f"it answered {got.status}"
            raise LookFailed(f"{self._target.host} refuses {name}: {said}")
        try:
            kind, result = body["data"]["resultType"], body["data"]["result"]
            pairs = [result] if kind == "scalar" else [one["value"] for one in result] if kind == "vector" else None
            if pairs is not None:
                return [float(pair[1]) for pair in pairs]
        except (KeyError, TypeError, ValueError, IndexError) as wrong:
            raise LookFailed(f"{self._target.host} does not answer {name} as a Prometheus does") from wrong
        raise LookFailed(f"{name} gives a {str(kind)[:20]}: a number for one instant is needed")

    async def close(self) -> None:
        """Nothing is held: the connections belong to all probes."""

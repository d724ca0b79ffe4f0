"""Measures for Prometheus. No ids, no titles, and nothing of restricted incidents: see `engine/measures.py`."""

import hmac
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from platform import python_version
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tocsin import __version__
from tocsin.assembly import Tocsin
from tocsin.engine.looking import LATE, OUTCOMES
from tocsin.engine.measures import BOUNDS, Lateness, Measures
from tocsin.engine.watching import Watching
from tocsin.incident.view import IncidentView
from tocsin.store import counting
from tocsin.store import transactions as t
from tocsin.triage.severity import severity_ids
from tocsin.web.offered import bearer, password
from tocsin.web.refusals import Refusals
from tocsin.web.replies import Outcome

if TYPE_CHECKING:
    from prometheus_client.core import Metric

SCOPE = "metrics"
_EVERYBODY = t.Viewer(everything=False, person="")
_ALL = 2**62
_MOST_OPEN = 10_000
_DECODER = msgspec.json.Decoder(IncidentView)
_STATUSES = ("triggered", "acknowledged")
_URGENCIES = ("wake", "tell", "run")
"""The ranks of jobs by what they do: wake people, decide and tell, run commands."""

_WHO = "send a token as `Authorization: Bearer`, or as basic auth's password; `tocsin token PERSON --scope metrics`"


class _Seen(NamedTuple):
    """What one look at a running Tocsin finds."""

    incidents: Counter[tuple[str, str]]
    severities: tuple[str, ...]
    jobs: Counter[int]
    sources: tuple[str, ...]
    channels: tuple[str, ...]
    idle: float
    held: bool
    measures: Measures
    refused: Counter[tuple[str, Outcome]]
    watching: Watching


def metrics_routes() -> list[BaseRoute]:
    """Give the route that Prometheus reads."""
    return [Route("/metrics", show_metrics, methods=["GET"])]


async def show_metrics(request: Request) -> Response:
    """Give the measures in the format that is asked for, to a token that may read them."""
    tocsin: Tocsin = request.app.state.tocsin
    if not await _may_read(request, tocsin):
        body = msgspec.json.encode({"error": _WHO})
        return Response(body, 401, {"WWW-Authenticate": "Bearer"}, media_type="application/json")
    seen = await _look(tocsin, request.app.state.refusals)
    # Imported here because it takes as long as half of our own start, and many never ask.
    from prometheus_client import CollectorRegistry  # noqa: PLC0415
    from prometheus_client.exposition import choose_encoder  # noqa: PLC0415

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(seen))
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(registry), headers={"Content-Type": media_type, "Cache-Control": "no-store"})


async def _may_read(request: Request, tocsin: Tocsin) -> bool:
    secret = bearer(request) or password(request)
    if not secret:
        return False
    if tocsin.local_token and hmac.compare_digest(secret.encode(), tocsin.local_token.encode()):
        return True
    return await tocsin.access.by_secret(secret, "token", SCOPE) is not None


async def _look(tocsin: Tocsin, refusals: Refusals) -> _Seen:
    """Look at the store as somebody whom no restricted incident concerns."""
    measures, store = tocsin.engine.measures, tocsin.store
    measures.decided(await store.read(counting.groups_decided(measures.waiting)))
    rows = await store.read(t.incidents(_EVERYBODY, only_open=True, before=_ALL, limit=_MOST_OPEN))
    views = [_DECODER.decode(row.view) for row in rows]
    return _Seen(
        incidents=Counter((one.severity, one.status) for one in views),
        severities=severity_ids(tocsin.worlds.current.runbook),
        jobs=Counter(await store.read(counting.jobs_waiting(tocsin.clock.now()))),
        sources=tuple(tocsin.access.sources),
        channels=tuple(tocsin.deeds.channels),
        idle=tocsin.clock.monotonic() - tocsin.worker.last_turned,
        held=bool(tocsin.engine.unconfirmed),
        measures=measures,
        refused=refusals.counts,
        watching=tocsin.watching,
    )


class _Collector:
    """What a registry asks for."""

    def __init__(self, seen: _Seen) -> None:
        self._seen = seen

    def collect(self) -> "Iterator[Metric]":
        """Give every measure."""
        yield from _now(self._seen)
        yield from _since_start(self._seen)
        yield from _probes(self._seen.watching)


def _now(seen: _Seen) -> "Iterator[Metric]":
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

    build = GaugeMetricFamily("tocsin_build_info", "Always 1.", labels=["version", "python"])
    build.add_metric([__version__, python_version()], 1)
    yield build
    incidents = GaugeMetricFamily(
        "tocsin_open_incidents", "Open incidents, restricted ones left out.", labels=["severity", "status"]
    )
    for severity in dict.fromkeys((*seen.severities, *(severity for severity, _ in seen.incidents))):
        for status in _STATUSES:
            incidents.add_metric([severity, status], seen.incidents[severity, status])
    yield incidents
    jobs = GaugeMetricFamily(
        "tocsin_jobs_due", "Jobs of open incidents that are due and not done, by urgency.", labels=["urgency"]
    )
    for rank, urgency in enumerate(_URGENCIES):
        jobs.add_metric([urgency], seen.jobs[rank])
    yield jobs
    yield GaugeMetricFamily(
        "tocsin_paging_held", "1 after a restore, until a person confirms it: nobody is paged.", value=seen.held
    )
    yield GaugeMetricFamily("tocsin_worker_idle_seconds", "Seconds since the worker last turned.", value=seen.idle)


def _since_start(seen: _Seen) -> "Iterator[Metric]":
    from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily  # noqa: PLC0415

    counted = seen.measures
    alerts = CounterMetricFamily("tocsin_alerts", "Alerts taken in and decided.", labels=["source"])
    for source in dict.fromkeys((*seen.sources, *counted.alerts)):
        alerts.add_metric([source], counted.alerts[source])
    yield alerts
    refused = CounterMetricFamily(
        "tocsin_deliveries_refused", "What senders were refused, by why.", labels=["door", "outcome"]
    )
    for (door, outcome), count in sorted(seen.refused.items()):
        refused.add_metric([door, outcome], count)
    yield refused
    channels = tuple(dict.fromkeys((*seen.channels, *(channel for channel, _ in counted.pages))))
    pages = CounterMetricFamily("tocsin_pages", "Pages by how they ended.", labels=["channel", "outcome"])
    late = CounterMetricFamily(
        "tocsin_pages_late", "Pages sent more than 25 s after they were due.", labels=["channel"]
    )
    lateness = HistogramMetricFamily(
        "tocsin_page_lateness_seconds", "How long after it was due a page was sent.", labels=["channel"]
    )
    for channel in channels:
        pages.add_metric([channel, "sent"], counted.pages[channel, "sent"])
        pages.add_metric([channel, "failed"], counted.pages[channel, "failed"])
        late.add_metric([channel], counted.late[channel])
        told = counted.lateness.get(channel, Lateness())
        lateness.add_metric([channel], _buckets(told), told.seconds)
    yield from (pages, late, lateness)


def _probes(watching: Watching) -> "Iterator[Metric]":
    """Give how looking goes on this node. Which check fires is nobody's business here: it may be a restricted one's."""
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily  # noqa: PLC0415

    broken = sum(one.known.broken is not None for one in watching.watched.values())
    probes = GaugeMetricFamily("tocsin_probes", "Probes that this node looks at, by whether it can.", labels=["state"])
    probes.add_metric(["looks"], len(watching.watched) - broken)
    probes.add_metric(["broken"], broken)
    yield probes
    looks = watching.looks
    yield GaugeMetricFamily("tocsin_probe_looks_under_way", "Looks that run just now.", value=looks.under_way)
    counted = CounterMetricFamily("tocsin_probe_looks", "Looks by how they ended.", labels=["outcome"])
    for outcome in OUTCOMES:
        counted.add_metric([outcome], looks.counts[outcome])
    yield counted
    late = HistogramMetricFamily("tocsin_probe_lateness_seconds", "How long after it was due a look began.")
    names = (*map(str, LATE), "+Inf")
    late.add_metric([], list(zip(names, map(float, accumulate(looks.late)), strict=True)), looks.late_seconds)
    yield late


def _buckets(told: Lateness) -> list[tuple[str, float]]:
    names = (*(f"{float(bound)}" for bound in BOUNDS), "+Inf")
    return list(zip(names, map(float, accumulate(told.counts)), strict=True))

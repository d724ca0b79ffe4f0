"""The page of probes."""

from starlette.requests import Request
from starlette.responses import Response

from tocsin.provisioning.source import Source
from tocsin.runbook.decoding import decode
from tocsin.web.asking import Asked, asked
from tocsin.web.incident_page import regions_of
from tocsin.web.names import short_sha
from tocsin.web.probes_view import all_rows, names_for, probes_page, readings_version, seen_by
from tocsin.web.rendering import page, regions
from tocsin.web.versions import read_version

REGIONS = ("stand", "loud", "quiet", "gaps")


async def show_probes(request: Request) -> Response:
    """Show what is watched, and what nothing watches; with `?region=loud,quiet` only those parts of it."""
    who = asked(request)
    current, settings = who.tocsin.worlds.current
    version = await probes_version(who)
    runbook, body = await read_version(who.tocsin, current.sha256)
    source = Source(runbook, decode(body).lines, runbook.path)
    rows = await all_rows(await seen_by(who.principal, who.tocsin), runbook, settings, who.times)
    shown = probes_page(rows, source, settings, who.times)
    values: dict[str, object] = {"v": shown, "doc": short_sha(runbook.sha256), "principal": who.principal}
    wanted = request.query_params.get("region")
    if wanted is not None:
        return regions("probes", regions_of(wanted, REGIONS), values)
    live = {"url": "/app/events/probes", "version": version, "zone": who.times.zone_name}
    return page(request, "probes.html", {**values, "live": live, "names": REGIONS})


async def probes_version(who: Asked) -> str:
    """Give what changes when the document does, a check turns, or there are newer readings to draw."""
    document = short_sha(who.tocsin.worlds.current.runbook.sha256)
    return f"{document}-{await readings_version(dict.fromkeys(names_for(who.principal, who.tocsin)), who.tocsin)}"

"""The page of probes."""

from starlette.requests import Request
from starlette.responses import Response

from tocsin.provisioning.source import Source
from tocsin.runbook.decoding import decode
from tocsin.web.asking import asked
from tocsin.web.names import short_sha
from tocsin.web.probes_view import probes_page, seen_by
from tocsin.web.rendering import page
from tocsin.web.versions import read_version


async def show_probes(request: Request) -> Response:
    """Show what is watched, and what nothing watches."""
    who = asked(request)
    current, settings = who.tocsin.worlds.current
    runbook, body = await read_version(who.tocsin, current.sha256)
    source = Source(runbook, decode(body).lines, runbook.path)
    shown = probes_page(await seen_by(who.principal, who.tocsin), source, settings, who.times)
    as_of = f"as of {who.times.hms(who.times.now)}, {who.times.place}"
    values = {"v": shown, "doc": short_sha(runbook.sha256), "principal": who.principal, "as_of": as_of}
    return page(request, "probes.html", values)

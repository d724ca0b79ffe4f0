"""The page of probes."""

from starlette.requests import Request
from starlette.responses import Response

from tocsin.web.asking import asked
from tocsin.web.names import short_sha
from tocsin.web.probes_view import probes_page
from tocsin.web.rendering import page


async def show_probes(request: Request) -> Response:
    """Show what is watched, and what nothing watches."""
    who = asked(request)
    runbook, settings = who.tocsin.worlds.current
    seen = await who.tocsin.watching.seen()
    shown = probes_page(seen, runbook, settings, who.times)
    as_of = f"as of {who.times.hms(who.times.now)}, {who.times.place}"
    values = {"v": shown, "doc": short_sha(runbook.sha256), "principal": who.principal, "as_of": as_of}
    return page(request, "probes.html", values)

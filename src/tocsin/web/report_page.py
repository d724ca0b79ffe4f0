"""The form on which people report what does not work: for everybody where it is open, and for those signed in.

It knows nobody and says nothing: each report gets the same answer, whatever it is about and whatever comes of it.
"""

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tocsin.assembly import Tocsin
from tocsin.detection.reports import MAX_CONTACT, MAX_TEXT
from tocsin.errors import StoreUnavailable, UsageError
from tocsin.web.answering import ApiRoute, body_of, parts_of
from tocsin.web.asking import asked
from tocsin.web.auth import origin_is_ours
from tocsin.web.forms import form
from tocsin.web.limits import Limit, network_of
from tocsin.web.rendering import HEADERS, environment, page
from tocsin.web.reporting import Reporting, choices_of, take_report

PATH = "/status/report"
_LARGEST = 8 * 1024
_EACH, _TOTAL, _SECONDS = 5, 300, 600.0
_PUBLIC_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
}
_TRAP = "website"
"""A field that no person sees; what fills it in is a machine."""


def report_routes() -> list[BaseRoute]:
    """Give the routes."""
    return [
        Route(PATH, show_public, methods=["GET"]),
        Route(PATH, report_publicly, methods=["POST"]),
        Route("/app/report", show_report, methods=["GET"]),
        Route("/app/report", report, methods=["POST"]),
        ApiRoute("/api/v1/reports", report_by_api, "POST", takes=Reporting),
        ApiRoute("/api/v1/reports/choices", show_choices, "GET"),
    ]


# -- for everybody


async def show_public(request: Request) -> Response:
    """Show the form, or that the report was taken; 404 where the form is closed."""
    tocsin: Tocsin = request.app.state.tocsin
    if not tocsin.settings.reports.public:
        return _public(tocsin, "missing", 404)
    return _public(tocsin, "report", 200, thanks="thanks" in request.query_params)


async def report_publicly(request: Request) -> Response:
    """Keep a stranger's report. The answer is given once it is on disk and is the same for all."""
    tocsin: Tocsin = request.app.state.tocsin
    if not tocsin.settings.reports.public:
        return _public(tocsin, "missing", 404)
    if not origin_is_ours(request, tocsin):
        return _public(tocsin, "report", 403, trouble="This was sent by another site. Send it from here.")
    sender = network_of(request.client.host if request.client else "")
    wait = _limit(request).take(sender, tocsin.clock.monotonic())
    if wait is not None:
        words = "We have heard of it from many people, or from you several times. There is no need to send more now."
        return _public(tocsin, "report", 429, {"Retry-After": f"{wait:.0f}"}, trouble=words)
    try:
        fields = await form(request, _LARGEST)
        if not fields.get(_TRAP):
            await take_report(tocsin, _reporting(fields), f"address:{sender}", "the status page")
    except UsageError as error:
        return _public(tocsin, "report", 400, trouble=f"Not sent: {error}.")
    except StoreUnavailable:
        return _public(tocsin, "report", 503, {"Retry-After": "30"}, trouble="Not taken just now. Try again soon.")
    return RedirectResponse(f"{PATH}?thanks", 303, _PUBLIC_HEADERS)


def _limit(request: Request) -> Limit:
    """Give the limit of this server."""
    state = request.app.state
    if not hasattr(state, "report_limit"):
        state.report_limit = Limit(_EACH, _TOTAL, _SECONDS)
    limit: Limit = state.report_limit
    return limit


def _public(
    tocsin: Tocsin,
    template: str,
    status: int,
    headers: dict[str, str] | None = None,
    *,
    trouble: str = "",
    thanks: bool = False,
) -> Response:
    values = {
        "name": tocsin.settings.status_page.name,
        "choices": choices_of(tocsin),
        "trouble": trouble,
        "thanks": thanks,
        "longest": MAX_TEXT,
        "longest_contact": MAX_CONTACT,
    }
    body = environment().get_template(f"status/{template}.html").render(values)
    return HTMLResponse(body, status, {**_PUBLIC_HEADERS, **(headers or {})})


def _reporting(fields: dict[str, str]) -> Reporting:
    return Reporting(fields.get("symptom", ""), fields.get("text", ""), fields.get("contact", ""))


# -- for those signed in


async def show_report(request: Request) -> Response:
    """Show the form inside."""
    who = asked(request)
    rules = who.tocsin.settings.reports
    values = {
        "principal": who.principal,
        "choices": choices_of(who.tocsin),
        "people": rules.people,
        "longest": MAX_TEXT,
        "longest_contact": MAX_CONTACT,
    }
    return page(request, "report.html", values)


async def report(request: Request) -> Response:
    """Keep the report of somebody signed in."""
    who = asked(request)
    await take_report(who.tocsin, _reporting(await form(request, _LARGEST)), who.principal.by, who.principal.name)
    return RedirectResponse("/app/?note=reported", 303, HEADERS)


async def report_by_api(request: Request) -> object:
    """Keep the report of whoever holds the token."""
    tocsin, principal = parts_of(request)
    await take_report(tocsin, await body_of(request, Reporting), principal.by, principal.name)
    return {"status": "kept", "pages_with": tocsin.settings.reports.people}


async def show_choices(request: Request) -> object:
    """Give what can be reported."""
    tocsin, _ = parts_of(request)
    return {"choices": [one._asdict() for one in choices_of(tocsin)]}

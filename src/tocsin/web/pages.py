"""The routes of the pages people see."""

from starlette.routing import BaseRoute, Route

from tocsin.web.acknowledge import show_take, take
from tocsin.web.declaring import declare, show_declare
from tocsin.web.events import home_events, incident_events, probes_events
from tocsin.web.home import show_home
from tocsin.web.incident_page import ACTIONS, acting, merge, show_incident, split
from tocsin.web.probes_page import show_probes
from tocsin.web.rendering import static
from tocsin.web.runbook_page import download_rewritten, show_runbook
from tocsin.web.sign_in import choose_theme, show_sign_in, sign_in, sign_out
from tocsin.web.step_page import check, run, show_output, show_run
from tocsin.web.update_page import send_update, show_update
from tocsin.web.versions import download_document, show_versions


def page_routes() -> list[BaseRoute]:
    """Give the routes of the pages, their live events and their files."""
    one = "/app/incidents/{number}"
    return [
        Route("/app/", show_home, methods=["GET"]),
        Route("/app/declare", show_declare, methods=["GET"]),
        Route("/app/declare", declare, methods=["POST"]),
        Route(one, show_incident, methods=["GET"]),
        *(Route(f"{one}/{name}", acting(wish_of), methods=["POST"]) for name, wish_of in ACTIONS.items()),
        Route(f"{one}/merge", merge, methods=["POST"]),
        Route(f"{one}/split", split, methods=["POST"]),
        Route(f"{one}/steps/{{step}}/run", show_run, methods=["GET"]),
        Route(f"{one}/steps/{{step}}/run", run, methods=["POST"]),
        Route(f"{one}/steps/{{step}}/check", check, methods=["POST"]),
        Route(f"{one}/outputs/{{sha}}", show_output, methods=["GET"]),
        Route(f"{one}/update", show_update, methods=["GET"]),
        Route(f"{one}/update", send_update, methods=["POST"]),
        Route("/app/runbook", show_runbook, methods=["GET"]),
        Route("/app/runbook/versions", show_versions, methods=["GET"]),
        Route("/app/runbook/{sha}", show_runbook, methods=["GET"]),
        Route("/app/runbook/{sha}/document", download_document, methods=["GET"]),
        Route("/app/runbook/{sha}/rewritten", download_rewritten, methods=["GET"]),
        Route("/app/probes", show_probes, methods=["GET"]),
        Route("/app/events", home_events, methods=["GET"]),
        Route("/app/events/probes", probes_events, methods=["GET"]),
        Route("/app/events/{number}", incident_events, methods=["GET"]),
        Route("/app/sign-in", show_sign_in, methods=["GET"]),
        Route("/app/sign-in", sign_in, methods=["POST"]),
        Route("/app/sign-out", sign_out, methods=["POST"]),
        Route("/app/theme", choose_theme, methods=["POST"]),
        Route("/app/static/{name}", static, methods=["GET"]),
        Route("/a/{token}", show_take, methods=["GET"]),
        Route("/a/{token}", take, methods=["POST"]),
    ]

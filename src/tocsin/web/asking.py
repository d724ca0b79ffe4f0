"""Who asks for a page, and how names and times read for them."""

from typing import NamedTuple

from starlette.requests import Request

from tocsin.assembly import Tocsin
from tocsin.engine.access import Principal
from tocsin.escalation.schedule import person
from tocsin.web.names import Names
from tocsin.web.times import Times, times


class Asked(NamedTuple):
    """One request for a page: the running Tocsin, who asks, and their names and times."""

    tocsin: Tocsin
    principal: Principal
    names: Names
    times: Times

    @property
    def me(self) -> str:
        """Give the reader's person id, or "" for one who is no person."""
        return self.principal.id if self.principal.kind == "person" else ""


def asked(request: Request) -> Asked:
    """Give who asks, as the sessions found them."""
    tocsin: Tocsin = request.app.state.tocsin
    return asked_by(tocsin, request.state.principal)


def asked_by(tocsin: Tocsin, principal: Principal) -> Asked:
    """Give the names and times of that reader: their own zone, else the runbook's."""
    settings = tocsin.settings
    reader = person(principal.id, settings) if principal.kind == "person" else None
    zone = (reader.timezone if reader else None) or settings.timezone
    return Asked(tocsin, principal, Names(settings, principal.by), times(zone, tocsin.clock.now()))

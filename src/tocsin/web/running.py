"""Starting a step: what only reads for everybody who may see the incident, the rest for a person at a page."""

from datetime import datetime

from tocsin.answers import Now, answer
from tocsin.assembly import Tocsin
from tocsin.engine.access import Principal
from tocsin.engine.engine import Loaded
from tocsin.errors import Forbidden, NotFound, Refused
from tocsin.incident import facts as f
from tocsin.incident import wishes as w


def at_a_page(principal: Principal) -> bool:
    """Give whether this is a person who signed in: no token, link, or machine."""
    return principal.kind == "person" and principal.via == "session"


async def run_step(tocsin: Tocsin, principal: Principal, number: str, step: str, confirmed: str | None = None) -> None:
    """Start a step. `confirmed` is the exact text a person agreed to; what may change runs only so.

    Judged again at the moment it is recorded. Raises NotFound, Refused, Forbidden.
    """

    def decided(loaded: Loaded, now: datetime) -> tuple[f.FactBody, ...]:
        if loaded.incident is None:
            raise NotFound(f"there is no incident {number}")
        bodies = answer(loaded.incident, w.Run(by=principal.by, step=step), loaded.world, Now(now))
        for body in bodies:
            if isinstance(body, f.StepApproved):
                _must_be_allowed(principal, body, confirmed)
        return bodies

    await tocsin.engine.settle(number, decided, None, viewer=principal.viewer)


def _must_be_allowed(principal: Principal, approved: f.StepApproved, confirmed: str | None) -> None:
    if not approved.changes:
        return
    if not at_a_page(principal):
        raise Forbidden(
            f"{approved.title} is not proven to only read, so it is started by a person who is signed in, "
            "on the page of the incident"
        )
    if confirmed is None or _lines(confirmed) != _lines(approved.effective):
        raise Refused(f"{approved.title} was not started: look at the exact command first, then approve it")


def _lines(text: str) -> list[str]:
    """Give a text as a form sends it back: its line ends may have changed."""
    return text.strip().splitlines()

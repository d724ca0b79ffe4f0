"""What the checks of probes say while an incident is open: it got worse, or better."""

from tocsin.incident.body import Body


class CheckTurned(Body, frozen=True, kw_only=True):
    """A check that says whether the entry is over turned: it is `good` again, or not any more.

    `after` is the changing step that ran last before it was good again, "" where none did since it was bad.
    """

    check: str
    good: bool
    summary: str
    after: str = ""

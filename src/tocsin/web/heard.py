"""What people report of one incident: those who did while it lasted, or shortly before."""

from datetime import UTC, datetime
from typing import NamedTuple

from tocsin.detection.reports import Reports, Said
from tocsin.incident.incident import Incident
from tocsin.settings import MOST_REPORTERS, Settings

_EVER = datetime(9999, 1, 1, tzinfo=UTC)


class HeardOf(NamedTuple):
    """How many different people, and what they said, newest first."""

    people: int = 0
    said: tuple[Said, ...] = ()

    @property
    def words(self) -> str:
        """Give the count as a sentence of the page, "" for nobody."""
        if not self.people:
            return ""
        if self.people == 1:
            return "1 person says the same."
        most = "At least " if self.people >= MOST_REPORTERS else ""
        return f"{most}{self.people} people say the same."


def heard_of(incident: Incident, reports: Reports | None, settings: Settings) -> HeardOf:
    """Give what belongs to an incident: from the window before it opened until it was resolved."""
    if reports is None:
        return HeardOf()
    start = incident.opened_at - settings.reports.within
    end = incident.resolved.at if incident.resolved else _EVER
    said = tuple(one for one in reversed(reports.said) if start <= one.at <= end)
    return HeardOf(reports.within(start, end), said)

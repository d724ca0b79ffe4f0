"""Who would be paged, and after how long, if an entry opened now and nobody did anything."""

from datetime import datetime, timedelta
from typing import NamedTuple

from tocsin.escalation.policies import is_restricted
from tocsin.explanation.forecast import forecast
from tocsin.incident.facts import Because, Called, Fact, Opened
from tocsin.incident.incident import apply
from tocsin.lifecycle import World
from tocsin.runbook.policy import IncidentType, Runbook
from tocsin.settings import Settings
from tocsin.triage.severity import severity_ids, severity_of


class Paging(NamedTuple):
    """A level that would be called `after` the opening, and who that is then."""

    level: str
    after: timedelta
    people: tuple[Called, ...]

    def who(self, settings: Settings) -> str:
        """Give the level with its people: "L2 (Jonas Weber)"."""
        names = [settings.people[one.person].name for one in self.people if one.person in settings.people]
        stands_in = " as the fallback" if self.people and self.people[0].via_fallback else ""
        return f"{self.level} ({', '.join(names)}{stands_in})" if names else self.level


def paging(entry: IncidentType, runbook: Runbook, settings: Settings, now: datetime) -> tuple[Paging, ...]:
    """Give the first call of each level, in order of time, if an incident of that entry opened at `now`."""
    why = Because("it is imagined", entry.line)
    opened = Opened(
        number="", group_key="", title=entry.title, summary="", incident_type=entry.id,
        severity=severity_of(entry, settings.incident_types) or severity_ids(runbook)[0],
        restricted=is_restricted(entry.id, runbook, settings), runbook=runbook.sha256, because=(why,),
        severity_because=why,
    )  # fmt: skip
    incident = apply(None, Fact(seq=1, at=now, body=opened))
    found = forecast(incident, World(runbook, settings))
    return tuple(Paging(one.call.level, one.due - now, one.people) for one in found)

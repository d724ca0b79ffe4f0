from tocsin.incident import facts as f
from tocsin.incident.incident import Incident
from tocsin.incident.view import IncidentView, next_call, view
from tocsin.lifecycle import World, jobs_for
from unit.timeline import SETTINGS, acknowledged, at, called, opened, policy, story


def line(incident: Incident) -> IncidentView:
    """Give the line of an incident with the jobs it wants."""
    return view(incident, jobs_for(incident, World(policy(), SETTINGS)))


def test_a_line_says_who_is_called_next_and_when() -> None:
    shown = line(story((0, opened("P0")), (0, called("L1", "mira"))))
    assert (shown.id, shown.severity, shown.status, shown.level) == ("INC-2026-0001", "P0", "triggered", "L1")
    assert (shown.next_level, shown.next_escalation_at) == ("L2", at(15))  # 0 + 15 min
    assert (shown.acknowledged_by, shown.acknowledged_at, shown.resolved_at) == (None, None, None)


def test_a_line_says_who_has_it_since_when() -> None:
    shown = line(story((0, opened()), (0, called("L1", "mira")), (5, acknowledged("mira"))))
    assert (shown.status, shown.acknowledged_by, shown.acknowledged_at) == ("acknowledged", "person:mira", at(5))
    assert (shown.next_level, shown.next_escalation_at) == ("L2", at(30))  # 0 + 15 + 15 min


def test_a_line_of_what_is_over_waits_for_nobody() -> None:
    shown = line(story((0, opened()), (0, called("L1", "mira")), (9, f.Resolved(cause="person"))))
    assert (shown.status, shown.resolved_at) == ("resolved", at(9))
    assert (shown.next_level, shown.next_escalation_at) == (None, None)


def test_pages_are_no_calls() -> None:
    incident = story((0, opened()), (0, called("L1", "mira")))
    jobs = jobs_for(incident, World(policy(), SETTINGS))
    assert next_call(tuple(job for job in jobs if "/call/" not in job.key)) is None
    assert next_call(()) is None
    first = next_call(jobs)
    assert first is not None
    assert first.key == "INC-2026-0001/call/L2/1"

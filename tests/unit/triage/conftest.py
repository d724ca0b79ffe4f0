from collections.abc import Callable
from typing import Any

import pytest

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import IncidentType, Runbook, Severity, Symptom
from tocsin.runbook.thresholds import threshold_in
from tocsin.triage.topics import heard

Entry = tuple[int, str, tuple[tuple[int, str], ...]]

# The example runbook's entries, with the lines they stand on.
EXAMPLE: tuple[Entry, ...] = (
    (
        49,
        "Sequencer Down",
        (
            (53, "Health check failing"),
            (54, "Intents not being accepted"),
            (55, 'Users reporting "Service Unavailable"'),
        ),
    ),
    (
        91,
        "High Error Rate",
        ((95, "Error rate > 1% in monitoring"), (96, "Users reporting frequent errors"), (97, "Sentry alerts firing")),
    ),
    (
        130,
        "Database Slow Queries",
        ((134, "API response time > 1s"), (135, "Users reporting slow app"), (136, "Database CPU at 100%")),
    ),
    (
        183,
        "Out of Memory",
        ((187, "PM2 shows high memory usage"), (188, 'Process crashes with "heap out of memory"')),
    ),
    (
        220,
        "DDoS Attack",
        (
            (224, "Sudden spike in requests (>10x normal)"),
            (225, "Legitimate users can't access service"),
            (226, "High bandwidth usage"),
        ),
    ),
    (
        262,
        "Data Breach",
        (
            (266, "Unauthorized access detected"),
            (267, "Unusual database queries"),
            (268, "User reports of compromised accounts"),
        ),
    ),
)


def spoken(text: str) -> set[str]:
    """Give the topics a text speaks of."""
    return {hit.topic for hit in heard(text).hits}


def book(entries: tuple[Entry, ...], severities: tuple[str, ...] = ("P0", "P1", "P2", "P3")) -> Runbook:
    types = tuple(
        IncidentType(
            id=title.lower().replace(" ", "-"),
            title=title,
            severity=None,
            inferred_severity=None,
            severity_because="",
            severity_line=None,
            symptoms=tuple(Symptom(text=text, threshold=threshold_in(text), line=at) for at, text in symptoms),
            line=line,
            end_line=line + 9,
        )
        for line, title, symptoms in entries
    )
    return Runbook(
        path="runbook.md",
        sha256=str(hash(entries)),
        title="Runbook",
        lines=400,
        understood=1.0,
        severities=tuple(
            Severity(id=name, name=None, response=None, line=5 + place) for place, name in enumerate(severities)
        ),
        incident_types=types,
    )


@pytest.fixture(scope="session")
def example() -> Runbook:
    return book(EXAMPLE)


@pytest.fixture(scope="session")
def made_of() -> Callable[..., Runbook]:
    """Gives a runbook of titles with their symptoms."""

    def build(entries: dict[str, list[str]], severities: tuple[str, ...] = ("P0", "P1", "P2", "P3")) -> Runbook:
        numbered = tuple(
            (10 * place, title, tuple((10 * place + 1 + n, text) for n, text in enumerate(symptoms)))
            for place, (title, symptoms) in enumerate(entries.items(), 1)
        )
        return book(numbered, severities)

    return build


@pytest.fixture(scope="session")
def alert() -> Callable[..., Alert]:
    def build(summary: str, **fields: object) -> Alert:
        known: dict[str, Any] = {"source": "lab", "dedup_key": "k", **fields}
        return Alert(action="trigger", summary=summary, **known)

    return build

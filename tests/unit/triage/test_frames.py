"""The same trouble said in many ways around it: some say that it is no incident, the others change nothing."""

from collections.abc import Callable

import pytest

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.triage.matching import match

Make = Callable[..., Alert]
TROUBLE = {
    "sequencer-down": ("the sequencer is down", "health check failing", "nobody can submit intents"),
    "high-error-rate": ("error rate is 4%", "one in ten calls fails with 500", "exceptions in every tenth request"),
    "database-slow-queries": ("queries take 8 seconds", "the app is very slow", "database cpu at 100%"),
    "out-of-memory": ("the sequencer ran out of memory", "memory at 98% of the limit"),
    "ddos-attack": ("we see a flood of requests from a botnet", "requests 40x above normal"),
    "data-breach": ("customer data leaked", "unauthorized access to the admin panel"),
}


@pytest.mark.parametrize(
    "frame",
    [
        "[Resolved] {}",
        "staging: {}",
        "{} in the qa cluster",
        "{} in namespace dev",
        "{} on my laptop",
        "{} while running the suite locally",
        "env=staging {}",
        "{} - false alarm",
        "{}, this was a test",
        "drill: {}",
        "this is only a rehearsal: {}",
        "we simulate tonight that {}",
        "reminder: training about what to do when {}",
        "how would we notice that {}?",
        "what should I do if {}?",
        "do we get paged when {}?",
        "yesterday {}, it is fixed now",
        "update: no longer true that {}",
        "not an issue any more: {}",
        "self-healed: {}",
        "the alert about “{}” has cleared",
        "docs: describe what happens when {}",
        "OPS-12 closed: {}",
        "lessons learned from March: {}",
        "planned for Sunday: {}",
        "customer asks whether {}",
        "sorry, wrong channel: {}",
        "{} - cleared after a minute",
        "das Problem hat sich erledigt: {}",
        "{}, but that was already fixed",
        "on sepolia {}",
        "on the devbox {}",
        "{} in my docker compose",
        "{} on the honeypot",
        "slides of my talk: {}",
        "shift summary: {}",
        "please review my PR for the case that {}",
        "what's the runbook when {}?",
        "next week we try what happens when {}",
        "is there a graph that shows whether {}?",
        "generated data: {}",
    ],
)
def test_trouble_that_is_said_to_be_none_opens_nothing(example: Runbook, alert: Make, frame: str) -> None:
    said = [frame.format(trouble) for troubles in TROUBLE.values() for trouble in troubles]
    assert [text for text in said if match(alert(text), example, {}).incident_type] == []


@pytest.mark.parametrize(
    "frame",
    [
        "URGENT {}",
        "prod: {}",
        "{} since the release",
        "{} again",
        "[FIRING:1] {}",
        "customers report that {}",
        "{}, not resolved yet",
        "is it just me or is it true that {}?",
        "{} although we restarted twice",
        "after the maintenance {}",
        "{}, staging is fine",
        "not a drill: {}",
        "the test suite is green but {}",
        "{}; ticket OPS-14",
        "{} (started 5 min ago)",
        "{} - who is on call?",
        "we rolled back but {}",
        "{}; the fix did not help",
        "first seen today: {}",
        "the maintenance is finished but {}",
        "the maintenance is finished and still {}",
        "after the planned restart {}",
        "the reminder was sent, however {}",
        "we raised the timeout but {}",
        "release notes say otherwise, yet {}",
    ],
)
def test_trouble_is_found_whatever_is_said_around_it(example: Runbook, alert: Make, frame: str) -> None:
    for entry, troubles in TROUBLE.items():
        for trouble in troubles:
            said = frame.format(trouble)
            assert (said, match(alert(said), example, {}).incident_type) == (said, entry)

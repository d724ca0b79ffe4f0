"""A deploy, told from when something broke."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.detection.changes import change_event, id_of, in_words
from tocsin.detection.pagerduty import Change

NOW = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)
DEPLOY = Change(routing_key="k" * 32, summary="Deployed 4711", source="ci")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-240, "4 min before it opened"),
        (-29, "when it opened"),
        (-3600, "1 h before it opened"),
        (-5400, "1 h 30 min before it opened"),
        (-86400, "24 h before it opened"),
        (120, "2 min after it opened"),
        (0, "when it opened"),
    ],
)
def test_when_a_change_was_is_told_from_when_the_incident_opened(seconds: int, words: str) -> None:
    assert in_words(NOW + timedelta(seconds=seconds), NOW) == words


def test_a_change_without_a_time_or_to_come_happened_now() -> None:
    to_come = Change(routing_key="k" * 32, summary="s", timestamp=NOW + timedelta(hours=1))
    assert change_event(DEPLOY, "ci", NOW).at == change_event(to_come, "ci", NOW).at == NOW


def test_the_same_delivery_twice_has_one_name_and_the_next_deploy_another() -> None:
    soon, later = NOW + timedelta(seconds=30), NOW + timedelta(hours=1)
    assert id_of(DEPLOY, "ci", NOW) == id_of(DEPLOY, "ci", soon)
    assert len({id_of(DEPLOY, "ci", NOW), id_of(DEPLOY, "ci", later), id_of(DEPLOY, "cd", NOW)}) == 3

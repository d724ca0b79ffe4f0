"""What an alert is may be asked twice in a turn; it is found out once for these very values, and for no others."""

from collections.abc import Callable
from datetime import date

import msgspec
import pytest

from tocsin.detection.alert import Alert
from tocsin.engine.turns import MOST_TOGETHER
from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings
from tocsin.triage import assessing
from tocsin.triage.alike import LONGEST
from tocsin.triage.assessing import assess
from tocsin.triage.matched import Match
from tocsin.triage.matching import match
from tocsin.triage.recalling import Correction, likeness


@pytest.fixture
def matched(monkeypatch: pytest.MonkeyPatch) -> list[Alert]:
    """The alerts that were matched."""
    many = list[Alert]()

    def matching(alert: Alert, *rest: object) -> Match:
        many.append(alert)
        return match(alert, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(assessing, "match", matching)
    return many


def test_the_same_question_is_answered_once(
    example: Runbook, alert: Callable[..., Alert], matched: list[Alert]
) -> None:
    one, settings = alert(summary="Health check failing"), Settings()
    assert assess(one, example, settings) == assess(one, example, settings)
    assert len(matched) == 1


def test_turns_that_are_decided_together_ask_again_and_are_answered_once(
    example: Runbook, alert: Callable[..., Alert], matched: list[Alert]
) -> None:
    many, settings = [alert(summary=f"Health check {number} failing") for number in range(MOST_TOGETHER)], Settings()
    for _ in ("what they would open", "what they then join"):
        for one in many:
            assess(one, example, settings)
    assert len(matched) == len(many)


def test_alerts_that_tell_the_same_of_one_of_many_are_one_question(
    example: Runbook, alert: Callable[..., Alert], matched: list[Alert]
) -> None:
    settings = Settings()
    many = [alert(summary="Health check failing", details={"instance": f"web-{one}"}) for one in range(10, 99)]
    assert len({assess(one, example, settings).severity for one in many}) == 1
    assert len(matched) == 1


def test_a_long_alert_is_not_remembered(example: Runbook, alert: Callable[..., Alert], matched: list[Alert]) -> None:
    settings, long = Settings(), {"log": "it burns " * LONGEST}
    for one in (alert(summary="Health check failing", details=long) for _ in "12"):
        assert assess(one, example, settings).found.incident_type == "sequencer-down"
    assert len(matched) == 2


def test_another_runbook_and_other_settings_are_other_questions(
    example: Runbook, alert: Callable[..., Alert], matched: list[Alert]
) -> None:
    one, settings = alert(summary="Health check failing"), Settings()
    assess(one, example, settings)
    assess(one, msgspec.structs.replace(example, incident_types=()), settings)
    assess(one, example, Settings())
    assert len(matched) == 3


def test_what_people_said_since_counts_at_once(example: Runbook, alert: Callable[..., Alert]) -> None:
    one, settings = alert(summary="Health check failing"), Settings()
    said = Correction(likeness(one), None, "out-of-memory", "person:ada", date(2026, 11, 20), "INC-2026-0007")
    assert assess(one, example, settings).found.incident_type == "sequencer-down"
    assert assess(one, example, settings, [said]).found.incident_type == "out-of-memory"
    assert assess(one, example, settings).found.incident_type == "sequencer-down"

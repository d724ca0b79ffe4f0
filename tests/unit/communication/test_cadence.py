from datetime import timedelta

import msgspec
import pytest

from tocsin.communication.cadence import cadence_for, next_update_at, next_update_words
from tocsin.runbook.policy import Cadence, Template
from tocsin.runbook.reading import read_runbook
from unit.timeline import at, policy

QUARTER = Cadence(text="every 15 minutes", every=timedelta(minutes=15), line=12)
HOURLY = Cadence(text="hourly", every=timedelta(hours=1), line=13)
BODY = Template(id="t", title="t", channel=None, body="x", line=12, end_line=12)


@pytest.mark.parametrize(("severity", "minutes"), [("P0", 15), ("P1", 30), ("P2", 240), ("P3", None)])
def test_a_list_of_rhythms_goes_by_severity(example: bytes, severity: str, minutes: int | None) -> None:
    cadence = cadence_for(read_runbook(example), severity)
    assert (cadence and cadence.every) == (None if minutes is None else timedelta(minutes=minutes))


def test_a_rhythm_in_a_template_holds_for_every_severity() -> None:
    runbook = msgspec.structs.replace(policy(), cadences=(QUARTER,), templates=(BODY,))
    assert {cadence_for(runbook, name) for name in ("P0", "P3")} == {QUARTER}


def test_a_list_that_cannot_be_assigned_gives_the_fastest() -> None:
    runbook = msgspec.structs.replace(policy(), cadences=(HOURLY, QUARTER))
    assert cadence_for(runbook, "P2") == QUARTER


def test_a_document_that_promises_nothing_has_no_rhythm() -> None:
    assert cadence_for(policy(), "P0") is None


@pytest.mark.parametrize(("posted", "due"), [(0, 15), (0.01, 16), (0.99, 16), (1, 16)])
def test_the_next_update_is_due_at_a_whole_minute_never_early(posted: float, due: float) -> None:
    assert next_update_at(at(posted), QUARTER) == at(due)


def test_the_promise_is_said_in_utc() -> None:
    assert next_update_words(at(45)) == "10:45 UTC"

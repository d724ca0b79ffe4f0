from collections.abc import Callable
from datetime import date

import pytest
from msgspec.structs import replace

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.triage.matching import match
from tocsin.triage.recalling import Correction, likeness, recalled

Make = Callable[..., Alert]
DAY = date(2026, 11, 20)


def correction(like: str, after: str | None, before: str | None = "out-of-memory") -> Correction:
    return Correction(like, before, after, "person:ada", DAY, "INC-2026-0007")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("worker w-7 restarted 14 times on node-3", "worker w-9 restarted 2 times on node-8"),
        ('queue "mails" stopped at 10:42', 'queue "bills" stopped at 03:07'),
    ],
)
def test_alerts_are_alike_whatever_their_numbers_hosts_and_quoted_names(one: str, other: str, alert: Make) -> None:
    assert likeness(alert(one)) == likeness(alert(other)) != ""


def test_a_name_makes_alerts_alike_whatever_else_they_say_and_the_source_parts_them(alert: Make) -> None:
    first = alert("it burns", details={"alertname": "OvenHot"})
    assert likeness(first) == likeness(alert("it still burns", details={"alertname": "OvenHot"}))
    assert likeness(first) != likeness(replace(first, source="other"))


def test_too_few_words_make_nothing_alike(alert: Make) -> None:
    assert likeness(alert("12:04")) == ""


def test_a_correction_wins_over_words_and_names_and_says_whose_it_is(example: Runbook, alert: Make) -> None:
    said = alert("heap out of memory in the renderer", details={"alertname": "DataBreach"})
    found = match(said, example, {}, correction(likeness(said), "sequencer-down"))
    assert found.incident_type == "sequencer-down"
    assert "corrected by ada on 2026-11-20 at INC-2026-0007" in found.because[0].text
    assert found.because[0].line == 49


def test_an_alert_may_be_corrected_to_no_entry_and_confirmed(example: Runbook, alert: Make) -> None:
    said = alert("heap out of memory in the renderer")
    none = match(said, example, {}, correction(likeness(said), None))
    assert none.incident_type is None
    assert "corrected by ada" in none.because[0].text
    right = match(said, example, {}, correction(likeness(said), "out-of-memory"))
    assert "confirmed by ada" in right.because[0].text


def test_the_latest_correction_counts_and_an_entry_that_is_gone_is_forgotten(example: Runbook, alert: Make) -> None:
    said = alert("heap out of memory in the renderer")
    like = likeness(said)
    latest = recalled(said, [correction(like, "data-breach"), correction(like, "ddos-attack")])
    assert latest
    assert latest.incident_type == "data-breach"
    assert match(said, example, {}, correction(like, "no-such-entry")).incident_type == "out-of-memory"


def test_what_is_over_or_elsewhere_stays_so_whatever_was_corrected(example: Runbook, alert: Make) -> None:
    said = alert("heap out of memory in the renderer", details={"environment": "staging"})
    assert match(said, example, {}, correction(likeness(said), "out-of-memory")).incident_type is None


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        ("health check failing on staging", "but for that"),
        ("nightly backup failed, the service is down", "but for that"),
        ("error rate 0.2%", "a number past the threshold"),
        ("a parade in town", "an entry about it"),
    ],
)
def test_an_answer_says_what_would_have_changed_it(summary: str, words: str, example: Runbook, alert: Make) -> None:
    found = match(alert(summary), example, {})
    assert found.incident_type is None
    assert words in found.otherwise[0].text


def test_an_entry_that_hangs_on_one_reason_says_so(example: Runbook, alert: Make) -> None:
    [why] = match(alert("deadlock on the ledger"), example, {}).otherwise
    assert why.text.startswith("without the first reason")

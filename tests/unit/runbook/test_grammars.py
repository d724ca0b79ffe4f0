"""The small grammars: durations, response times, thresholds, escalations, promises."""

from datetime import timedelta

import pytest

from tocsin.guard.placeholders import placeholder_in
from tocsin.runbook.durations import duration_in, iso, spoken
from tocsin.runbook.entry_rules import entry_rule
from tocsin.runbook.names import plain, slug
from tocsin.runbook.policy import Response, Threshold
from tocsin.runbook.promises import cadence_in, deadline_in
from tocsin.runbook.responses import response_in
from tocsin.runbook.thresholds import threshold_in
from unit.runbook.fixtures import Case, case_title, cases


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("15 min", 15), ("< 2 h", 120), ("within 2 hours", 120), ("half an hour", 30), ("15-30 minutes", 15),
     ("one day", 1440), ("a minute", 1), ("1.5h", 90), ("again and a", None), ("P2", None), ("v1.5 m", None)],
)  # fmt: skip
def test_a_duration_is_read_as_people_write_it(text: str, minutes: float | None) -> None:
    assert duration_in(text) == (None if minutes is None else timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("minutes", "written", "told"), [(15, "PT15M", "15 min"), (4320, "PT72H", "72 h"), (10080, "PT168H", "7 days"),
                                     (0, "PT0S", "0 s"), (1.5, "PT90S", "90 s")],
)  # fmt: skip
def test_a_duration_is_written_for_machines_and_for_people(minutes: float, written: str, told: str) -> None:
    assert (iso(timedelta(minutes=minutes)), spoken(timedelta(minutes=minutes))) == (written, told)


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("Response time: immediate", Response("immediate")),
        ("answer at once", Response("immediate")),
        ("< 15 min", Response("within", timedelta(minutes=15))),
        ("Next business day", Response("next-business-day")),
        ("1 business day", Response("next-business-day")),
        ("5 business days", Response("within", timedelta(days=5))),
        ("when we feel like it", None),
    ],
)
def test_a_response_time_is_one_of_three_kinds(text: str, response: Response | None) -> None:
    assert response_in(text) == response


@pytest.mark.parametrize(
    ("text", "threshold"),
    [
        ("Queue length > 500 for 5 minutes", Threshold("Queue length", ">", 500, "", window=timedelta(minutes=5))),
        (
            "CPU > 85% for more than 10 minutes",
            Threshold("CPU", ">", 85, "%", window=timedelta(minutes=10)),
        ),
        ("Jobs wait for longer than 15 minutes", None),
        ("Tiles older than 20 minutes", Threshold("Tiles", ">", 20, "min")),
        ("Failed logins exceed 3%", Threshold("Failed logins", ">", 3, "%")),
        ("Disk usage at 90%", Threshold("Disk usage", ">=", 90, "%")),
        ("Sudden spike in orders (>4x normal)", Threshold("orders", ">", 4, "x", baseline="normal")),
        ("p99 latency is above 250ms", Threshold("p99 latency", ">", 250, "ms")),
        ("Free space below 2 GB", Threshold("Free space", "<", 2, "GB")),
        (
            "For 10 minutes the share of bounced letters is > 4%",
            Threshold("share of bounced letters", ">", 4, "%", window=timedelta(minutes=10)),
        ),
        (
            "In the last hour fewer than 20 parcels left",
            Threshold("parcels left", "<", 20, "", window=timedelta(hours=1)),
        ),
        ("Over 15 minutes, p95 exceeds 3s", Threshold("p95", ">", 3, "s", window=timedelta(minutes=15))),
        ("when 8% of the quota remains", Threshold("quota", "<=", 8, "%")),
        ("Only 20 GB are left", Threshold("left", "<=", 20, "GB")),
        ("Spool 90% full", Threshold("Spool", ">=", 90, "%")),
        ("A failure rate of 6% or more", Threshold("failure rate", ">=", 6, "%")),
        ("More than 7% of calls drop", Threshold("calls drop", ">", 7, "%")),
        ("For more than 5 minutes nothing arrives", None),
        ("Shop closed at 15:30", None),
        ("No orders", None),
        ("Vault warmer than usual, above -70 degrees", Threshold("Vault warmer than usual", ">", -70, "")),
        ("Signal below \u221285 dBm", Threshold("Signal", "<", -85, "")),
        ("Depth of queue > 5,000", Threshold("Depth of queue", ">", 5000, "")),
        ("Consumer lag > 100k records", Threshold("Consumer lag", ">", 100_000, "")),
        ("The queue grows beyond 1000 messages", Threshold("queue grows", ">", 1000, "")),
    ],
)
def test_a_threshold_has_a_subject_and_a_unit(text: str, threshold: Threshold | None) -> None:
    assert threshold_in(text) == threshold


@pytest.mark.parametrize("case", cases("entry_rules"), ids=case_title)
def test_an_escalation_phrase_is_read(case: Case) -> None:
    rule = entry_rule(case.given, 7)
    assert rule is not None
    after = spoken(rule.after) if rule.after is not None else None
    assert f"{rule.trigger} {after}: {', '.join(rule.to)}" == case.expected
    assert rule.line == 7


def test_an_escalation_that_names_nobody_is_no_rule() -> None:
    assert entry_rule("", 1) is None


@pytest.mark.parametrize(
    ("command", "found"),
    [("kubectl logs <pod>", "<pod>"), ("ssh {{ host }}", "{{ host }}"), ("kill PID", "PID"), ("curl XXX", "XXX"),
     ('psql -c "SELECT count(ALL);"', None), ("grep ERROR app.log", None), ('psql -c "SELECT now();"', None),
     ("curl -X POST http://x", None), ("[[ -f /x ]] && y", None), ("ls [0-9]*", None), ("sort <in.txt", None),
     ("cat <<EOF > /x\nEOF", None)],
)  # fmt: skip
def test_a_placeholder_is_told_from_shell_and_sql(command: str, found: str | None) -> None:
    assert placeholder_in(command) == found


def test_an_update_rhythm_is_told_from_other_rhythms() -> None:
    cadence = cadence_in("Updates: every 20 minutes", 3)
    assert cadence is not None
    assert cadence.every == timedelta(minutes=20)
    assert cadence_in("Rotate the keys every 90 days", 3) is None


def test_a_deadline_says_what_is_due() -> None:
    deadline = deadline_in("Card holders (within 48 hours by contract)", 5)
    assert deadline is not None
    assert (deadline.what, deadline.within) == ("Card holders", timedelta(hours=48))


def test_a_slug_leaves_out_numbers_asides_and_markup() -> None:
    assert slug("3. **Till** down (again)") == "till-down"
    assert plain("see [the *page*](http://x) `now`") == "see the page now"

"""What a number of an alert is an amount of: no name, date or change, and more or less than it only if it says so."""

import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.runbook.thresholds import threshold_in
from tocsin.triage.amounts import amounts, held, subject_of
from tocsin.triage.matching import match
from tocsin.triage.proportions import multiples, proportions, rates
from tocsin.triage.readings import beyond, readings

Make = Callable[..., Alert]
Books = Callable[..., Runbook]


def counted(text: str) -> list[tuple[float, str]]:
    """Give the amounts of a text with their units."""
    return [(round(one.value, 3), one.unit) for one in amounts(text, {})]


def measured(text: str) -> set[tuple[str, float, str]]:
    """Give what the numbers of a text measure."""
    return {(one.kind, round(one.value, 3), one.unit) for one in readings(text, {})}


def past(limit: str, said: str, named: Mapping[str, str] | None = None) -> list[bool]:
    """Give whether each amount of an alert that compares with a limit is past it."""
    threshold = threshold_in(limit)
    assert threshold is not None
    subject = subject_of(threshold)
    found = (held(one, threshold, subject) for one in amounts(said, named or {}))
    return [one for one in found if one is not None]


@pytest.mark.parametrize(
    "text",
    [
        "open orders stale since 2026-11-27",
        "open orders since 27.11.2026",
        "open orders of 2026/11/27",
        "open orders stand at 10:30",
        "open orders at 10.0.0.1",
        "open orders of release 3.20.1",
        "open orders on port 8443",
        "pid 4312 holds open orders",
        "open orders in ticket #4711",
        "3/5 open orders",
    ],
)
def test_dates_times_versions_addresses_and_names_are_no_amounts(text: str) -> None:
    assert not counted(text)


def test_what_stands_behind_a_name_or_has_a_unit_is_one() -> None:
    assert counted("shard 1 350 rps") == [(350, "/s")]
    assert counted("node 97 %") == [(97, "%")]
    assert counted("connections per node 5000") == [(5000, "")]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("queue 3M", 3e6, ""),
        ("queue 3m", 3, "min"),
        ("queue 3m rps", 3e6, "/s"),
        ("queue 4 k", 4000, ""),
        ("queue .5 %", 0.5, "%"),
        ("queue 1.2e6/s", 1.2e6, "/s"),
        ("queue 300 W", 300, ""),
        ("queue 5 Minuten", 5, "min"),
        ("queue 5 секунд", 5, "s"),
        ("queue 480 alarms per day", 480, "/d"),
        ("queue 480 alarms pro Woche", 480, "/w"),
        ("queue 40 000 запросов в секунду", 40_000, "/s"),
        ("queue at 140 Gbit/s", 140, "gbit/s"),
        ("queue 120 MB per second", 120, "mb/s"),
        ("queue 2 days", 2, "d"),
        ("queue minus 18", -18, ""),
        ("queue -18.5", -18.5, ""),
    ],
)
def test_an_amount_has_its_scale_and_its_unit(text: str, value: float, unit: str) -> None:
    assert counted(text) == [(value, unit)]


@pytest.mark.parametrize(
    ("limit", "said", "is_past"),
    [
        ("Open orders > 1,000", "open orders above 1,000", [True]),
        ("Open orders > 1,000", "open orders over 999", [False]),
        ("Open orders > 1,000", "open orders below 5,000", []),
        ("Open orders > 1,000", "open orders at most 5,000", []),
        ("Open orders > 1,000", "open orders \u2264 5,000", []),
        ("Open orders > 1,000", "no more than 5,000 open orders", []),
        ("Open orders < 50", "open orders below 50", [True]),
        ("Open orders < 50", "open orders below 51", [False]),
        ("Open orders < 50", "open orders over 3", []),
        ("Open orders < 50", "open orders over 50", [False]),
        ("Open orders > 1,000", "open orders below 1,000", [False]),
        ("Open orders >= 50", "open orders 50", [True]),
        ("Open orders <= 50", "open orders 50", [True]),
        ("Open orders = 0", "open orders 0", [True]),
        ("Open orders = 0", "open orders 4", [False]),
        ("more than 25 alarms per hour", "480 alarms per day", [False]),
        ("more than 15 alarms per hour", "480 alarms per day", [True]),
        ("Disk writes > 300 MB/s", "disk writes 420 MB per second", [True]),
        ("Disk writes > 300 MB/s", "disk writes 2 Gbit/s", [False]),
        ("Disk writes > 300 MB/s", "disk writes 5,000/s", []),
        ("Backup older than 2 days", "backup is 50 hours old", [True]),
        ("Backup older than 2 days", "backup is 40 hours old", [False]),
        ("Queue wait > 2 min", "queue wait 3M", []),
    ],
)
def test_a_bound_says_no_more_than_it_says(limit: str, said: str, is_past: list[bool]) -> None:
    assert past(limit, said) == is_past


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("latency 200 ms -> 3 s", {("latency", 3, "s")}),
        ("latency 3 s => 200 ms", {("latency", 0.2, "s")}),
        ("latency \u2264 3 s", set()),
        ("latency at most 3 s", set()),
        ("latency not above 3 s", set()),
        ("latency no more than 3 s", set()),
        ("latency \u2265 3 s", {("latency", 3, "s")}),
        ("latency 0.2-3 s", {("latency", 3, "s")}),
        ("error rate .8%", {("errors", 0.8, "%")}),
        ("error rate dropped by 40%", set()),
        ("errors down 30 %", set()),
        ("error rate -3%", set()),
        ("errors (+5%)", set()),
        ("errors 40% higher", set()),
        ("errors make up 5% of hits", {("errors", 5, "%")}),
        ("error rate up to 5%", {("errors", 5, "%")}),
        ("error rate fell to 5%", {("errors", 5, "%")}),
        ("disk free: 3%", {("disk", 97, "%")}),
        ("disk 97% used", {("disk", 97, "%")}),
        ("traffic at 140 Gbit/s", set()),
        ("traffic 5,000 Mbit/s", set()),
        ("requests 7,200 per hour", {("requests", 2, "/s")}),
        ("12,000 rpm", {("requests", 200, "/s")}),
    ],
)
def test_a_change_a_bound_and_a_flow_are_read_as_what_they_are(text: str, found: set[tuple[str, float, str]]) -> None:
    assert measured(text) == found


def test_what_fails_of_half_of_all_is_not_all_of_it() -> None:
    assert ("alive", 0, "") not in measured("half of all requests fail")
    assert ("alive", 0, "") in measured("all requests fail")


@pytest.mark.parametrize("text", ["on 11/27/2026 errors", "errors of 2026/11/27", "errors since 1/2/2026"])
def test_a_date_is_no_part_of_a_whole(text: str) -> None:
    assert not proportions(text)
    assert proportions("11/27 calls fail")


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("40 000 в секунду, обычно 2 000", 20),
        ("40 000 запросов в секунду, обычно 2 000", 20),
        ("9 000 zapytań na minutę, zwykle 300", 30),
        ("9.000 richieste al minuto, di solito 300", 30),
    ],
)
def test_the_usual_is_known_in_the_languages_that_rates_are(text: str, times: float) -> None:
    assert [one.times for one in multiples(text)] == [times]


BY = (
    "/s",
    " per second",
    "/min",
    " per minute",
    "/h",
    " per hour",
    " a day",
    " pro Stunde",
    " par minute",
    " al minuto",
)
SECONDS = (1, 1, 60, 60, 3600, 3600, 86_400, 3600, 60, 60)
WRITTEN = (
    lambda n: f"{n}",
    lambda n: f"{n:,}",
    lambda n: f"{n:,}".replace(",", "\u202f"),
    lambda n: f"{n:,}".replace(",", "'"),
    lambda n: f"{n // 1000}k" if n % 1000 == 0 else f"{n}",
)
Write = Callable[[int], str]
Written = tuple[int, Write, int]
writes, spans = st.sampled_from(WRITTEN), st.sampled_from(range(len(BY)))
numbers = st.integers(1, 10**8)


@given(numbers, writes, spans)
def test_a_rate_is_the_same_in_every_notation(number: int, write: Write, span: int) -> None:
    said = f"{write(number)} requests{BY[span]}"
    [found] = rates(said)
    assert found.per_second == pytest.approx(number / SECONDS[span])


@given(st.tuples(numbers, writes, spans), st.tuples(numbers, writes, spans))
def test_a_rate_is_past_its_limit_however_both_are_written(limit: Written, said: Written) -> None:
    (most, write, each), (number, told, by) = limit, said
    threshold = threshold_in(f"Requests > {write(most)} requests{BY[each]}")
    assert threshold is not None
    [reading] = [one for one in readings(f"{told(number)} requests{BY[by]}", {}) if one.unit == "/s"]
    is_there, wanted = number * SECONDS[each], most * SECONDS[by]
    if abs(wanted - is_there) > 1e-6 * is_there:
        assert beyond(reading, threshold) is (is_there > wanted)


SIZES = {" ms": 0.001, " s": 1, " min": 60, " hours": 3600, " days": 86_400, " Stunden": 3600, " minutos": 60}


units = st.sampled_from(sorted(SIZES))


@given(st.tuples(numbers, writes, units), st.tuples(numbers, writes, units))
def test_an_amount_is_past_its_limit_however_both_are_written(
    limit: tuple[int, Write, str], said: tuple[int, Write, str]
) -> None:
    (most, write, unit), (number, told, other) = limit, said
    is_there, wanted = number * SIZES[other], most * SIZES[unit]
    if abs(wanted - is_there) > 1e-6 * is_there:
        for op, expected in ((">", is_there > wanted), ("<", is_there < wanted)):
            assert past(f"Queue wait {op} {write(most)}{unit}", f"queue wait {told(number)}{other}") == [expected]


def test_the_reason_claims_no_date_as_what_was_measured(made_of: Books, alert: Make) -> None:
    book = made_of({"Orders": ["Open orders > 1,000"], "Other": ["The printer is empty"]})
    for text in ("open orders stale since 2026-11-27", "open orders on port 8443", "open orders below 5,000"):
        assert "past \u201c" not in " ".join(why.text for why in match(alert(text), book, {}).because)
    [why] = [why.text for why in match(alert("open orders over 1,000"), book, {}).because if "past" in why.text]
    assert re.search("says \u201cover 1,000\u201d, past", why)

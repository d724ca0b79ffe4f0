"""Matchers: what they say, what they fit, and which are refused before they can do harm."""

import time

import pytest

from tocsin.detection.alert import Alert
from tocsin.errors import UsageError
from tocsin.grouping.matchers import accepts, containing, fits, matcher, read_matcher, subject
from tocsin.incident.silence import Matcher

ALERT = Alert(
    source="prometheus",
    dedup_key="k",
    action="trigger",
    summary="Disk of db-1 is full",
    origin="db-1",
    component="postgres",
    details={"team": "data"},
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("entry=sequencer-down", Matcher("entry", "=", "sequencer-down")),
        (' severity != "P0" ', Matcher("severity", "!=", "P0")),
        ("text=~'.*a \"b\".*'", Matcher("text", "=~", '.*a "b".*')),
        ('origin!~"db-\\"1\\""', Matcher("origin", "!~", 'db-"1"')),
        ("details.team=", Matcher("details.team", "=", "")),
        ("component==x", Matcher("component", "=", "=x")),
    ],
)
def test_a_matcher_is_read_as_people_write_it(text: str, expected: Matcher) -> None:
    assert read_matcher(text) == expected
    assert read_matcher(expected.text.replace('\\"', '"')).name == expected.name


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sequencer-down", "no matcher"),
        ("=x", "no matcher"),
        ("job=x", "cannot speak of job"),
        ("details.=x", "cannot speak of"),
        ("text=~[", "cannot be read"),
        ("text=~(a+)+b", "too long"),
        ("text=~(a|aa)*b", "too long"),
        ("text=~(a|aa){2,9}b", "too long"),
        ("text=~(a)\\1", "too long"),
        ("text=~(?=a)a", "too long"),
        ("text=~.*a.*b.*c.*", "at most 3"),
        ("text=~" + "a" * 600, "longer than"),
        ("text=~a{1,99999999999}", "cannot be read"),
    ],
)
def test_what_is_no_matcher_or_could_keep_the_engine_busy_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        read_matcher(text)


@pytest.mark.parametrize("value", [r".*\(a+\).*", "[*+{]+x", "(?:a|b)c?", "db-[0-9]+", r"\d{2}-\w+"])
def test_an_ordinary_pattern_is_allowed(value: str) -> None:
    assert matcher("text", "=~", value).value == value


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["entry=disk-full"], True),
        (["entry=disk-full", "severity=P1"], True),
        (["entry=disk-full", "severity!=P1"], False),
        (["source=~prom.*"], True),
        (["source=~prom"], False),  # a pattern has to fit all of it
        (["text=~.*full"], True),
        (["origin!~db-.*"], False),
        (["details.team=data"], True),
        (["details.zone="], True),  # what is missing is empty
        (["details.zone!="], False),
        (["component=postgres", "source=prometheus"], True),
    ],
)
def test_all_matchers_have_to_fit(texts: list[str], *, expected: bool) -> None:
    assert fits(tuple(map(read_matcher, texts)), subject(ALERT, "disk-full", "P1")) is expected


def test_an_alert_that_no_entry_matched_has_the_empty_entry() -> None:
    assert fits((read_matcher("entry="),), subject(ALERT, None, "P1"))


def test_a_sender_cannot_name_a_detail_like_a_property() -> None:
    sly = Alert(source="a", dedup_key="k", action="trigger", details={"source": "b"})
    assert subject(sly, None, "P1")["source"] == "a"


def test_a_text_that_is_contained_is_found_in_small_letters_or_large_and_is_no_pattern() -> None:
    assert accepts(containing("text", "DB-1 IS"), ALERT.summary)
    assert not accepts(containing("text", "D.sk"), ALERT.summary)
    assert accepts(containing("text", "a.(b)*+"), "x a.(b)*+ y")


def test_the_slowest_allowed_pattern_ends_on_the_longest_value_that_is_compared() -> None:
    before = time.process_time()
    assert not accepts(matcher("text", "=~", ".*a.*ab"), "a" * 100_000)
    assert time.process_time() - before < 5

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from tocsin.errors import SettingsInvalid
from tocsin.probes.exposition import Lines, Sample, quantile
from tocsin.probes.series import one_of, selector_of

TEXT = """
# HELP http_requests_total Requests.
# TYPE http_requests_total counter
http_requests_total{code="200",path="/a}b"} 1027 1395066363000
http_requests_total{code="503",path="a \\"quoted\\" \\\\ line\\nbreak"} 3
http_requests_total_of_others 9
queue_depth 4.5e1
queue_depth{} 1 # {trace="x"} 2
broken{code="200" 5
up 1_0
process_open_fds NaN
"""


def samples(*names: str) -> dict[str, list[Sample]]:
    return Lines(names).samples(TEXT)


def test_only_what_is_asked_for_is_read_and_as_it_is_meant() -> None:
    found = samples("http_requests_total", "queue_depth", "broken", "up")
    assert found == {
        "http_requests_total": [
            Sample({"code": "200", "path": "/a}b"}, 1027),
            Sample({"code": "503", "path": 'a "quoted" \\ line\nbreak'}, 3),
        ],
        "queue_depth": [Sample({}, 45), Sample({}, 1)],
    }


LABELS = st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), st.text(max_size=8), max_size=3)


@given(LABELS, st.floats())
def test_what_a_program_exposes_is_read_as_the_library_of_prometheus_reads_it(
    labels: dict[str, str], value: float
) -> None:
    quoted = {k: v.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") for k, v in labels.items()}
    line = "m{%s} %r\n" % (",".join(f'{k}="{v}"' for k, v in quoted.items()), value)  # noqa: UP031  braces
    if "\r" in line:
        return
    [family] = text_string_to_metric_families(line)
    [sample] = Lines(["m"]).samples(line)["m"]
    [theirs] = family.samples
    assert sample.labels == theirs.labels == labels
    assert sample.value == theirs.value or math.isnan(value)


def test_a_line_made_to_be_slow_is_not() -> None:
    assert Lines(["m"]).samples('m{a="' + 'x",' * 100_000 + "\nm 1\n") == {"m": [Sample({}, 1)]}
    assert Lines(["m"]).samples("m{" + "a" * 300_000 + "\nm 1\n") == {"m": [Sample({}, 1)]}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("m", {"code": "200"}),
        ('m{code="200"}', {"code": "200", "x": "y"}),
        ('m{code=~"2..|3..", x!="y"}', {"code": "304"}),
        ('m{code!~"5..",}', {"code": "2005"}),
        ('m{ x = "a\\"b\\\\" }', {"x": 'a"b\\'}),
        ('m{gone=""}', {}),
    ],
)
def test_labels_that_fit(text: str, fits: dict[str, str]) -> None:
    selector = selector_of(text)
    assert selector.name == "m"
    assert selector.fits(fits)


@pytest.mark.parametrize("text", ['m{code="201"}', 'm{code=~"20"}', 'm{code!="200"}', 'm{code!~"2.*"}', 'm{x=~".+"}'])
def test_labels_that_do_not_fit(text: str) -> None:
    assert not selector_of(text).fits({"code": "200"})


@pytest.mark.parametrize(
    "text", ["", "1m", "m{code=200}", 'm{code="2', 'm{code=~"["}', 'm{"code"="x"}', 'm{a="b" c="d"}', "rate(m)"]
)
def test_a_text_that_selects_nothing_is_refused(text: str) -> None:
    with pytest.raises(SettingsInvalid):
        selector_of(text)


@pytest.mark.parametrize(
    "expression",
    [
        "(a+)+",
        "(a|aa)*b",
        "(?:a|a?){9}",
        ".*.*.*x",
        "(aa|aa)" * 20,
        "a?" * 30,
        "(?=a)a",
        r"(a)\\1",
        "(?i)a",
        "(a",
        "a)",
        "x" * 201,
    ],
)
def test_what_could_hold_up_who_looks_is_refused_from_outside(expression: str) -> None:
    with pytest.raises(SettingsInvalid, match="an expression from outside repeats characters, not groups, at most tw"):
        selector_of(f'm{{code=~"{expression}"}}', outside=True)


@pytest.mark.parametrize(
    "expression", ["5..", "2..|3..", "(GET|POST) /api/.*", ".*timeout.*", "[1-5][0-9]{2}", r"\\(a+\\)?", "[)*+]+(a|b)?"]
)
def test_simple_expressions_are_taken_from_outside(expression: str) -> None:
    selector = selector_of(f'm{{code=~"{expression}"}}', outside=True)
    assert selector == selector_of(f'm{{code=~"{expression}"}}')._replace(matchers=selector.matchers)
    assert not selector.fits({"code": "2" * 201})


@given(st.from_regex(r"(?:[ab.]|\([ab|]*\)|[ab.][*+?]|\|){1,9}", fullmatch=True), st.text("abc", max_size=60))
def test_what_is_taken_from_outside_fits_as_the_same_text_does_inside(expression: str, label: str) -> None:
    try:
        selector = selector_of(f'm{{x!~"{expression}"}}', outside=True)
    except SettingsInvalid:
        return
    assert selector.fits({"x": label}) == (re.fullmatch(expression, label) is None)


def test_several_series_are_one_number_only_when_it_is_said_how() -> None:
    assert one_of([1.0, 5.0, 3.0], "sum") == 9
    assert one_of([1.0, 5.0, 3.0], "max") == 5
    assert one_of([1.0, 5.0, 3.0], "min") == 1
    assert one_of([4.0], None) == 4
    assert one_of([4.0, 4.0], None) == "gives 2 series: say with `take` whether their sum, max or min is meant"
    assert one_of([], "sum") == "gives no series"
    assert one_of([math.nan], None) == one_of([math.inf], None) == "is not a number"


INF = math.inf


@pytest.mark.parametrize(
    ("share", "grown", "value"),
    [
        (0.5, {1: 10, 2: 20, INF: 20}, 1.0),
        (0.75, {1: 10, 2: 20, INF: 20}, 1.5),
        (0.95, {0.1: 0, 0.5: 90, 2: 100, INF: 100}, 1.25),
        (0.99, {1: 10, INF: 20}, 1.0),  # above the highest bound: that bound
        (0.5, {1: 0, INF: 0}, None),
        (0.5, {INF: 10}, None),
        (0.5, {1: 10, 2: 10}, None),  # no bucket for all
        (0.5, {-1: 10, 1: 10, INF: 10}, -1.0),
    ],
)
def test_quantiles_are_those_of_prometheus(share: float, grown: dict[float, float], value: float | None) -> None:
    assert quantile(share, grown) == value

import json
from datetime import timedelta

import pytest

from tocsin.detection.pagerduty import read_event, to_alert
from tocsin.provisioning.prometheus import alerting_rules, annotations, labels
from tocsin.provisioning.promql import comparison_in
from tocsin.provisioning.rules import Rule, Rules, prometheus_duration, rules_for
from tocsin.runbook.policy import Runbook, Threshold
from tocsin.runbook.reading import read_runbook
from tocsin.runbook.units import limit_in
from tocsin.settings import IncidentTypeSettings, MetricSettings, Settings
from tocsin.triage.matching import match

ROUTING_KEY = "k" * 32
HTTP, TIME = "http_requests_total", "http_request_duration_seconds"
ALL = f"sum(rate({HTTP}[5m]))"
CPU = '100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])))'
DISK, DISKS = "node_filesystem", '{fstype!~"tmpfs|ramfs|overlay"}'


def runbook_with(*symptoms: str, title: str = "Till Slow", severity: str = "P1") -> Runbook:
    listed = "\n".join(f"- {symptom}" for symptom in symptoms)
    text = f"# Shop\n\n## Incidents\n\n### 1. {title} ({severity})\n\n**Symptoms**:\n\n{listed}\n"
    return read_runbook(text.encode(), "docs/RUNBOOK.md")


def only(*symptoms: str, settings: Settings | None = None) -> Rule:
    [rule] = rules_for(runbook_with(*symptoms), settings or Settings()).rules
    return rule


def measured(name: str, expr: str, **more: object) -> Settings:
    return Settings(metrics={name: MetricSettings(expr=expr, **more)})  # type: ignore[arg-type]


# -- what fires, and when


@pytest.mark.parametrize(
    ("symptom", "expr"),
    [
        ("Error rate > 1%", f'100 * sum(rate({HTTP}{{code=~"5.."}}[5m])) / {ALL} > 1'),
        ("Success rate below 99.5%", f'100 * (sum(rate({HTTP}{{code!~"5.."}}[5m])) or vector(0)) / {ALL} < 99.5'),
        ("API response time > 1s", f"histogram_quantile(0.95, sum by (le) (rate({TIME}_bucket[5m]))) > 1"),
        ("p99 latency above 800ms", f"histogram_quantile(0.99, sum by (le) (rate({TIME}_bucket[5m]))) > 0.8"),
        ("average latency above 2 s", f"sum(rate({TIME}_sum[5m])) / sum(rate({TIME}_count[5m])) > 2"),
        ("Database CPU over 80%", f"{CPU} > 80"),
        ("Database CPU at 100%", f"{CPU} >= 95"),
        ("Memory use above 90%", "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes) > 90"),
        ("Free memory below 10%", "100 * node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 10"),
        ("Memory of the till > 2GB", "process_resident_memory_bytes > 2000000000"),
        ("Disk usage > 85%", f"100 * (1 - {DISK}_avail_bytes{DISKS} / {DISK}_size_bytes{DISKS}) > 85"),
        ("Requests > 5000 req/s", f"{ALL} > 5000"),
        ("Spike in requests (>10x normal)", f"{ALL} > 10 * avg_over_time(({ALL})[1h:1m] offset 1w)"),
    ],
)  # fmt: skip
def test_a_well_known_subject_has_a_usual_metric_that_is_marked_as_a_guess(symptom: str, expr: str) -> None:
    rule = only(symptom)
    assert rule.expr == expr
    assert rule.metric.origin == "guess"
    assert any(note.startswith("CHECK: ") for note in rule.notes)
    assert "# CHECK: " in "\n".join(alerting_rules(Rules((rule,), (), ()), runbook_with(symptom), None))


def test_an_annotation_may_say_the_limit_and_how_long_it_has_to_last() -> None:
    note = '<!-- tocsin:when metric=till_lag_seconds op=">" value=30 for=10m -->'
    text = f"# S\n\n## Incidents\n\n### Till Slow\n\n**Symptoms**:\n\n{note}\n- The till lags behind\n"
    [rule] = rules_for(read_runbook(text.encode(), "R.md"), Settings()).rules
    assert (rule.alert, rule.expr, rule.hold) == (
        "TillSlowTillLagSeconds",
        "till_lag_seconds > 30",
        timedelta(minutes=10),
    )
    stated = text.replace(' op=">" value=30', "").replace("The till lags behind", "Lag > 30s")
    [rule] = rules_for(read_runbook(stated.encode(), "R.md"), Settings()).rules
    assert (rule.expr, rule.hold) == ("till_lag_seconds > 30", timedelta(minutes=10))


def test_a_symptom_that_an_alert_notices_takes_its_name_and_says_so() -> None:
    note = "<!-- tocsin:when alert=TillLags -->"
    text = f"# S\n\n## Incidents\n\n### Till Slow\n\n**Symptoms**:\n\n{note}\n- p95 latency > 3s\n"
    [rule] = rules_for(read_runbook(text.encode(), "R.md"), Settings()).rules
    assert rule.alert == "TillLags"
    assert any("leave this rule out" in text for text in rule.notes)


@pytest.mark.parametrize(
    "symptom",
    [
        "Queue depth > 1000", "Error budget burns at 14x", "Errors > 50", "Wait > 5 pigs",
        "Error rate > 20% above normal", "Requests at 300% of the usual",
    ],
)  # fmt: skip
def test_what_no_metric_is_known_for_has_no_rule_and_says_how_to_get_one(symptom: str) -> None:
    made = rules_for(runbook_with(symptom), Settings())
    assert made.rules == ()
    for left in made.without:
        assert left.line == 9
        assert '[metrics."' in left.because


def test_the_configuration_says_what_a_threshold_measures_in_its_own_unit() -> None:
    settings = measured("error-rate", "sum(x) / sum(y)", unit="ratio", for_=timedelta(minutes=7))
    rule = only("Error rate > 1% for 2 minutes", settings=settings)
    assert rule.expr == "(sum(x) / sum(y)) > 0.01"
    assert rule.hold == timedelta(minutes=7)
    assert rule.notes == ()


def test_a_metric_may_be_given_to_one_rule_by_its_name() -> None:
    settings = measured("TillSlowQueueDepth", "queue_depth")
    rule = only("Queue depth > 1000", settings=settings)
    assert (rule.alert, rule.expr) == ("TillSlowQueueDepth", "(queue_depth) > 1000")


def test_normal_may_be_another_time_ago() -> None:
    settings = measured("requests", "hits", baseline=timedelta(days=1))
    rule = only("Spike in requests (>10x normal)", settings=settings)
    assert rule.expr == "(hits) > 10 * avg_over_time(((hits))[1h:1m] offset 1d)"
    assert any("never fires" in note for note in rule.notes)


def test_a_metric_in_a_unit_that_does_not_compare_makes_no_rule() -> None:
    made = rules_for(runbook_with("Error rate > 1%"), measured("error rate", "x", unit="s"))
    assert made.rules == ()
    assert made.without[0].because == "it is in %, and the configured metric is in s"
    assert made.unused == ()


def test_a_configured_metric_that_fits_nothing_is_named() -> None:
    assert rules_for(runbook_with("Error rate > 1%"), measured("eror rate", "x")).unused == ("eror rate",)


def test_the_document_may_name_the_metric_in_an_annotation_or_in_its_words() -> None:
    bound = "<!-- tocsin:when metric=till_queue -->\n- Queue depth > 1000"
    text = f"# Shop\n\n## Incidents\n\n### Till Slow\n\n**Symptoms**:\n\n{bound}\n- Database down (`pg_up == 0`)\n"
    rules = rules_for(read_runbook(text.encode(), "R.md"), Settings()).rules
    assert [rule.expr for rule in rules] == ["till_queue > 1000", "pg_up == 0"]
    assert {rule.metric.origin for rule in rules} == {"document"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("down (pg_up == 0)", "pg_up == 0"),
        ('gone: up{job="till"} == 0', 'up{job="till"} == 0'),
        ('bad (sum(rate(a_b{c=~"5.."}[5m])) / sum(rate(a_b[5m])) > 0.05)',
         'sum(rate(a_b{c=~"5.."}[5m])) / sum(rate(a_b[5m])) > 0.05'),
        ("100 * a_b/c_d >= 95 for 5 minutes", "100 * a_b/c_d >= 95"),
        ("error_rate > 5%", None), ("error rate > 5", None), ("people sign up > 3", None), ("x_y[5m] > 3", None),
        ("guess(x_y) > 3", None), ("rate(my x_y) > 3", None), ("x_y{z} > 3", None), ("((( x_y) > 3", "( x_y) > 3"),
        ("x_y/ > 3", None), ("/ > 3", None),
    ],
)  # fmt: skip
def test_only_what_prometheus_would_read_is_taken_for_an_expression(text: str, found: str | None) -> None:
    assert comparison_in(text) == found


@pytest.mark.parametrize(
    ("text", "hold"),
    [
        ("Error rate > 2% for 5 minutes", timedelta(minutes=5)),
        ("CPU at 95% for more than an hour", timedelta(hours=1)),
        ("API response time > 1s", timedelta(minutes=1)),
    ],
)
def test_how_long_it_has_to_last_is_read_from_the_words(text: str, hold: timedelta) -> None:
    assert only(text).hold == hold


def test_without_a_time_a_minute_is_assumed_and_said() -> None:
    rule = only("Error rate > 1%")
    assert rule.hold == timedelta(minutes=1)
    assert any("1 min is assumed" in note for note in rule.notes)


@pytest.mark.parametrize(
    ("value", "unit", "other", "expected"),
    [(1, "%", "ratio", 0.01), (800, "ms", "s", 0.8), (2, "GB", "bytes", 2e9), (2, "GiB", "MiB", 2048),
     (600, "/min", "/s", 10), (40, "MB/s", "per-s", 4e7), (4, "MB/s", "MB", None),
     (1, "%", "s", None), (5, "parsec", "s", None), (5, "parsec", "parsec", 5)],
)  # fmt: skip
def test_units_are_converted_or_do_not_compare(value: float, unit: str, other: str, expected: float | None) -> None:
    found = limit_in(Threshold("x", ">", value, unit), other)
    assert found == (pytest.approx(expected) if expected is not None else None)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (90, "90s"), (300, "5m"), (7200, "2h"), (604800, "1w")])
def test_durations_are_written_as_prometheus_does(seconds: int, text: str) -> None:
    assert prometheus_duration(timedelta(seconds=seconds)) == text


# -- names and labels


def test_rules_are_named_by_entry_and_symptom_and_never_twice() -> None:
    book = runbook_with("CPU > 80%", "CPU > 90%", "The CPU of the till > 70%", title="CPU High")
    assert [rule.alert for rule in rules_for(book, Settings()).rules] == ["CPUHigh", "CPUHigh2", "CPUHighCPUTill"]


def test_two_symptoms_that_measure_the_same_are_one_rule() -> None:
    made = rules_for(runbook_with("Error rate > 1%", "Errors > 1%", "Errors > 2%"), Settings())
    assert [rule.expr[-3:] for rule in made.rules] == ["> 1", "> 2"]
    [left] = made.without
    assert (left.line, left.because) == (10, "TillSlowErrorRate fires at the same time")


def test_a_title_in_another_script_gives_a_name_too() -> None:
    [rule] = rules_for(runbook_with("Error rate > 1%", title="キュー 停滞"), Settings()).rules
    assert rule.alert == "キュー停滞ErrorRate"


@pytest.mark.parametrize(("stated", "word"), [("P0", "critical"), ("P1", "error"), ("P2", "warning"), ("P3", "info")])
def test_how_bad_it_is_is_said_in_words_that_pagerduty_and_alertmanager_take(stated: str, word: str) -> None:
    levels = "".join(f"### P{n} - X (Response Time: {n + 1} hours)\n\n- case {n}\n\n" for n in range(4))
    text = f"# S\n\n## Severity levels\n\n{levels}## Incidents\n\n### Till\n\n**Severity**: {stated}\n\n"
    book = read_runbook(f"{text}**Symptoms**:\n\n- Error rate > 1%\n".encode(), "R.md")
    [rule] = rules_for(book, Settings()).rules
    assert (labels(rule)["severity"], labels(rule)["priority"]) == (word, stated)


def test_the_configured_severity_of_an_entry_wins() -> None:
    book = runbook_with("Error rate > 1%")
    entry = book.incident_types[0].id
    [rule] = rules_for(book, Settings(incident_types={entry: IncidentTypeSettings(severity="P0")})).rules
    assert rule.priority == "P0"


def test_a_criterion_of_a_severity_grades_and_makes_no_rule() -> None:
    levels = "# S\n\n## Severity levels\n\n### P0 - Bad (Response Time: Immediate)\n\n- Outage of >25% of users\n"
    made = rules_for(read_runbook(levels.encode(), "R.md"), Settings())
    assert made.rules == ()
    [left] = made.without
    assert (left.entry, left.line, left.because) == (
        None, 7, "it decides what is P0, and says of no entry that it happens",
    )  # fmt: skip


# -- the alert finds its entry


def as_pagerduty_would_get_it(rule: Rule) -> bytes:
    """The body that Alertmanager 0.25 sends for a firing rule."""
    told = {"alertname": rule.alert, **labels(rule), "instance": "db-1:9100"}
    lines = ["Labels:", *(f" - {key} = {told[key]}" for key in sorted(told)), "Annotations:"]
    lines += [f" - {key} = {text}" for key, text in annotations(rule, "RUNBOOK.md", None).items()]
    firing = "\n".join([*lines, "Source: http://prometheus:9090/graph?g0.expr=x", ""])
    details = {"firing": firing, "num_firing": "1", "num_resolved": "0", "resolved": ""}
    named = {"summary": f"[FIRING:1] {rule.alert}", "source": "Alertmanager", "severity": rule.severity}
    payload = {**named, "custom_details": details}
    return json.dumps({"routing_key": ROUTING_KEY, "event_action": "trigger", "payload": payload}).encode()


@pytest.mark.parametrize("which", ["example", "seed"])
def test_every_rule_leads_back_to_the_entry_it_was_made_from(which: str, request: pytest.FixtureRequest) -> None:
    book = read_runbook(request.getfixturevalue(which), "RUNBOOK.md")
    rules = rules_for(book, Settings()).rules
    assert len(rules) >= 4
    for rule in rules:
        alert = to_alert(read_event(as_pagerduty_would_get_it(rule)), "prometheus", "new")
        found = match(alert, book, {})
        assert found.incident_type == rule.entry.id
        assert found.score == 1.0


def test_it_finds_its_entry_even_where_its_words_say_another() -> None:
    text = (
        "# S\n\n## Incidents\n\n### Database Slow\n\n**Symptoms**:\n\n- Slow queries\n\n"
        "### Everything Else\n\n**Symptoms**:\n\n- Database response time > 3s because of slow queries\n"
    )
    book = read_runbook(text.encode(), "R.md")
    [rule] = rules_for(book, Settings()).rules
    alert = to_alert(read_event(as_pagerduty_would_get_it(rule)), "prometheus", "new")
    assert match(alert, book, {}).incident_type == "everything-else"

"""What notices each symptom, of the document and of the configuration together."""

from tocsin.explanation.binding import bound, noticed_lines
from tocsin.explanation.explain import findings_beside
from tocsin.runbook.policy import Runbook
from tocsin.runbook.reading import read_runbook
from tocsin.settings import CheckSettings, IncidentTypeSettings, MetricSettings, ProbeSettings, Settings


def document(*symptoms: str) -> Runbook:
    listed = "\n".join(f"- {symptom}" for symptom in symptoms)
    text = f"# Shop\n\n## Incidents\n\n### 1. Till Slow (P2)\n\n**Symptoms**:\n\n{listed}\n"
    return read_runbook(text.encode(), "RUNBOOK.md")


def probes(**checks: CheckSettings) -> Settings:
    return Settings(probes={name: ProbeSettings(id=name, kind="http", checks=(one,)) for name, one in checks.items()})


def test_a_check_binds_the_symptom_it_names_by_its_words_or_a_part_of_them() -> None:
    runbook = document("Response time > 1s", "Users reporting a slow till", "Queue fills up")
    one = CheckSettings(id="slow", value="latency", symptom="response  time > 1s", incident_type="till-slow")
    two = CheckSettings(id="late", value="latency", symptom="slow till", incident_type="till-slow")
    symptoms = bound(runbook, probes(till=one, shop=two)).incident_types[0].symptoms
    assert [one.bound_to for one in symptoms] == [
        "the probe till (slow)",
        "the probe shop (late), people's reports",
        None,
    ]
    assert [one.gap is None for one in symptoms] == [True, True, False]


def test_an_annotation_that_names_a_probe_binds_only_where_there_is_one() -> None:
    runbook = document("It hangs <!-- tocsin:when probe=till -->")
    there = bound(runbook, Settings(probes={"till": ProbeSettings(id="till", kind="http")}))
    assert there.incident_types[0].symptoms[0].bound_to == "the probe till"
    [missing] = bound(runbook, Settings()).incident_types[0].symptoms
    assert (missing.bound_to, missing.gap) == (
        None,
        "needs the probe till: the document names it, and it is not configured",
    )


def test_what_the_configuration_notices_besides_is_bound_too() -> None:
    runbook = document("Response time > 1s", "Queue fills up")
    metric = Settings(metrics={"Response time": MetricSettings(expr="latency")})
    assert [one.bound_to for one in bound(runbook, metric).incident_types[0].symptoms] == [
        "the metric Response time",
        None,
    ]
    alert = Settings(incident_types={"till-slow": IncidentTypeSettings(alerts=("TillSlow",))})
    assert noticed_lines(runbook, alert) == set()


def test_a_threshold_that_a_check_watches_for_is_no_finding_any_more() -> None:
    runbook = document("Response time > 1s", "Memory > 90%")
    one = CheckSettings(id="slow", value="latency", symptom="Response time", incident_type="till-slow")

    def found(settings: Settings) -> list[int]:
        return [finding.line for finding in findings_beside(runbook, settings) if finding.code == "RB204"]

    assert found(Settings()) == [9, 10]
    assert found(probes(till=one)) == [10]

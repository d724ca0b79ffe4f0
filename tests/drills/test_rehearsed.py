"""A drill in memory: in which ways an entry is broken, and what comes of it."""

import pytest

from tocsin.configuration import read_settings
from tocsin.drill.rehearsed import ANSWERS_AFTER, chosen, rehearse
from tocsin.drill.score import Score
from tocsin.errors import UsageError
from tocsin.runbook.reading import read_runbook
from tocsin.settings import Settings

HEAD = """\
# Runbook of the kiln

## Severity levels

### P0 - Critical (Response time: immediate)

- The kiln is cold

### P1 - High (Response time: 15 minutes)

- Tiles crack

## Escalation path

1. **L1**: Potter on call
2. **L2**: Head potter (if not resolved in 30 minutes)

## Incidents

"""
KILN = (
    HEAD
    + """\
### Kiln Cold

**Severity**: P0

**Symptoms**:

- The burner does not light
- Oven temperature < 900 °C

**Diagnosis**:

```bash
# Is there gas?
curl --fail --silent --max-time 5 http://127.0.0.1:7000/gas

# What did it say?
tail -f /var/log/kiln.log

# Start it again
systemctl restart kiln
```

### Glaze Spoiled

**Severity**: P1

**Symptoms**:

- Rejected tiles > 5%
"""
)
PROBES = """
[probes.oven]
kind = "http"
url = "http://127.0.0.1:7000/health"
every = "PT10S"

[probes.oven.checks.dead]
value = "up"
below = 1
times = 3
incident_type = "kiln-cold"

[probes.oven.checks.slow]
value = "latency"
above = 2
for = "PT1M"
incident_type = "glaze-spoiled"

[probes.oven.checks.unusual]
value = "latency"
times_normal = 10
incident_type = "glaze-spoiled"
"""


async def drill(document: str, settings: Settings = Settings(), *entries: str) -> dict[str, Score]:  # noqa: B008
    """Give the scores by variant."""
    body = document.encode()
    runbook = read_runbook(body, "RUNBOOK.md")
    scores = [await rehearse(body, runbook, settings, one) for one in chosen(runbook, settings, entries)]
    assert len({(score.incident_type, score.variant) for score in scores}) == len(scores)
    return {score.variant: score for score in scores}


async def test_every_symptom_is_a_variant_that_is_noticed_answered_told_and_reviewed() -> None:
    scores = await drill(KILN)
    assert [(score.incident_type, name) for name, score in scores.items()] == [
        ("kiln-cold", "line-26"),
        ("kiln-cold", "line-27"),
        ("glaze-spoiled", "line-48"),
    ]
    for score in scores.values():
        assert score.passed, score.because
        assert (score.detected, score.paged, score.acknowledged) == (0.0, 0.0, ANSWERS_AFTER.total_seconds())
        assert (score.resolved, score.told, score.reviewed, score.restored) == (True, True, True, True)
    assert [score.severity for score in scores.values()] == ["P0", "P0", "P1"]


async def test_it_is_said_who_would_notice_a_symptom() -> None:
    score = (await drill(KILN))["line-48"]
    assert score.because[0].startswith("rests on “Rejected tiles > 5%” (line 48), which nothing notices yet: it needs")


async def test_diagnostics_that_do_not_run_by_themselves_are_counted_and_said() -> None:
    score = (await drill(KILN))["line-26"]
    assert score.diagnostics == "2/3"
    assert [why for why in score.because if "does not run by itself" in why] == [
        next(why for why in score.because if why.startswith("“Start it again” (line 39) does not run by itself"))
    ]
    assert (await drill(KILN))["line-48"].diagnostics is None


async def test_the_checks_of_probes_are_shown_readings_until_they_fire_and_until_they_are_over() -> None:
    scores = await drill(KILN, read_settings(PROBES))
    dead, slow = scores["oven/dead"], scores["oven/slow"]
    assert (dead.passed, dead.detected, dead.paged) == (True, 30.0, 30.0)  # the third look, ten seconds each
    assert (slow.passed, slow.incident_type) == (True, "glaze-spoiled")
    assert slow.detected is not None
    assert 60.0 <= slow.detected <= 80.0  # it has to hold for a minute


async def test_a_check_that_has_to_learn_first_is_given_something_normal_and_says_so() -> None:
    score = (await drill(KILN, read_settings(PROBES)))["oven/unusual"]
    assert score.passed, score.because
    assert score.because[0].endswith(
        " of the configuration (1 is taken for what is normal, which it has to learn when it really looks)"
    )
    known = read_settings(PROBES.replace("times_normal = 10", "times_normal = 10\nnormal = 0.2"))
    assert (await drill(KILN, known))["oven/unusual"].passed


@pytest.mark.parametrize(
    ("pace", "more"),
    [
        ("PT1H", ""),
        ("P1D", "times = 1"),
        ("PT10M", 'for = "PT3H"'),
        ("PT6H", 'window = "P1D"\ntake = "mean"\nrecovers_for = "P1D"'),
    ],
)
async def test_a_probe_that_looks_seldom_is_rehearsed_for_as_long_as_it_takes(pace: str, more: str) -> None:
    text = PROBES.replace("PT10S", pace).replace("times = 3", more or "times = 3")
    score = (await drill(KILN, read_settings(text)))["oven/dead"]
    assert score.passed, score.because


async def test_a_check_that_takes_too_many_looks_says_that_it_cannot_be_rehearsed() -> None:
    text = PROBES.replace("PT10S", "PT1S").replace("times = 3", 'for = "P1D"')
    score = (await drill(KILN, read_settings(text), "kiln-cold"))["oven/dead"]
    assert not score.passed
    assert score.because[0].endswith("; it cannot be rehearsed in memory: 20000 looks are not enough for it")
    assert score.because[1:] == ("nothing noticed it",)


async def test_a_configured_drill_says_what_is_heard_and_what_is_expected() -> None:
    said = '[drills.gas]\nincident_type = "kiln-cold"\nalert = "the burner does not light any more"\n'
    assert (await drill(KILN, read_settings(said)))["gas"].passed
    score = (await drill(KILN, read_settings(said + 'expect = { severity = "P1" }')))["gas"]
    assert not score.passed
    assert score.because[-1] == "it was opened as P0, not as P1"
    wrong = said.replace("the burner does not light any more", "tiles are rejected: 12%")
    score = (await drill(KILN, read_settings(wrong)))["gas"]
    assert (score.matched, score.passed) == (False, False)
    assert score.because[-1] == "no incident of kiln-cold was opened"


async def test_only_the_entries_that_were_named_are_rehearsed() -> None:
    assert {score.incident_type for score in (await drill(KILN, Settings(), "glaze-spoiled")).values()} == {
        "glaze-spoiled"
    }
    with pytest.raises(UsageError, match="no entry glaze; it has kiln-cold, glaze-spoiled"):
        await drill(KILN, Settings(), "glaze")
    with pytest.raises(UsageError, match="no entry oven"):
        await drill(KILN, read_settings('[drills.a]\nincident_type = "oven"\nalert = "x"'))


async def test_an_entry_without_symptoms_is_rehearsed_by_its_title() -> None:
    bare = HEAD + "### Clay Store Flooded\n\n**Severity**: P1\n\n**Resolution**:\n\n1. Close the tap\n"
    [score] = (await drill(bare)).values()
    assert (score.variant, score.passed) == ("line-20", True)


async def test_a_restricted_entry_is_told_inside_only() -> None:
    breach = (
        HEAD + "### Data Breach\n\n**Severity**: P0\n\n**Symptoms**:\n\n- Customer records are copied by a stranger\n"
    )
    [score] = (await drill(breach)).values()
    assert (score.told, score.passed) == (True, True)


async def test_a_page_that_waits_for_a_business_day_is_waited_for() -> None:
    slow = HEAD.replace("P1 - High (Response time: 15 minutes)", "P1 - Low (Response time: next business day)")
    document = slow + "### Glaze Pale\n\n**Severity**: P1\n\n**Symptoms**:\n\n- The glaze is pale\n"
    hours = read_settings('[business_hours]\nopens = "14:00"\ncloses = "18:00"')
    [score] = (await drill(document, hours)).values()
    assert (score.passed, score.paged) == (True, 4 * 3600.0)  # from Monday at 10:00

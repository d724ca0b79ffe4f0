"""What the check of a probe says while an incident is open: whom it wakes, and whom it lets sleep."""

from datetime import timedelta

from drills.story import Begin, Story
from tocsin.detection.alert import Action, Alert
from tocsin.incident import facts as f
from tocsin.settings import CheckSettings, Condition, IncidentTypeSettings, ProbeSettings

ENTRY = "high-error-rate"
"""Its rule: if the error rate does not drop, the team lead is called."""

ERRORS = CheckSettings(id="errors", value="errors", limit=0.01)
PROBES = {"api": ProbeSettings(id="api", kind="http", checks=(ERRORS,))}


def measured(minutes: int = 2) -> dict[str, object]:
    """Give the configuration by which the probe says whether the entry is over."""
    condition = Condition(probe="api", check="errors", for_=timedelta(minutes=minutes))
    return {"probes": PROBES, "incident_types": {ENTRY: IncidentTypeSettings(resolved_when=(condition,))}}


async def check(story: Story, action: Action, entry: str | None = None) -> None:
    """Let the check of the probe turn."""
    alert = Alert(source="probe", dedup_key="api/errors", action=action, summary="errors 4%", incident_type=entry)
    await story.rehearsal.engine.ingest([alert])
    await story.rehearsal.settle()


async def taken(begin: Begin, **changes: object) -> tuple[Story, str]:
    """Begin with an incident of the entry that a monitor opened and Mira took; give when its rule is due."""
    story = await begin(**changes)
    await story.alert(ENTRY, "P1")
    await story.until("0:01")
    await story.acknowledges("mira")
    assert story.pages() == ["0:00 mira"]
    rule = next(entry for entry in story.policy.incident_types if entry.id == ENTRY).escalation
    assert rule is not None
    assert rule.after is not None
    minutes = int(rule.after.total_seconds()) // 60
    return story, f"0:{minutes:02}"


async def turns(story: Story) -> list[tuple[str, bool]]:
    """Give when the check turned, and whether to the good."""
    facts = await story.facts(f.CheckTurned)
    return [(story.when(fact.at), fact.body.good) for fact in facts if isinstance(fact.body, f.CheckTurned)]


async def test_what_drops_wakes_nobody(begin: Begin) -> None:
    story, _ = await taken(begin, **measured())
    await check(story, "trigger", ENTRY)
    await story.until("0:05")
    await check(story, "resolve")
    await story.until("2:00")
    assert story.pages() == []
    assert await turns(story) == [("0:01", False), ("0:07", True)]
    assert (await story.incident()).status == "acknowledged"


async def test_what_does_not_drop_wakes_the_team_lead_and_says_so(begin: Begin) -> None:
    story, due = await taken(begin, **measured())
    await check(story, "trigger", ENTRY)
    await story.until(due)
    assert story.pages() == [f"{due} jonas"]
    [_, called] = await story.facts(f.Escalated)
    assert isinstance(called.body, f.Escalated)
    assert called.body.because.text.endswith("; api/errors says so")


async def test_what_drops_and_rises_again_wakes_the_team_lead_then(begin: Begin) -> None:
    story, _ = await taken(begin, **measured())
    await check(story, "trigger", ENTRY)
    await story.until("0:05")
    await check(story, "resolve")
    await story.until("0:50")
    await check(story, "trigger", ENTRY)
    await story.until("0:55")
    assert story.pages() == ["0:50 jonas"]


async def test_a_lull_shorter_than_is_wanted_is_no_drop(begin: Begin) -> None:
    story, due = await taken(begin, **measured(30))
    await check(story, "trigger", ENTRY)
    await story.until("0:05")
    await check(story, "resolve")
    await story.until("0:35")
    assert f"{due} jonas" in story.pages()
    assert await turns(story) == [("0:01", False), ("0:35", True)]


async def test_without_a_check_it_counts_as_not_resolved_and_says_so(begin: Begin) -> None:
    story, due = await taken(begin)
    await story.until(due)
    assert story.pages() == [f"{due} jonas"]
    [_, called] = await story.facts(f.Escalated)
    assert isinstance(called.body, f.Escalated)
    assert called.body.because.text.endswith("; nothing measures that, so it counts as not resolved")


async def test_a_check_of_another_entry_tells_every_incident_it_speaks_for(begin: Begin) -> None:
    story, _ = await taken(begin, **measured())
    await check(story, "trigger", "database-slow-queries")
    first = (await story.rehearsal.numbers())[0]
    await story.until("0:05")
    await check(story, "resolve")
    await story.until("0:08")
    incident = (await story.rehearsal.incident(first)).incident
    assert incident is not None
    assert incident.checks["api/errors"].good


async def test_a_check_that_is_bad_already_is_known_when_a_person_reopens(begin: Begin) -> None:
    story, _ = await taken(begin, **measured())
    await check(story, "trigger", ENTRY)
    await story.until("0:03")
    await story.resolves("mira")
    await story.until("0:04")
    await story.reopens("mira")
    assert (await turns(story))[-1] == ("0:04", False)


async def test_a_check_that_is_bad_already_is_known_when_an_incident_begins(begin: Begin) -> None:
    story = await begin(**measured(), group_within=timedelta(0))
    await check(story, "trigger", "database-slow-queries")
    await story.until("0:03")
    await story.alert(ENTRY, "P1")
    assert await turns(story) == [("0:03", False)]


async def test_the_incident_of_the_check_itself_ends_with_its_alert(begin: Begin) -> None:
    story = await begin(**measured(0))
    await check(story, "trigger", ENTRY)
    await story.until("0:04")
    await check(story, "resolve")
    assert await turns(story) == [("0:00", False), ("0:04", True)]
    kinds = [fact.kind for fact in await story.facts()]
    assert kinds[-2:] == ["CheckTurned", "Resolved"]


async def test_an_incident_is_not_over_before_its_check_was_good_for_as_long_as_is_asked(begin: Begin) -> None:
    story = await begin(**measured())
    await check(story, "trigger", ENTRY)
    await story.until("0:04")
    await check(story, "resolve")
    assert (await story.incident()).status == "triggered"
    [kept] = await story.facts(f.AlertCleared)
    assert isinstance(kept.body, f.AlertCleared)
    assert kept.body.because.text == "api/errors has to be good for 2 min first"
    await story.until("0:07")
    assert [(fact.kind, story.when(fact.at)) for fact in (await story.facts())[-2:]] == [
        ("CheckTurned", "0:06"),
        ("Resolved", "0:06"),
    ]


async def test_a_monitor_that_says_it_is_over_waits_for_the_check_wherever_its_alert_is(begin: Begin) -> None:
    story, _ = await taken(begin, **measured())
    await check(story, "trigger", "database-slow-queries")
    first = (await story.rehearsal.numbers())[0]
    await story.all_clear()
    incident = (await story.rehearsal.incident(first)).incident
    assert incident is not None
    assert incident.status == "acknowledged"
    await story.until("0:05")
    await check(story, "resolve")
    await story.until("0:08")
    incident = (await story.rehearsal.incident(first)).incident
    assert incident is not None
    assert incident.status == "resolved"

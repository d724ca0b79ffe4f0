"""People report: nobody is paged until enough of them do, and what is known already is not opened twice."""

import pytest

from drills.story import Begin, Story
from tocsin.detection.alert import Alert
from tocsin.detection.reports import Report, choices
from tocsin.incident.facts import AlertJoined, Opened, Paged
from tocsin.store import transactions as t


async def report(story: Story, who: str, incident_type: str | None = "sequencer-down", text: str = "") -> None:
    """Let somebody report what the runbook calls a symptom of that entry, or something else."""
    found = next((one for one in choices(story.policy) if one.incident_type == incident_type), None)
    symptom = found.symptom if found else ""
    alert = Alert(
        source="reports",
        dedup_key=incident_type or "something-else",
        action="trigger",
        incident_type=incident_type,
        report=Report(reporter=who, symptom=symptom, text=text),
    )
    await story.rehearsal.engine.ingest([alert])
    await story.rehearsal.settle()


async def test_the_third_person_pages_whoever_the_entry_says(begin: Begin) -> None:
    story = await begin()
    await report(story, "a")
    await report(story, "a")
    await report(story, "b")
    assert await story.rehearsal.numbers() == ()
    assert story.pages() == []
    await story.until("0:05")
    await report(story, "c")
    assert story.pages() == ["0:05 mira"]
    incident = await story.incident()
    assert (incident.incident_type, incident.severity) == ("sequencer-down", "P0")
    assert incident.summary.startswith("3 people report: ")
    assert "people report a symptom of" in incident.because[0].text


async def test_reports_on_an_open_incident_of_that_entry_join_it(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    story.pages()
    for who in "abcdef":
        await report(story, who)
    assert len(await story.rehearsal.numbers()) == 1
    assert story.pages() == []
    assert 1 <= len(await story.facts(AlertJoined)) <= 2
    heard = await story.rehearsal.engine.reports(await story.incident())
    assert heard is not None
    assert len(heard.people) == 6


async def test_hundreds_of_reports_leave_a_short_timeline(begin: Begin) -> None:
    story = await begin()
    for number in range(300):
        await report(story, f"p{number}")
    facts = await story.facts()
    assert len(await story.rehearsal.numbers()) == 1
    assert len(facts) < 20
    assert len([fact for fact in facts if isinstance(fact.body, Paged)]) == 1


async def test_one_straggler_after_the_end_does_not_wake_anybody(begin: Begin) -> None:
    story = await begin()
    for who in "abc":
        await report(story, who)
    await story.acknowledges("mira")
    await story.resolves("mira")
    story.pages()
    await report(story, "d")
    await story.until("0:04")
    assert story.pages() == []
    assert (await story.incident()).status == "resolved"
    for who in "ef":
        await report(story, who)
    assert story.pages() == ["0:04 mira"]


@pytest.mark.parametrize("entry", ["data-breach"])
async def test_reports_of_a_breach_open_a_restricted_incident(begin: Begin, entry: str) -> None:
    story = await begin()
    for who in "abc":
        await report(story, who, entry)
    incident = await story.incident()
    assert incident.restricted
    assert "mira" not in {page.split()[1] for page in story.pages()}
    seen = await story.rehearsal.store.read(
        t.incidents(t.Viewer(everything=False, person="mira"), only_open=False, before=2**62, limit=9)
    )
    assert seen == ()


async def test_something_else_is_matched_by_its_words(begin: Begin) -> None:
    story = await begin()
    for who in "abc":
        await report(story, who, None, "The health check of the sequencer is failing")
    [opened] = await story.facts(Opened)
    assert isinstance(opened.body, Opened)
    assert opened.body.incident_type == "sequencer-down"

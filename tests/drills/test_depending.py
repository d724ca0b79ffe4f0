"""An incident of an entry that depends on one with an open incident says so, and pages as ever."""

from drills.story import Begin
from drills.test_grouping import fires, numbers
from tocsin.incident import facts as f
from tocsin.settings import IncidentTypeSettings

DEPENDS = {"high-error-rate": IncidentTypeSettings(depends_on=("database-slow-queries",))}


async def test_the_page_and_the_reason_name_the_incident_it_probably_follows_from(begin: Begin) -> None:
    story = await begin(incident_types=DEPENDS)
    await fires(story, "db", "database-slow-queries")
    await fires(story, "errors", "high-error-rate")
    assert await numbers(story) == 2
    loaded = await story.rehearsal.engine.load("INC-2026-0002")
    opened = loaded.facts[0].body
    assert isinstance(opened, f.Opened)
    title = (await story.rehearsal.engine.load("INC-2026-0001")).facts[0].body.title  # type: ignore[union-attr]
    assert opened.consequence_of == f"INC-2026-0001, {title}"
    assert any(
        one.text == f"it is probably a consequence of INC-2026-0001, {title}: "
        "high-error-rate depends on database-slow-queries in tocsin.toml"
        for one in opened.because
    )
    pages = [sent.message.text for sent in story.rehearsal.sent if sent.message.incident == "INC-2026-0002"]
    assert pages
    assert all(f"Probably a consequence of INC-2026-0001, {title}" in text for text in pages)


async def test_the_cause_itself_and_what_opens_after_it_is_over_say_nothing(begin: Begin) -> None:
    story = await begin(incident_types=DEPENDS)
    await fires(story, "db", "database-slow-queries")
    await fires(story, "db", "database-slow-queries", action="resolve")
    await fires(story, "errors", "high-error-rate")
    assert [one.message.text for one in story.rehearsal.sent if "Probably" in one.message.text] == []

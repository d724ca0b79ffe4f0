"""Whole incidents, as the drills tell them, once more with everything kept in PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from conftest import ROOT
from drills.story import Begin, Document, Story, settings
from drills.test_answering import (  # noqa: F401  pytest collects them here, with the fixtures below
    test_an_alert_that_comes_back_reopens_it_three_times_and_then_a_person_closes_it,
    test_an_alert_that_goes_on_after_a_person_ended_it_reopens_it_within_five_minutes,
    test_an_older_incident_is_not_reopened_beside_a_newer_one,
    test_every_page_is_a_fact_and_the_story_ends_with_a_clean_chain,
    test_who_reopens_it_pages_again_under_new_keys,
)
from drills.test_the_ladder import (  # noqa: F401
    test_a_p0_nobody_answers_climbs_every_quarter_of_an_hour,
    test_the_rounds_of_a_p0_end_after_the_third_and_the_fallback_is_paged,
)
from drills.test_trouble import (  # noqa: F401
    test_an_incident_keeps_the_runbook_it_opened_with,
    test_what_was_taken_up_but_is_no_longer_wanted_is_not_done,
)
from tocsin.runbook.reading import read_runbook
from tocsin.store.postgres import PostgresStore


@pytest.fixture(scope="session")
def document() -> Document:
    """The bundled runbook."""
    body = (ROOT / "examples" / "sequencer" / "RUNBOOK.md").read_bytes()
    return Document(body, read_runbook(body))


@pytest.fixture
async def begin(document: Document, database: str) -> AsyncIterator[Begin]:
    """Begin a story that is kept in PostgreSQL."""
    store = PostgresStore(database)

    async def beginning(*, at: str = "2026-03-02 10:00", timezone: str = "UTC", **changes: object) -> Story:
        instant = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(timezone))
        story = Story(document, settings(timezone=timezone, **changes), instant, timezone, store)
        await story.rehearsal.begin()
        return story

    yield beginning
    store.close()

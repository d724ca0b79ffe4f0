import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from drills.story import Begin, Document, Story, settings
from tocsin.runbook.reading import read_runbook

HERE = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("TOCSIN_SHARED", HERE.parent / "shared"))
RUNBOOKS = {
    "found": SHARED / "seed" / "incident-response-runbook.md",
    "bundled": HERE / "examples" / "sequencer" / "RUNBOOK.md",
}


@pytest.fixture(scope="session", params=list(RUNBOOKS))
def document(request: pytest.FixtureRequest) -> Document:
    """One runbook as it was found in the world, one in our own words: the same policy but for some minutes."""
    path = RUNBOOKS[request.param]
    if not path.is_file():
        pytest.skip(f"there is no {path.name} beside this checkout; set TOCSIN_SHARED to the folder that has it")
    body = path.read_bytes()
    return Document(body, read_runbook(body))


@pytest.fixture
def begin(document: Document) -> Begin:
    """Begin a story: Monday, 2 March 2026, ten in the morning, unless it says otherwise."""

    async def beginning(*, at: str = "2026-03-02 10:00", timezone: str = "UTC", **changes: object) -> Story:
        instant = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(timezone))
        story = Story(document, settings(timezone=timezone, **changes), instant, timezone)
        await story.rehearsal.begin()
        return story

    return beginning

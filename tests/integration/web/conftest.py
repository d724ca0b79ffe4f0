"""The stage the pages are tested on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integration.servers import Here, serving
from integration.web.doors import CONFIG, OLD, SECRET
from integration.web.staged import Staged
from tocsin.store.postgres import open_postgres


@pytest.fixture
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Staged]:
    """A Tocsin at 03:11 on a Monday night, nothing open; `on_both_stages` runs a test on PostgreSQL too."""
    kept_in = getattr(request, "param", "memory")
    store = await open_postgres(request.getfixturevalue("database")) if kept_in == "postgresql" else None
    stage = await Staged(store).begin()
    yield stage
    await stage.client.aclose()
    stage.store.close()


@pytest.fixture
async def doors(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Here]:
    """A Tocsin that knows a source of every kind; one that runs what it may, where a test asks for that."""
    monkeypatch.setenv("SENDERS_NEW", SECRET)
    monkeypatch.setenv("SENDERS_OLD", OLD)
    async with serving(tmp_path / "data", config=getattr(request, "param", CONFIG)) as here:
        yield here

"""The stage the pages are tested on."""

from collections.abc import AsyncIterator

import pytest

from integration.web.staged import Staged


@pytest.fixture
async def stage() -> AsyncIterator[Staged]:
    """A Tocsin at 03:11 on a Monday night, nothing open."""
    stage = await Staged().begin()
    yield stage
    await stage.client.aclose()
    stage.store.close()

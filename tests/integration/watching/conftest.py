from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from integration.store.stores import KINDS, LASTING, Kind
from tocsin.engine.ports import Store

on_both_stores = pytest.mark.parametrize("kind", LASTING, indirect=True)


@pytest.fixture
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kind]:
    name = getattr(request, "param", "file")
    made = KINDS[name](tmp_path, lambda: request.getfixturevalue("postgres"))
    yield made
    made.end()


@pytest.fixture
async def store(kind: Kind) -> AsyncIterator[Store]:
    opened = await kind.open()
    yield opened
    opened.close()

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from integration.store.stores import KINDS, Kind
from tocsin.engine.ports import Store


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kind]:
    made = KINDS[request.param](tmp_path, lambda: request.getfixturevalue("postgres"))
    yield made
    made.end()


@pytest.fixture
async def store(kind: Kind) -> AsyncIterator[Store]:
    opened = await kind.open()
    yield opened
    opened.close()

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.store.stores import KINDS, Kind
from tocsin.engine.ports import Store


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Kind:
    return KINDS[request.param](tmp_path)


@pytest.fixture
def store(kind: Kind) -> Iterator[Store]:
    opened = kind.open()
    yield opened
    opened.close()

"""Runbooks that tests put in force are read once by each process: the same bytes and path give the same policy."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import pytest

from tocsin import assembly
from tocsin.runbook.reading import read_runbook


@contextmanager
def reading_once() -> Iterator[None]:
    """Let a server in this process take a runbook that was read before as it was read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "read_runbook", lru_cache(maxsize=64)(read_runbook))
        yield

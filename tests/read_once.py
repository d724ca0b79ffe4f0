"""What is the same for each server of a test's process is made once: the same bytes and path give the same policy."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import pytest
from starlette import routing

from tocsin import assembly
from tocsin.cli import documents
from tocsin.runbook.reading import read_runbook


@contextmanager
def reading_once() -> Iterator[None]:
    """Let a server or a command in this process take a runbook that was read before as it was read.

    The two hundred addresses of a server become patterns once as well.
    """
    read = lru_cache(maxsize=64)(read_runbook)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "read_runbook", read)
        patch.setattr(documents, "read_runbook", read)
        patch.setattr(routing, "compile_path", lru_cache(maxsize=None)(routing.compile_path))
        yield

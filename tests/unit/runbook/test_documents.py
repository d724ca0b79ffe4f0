"""Whole runbooks of different authors' ways: every fact of each stands in a file beside it, written by hand."""

from pathlib import Path

import pytest

from tocsin.runbook.reading import read_runbook
from unit.runbook.telling import told

DOCUMENTS = sorted((Path(__file__).parent / "documents").glob("*.md"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_is_read_as_its_author_meant_it(path: Path) -> None:
    expected = path.with_suffix(".facts").read_text("utf-8").splitlines()
    assert sorted(told(read_runbook(path.read_bytes(), path.name))) == sorted(expected)

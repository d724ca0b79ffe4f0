"""Whether the files that commands need are there: beside the document, or up to the root of its repository."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tocsin.runbook.policy import Finding
from tocsin.runbook.references import Reference

_ROOTS = (".git", ".hg", ".svn")


def absent_files(needed: Iterable[Reference], folder: Path) -> list[Finding]:
    """Give RB111 for each relative path that is in none of the folders it could be meant from."""
    folders = tuple(_folders(folder))
    return [
        Finding(
            code="RB111", level="warning", line=one.line,
            message=f"{one.name} is not there, neither beside the document nor in the folders above it"
            if len(folders) > 1 else f"{one.name} is not there beside the document",
        )
        for one in needed
        if one.kind == "file" and not one.elsewhere and not one.name.startswith("/")
        if not any(_is_there(place / one.name) for place in folders)
    ]  # fmt: skip


def _folders(folder: Path) -> Iterator[Path]:
    """Give the document's folder and, where it lies in a repository, the folders above it up to its root."""
    folder = folder.resolve()
    above = [folder, *folder.parents]
    root = next((n for n, place in enumerate(above) if any((place / mark).exists() for mark in _ROOTS)), 0)
    yield from above[: root + 1]


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False

"""Tables by the words of their header: which column is the level, the time, the person."""

import re
from typing import NamedTuple

from tocsin.runbook.document import Block, Row
from tocsin.runbook.names import normal, plain


class Record(NamedTuple):
    """One row, its cells by kind of column; a cell that is a dash or empty is left out. `raw` keeps the markup."""

    cells: dict[str, str]
    line: int
    texts: tuple[str, ...]
    raw: dict[str, str]


def records(table: Block, columns: dict[str, str]) -> list[Record]:
    """Give the rows of a table. `columns` maps a kind to the pattern its header matches; the first kind wins."""
    if not table.rows:
        return []
    kinds: list[str | None] = []
    for cell in table.rows[0].cells:
        header = normal(cell)
        kind = next((k for k, pattern in columns.items() if k not in kinds and re.search(pattern, header)), None)
        kinds.append(kind)
    return [_record(row, kinds) for row in table.rows[1:]]


def _record(row: Row, kinds: list[str | None]) -> Record:
    texts = tuple(plain(cell) for cell in row.cells)
    cells = {kind: text for kind, text in zip(kinds, texts, strict=False) if kind and text.strip(" -–—")}  # noqa: RUF001
    raw = {kind: cell for kind, cell in zip(kinds, row.cells, strict=False) if kind}
    return Record(cells, row.line, texts, raw)

"""Many rows by one statement.

Who asks SQLite gives the interpreter away for each statement and then wants it back. While another thread is busy, that
takes many times as long as the row does.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain

from tocsin.store.queries import Row

WIDTHS = (16, 4)
"""How many rows a statement takes, the most that fit first; what is left is asked one by one."""

_ROW = re.compile(r"VALUES \(([^()]*)\)")
_PLACE = re.compile(r"\?(\d+)")


@cache
def _wide(sql: str, width: int) -> str | None:
    """Give a statement that inserts so many rows; None where the places of a row do not stand there alone, in order."""
    row = _ROW.search(sql)
    if row is None:
        return None
    places = _PLACE.findall(sql)
    if places != _PLACE.findall(row[1]) or places != [str(number + 1) for number in range(len(places))]:
        return None
    one = f"({_PLACE.sub('?', row[1])})"
    return f"{sql[: row.start()]}VALUES {', '.join([one] * width)}{sql[row.end() :]}"


def widened(sql: str, rows: Sequence[Row]) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Give statements that do for all rows what `sql` does for one, in their order, with their parameters."""
    done = 0
    for width in WIDTHS:
        text = _wide(sql, width) if len(rows) - done >= width else None
        while text is not None and len(rows) - done >= width:
            yield text, tuple(chain.from_iterable(rows[done : done + width]))
            done += width
    for row in rows[done:]:
        yield sql, tuple(row)

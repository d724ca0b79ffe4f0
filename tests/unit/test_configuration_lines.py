import tomllib
from collections.abc import Iterator
from itertools import product

import pytest

from tocsin.configuration.lines import Lines, Path

ODD_KEYS = """\
# [not.a.table]
a.b."c d" = 1
'x.y' = \"\"\"
[fake]
fake = 1 \\\"""
\"\"\"

[ "p" . q ]  # [r]
list = [ # ]
  "]", '''
  k = 1''',
  { in = 1, "ner" = [2,
    3] },
]
after = 1
[[p.rows]]
n = 1
[[p.rows]]
n = 2
[p.rows.sub]
m = 3
"\\u00e9" = 4
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("a",), 2),
        (("a", "b", "c d"), 2),
        (("x.y",), 3),
        (("p",), 8),
        (("p", "q"), 8),
        (("p", "q", "list"), 9),
        (("p", "q", "list", 0), 10),
        (("p", "q", "list", 1), 10),
        (("p", "q", "list", 2), 12),
        (("p", "q", "list", 2, "in"), 12),
        (("p", "q", "list", 2, "ner", 1), 13),
        (("p", "q", "after"), 15),
        (("p", "rows", 0, "n"), 17),
        (("p", "rows", 1), 18),
        (("p", "rows", 1, "n"), 19),
        (("p", "rows", 1, "sub"), 20),
        (("p", "rows", 1, "sub", "m"), 21),
        (("p", "rows", 1, "sub", "é"), 22),
        (("p", "q", "after", "below", 3), 15),
        (("fake",), None),
        (("r",), None),
        ((), None),
    ],
)
def test_the_line_of_a_key_is_found_however_it_is_written(path: tuple[str | int, ...], line: int | None) -> None:
    assert Lines(ODD_KEYS).of(path) == line
    assert Lines(ODD_KEYS.replace("\n", "\r\n")).of(path) == line


@pytest.mark.parametrize(("left", "right"), list(product(['"', "'", "[", "{", "=", ".", "\\", "\n"], repeat=2)))
def test_the_walk_ends_even_on_text_that_is_no_toml(left: str, right: str) -> None:
    for text in (left + right, f"a = {left}{right}", f"[a]\nb = [{left}, {right}"):
        try:
            Lines(text)
        except ValueError:
            continue


def every_path(value: object, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, inner in below:
        yield from every_path(inner, (*path, part))


def test_every_key_of_a_document_has_a_line_of_its_own() -> None:
    lines = Lines(ODD_KEYS)
    assert [path for path in every_path(tomllib.loads(ODD_KEYS)) if not lines.has(path)] == []

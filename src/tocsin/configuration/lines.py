"""On which line of a TOML document each key stands: the parser of the standard library does not say.

Walks text that `tomllib` has already accepted, so it may trust the grammar and only needs to find keys.
"""

import re
import tomllib

Path = tuple[str | int, ...]

BLANK = re.compile(r"(?:\s|#[^\n]*)*")
BARE = re.compile(r"[A-Za-z0-9_-]+")
KEY = re.compile(r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[ \t]|\.)+""")
STRING = re.compile(r'''"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'''', re.DOTALL)
SCALAR = re.compile(r"[^,\]}#\n]+")


class Lines:
    """The lines of a document, by path: `("people", "mira", "reach", 0, "wait")`."""

    def __init__(self, text: str) -> None:
        """Walk the whole document once."""
        self._text = text
        self._at = 0
        self._line_of: dict[Path, int] = {}
        self._tables: dict[Path, int] = {}
        self._document()

    def of(self, path: Path) -> int | None:
        """Give the 1-based line of the path, or of the nearest table around it; None when nothing is known."""
        while path:
            if path in self._line_of:
                return self._line_of[path]
            path = path[:-1]
        return None

    def has(self, path: Path) -> bool:
        """Say whether exactly this path is in the document."""
        return path in self._line_of

    def _document(self) -> None:
        table: Path = ()
        while self._skip() < len(self._text):
            if self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Path:
        """Read `[a.b]` or `[[a.b]]`; a name that is a list of tables means its latest one."""
        line, repeated = self._line(), self._text.startswith("[[", self._at)
        self._at += 2 if repeated else 1
        path: Path = ()
        names = self._key()
        for place, name in enumerate(names, start=1):
            path = (*path, name)
            if repeated and place == len(names):
                self._tables[path] = self._tables.get(path, -1) + 1
            self._line_of.setdefault(path, line)
            if path in self._tables:
                path = (*path, self._tables[path])
        self._line_of[path] = line
        self._skip()
        self._at += 2 if repeated else 1
        return path

    def _pair(self, table: Path) -> None:
        line, path = self._line(), table
        for name in self._key():
            path = (*path, name)
            self._line_of.setdefault(path, line)
        self._take("=")
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip()
        if self._take("["):
            self._items(path)
        elif self._take("{"):
            while not self._take("}"):
                self._pair(path)
                self._take(",")
        else:
            pattern = STRING if self._text[self._at : self._at + 1] in {'"', "'"} else SCALAR
            found = pattern.match(self._text, self._at)
            self._at = found.end() if found else len(self._text)

    def _items(self, path: Path) -> None:
        place = 0
        while not self._take("]"):
            self._skip()
            self._line_of[*path, place] = self._line()
            self._value((*path, place))
            self._take(",")
            place += 1

    def _key(self) -> list[str]:
        """Give the parts of a dotted key. The parser itself takes the quotes and escapes off, where there are any."""
        self._skip()
        found = KEY.match(self._text, self._at)
        if found is None:
            self._at = len(self._text)
            return []
        self._at = found.end()
        written = found.group().strip()
        if BARE.fullmatch(written):
            return [written]
        names: list[str] = []
        inner: object = tomllib.loads(f"{written} = 0")
        while isinstance(inner, dict):
            name, inner = next(iter(inner.items()))
            names.append(name)
        return names

    def _take(self, mark: str) -> bool:
        """Step over `mark` if it is next. At the end of the text everything counts as taken, so walking ends."""
        self._skip()
        if self._at >= len(self._text):
            return True
        if not self._text.startswith(mark, self._at):
            return False
        self._at += len(mark)
        return True

    def _skip(self) -> int:
        found = BLANK.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._at

    def _line(self) -> int:
        return self._text.count("\n", 0, self._at) + 1

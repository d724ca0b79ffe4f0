"""Reads what was added to log files since the last look; a program of its own, run as `python -I -S scanner.py`.

An expression that takes for ever on some line holds a whole Python process, and a disk that hangs holds a thread: so
this is a process that whoever started it can end. It has bounds of its own, too: time on the CPU, memory, bytes read
and the length of a line. One request in JSON on stdin, one answer in JSON on stdout.

A file is known by its number and its beginning, not by its name: so one that was renamed is read to its end, one that
was emptied or replaced from its beginning, and a copy of one that is known not twice.
"""

import glob
import hashlib
import json
import re
import resource
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

CHUNK = 256 * 1024
MEMORY = 1024 * 1024 * 1024
MOST_FILES, MOST_MOVED = 32, 8
HEAD = 64
TOP = 8
SHOWN, SAMPLE = 400, 120
PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")


def main() -> int:
    """Read one request and answer it."""
    asked = json.load(sys.stdin.buffer)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (asked["cpu"], asked["cpu"] + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    json.dump(Scan(asked).result(), sys.stdout)
    return 0


class File:
    """An open file and what was known of it: where the next line begins, and whether that is within a line."""

    def __init__(self, path: Path, file: BinaryIO, known: list[dict[str, Any]], *, first: bool) -> None:
        """Find out where to go on."""
        self.path, self.file = path, file
        stat = path.stat()
        self.number, self.size = f"{stat.st_dev}:{stat.st_ino}", stat.st_size
        self.head = file.read(HEAD).hex()
        self.inside = False
        before = next((one for one in known if one["number"] == self.number and self._is(one)), None)
        copied = next((one for one in known if len(one["head"]) == 2 * HEAD and one["head"] == self.head), None)
        if before is None and not any(one["number"] == self.number for one in known):
            before = copied
        self.offset = min(before["offset"], self.size) if before else self._end() if first else 0
        self.inside = bool(before and before["inside"])

    def _is(self, one: dict[str, Any]) -> bool:
        """Give whether this is still the file that was known by that number."""
        return bool(self.size >= one["offset"] and self.head.startswith(one["head"]))

    def _end(self) -> int:
        """Give where the last line begins that is not complete yet."""
        at = max(0, self.size - CHUNK)
        self.file.seek(at)
        newline = self.file.read(CHUNK).rfind(b"\n")
        return at + newline + 1 if newline >= 0 else self.size

    def known(self) -> dict[str, Any]:
        """Give what to know of it next time."""
        return {"path": str(self.path), "number": self.number, "offset": self.offset, "head": self.head,
                "inside": self.inside}  # fmt: skip


class Scan:
    """One look at all files."""

    def __init__(self, asked: dict[str, Any]) -> None:
        """Take what to look for."""
        self.asked = asked
        self.before: list[dict[str, Any]] = asked["seen"]
        self.after: list[dict[str, Any]] = []
        self.left: int = asked["most"]
        self.longest: int = asked["longest"]
        self.first = not asked["began"]
        names = ("line", "error", "client", "access")
        self.line, self.error, self.client, self.access = (
            re.compile(asked[name]) if asked.get(name) else None for name in names
        )
        self.counting = True
        self.lines = self.errors = self.read = self.unread = 0
        self.clients: Counter[str] = Counter()
        self.known = set(asked.get("known", ()))
        self.new: dict[str, str] = {}
        self.last_error = ""

    def result(self) -> dict[str, Any]:
        """Read everything and give what was counted."""
        found = (Path(path) for wanted in self.asked["paths"] for path in glob.glob(wanted, recursive=True))  # noqa: PTH207  any pattern
        paths = sorted({path for path in found if path.is_file() and path.suffix not in PACKED})
        trouble = ""
        for path in (*_newest(self._moved(paths), MOST_MOVED), *_newest(paths, MOST_FILES)):
            try:
                with path.open("rb") as file:
                    self._read(File(path, file, self.before, first=self.first))
            except OSError as error:
                trouble = f"{path.name}: {(error.strerror or 'it cannot be read').lower()}"
        return {
            "files": len(paths), "trouble": trouble, "seen": self.after, "lines": self.lines, "errors": self.errors,
            "read": self.read, "unread": self.unread, "last_error": self.last_error[:SHOWN],
            "clients": len(self.clients), "of_clients": self.clients.total(), "top": self.clients.most_common(TOP),
            "new": self.new,
        }  # fmt: skip

    def _moved(self, paths: list[Path]) -> list[Path]:
        """Give where the files are now that were known and are not among these: renamed, within their folder."""
        here = {str(path) for path in paths}
        numbers = {_number(path) for path in paths}
        gone = {one["number"]: Path(one["path"]).parent for one in self.before if one["number"] not in numbers}
        found: list[Path] = []
        for folder in set(gone.values()):
            with suppress(OSError):
                inside = [path for path in folder.iterdir() if gone.get(_number(path)) == folder]
                found += [path for path in inside if str(path) not in here and path.suffix not in PACKED]
        return found

    def _read(self, file: File) -> None:
        if self.first and self.access:
            # History teaches which accesses are usual; it is not counted.
            self.counting = False
            end, file.offset, file.inside = file.offset, max(0, file.offset - self.left), file.offset > self.left
            self._lines(file, end)
            file.offset, file.inside, self.counting = end, False, True
        if file.size - file.offset > self.left:
            self.unread += file.size - self.left - file.offset
            file.offset, file.inside = file.size - self.left, True
        self._lines(file, file.size)
        self.after.append(file.known())

    def _lines(self, file: File, end: int) -> None:
        """Take every complete line between where the file stands and `end`."""
        file.file.seek(file.offset)
        rest = b""
        while (size := min(CHUNK, end - file.offset - len(rest))) > 0 and (data := file.file.read(size)):
            *lines, rest = (rest + data).split(b"\n")
            self.left -= len(data)
            self.read += len(data)
            for line in lines:
                file.offset += len(line) + 1
                if not file.inside:
                    self._line(line)
                file.inside = False
            if len(rest) > self.longest:
                # A line without an end is taken by its beginning, once.
                file.offset += len(rest)
                if not file.inside:
                    self._line(rest)
                file.inside, rest = True, b""

    def _line(self, raw: bytes) -> None:
        line = raw[: self.longest].decode("utf-8", "replace").strip()
        if not line or (self.line and not self.line.search(line)):
            return
        if self.access:
            self._accessed(line)
        if not self.counting:
            return
        self.lines += 1
        if self.error and self.error.search(line):
            self.errors += 1
            self.last_error = line
        found = self.client.search(line) if self.client else None
        if found:
            self.clients[(found[1] if found.re.groups else found[0]) or "-"] += 1

    def _accessed(self, line: str) -> None:
        found = self.access.search(line) if self.access else None
        if found is None or len(self.known) > self.asked["most_known"]:
            return
        words = " ".join(word for word in found.groups() if word) if found.re.groups else found[0]
        key = hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=6).hexdigest()
        if key not in self.known:
            self.known.add(key)
            self.new[key] = words[:SAMPLE]


def _newest(paths: list[Path], most: int) -> list[Path]:
    """Give those that were written last, in the order of their names."""
    return paths if len(paths) <= most else sorted(sorted(paths, key=_written)[-most:])


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _number(path: Path) -> str:
    try:
        stat = path.stat()
    except OSError:
        return ""
    return f"{stat.st_dev}:{stat.st_ino}"


if __name__ == "__main__":
    sys.exit(main())

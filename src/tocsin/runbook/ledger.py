"""What reading has found on the way: the lines that were understood and the trouble that was met."""

from typing import Literal

from tocsin.runbook.document import Block
from tocsin.runbook.policy import Finding

Level = Literal["error", "warning", "info"]


class Ledger:
    """Collects while one document is read; it never leaves `read_runbook`."""

    def __init__(self, written: tuple[str, ...] = ()) -> None:
        """Start with nothing understood and nothing found; `written` are the lines of the document."""
        self.written = written
        self.lines: set[int] = set()
        self.findings: list[Finding] = []
        self._seen: set[Finding] = set()

    def claim(self, first: int, last: int | None = None) -> None:
        """Count the lines from `first` to `last` as understood."""
        self.lines.update(range(first, (last or first) + 1))

    def claim_block(self, block: Block) -> None:
        """Count all lines of a block as understood."""
        self.claim(block.line, block.end_line)

    def error(self, code: str, line: int, message: str, suggestion: str | None = None, at: str = "") -> None:
        """Record something that makes the runbook wrong or unsafe to run."""
        self._find(code, "error", (line, at), message, suggestion)

    def warn(self, code: str, line: int, message: str, suggestion: str | None = None, at: str = "") -> None:
        """Record something that will surprise somebody during an incident."""
        self._find(code, "warning", (line, at), message, suggestion)

    def info(self, code: str, line: int, message: str, suggestion: str | None = None, at: str = "") -> None:
        """Record something worth knowing."""
        self._find(code, "info", (line, at), message, suggestion)

    def _find(self, code: str, level: Level, place: tuple[int, str], message: str, suggestion: str | None) -> None:
        line, at = place
        column, end = self._columns(line, at)
        found = Finding(code=code, level=level, line=line, column=column, end_column=end, message=message,
                        suggestion=suggestion)  # fmt: skip
        if found not in self._seen:
            self._seen.add(found)
            self.findings.append(found)

    def _columns(self, line: int, at: str) -> tuple[int, int | None]:
        """Give where the words that a finding is about stand on its line: 1-based, the end behind the last."""
        first = at.split("\n", maxsplit=1)[0]
        start = self.written[line - 1].find(first) if first and line <= len(self.written) else -1
        return (1, None) if start < 0 else (start + 1, start + 1 + len(first))

"""What reading has found on the way: the lines that were understood and the trouble that was met."""

from typing import Literal

from tocsin.runbook.document import Block
from tocsin.runbook.policy import Finding


class Ledger:
    """Collects while one document is read; it never leaves `read_runbook`."""

    def __init__(self) -> None:
        """Start with nothing understood and nothing found."""
        self.lines: set[int] = set()
        self.findings: list[Finding] = []

    def claim(self, first: int, last: int | None = None) -> None:
        """Count the lines from `first` to `last` as understood."""
        self.lines.update(range(first, (last or first) + 1))

    def claim_block(self, block: Block) -> None:
        """Count all lines of a block as understood."""
        self.claim(block.line, block.end_line)

    def error(self, code: str, line: int, message: str, suggestion: str | None = None) -> None:
        """Record something that makes the runbook wrong or unsafe to run."""
        self._find(code, "error", line, message, suggestion)

    def warn(self, code: str, line: int, message: str, suggestion: str | None = None) -> None:
        """Record something that will surprise somebody during an incident."""
        self._find(code, "warning", line, message, suggestion)

    def info(self, code: str, line: int, message: str, suggestion: str | None = None) -> None:
        """Record something worth knowing."""
        self._find(code, "info", line, message, suggestion)

    def _find(
        self, code: str, level: Literal["error", "warning", "info"], line: int, message: str, suggestion: str | None
    ) -> None:
        found = Finding(code=code, level=level, line=line, message=message, suggestion=suggestion)
        if found not in self.findings:
            self.findings.append(found)

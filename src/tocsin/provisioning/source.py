"""The document as the draft of a configuration looks at it: its policy, its lines, and how they are cited."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tocsin.provisioning.quoting import comment
from tocsin.runbook.policy import IncidentType, Runbook, Step


class Source(NamedTuple):
    """A document with its decoded lines; `path` is how the configuration names it."""

    runbook: Runbook
    lines: tuple[str, ...]
    path: str

    @property
    def name(self) -> str:
        """Give the name of its file."""
        return self.path.replace("\\", "/").rpartition("/")[2]

    @property
    def entries(self) -> tuple[IncidentType, ...]:
        """Give its entries."""
        return self.runbook.incident_types

    def at(self, line: int) -> str:
        """Give a line as it is cited."""
        return f"{comment(self.name)}:{line}"

    def find(self, pattern: re.Pattern[str]) -> tuple[int, re.Match[str]] | None:
        """Give the first line in which a pattern is found, from 1, and the match."""
        for number, line in enumerate(self.lines, 1):
            found = pattern.search(line)
            if found:
                return number, found
        return None

    def first(self, pattern: str) -> int:
        """Give the first line in which a pattern is found, whatever its case; 0 for none."""
        found = self.find(re.compile(pattern, re.IGNORECASE))
        return found[0] if found else 0

    def steps(self) -> Iterator[Step]:
        """Give every step."""
        for entry in self.entries:
            yield from entry.diagnostics
            yield from (step for branch in entry.resolution for step in branch.steps)
        yield from self.runbook.commands

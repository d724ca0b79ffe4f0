"""Everything that says what to do becomes steps: fences, list items, paragraphs and tables."""

import re
from collections.abc import Iterable

from tocsin.runbook.commandlike import other_than_command
from tocsin.runbook.document import Block
from tocsin.runbook.fences import read_fence
from tocsin.runbook.known_commands import COMMAND_WORDS
from tocsin.runbook.making import StepMaker
from tocsin.runbook.names import plain
from tocsin.runbook.policy import Branch, Step

_COMMANDS = re.compile(r"\b(?:commands?|cmd|run this|query|how to (?:check|run|fix|verify))\b", re.IGNORECASE)
# A statement that is only spoken of: `DROP TABLE`, `CREATE INDEX`.
_ONLY_SQL_WORDS = re.compile(r"^[A-Z]+(?:\s+[A-Z]+)*;?$")

__all__ = ["COMMAND_WORDS", "StepReader", "flat", "is_command"]


class StepReader(StepMaker):
    """Reads the steps of one incident type, or of the document's own commands; keeps their ids unique."""

    def fence(self, block: Block, section: str, *, shown: bool = False) -> tuple[Branch, ...]:
        """Give the branches of a fence; `shown` says that the text above calls it an example of what one sees."""
        return read_fence(self, block, section, shown=shown)

    def table(self, block: Block, section: str) -> tuple[Step, ...]:
        """Give the commands of a table that has a column of them, titled by the first cell of their row."""
        header = block.rows[0].cells if block.rows else ()
        column = next((n for n, cell in enumerate(header) if _COMMANDS.search(cell)), None)
        if column is None:
            return ()
        self.ledger.claim_block(block)
        found: list[Step] = []
        for row in block.rows[1:]:
            cell = row.cells[column] if column < len(row.cells) else ""
            spans = re.findall(r"(?<!`)`([^`]+)`(?!`)", cell) or [cell]
            title = plain(row.cells[0]) if column else ""
            sources = [" ".join(span.replace("\\|", "|").split()) for span in spans]
            found += [self.command(one, title, section, row.line, row.line) for one in sources if _is_cell(one)]
        return tuple(found)


def _is_cell(text: str) -> bool:
    """Tell whether a cell of a column of commands holds one; there, a lone known word is one too."""
    return is_command(text) or (text in COMMAND_WORDS and other_than_command(text) is None)


def flat(branches: Iterable[Branch]) -> tuple[Step, ...]:
    """Give the steps of branches in order, for a section where nothing has to be chosen."""
    return tuple(step for branch in branches for step in branch.steps)


def is_command(text: str) -> bool:
    """Tell whether a code span reads as a whole command rather than a name."""
    said = text.split()
    other = other_than_command(" ".join(said), certain=False)
    capitals = sum(re.fullmatch(r"[A-Z][a-z]+", word) is not None for word in said[1:])
    named = all(map(str.isalpha, said[1:])) and capitals >= max(len(said[1:]) / 2, min(len(said[1:]), 2))
    # "node Exporter" and "pgbouncer Saturation per Node" are names.
    return len(said) > 1 and not named and (other is None or (other == "SQL" and not _ONLY_SQL_WORDS.match(text)))

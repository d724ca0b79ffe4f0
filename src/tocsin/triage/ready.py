"""What is built at its first use, built before: the first alert after a start is as urgent as any."""

from tocsin.runbook.policy import Runbook
from tocsin.triage import roles, sought, topics
from tocsin.triage.learned.likeness import shipped
from tocsin.triage.profile import index


def build(runbook: Runbook) -> None:
    """Build all that any alert is held against: the vocabulary, the weights, and the index of a document."""
    topics.build()
    roles.build()
    shipped()
    index(runbook)


def compile_patterns() -> None:
    """Compile the patterns that only some alerts need."""
    sought.compile_all()

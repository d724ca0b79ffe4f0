"""What is built at its first use, built before: the first alert after a start is as urgent as any."""

from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings
from tocsin.triage import roles, sought, topics
from tocsin.triage.alike import known_names
from tocsin.triage.learned.likeness import shipped
from tocsin.triage.profile import index


def build(runbook: Runbook, settings: Settings) -> None:
    """Build all that any alert is held against: the vocabulary, the weights, and what a document is about and names."""
    topics.build()
    roles.build()
    shipped()
    index(runbook)
    known_names(runbook, settings)


def compile_patterns() -> None:
    """Compile the patterns that only some alerts need."""
    sought.compile_all()

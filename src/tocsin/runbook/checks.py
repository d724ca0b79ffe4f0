"""What does not fit together once everything is read: gaps, contradictions and blanks in the policy."""

from tocsin.runbook.ledger import Ledger
from tocsin.runbook.outline import Outline
from tocsin.runbook.policy import Runbook


def check(runbook: Runbook, found: Outline, ledger: Ledger) -> None:
    """Record what is missing or contradicts itself."""

"""How Alertmanager's labels and Tocsin's names for the properties of an alert stand for each other.

A label is what the sender says, so it is a detail. What Tocsin itself knows of an alert has names of its own, which no
sender uses by chance: `tocsin_entry`, `tocsin_severity`.
"""

from tocsin.detection.alert import Alert
from tocsin.grouping.matchers import DETAILS, NAMES, subject

OURS = "tocsin_"


def name_of_label(label: str) -> str:
    """Give what a matcher has to speak of to mean that label."""
    own = label.removeprefix(OURS)
    return own if label != own and own in NAMES else f"{DETAILS}{label}"


def label_of_name(name: str) -> str:
    """Give the label by which Alertmanager's clients know what a matcher speaks of."""
    return name.removeprefix(DETAILS) if name.startswith(DETAILS) else f"{OURS}{name}"


def labels_of(alert: Alert, entry: str | None, severity: str) -> dict[str, str]:
    """Give the labels of an alert: what its sender said, and what is known here; nothing that is empty."""
    known = subject(alert, entry, severity)
    return {label_of_name(name): value for name, value in known.items() if value}

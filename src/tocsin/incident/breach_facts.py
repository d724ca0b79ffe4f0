"""Facts of a breach: phases with owners, legal deadlines, evidence and its custody."""

from tocsin.incident.body import Body


class PhaseTaken(Body, frozen=True, kw_only=True):
    """Somebody owns a phase (contain, preserve ...) from now on. `person` is a person's id."""

    phase: str
    person: str
    line: int


class DeadlineMet(Body, frozen=True, kw_only=True):
    """What had to be done by a deadline was done; `note` says how, or why it is late."""

    deadline: str
    note: str
    line: int | None = None


class EvidenceAdded(Body, frozen=True, kw_only=True):
    """Something was put into the evidence store: the custody entry. `sha256` is of the bytes as they came.

    `source`: file, or the id of the step whose output it is.
    """

    name: str
    sha256: str
    size: int
    source: str
    note: str = ""


class EvidenceExported(Body, frozen=True, kw_only=True):
    """The evidence was handed out with a manifest of this sha256."""

    files: int
    manifest: str

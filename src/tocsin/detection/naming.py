"""Which symptom of the document a check of a probe watches for."""

import re

from tocsin.runbook.policy import Runbook, Symptom
from tocsin.settings import CheckSettings


def symptom_of(check: CheckSettings, runbook: Runbook) -> Symptom | str | None:
    """Give the symptom a check watches for, None where it names none, or in words why it is not found.

    It is named by its words, or by a part of them that no other symptom of the entry has.
    """
    if check.symptom is None:
        return None
    entry = runbook.incident_type(check.incident_type)
    if entry is None:
        return f"the document has no entry {check.incident_type}; correct incident_type"
    wanted = _folded(check.symptom)
    exact = [one for one in entry.symptoms if _folded(one.text) == wanted]
    found = exact or [one for one in entry.symptoms if wanted and wanted in _folded(one.text)]
    if len(found) == 1 or exact:
        return found[0]
    several = f"{len(found)} symptoms of {entry.id} hold" if found else f"no symptom of {entry.id} is"
    known = "; ".join(f"“{one.text}”" for one in entry.symptoms) or "none"
    return f"{several} “{check.symptom}”; it has: {known}"


def _folded(text: str) -> str:
    """Give a text without what people write differently each time: case, blanks, quotes."""
    return " ".join(re.findall(r"\w+|[<>=%]+", text.casefold()))

"""What the text above a fence says of it: that it is what one sees, not what one types."""

import re

from tocsin.runbook.instructions import sentences
from tocsin.runbook.names import plain

_OUTPUT = re.compile(
    r"\b(?:should|will|would|might|may|can|'ll)\s+(?:(?:then|now|also)\s+)?"
    r"(?:see|get|look|return|print|show|output|display|read)\b|"
    r"\b(?:output|result|response|example|sample|log messages?|entries|errors?|messages?|lines?|transcript)\b[^.]*"
    r"\b(?:like|similar to|looks?|as follows)\b|\b(?:looks?|something) (?:\w+ )?(?:like|similar)\b|"
    r"^(?:(?:example|sample|expected|typical)\s+)?(?:outputs?|results?|responses?|logs|log lines?)\b|"
    r"\bexample (?:output|session|alert|of an?)\b|\bsee (?:log )?(?:messages|entries|lines|errors)\b|"
    r"\b(?:returns|prints|shows|displays|outputs)(?: something| the following)?(?: like)?:?$",
    re.IGNORECASE,
)
_RUNS = re.compile(r"\b(?:run|execute|type|enter|use|issue)\b[^.:]*:?$", re.IGNORECASE)


def announces_output(text: str) -> bool:
    """Tell whether the last sentence above a fence speaks of what one should see."""
    found = [sentence for sentence, _ in sentences(text)]
    last = plain(found[-1]) if found else ""
    return bool(_OUTPUT.search(last)) and not _RUNS.search(last)

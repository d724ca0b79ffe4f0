"""What the text above a fence says of it: that it is what one sees, not what one types."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tocsin.runbook.document import Block
from tocsin.runbook.instructions import sentences
from tocsin.runbook.languages import language_of
from tocsin.runbook.names import plain
from tocsin.runbook.shapes import shape

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
_SEEN = re.compile(
    r"^(?:if|when(?:ever)?|in case|once|should|you|(?:the |its |our )?(?:\w+ )?logs?(?: files?)?)\b.*\b(?:"
    r"see|sees|seeing|find|get|notice|logs?|logged|errors?|"
    r"messages?|shows?|reports?|contains?|appears?)\b|"
    r"^(?:symptoms?|errors?|error messages?|log (?:lines?|messages?|entries))\b",
    re.IGNORECASE,
)
_LOGGED = re.compile(
    r"\b(?:FATAL|ERROR|PANIC|CRITICAL|CRIT|SEVERE|ALERT|EMERG|WARN(?:ING)?|[A-Z]\w*(?:Error|Exception))\b\]?:?\s.*|"
    r"\b(?:error|fatal|panic|exception|warning)(?:\[\w+\])?:\s.*|"
    r"\[(?:warn(?:ing)?|error|crit(?:ical)?|fatal|panic|alert|emerg(?:ency)?)\]\s.*"
)
_RUNS = re.compile(r"\b(?:run|execute|type|enter|use|issue)\b[^.:]*:?$", re.IGNORECASE)


def announces_output(text: str) -> bool:
    """Tell whether the last sentence above a fence speaks of what one should see."""
    found = [sentence for sentence, _ in sentences(text)]
    last = plain(found[-1]) if found else ""
    return bool(_OUTPUT.search(last)) and not _RUNS.search(last)


def logged_in(fence: Block) -> Iterator[tuple[str, int]]:
    """Give what lines of a log in a fence complain of, each once with its line: from the word that says how bad on."""
    if language_of(fence.info)[0] not in ("unknown", "other"):
        return
    seen: set[str] = set()
    for line, text in enumerate(fence.text.split("\n"), fence.body_line):
        found = _LOGGED.search(text)
        if found and found[0] not in seen and (found.start() == 0 or shape(text) == "a line of a log"):
            seen.add(found[0])
            yield found[0].strip(), line


def shown_in(blocks: Sequence[Block]) -> Iterator[tuple[str, int]]:
    """Give what shows a trouble in a log: fences below a text such as "If you see log messages like:"."""
    for before, fence in pairwise(blocks):
        if before.kind not in ("paragraph", "item") or fence.kind != "fence" or fence.line > before.end_line + 2:
            continue
        last = [sentence for sentence, _ in sentences(before.text)][-1:]
        if last and _SEEN.search(plain(last[0])) and not _RUNS.search(plain(last[0])):
            yield from logged_in(fence)

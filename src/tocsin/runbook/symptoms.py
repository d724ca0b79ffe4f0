"""Symptoms: what shows an incident, its threshold, and what would notice it."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from tocsin.runbook.annotations import Annotation
from tocsin.runbook.document import Block
from tocsin.runbook.durations import duration_in
from tocsin.runbook.instructions import sentences
from tocsin.runbook.names import plain
from tocsin.runbook.policy import PEOPLE, Symptom, Threshold
from tocsin.runbook.thresholds import threshold_in

_COMPARES = frozenset({">", "<", ">=", "<=", "=="})
_LIMIT = re.compile(r"(?P<value>-?[0-9]{1,12}(?:\.[0-9]{1,9})?)(?P<unit>%|ms|s|min|h|x|)", re.ASCII)
ALERTS = "an alert source"
_PEOPLE = re.compile(
    r"\b(?:\w{3,}s|people|staff|support)\s+(?:\w+\s+)?(?:report(?:ing|ed)?|complain(?:ing)?|tell us|write in)\b|"
    r"\b(?:user|customer|client)s?\s+(?:say|see|mention|call)\w*|"
    r"\b(?:user|customer|client)s\s+(?:cannot|can.t|are unable to)\b|"
    r"\b(?:support )?tickets?\b|\breports? (?:of|from)\b",
    re.IGNORECASE,
)
_ALERTS = re.compile(r"\balerts?\b[^.;]{0,40}\b(?:fir|trigger|rais)(?:es?|ing|ed)\b|\balarms?\b", re.IGNORECASE)
# Most telling first: what kind of instrument sees such a thing.
_WATCHERS = tuple(
    (re.compile(words, re.IGNORECASE), watcher)
    for words, watcher in (
        (r"\bcertificates?\b.*\bexpir|\bexpir\w+ certificate", "an HTTP probe, which sees how long it is good"),
        (r"health|heartbeat|\bready\b|readiness|liveness|\bping(?:s|ed)?\b", "an HTTP probe of the health check"),
        (r"\blogins?\b|unauthori[sz]ed|unusual|suspicious|intrusion|bulk", "an alert of the security monitoring"),
        (
            r"\"[^\"]+\"|\blogs?\b(?! (?:in|out)\b)|crash|exception|stack ?trace|exit code|\bFATAL\b",
            "a watch on the log for it",
        ),
        (r"cpu|memory|disk|bandwidth|usage|\bload\b|connections?|queue|\blag|\brates?\b|traffic", "a metric of it"),
        (r"access|accept|reach|respond|answer|open|serve|\b5\d\d\b", "a probe that does what its users do"),
    )
)


# "This alert fires when ...": what stands behind it is what shows the incident; the rest of such a chapter explains.
_FIRES = re.compile(
    r"\b(?:fires?|triggers?|(?:is|gets|will be|are) (?:fired|triggered|raised|activated|firing|sent)|alerts?|goes "
    r"off|raised)\s+"
    r"(?:(?:only\s+)?(?:when(?:ever)?|if|because|as soon as|once)\s+|(?=at\s))(?P<what>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_SPEAKS_OF_ITSELF = re.compile(
    r"(?:this|the|these|it|an?)\s+(?:\w+\s+)?(?:alerts?|alarm|is|are|rule|runbook|document|page|means)\b|\S+:$",
    re.IGNORECASE,
)
_CODED = re.compile(r"[A-Z]\w*[A-Z]\w*|[0-9]\w*")
"""One word that says enough: `OOMKilled`, `503`."""
_QUOTES = re.compile(r"\([^()]*\)|\"[^\"]*\"|`[^`]*`|“[^”]*”|\{[^{}]*\}|\[[^\[\]]*\]")


def symptoms_in(block: Block) -> Iterator[tuple[str, int]]:
    """Give the symptoms of a paragraph or list item, each with its line.

    A list item is one symptom. A paragraph is one for each sentence, or for each part of a bare list ("API returns
    503, logs show refusals").
    """
    if block.kind == "item":
        yield block.text, block.line
        return
    for sentence, start in sentences(block.text):
        line = block.line + block.text.count("\n", 0, start)
        yield from ((part, line) for part in _listed(sentence) if re.search(r"\w", part))


def fired_in(blocks: Sequence[Block]) -> Iterator[tuple[str, int, int]]:
    """Give when an alert fires, out of the chapter that explains it, with the line and that of the block.

    It is what a sentence of each paragraph says, or the items below one that ends with a colon. A chapter that does
    not say so is taken at its first sentence.
    """
    told = [block for block in blocks if block.kind in ("item", "paragraph")]
    listed = said = False
    for block in told:
        if block.kind == "item" and listed:
            yield block.text, block.line, block.line
            continue
        listed = False
        fired = next(_fired(block), None)
        if fired is not None:
            said = True
            listed = not fired[0]
        if fired is not None and fired[0]:
            yield *fired, block.line
    first = next((sentence for block in told[:1] for sentence, _ in sentences(block.text)), "")
    if not said and first and told[0].kind == "paragraph" and not _SPEAKS_OF_ITSELF.match(plain(first)):
        yield first, told[0].line, told[0].line


def _fired(block: Block) -> Iterator[tuple[str, int]]:
    """Give what stands behind "fires when" in a block; nothing of it where a list below says what."""
    for sentence, start in sentences(block.text):
        found = _FIRES.search(sentence)
        if found:
            what = "" if sentence.rstrip().endswith(":") else found["what"].rstrip(" .*_")
            yield what, block.line + block.text.count("\n", 0, start + found.start("what"))


def _listed(sentence: str) -> list[str]:
    """Part a bare list at its commas; a sentence with commas stays whole."""
    hidden = _QUOTES.sub(lambda found: "q" * len(found[0]), sentence)
    cuts = [found.span() for found in re.finditer(r"[,;]\s+(?:and\s+|or\s+)?", hidden)]
    edges = [0, *(at for cut in cuts for at in cut), len(sentence)]
    parts = [sentence[begin:end].strip() for begin, end in zip(edges[::2], edges[1::2], strict=True)]
    whole = all(len(part.split()) > 1 or part[:1] in "\"'`“" or _CODED.fullmatch(part) for part in parts)
    clause = re.match(r"(?:when|if|after|once|while|as|since|because|due|in|for)\b", sentence, re.IGNORECASE)
    relative = any(
        re.match(
            r"(?:which|who|where|so|but|then|because|such|including|resulting|causing|e\.?g|i\.?e)\b",
            part,
            re.IGNORECASE,
        )
        for part in parts
    )
    return parts if whole and not clause and not relative else [sentence]


def symptom(text: str, line: int, notes: tuple[Annotation, ...] = (), alerts: tuple[str, ...] = ()) -> Symptom:
    """Give one symptom; `alerts` are the alert names of its entry, which then notice it."""
    words = plain(text)
    threshold = _annotated(threshold_in(words), notes)
    bound = _bound_to(words, notes, alerts)
    gap = None if bound else _gap(words, threshold)
    return Symptom(text=words, threshold=threshold, bound_to=bound, gap=gap, line=line)


def _annotated(found: Threshold | None, notes: tuple[Annotation, ...]) -> Threshold | None:
    """Give the threshold with what annotations add: a limit where the words have none, and how long it has to last."""
    for note in (note for note in notes if note.what == "when"):
        limit = _LIMIT.fullmatch(note.get("value") or "")
        op = note.get("op") or ""
        if found is None and limit is not None and op in _COMPARES:
            found = Threshold(note.get("metric") or "", op, float(limit["value"]), limit["unit"])
        window = duration_in(note.get("for") or note.get("window") or "")
        if found is not None and window is not None:
            found = msgspec.structs.replace(found, window=window)
    return found


def _bound_to(words: str, notes: tuple[Annotation, ...], alerts: tuple[str, ...]) -> str | None:
    for note in notes:
        if note.what == "when":
            named = next((f"{key} {note.get(key)}" for key in ("probe", "metric", "alert") if note.get(key)), None)
            if named:
                check = note.get("check") if note.get("probe") else None
                return f"{named} ({check})" if check else named
    if _PEOPLE.search(words):
        return PEOPLE
    if _ALERTS.search(words):
        return ALERTS
    return f"the alert {alerts[0]}" if alerts else None


def _gap(words: str, threshold: Threshold | None) -> str:
    if threshold is not None:
        measure = f"{threshold.op} {threshold.value:g}{threshold.unit}"
        return f"needs a metric of {threshold.subject or 'it'} that is compared with {measure}"
    watcher = next((named for pattern, named in _WATCHERS if pattern.search(words)), "an alert whose text says so")
    return f"needs {watcher}"

"""What came of a drill: how far the answer went, how fast, and what was missing."""

from collections.abc import Iterator, Sequence

import msgspec

from tocsin.settings import Expect


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """One variant of one entry. Instants are seconds since it broke; None = that did not happen.

    `diagnostics` is "useful/all": those that ended by themselves, well, with something to read. `because` says what the
    match rested on, and what is missing, a sentence each.
    """

    incident_type: str
    variant: str
    passed: bool
    detected: float | None = None
    matched: bool = False
    severity: str | None = None
    paged: float | None = None
    acknowledged: float | None = None
    diagnostics: str | None = None
    resolved: bool = False
    told: bool = False
    reviewed: bool = False
    restored: bool = False
    because: tuple[str, ...] = ()


def judged(score: Score, expected: Expect, severities: Sequence[str], least: str | None) -> Score:
    """Give a score with its judgement: whether it passed, and a sentence for each thing that is missing.

    `severities` are those of the document, most urgent first; `least` is the entry's own, which is enough.
    """
    missing = tuple(_missing(score, expected, severities, least))
    return msgspec.structs.replace(score, passed=not missing, because=(*score.because, *missing))


def _missing(score: Score, expected: Expect, severities: Sequence[str], least: str | None) -> Iterator[str]:
    if score.detected is None:
        yield "nothing noticed it"
        return
    if not score.matched:
        yield f"no incident of {score.incident_type} was opened"
    elif not _is_severe(score.severity, expected.severity, severities, least):
        wanted = expected.severity or least
        yield f"it was opened as {score.severity}, not as {wanted}"
    if score.paged is None:
        yield "nobody was paged"
    elif expected.within is not None and score.paged > expected.within.total_seconds():
        yield f"the page came after {score.paged:.1f} s, not within {expected.within.total_seconds():.0f} s"
    if score.acknowledged is None:
        yield "nobody could acknowledge it"
    if expected.diagnostics and (score.diagnostics is None or _lacking(score.diagnostics)):
        yield f"diagnostics: {score.diagnostics or 'none'} were useful"
    if expected.told and not score.told:
        yield "nobody was told"
    if not score.resolved:
        yield "the incident was not resolved"
    if expected.reviewed and not score.reviewed:
        yield "no review was written"
    if not score.restored:
        yield "it was not put right again"


def _is_severe(found: str | None, wanted: str | None, severities: Sequence[str], least: str | None) -> bool:
    if found is None or wanted is not None:
        return found is not None and found == wanted
    if least is None or found not in severities or least not in severities:
        return found == least or least is None
    return severities.index(found) <= severities.index(least)


def _lacking(diagnostics: str) -> bool:
    useful, _, all_of_them = diagnostics.partition("/")
    return useful != all_of_them


# -- for people

HEAD = ("entry", "variant", "", "detected", "severity", "paged", "answered", "diagnostics", "told", "resolved",
        "reviewed", "restored")  # fmt: skip


def table(scores: Sequence[Score]) -> Iterator[tuple[str, ...]]:
    """Give the rows of a table: its head, then a row for each score."""
    yield HEAD
    for score in scores:
        yield (
            score.incident_type,
            score.variant,
            "passed" if score.passed else "FAILED",
            _seconds(score.detected),
            _severity(score),
            _seconds(score.paged),
            _seconds(score.acknowledged),
            score.diagnostics or "-",
            *("yes" if done else "no" for done in (score.told, score.resolved, score.reviewed, score.restored)),
        )


def _severity(score: Score) -> str:
    if score.severity is None:
        return "-"
    return score.severity if score.matched else f"{score.severity} of another"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"

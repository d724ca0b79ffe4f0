"""What would have changed an answer of matching: the reason it hangs on, or what it lacks."""

from tocsin.incident.facts import Because
from tocsin.triage.comparing import Comparison


def without(reason: str, ranked: list[Comparison], enough: float) -> tuple[Because, ...]:
    """Give the entry an alert would have had without the reason that there is none."""
    best = ranked[0] if ranked else None
    if best is None or best.score < enough:
        return ()
    return (Because(f"but for that ({reason}) it would be {_scored(best)}", best.entry.line),)


def without_its_first(ranked: list[Comparison], enough: float) -> tuple[Because, ...]:
    """Give what the best entry's first reason decides, where another answer would follow without it."""
    best, *others = ranked
    if best.lead >= enough and all(best.lead >= other.score for other in others):
        return ()
    rival = next((other for other in others if other.score >= enough), None)
    answer = _scored(rival) if rival else "no entry"
    first = best.because[0]
    return (
        Because(f"without the first reason ({first.text}) it would be {answer}", rival.entry.line if rival else None),
    )


def missing(ranked: list[Comparison]) -> tuple[Because, ...]:
    """Give what an alert would have to say to belong to an entry."""
    if short := next((other for other in ranked if other.against), None):
        return (Because(f"a number past the threshold would make it {short.entry.title}", short.against[0].line),)
    best = ranked[0] if ranked else None
    if best is None or best.score == 0:
        return (Because("an entry about it in the runbook, or its name under `alerts` of one, would change that"),)
    symptoms = best.entry.symptoms
    said = f"more of {best.entry.title}" + (f", such as “{symptoms[0].text}”," if symptoms else "")
    return (Because(f"{said} would change that", symptoms[0].line if symptoms else best.entry.line),)


def _scored(found: Comparison) -> str:
    return f"{found.entry.title} ({found.score:.2f})"

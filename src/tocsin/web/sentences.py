"""Each fact as one sentence: pure, so that the same timeline always reads the same."""

from collections.abc import Callable
from typing import cast

from tocsin.incident import facts as f
from tocsin.web import sentences_of_posts, sentences_of_work
from tocsin.web.names import Names, by_channel, listed
from tocsin.web.sentence import Sentence
from tocsin.web.times import Times, lasting


def sentence(fact: f.Fact, names: Names, times: Times) -> Sentence:
    """Give the sentence of a fact."""
    return _SENTENCES[type(fact.body)](fact, names, times)


def _opened(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.Opened", fact.body)
    because = body.because[0] if body.because else f.Because("")
    matched = f", matched {body.title} ({body.score:.2f})" if body.incident_type and body.score else ""
    by = f" by {names.of(body.by)}" if body.by.startswith(("person:", "local:")) else ""
    return Sentence("bell", f"{by}{matched}: {because.text}.", f"Opened as {body.severity}", line=because.line)


def _joined(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.AlertJoined", fact.body)
    origin = f" on {body.origin}" if body.origin else ""
    if body.because is not None:
        joins = f"{names.of(body.by)}{origin} joins, because {body.because.text}:"
        return Sentence("plus", joins, quote=body.summary, line=body.because.line)
    return Sentence("bell", f"{names.of(body.by)} fires again{origin}:", quote=body.summary)


def _cleared(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.AlertCleared", fact.body)
    text = f"{names.of(body.by)} says it is over. It stays open: {body.because.text}."
    return Sentence("tick", text, line=body.because.line)


def _escalated(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.Escalated", fact.body)
    again = f" for the {_ordinal(body.round)} time" if body.round > 1 else ""
    nobody = f" (nobody is {body.level})" if any(who.via_fallback for who in body.people) else ""
    people = listed([names.person(who.person) for who in body.people])
    rest = f"{again}: {people}{nobody}, because {body.because.text}."
    return Sentence("up", rest, f"{body.level[:1].upper()}{body.level[1:]} called", line=body.because.line)


def _informed(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.Informed", fact.body)
    people = listed([names.person(who.person) for who in body.people])
    text = f"{body.level} is told without being woken: {people}, because {body.because.text}."
    return Sentence("people", text, line=body.because.line)


def _notified(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.Notified", fact.body)
    text = f"Told {names.person(body.person)} ({body.level}) by {by_channel(body.method)}{_receipt(body.receipt)}."
    return Sentence("send", text)


def _paged(fact: f.Fact, names: Names, times: Times) -> Sentence:
    body = cast("f.Paged", fact.body)
    late = f", {lasting(fact.at - body.due)} late: it was due {times.hms(body.due)}" if body.due else ""
    crossed = "; it was under way when somebody took or ended it" if body.crossed else ""
    rest = f" ({body.level}) by {by_channel(body.method)}{late}{_receipt(body.receipt)}{crossed}."
    return Sentence("send", rest, f"Paged {names.person(body.person)}", bad=bool(late))


def _failed(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.PageFailed", fact.body)
    ending = "Not tried again this way." if body.permanent else "Every attempt failed."
    rest = f" ({body.level}) by {by_channel(body.method)}: {body.why.rstrip('.')}. {ending}"
    return Sentence("cross", rest, f"Could not reach {names.person(body.person)}", bad=True)


def _acknowledged(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.Acknowledged", fact.body)
    via = {"page": " with the link of a page", "alert": " at the sender", "cli": " from the command line"}
    via |= {"phone": " by phone", "sms": " by text message", "pagerduty": " in PagerDuty", "slack": " in Slack"}
    return Sentence("tick", f"{via.get(body.via, '')}.", f"{names.of(body.by)} acknowledged")


def _requested(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.EscalationRequested", fact.body)
    colon = ":" if body.why else "."
    return Sentence("up", f" asked for {body.level} now{colon}", names.of(body.by), quote=body.why)


def _severity(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.SeverityChanged", fact.body)
    strong = f"{body.after} instead of {body.before}"
    return Sentence("flag", f", by {names.of(body.by)}, because", strong, body.because.text, body.because.line)


def _corrected(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.TypeCorrected", fact.body)
    if body.before == body.after:
        return Sentence("why", f"matched rightly, says {names.of(body.by)}", quote=body.because.text)
    return Sentence("why", f", by {names.of(body.by)}:", body.title, body.because.text, body.because.line)


def _noted(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.Noted", fact.body)
    return Sentence("note", f"{names.of(body.by)} wrote:", quote=body.text)


def _resolved(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.Resolved", fact.body)
    person = body.cause == "person"
    colon = ":" if body.why else "."
    return Sentence("tick", f" by {names.of(body.by)}{colon}", "Resolved", quote=body.why if person else f"{body.why}.")


def _reopened(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.Reopened", fact.body)
    how = " by itself" if body.automatic else f" by {names.of(body.by)}"
    return Sentence("back", f"{how}:", "Reopened", body.because.text, body.because.line)


def _gave_up(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.GaveUp", fact.body)
    rounds = f"{body.rounds} rounds" if body.rounds > 1 else "One round"
    return Sentence(
        "warn", f" {names.of(body.by)} pages the fallback until somebody does.", f"{rounds}, nobody answered.", bad=True
    )


def _merged(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.Merged", fact.body)
    colon = ":" if body.why else "."
    return Sentence("why", f" by {names.of(body.by)}{colon}", f"Merged into {body.into}", quote=body.why)


def _absorbed(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.Absorbed", fact.body)
    count = len(body.alerts)
    alerts = f"{count} alert{'s' if count > 1 else ''}"
    rest = f", {body.title}, goes on here with {alerts}, by {names.of(body.by)}{':' if body.why else '.'}"
    return Sentence("plus", rest, body.number, quote=body.why)


def _split(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.Split", fact.body)
    count = len(body.alerts)
    alerts = f"{count} alert{'s' if count > 1 else ''}"
    rest = f" into {body.into} by {names.of(body.by)}{':' if body.why else '.'}"
    return Sentence("why", rest, f"{alerts} split off", quote=body.why)


def _check_turned(fact: f.Fact, _: Names, __: Times) -> Sentence:
    body = cast("f.CheckTurned", fact.body)
    if not body.good:
        return Sentence("cross", f": the probe {body.check} says so.", "Not over", quote=body.summary, bad=True)
    helped = f": the probe {body.check} is good again"
    if body.after:
        return Sentence("tick", f"{helped} after “{body.after}” ran.", "The fix helped")
    return Sentence("tick", f"{helped}.", "Better")


def _receipt(receipt: str) -> str:
    return f": {receipt.rstrip('.')}" if receipt else ""


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")


_SENTENCES: dict[type[f.Body], Callable[[f.Fact, Names, Times], Sentence]] = {
    f.Opened: _opened,
    f.AlertJoined: _joined,
    f.AlertCleared: _cleared,
    f.Escalated: _escalated,
    f.Informed: _informed,
    f.Notified: _notified,
    f.Paged: _paged,
    f.PageFailed: _failed,
    f.Acknowledged: _acknowledged,
    f.EscalationRequested: _requested,
    f.SeverityChanged: _severity,
    f.TypeCorrected: _corrected,
    f.Noted: _noted,
    f.Resolved: _resolved,
    f.Reopened: _reopened,
    f.GaveUp: _gave_up,
    f.Merged: _merged,
    f.Absorbed: _absorbed,
    f.Split: _split,
    f.CheckTurned: _check_turned,
    **sentences_of_work.SENTENCES,
    **sentences_of_posts.SENTENCES,
}

"""Facts of steps, updates, deadlines, evidence and review as sentences."""

from collections.abc import Callable
from typing import cast

from tocsin.incident import facts as f
from tocsin.web.names import Names, listed
from tocsin.web.sentence import Sentence
from tocsin.web.times import Times

_HOW = {
    "timed-out": "did not end in time and was stopped",
    "not-started": "could not be started",
    "cut-short": "was stopped",
}


def _chosen(fact: f.Fact, _: Names, __: Times) -> Sentence:
    body = cast("f.DiagnosticsChosen", fact.body)
    total = len(body.run) + len(body.refused)
    return Sentence("why", f"{len(body.run)} of {total} diagnostics run by themselves.")


def _approved(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.StepApproved", fact.body)
    return Sentence("prompt", f" started {body.title}:", names.of(body.by), body.effective, body.line)


def _started(fact: f.Fact, _: Names, __: Times) -> Sentence:
    body = cast("f.StepStarted", fact.body)
    return Sentence("prompt", f"{body.title} runs.", line=body.line)


def _ran(fact: f.Fact, _: Names, __: Times) -> Sentence:
    body = cast("f.StepRan", fact.body)
    how = _HOW.get(body.how, "")
    found = body.found.rstrip(".") or how
    told = f"{' ' if body.title.endswith('?') else ': '}{found}" if found else ""
    return Sentence(
        "cross" if how else "tick", f"{body.title}{told}.", line=body.line, bad=body.verdict == "bad" or bool(how)
    )


def _lost(fact: f.Fact, _: Names, __: Times) -> Sentence:
    body = cast("f.StepLost", fact.body)
    rest = f" of {body.title}: whoever ran it is gone. It may have run; it is not tried again."
    return Sentence("warn", rest, "Outcome unknown", line=body.line, bad=True)


def _checked(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.StepChecked", fact.body)
    verb = "did" if body.done else "took back"
    note = ":" if body.note else "."
    return Sentence("tick", f"{names.of(body.by)} {verb} {body.title}{note}", quote=body.note, line=body.line)


def _posted(fact: f.Fact, names: Names, times: Times) -> Sentence:
    body = cast("f.UpdatePosted", fact.body)
    where = "on the status page" if body.public else "to the team"
    promised = f", next at {times.hm(body.next_at)}" if body.next_at else ""
    rest = f" {where}, by {names.of(body.by)}{promised}{':' if body.text else '.'}"
    return Sentence("send", rest, f"Posted {body.status}", body.text, body.line)


def _sent(fact: f.Fact, _: Names, __: Times) -> Sentence:
    body = cast("f.UpdateSent", fact.body)
    receipt = f": {body.receipt.rstrip('.')}" if body.receipt else ""
    return Sentence("send", f"Update #{body.update} sent by {body.channel}{receipt}.")


def _unsent(fact: f.Fact, _: Names, __: Times) -> Sentence:
    body = cast("f.UpdateFailed", fact.body)
    return Sentence("cross", f"Update #{body.update} could not be sent by {body.channel}: {body.why}.", bad=True)


def _reminded(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.Reminded", fact.body)
    people = listed([names.person(who.person) for who in body.people])
    verb = "Paging" if body.wake else "Reminding"
    return Sentence("clock", f"{verb} {people}: {body.because.text}.", line=body.because.line)


def _phase(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.PhaseTaken", fact.body)
    return Sentence("people", f"{names.person(body.person)} owns {body.phase}.", line=body.line)


def _met(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.DeadlineMet", fact.body)
    return Sentence("tick", f" ({body.deadline}), by {names.of(body.by)}:", "Deadline met", body.note, body.line)


def _evidence(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.EvidenceAdded", fact.body)
    text = f"{names.of(body.by)} kept {body.name} as evidence, {body.size} bytes, SHA-256 {body.sha256}."
    return Sentence("lock", text)


def _exported(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.EvidenceExported", fact.body)
    text = f"{names.of(body.by)} exported {body.files} pieces of evidence; manifest SHA-256 {body.manifest}."
    return Sentence("lock", text)


def _edited(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.ReviewEdited", fact.body)
    return Sentence("note", f"{names.of(body.by)} wrote {body.part} of the review.")


def _finished(fact: f.Fact, names: Names, _: Times) -> Sentence:
    return Sentence("tick", f" by {names.of(fact.body.by)}.", "Review finished")


def _action(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.ActionAdded", fact.body)
    owner = f", {names.person(body.owner)}" if body.owner else ""
    due = f", due {body.due}" if body.due else ""
    return Sentence("flag", f"Action item {body.action}{owner}{due}:", quote=body.text)


def _action_changed(fact: f.Fact, names: Names, _: Times) -> Sentence:
    body = cast("f.ActionChanged", fact.body)
    verb = "done" if body.done else "open again"
    return Sentence("tick", f"Action item {body.action} is {verb}, by {names.of(body.by)}.")


SENTENCES: dict[type[f.Body], Callable[[f.Fact, Names, Times], Sentence]] = {
    f.DiagnosticsChosen: _chosen,
    f.StepApproved: _approved,
    f.StepStarted: _started,
    f.StepRan: _ran,
    f.StepLost: _lost,
    f.StepChecked: _checked,
    f.UpdatePosted: _posted,
    f.UpdateSent: _sent,
    f.UpdateFailed: _unsent,
    f.Reminded: _reminded,
    f.PhaseTaken: _phase,
    f.DeadlineMet: _met,
    f.EvidenceAdded: _evidence,
    f.EvidenceExported: _exported,
    f.ReviewEdited: _edited,
    f.ReviewFinished: _finished,
    f.ActionAdded: _action,
    f.ActionChanged: _action_changed,
}

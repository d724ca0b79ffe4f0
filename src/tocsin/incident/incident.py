"""An incident is the fold of its facts, nothing more."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Literal, cast

import msgspec

from tocsin.detection.alert import Seen
from tocsin.incident import facts as f
from tocsin.incident import progress as p
from tocsin.incident.body import is_human
from tocsin.incident.calls import LevelCall
from tocsin.incident.posts import Post
from tocsin.incident.posts import apply as posted

Status = Literal["triggered", "acknowledged", "resolved"]


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """How one page or notification ended. Notifications have round 0."""

    level: str
    round: int
    person: str
    method: str
    delivered: bool
    permanent: bool
    at: datetime
    seq: int


class Mark(msgspec.Struct, frozen=True):
    """Something a principal did, where in the timeline."""

    by: str
    at: datetime
    seq: int


class Raise(msgspec.Struct, frozen=True, kw_only=True):
    """A severity that an alert raised, where in the timeline."""

    before: str
    after: str
    because: f.Because
    at: datetime
    seq: int


class Request(msgspec.Struct, frozen=True):
    """A person's wish for a level to be called now."""

    level: str
    at: datetime
    seq: int


class Other(msgspec.Struct, frozen=True, kw_only=True):
    """An alert of another group that is part of the incident. `cleared`: its sender says it is over.

    `moved`: it came earlier, to another incident, and a person made it part of this one.
    """

    summary: str
    joined_at: datetime
    because: f.Because
    seen: Seen = Seen()
    cleared: bool = False
    moved: bool = False


class CheckState(msgspec.Struct, frozen=True, kw_only=True):
    """What a check said last: `good` or not, since when; `turns` counts how often it said otherwise before."""

    good: bool
    summary: str
    at: datetime
    seq: int
    turns: int = 0


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known of one incident. `began_*` speak of the opening or the latest reopening.

    `alert_severity` is what alerts alone would make it, so that an alert does not undo a person's lowering.
    `kept_open` says that a person reopened it: an end that was known then does not close it, until another of its
    alerts `ended`.
    `raised` is the latest change of it, where an alert made that.
    `seen` is how much of the alert the latest decision knew, `others` are alerts of other groups that joined it.
    `consequence_of` names what it probably is a consequence of; `recalled` says that its entry is a person's word.
    `former` is the incident that the same alert had before, `merged_into` the one it goes on in, `absorbed` those that
    go on in it, `split_off` the groups that were split off and where they went, `apart` those that it was split off
    from. `checks` are the checks of probes that say whether it is over, by name; those that were never bad since it
    (last) began are not among them.
    """

    number: str
    group_key: str
    title: str
    summary: str
    incident_type: str | None
    severity: str
    alert_severity: str
    restricted: bool
    runbook: str
    because: tuple[f.Because, ...]
    severity_because: f.Because
    status: Status
    opened_at: datetime
    began_at: datetime
    began_seq: int
    acknowledgements: tuple[Mark, ...] = ()
    resolved: Mark | None = None
    seen: Seen = Seen()
    calls: tuple[LevelCall, ...] = ()
    informed: tuple[LevelCall, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    requests: tuple[Request, ...] = ()
    severity_changed: Mark | None = None
    raised: Raise | None = None
    type_corrected: Mark | None = None
    posts: tuple[Post, ...] = ()
    gave_up: Mark | None = None
    automatic_reopenings: int = 0
    cleared: bool = False
    kept_open: bool = False
    ended: bool = False
    alert_changes: int = 0
    alert_answers: int = 0
    others: dict[str, Other] = {}
    former: str | None = None
    consequence_of: str = ""
    recalled: bool = False
    merged_into: str | None = None
    absorbed: tuple[str, ...] = ()
    split_off: dict[str, str] = {}
    apart: tuple[str, ...] = ()
    checks: dict[str, CheckState] = {}
    progress: p.Progress = p.Progress()
    seq: int
    at: datetime
    hash: str = ""

    @property
    def acknowledged(self) -> Mark | None:
        """Give who has it since the incident (last) began: the latest acknowledgement."""
        current = [mark for mark in self.acknowledgements if mark.seq > self.began_seq]
        return current[-1] if current else None

    @property
    def current_calls(self) -> tuple[LevelCall, ...]:
        """Give the calls since the incident (last) began, oldest first."""
        return tuple(call for call in self.calls if call.seq > self.began_seq)

    @property
    def groups(self) -> tuple[str, ...]:
        """Give the groups whose alerts are part of it, its own first."""
        return self.group_key, *self.others

    def seen_of(self, group_key: str) -> Seen:
        """Give how much of that group's alert the latest decision knew."""
        if group_key == self.group_key:
            return self.seen
        return self.others[group_key].seen if group_key in self.others else Seen()

    def cleared_of(self, group_key: str) -> bool:
        """Give whether that group's alert was said to be over while the incident stayed open."""
        if group_key == self.group_key:
            return self.cleared
        return group_key in self.others and self.others[group_key].cleared

    def acknowledged_after(self, seq: int) -> bool:
        """Give whether anybody acknowledged after that place in the timeline."""
        return any(mark.seq > seq for mark in self.acknowledgements)

    def rounds(self, level: str) -> int:
        """Give how often that level was ever called."""
        return sum(1 for call in self.calls if call.level == level)

    @property
    def level(self) -> str | None:
        """Give the level called last, or None while nobody was."""
        calls = self.current_calls
        return calls[-1].level if calls else None

    @property
    def concerned(self) -> frozenset[str]:
        """Give everybody (person ids) who was called, told, or did something: who may see it when restricted."""
        called = {who.person for call in (*self.calls, *self.informed, *self.progress.reminders) for who in call.people}
        acted = {mark.by.removeprefix("person:") for mark in self.acknowledgements if mark.by.startswith("person:")}
        owners = set(self.progress.phases.values())
        return frozenset(called | acted | owners | {attempt.person for attempt in self.attempts})


def fold(facts: Iterable[f.Fact]) -> Incident | None:
    """Give the incident that these facts make, or None without any."""
    incident: Incident | None = None
    for fact in facts:
        incident = apply(incident, fact)
    return incident


def apply(incident: Incident | None, fact: f.Fact) -> Incident:
    """Give the incident after one more fact. The first must be `Opened`, which never comes twice."""
    if isinstance(fact.body, f.Opened):
        return _opened(fact, fact.body)
    if incident is None:
        raise ValueError("a timeline begins with Opened")
    change = _APPLY.get(type(fact.body), _progressed)
    changed = change(incident, fact)
    posts = posted(incident.posts, fact)
    return msgspec.structs.replace(changed, posts=posts, seq=fact.seq, at=fact.at, hash=fact.hash)


def _opened(fact: f.Fact, body: f.Opened) -> Incident:
    return Incident(
        number=body.number,
        group_key=body.group_key,
        title=body.title,
        summary=body.summary,
        incident_type=body.incident_type,
        severity=body.severity,
        alert_severity=body.severity,
        restricted=body.restricted,
        runbook=body.runbook,
        because=body.because,
        severity_because=body.severity_because,
        status="triggered",
        seen=body.seen,
        former=body.former,
        consequence_of=body.consequence_of,
        recalled=body.recalled,
        apart=body.apart,
        opened_at=fact.at,
        began_at=fact.at,
        began_seq=fact.seq,
        seq=fact.seq,
        at=fact.at,
        hash=fact.hash,
    )


def _progressed(incident: Incident, fact: f.Fact) -> Incident:
    return msgspec.structs.replace(incident, progress=p.apply(incident.progress, fact))


def _joined(incident: Incident, fact: f.Fact) -> Incident:
    body = cast("f.AlertJoined", fact.body)
    known = incident.others.get(body.group_key)
    if body.because is not None and body.group_key:
        because = body.because
        new = Other(summary=body.summary, joined_at=fact.at, because=because, seen=body.seen)
        return msgspec.structs.replace(incident, others=incident.others | {body.group_key: new})
    changed = msgspec.structs.replace(incident, alert_changes=incident.alert_changes + 1)
    if known is not None:
        return _with_other(changed, body.group_key, msgspec.structs.replace(known, cleared=False))
    return msgspec.structs.replace(changed, cleared=False)


def _cleared(incident: Incident, fact: f.Fact) -> Incident:
    body = cast("f.AlertCleared", fact.body)
    changed = msgspec.structs.replace(incident, alert_changes=incident.alert_changes + 1, ended=True)
    known = incident.others.get(body.group_key)
    if known is not None:
        return _with_other(changed, body.group_key, msgspec.structs.replace(known, cleared=True, seen=body.seen))
    return msgspec.structs.replace(changed, cleared=True, seen=body.seen)


def _with_other(incident: Incident, group_key: str, other: Other) -> Incident:
    return msgspec.structs.replace(incident, others=incident.others | {group_key: other})


def _with_seen(incident: Incident, seen: Mapping[str, Seen]) -> Incident:
    """Give the incident with what was known of these groups' alerts; "" is its own group."""
    for group_key, known in seen.items():
        if group_key in incident.others:
            other = msgspec.structs.replace(incident.others[group_key], seen=known)
            incident = _with_other(incident, group_key, other)
        elif group_key in {"", incident.group_key}:
            incident = msgspec.structs.replace(incident, seen=known)
    return incident


def _call(fact: f.Fact) -> LevelCall:
    body = cast("f.Escalated | f.Informed", fact.body)
    counted, cause = (body.round, body.cause) if isinstance(body, f.Escalated) else (0, "informed")
    return LevelCall(
        level=body.level,
        round=counted,
        people=body.people,
        cause=cause,
        at=fact.at,
        seq=fact.seq,
        because=body.because,
    )


def _escalated(incident: Incident, fact: f.Fact) -> Incident:
    return msgspec.structs.replace(incident, calls=(*incident.calls, _call(fact)))


def _informed(incident: Incident, fact: f.Fact) -> Incident:
    return msgspec.structs.replace(incident, informed=(*incident.informed, _call(fact)))


def _attempted(incident: Incident, fact: f.Fact) -> Incident:
    body = cast("f.Paged | f.PageFailed | f.Notified", fact.body)
    attempt = Attempt(
        level=body.level,
        round=0 if isinstance(body, f.Notified) else body.round,
        person=body.person,
        method=body.method,
        delivered=not isinstance(body, f.PageFailed),
        permanent=isinstance(body, f.PageFailed) and body.permanent,
        at=fact.at,
        seq=fact.seq,
    )
    return msgspec.structs.replace(incident, attempts=(*incident.attempts, attempt))


def _acknowledged(incident: Incident, fact: f.Fact) -> Incident:
    body = cast("f.Acknowledged", fact.body)
    # Only what it answers: an end of the alert that nobody has decided on yet must still be noticed.
    known = incident.seen_of(body.group_key or incident.group_key)
    answered = msgspec.structs.replace(known, acknowledgements=body.seen.acknowledgements)
    return msgspec.structs.replace(
        _with_seen(incident, {body.group_key: answered}),
        status="acknowledged" if incident.status == "triggered" else incident.status,
        acknowledgements=(*incident.acknowledgements, Mark(body.by, fact.at, fact.seq)),
        alert_answers=incident.alert_answers + (body.via == "alert"),
    )


def _requested(incident: Incident, fact: f.Fact) -> Incident:
    body = cast("f.EscalationRequested", fact.body)
    return msgspec.structs.replace(incident, requests=(*incident.requests, Request(body.level, fact.at, fact.seq)))


def _severity(incident: Incident, fact: f.Fact) -> Incident:
    body = cast("f.SeverityChanged", fact.body)
    by_person = is_human(body.by)
    raised = Raise(before=body.before, after=body.after, because=body.because, at=fact.at, seq=fact.seq)
    return msgspec.structs.replace(
        incident,
        severity=body.after,
        severity_because=body.because,
        severity_changed=Mark(body.by, fact.at, fact.seq),
        raised=raised if body.by.startswith("source:") else None,
        alert_severity=incident.alert_severity if by_person else body.after,
    )


def _corrected(incident: Incident, fact: f.Fact) -> Incident:
    body = cast("f.TypeCorrected", fact.body)
    return msgspec.structs.replace(
        incident,
        incident_type=body.after,
        title=body.title,
        restricted=body.restricted,
        because=(body.because,),
        type_corrected=Mark(body.by, fact.at, fact.seq),
    )


def _noted(incident: Incident, fact: f.Fact) -> Incident:  # noqa: ARG001
    return incident


def _resolved(incident: Incident, fact: f.Fact) -> Incident:
    body = cast("f.Resolved", fact.body)
    mark = Mark(body.by, fact.at, fact.seq)
    known = _with_seen(incident, {body.group_key: body.seen} | body.others)
    if body.cause == "alert":
        known = _with_cleared(known, dict.fromkeys(known.groups, True))
    return msgspec.structs.replace(known, status="resolved", resolved=mark)


def _with_cleared(incident: Incident, cleared: Mapping[str, bool]) -> Incident:
    """Give the incident with whether these groups' alerts are over."""
    others = {
        key: msgspec.structs.replace(other, cleared=cleared.get(key, other.cleared))
        for key, other in incident.others.items()
    }
    own = cleared.get(incident.group_key, incident.cleared)
    return msgspec.structs.replace(incident, cleared=own, others=others)


def _reopened(incident: Incident, fact: f.Fact) -> Incident:
    body = cast("f.Reopened", fact.body)
    known = _with_seen(incident, {body.group_key: body.seen} | body.others)
    if body.automatic:  # its alerts that are over say so when they come back too
        known = _with_cleared(known, {body.group_key or incident.group_key: False})
    return msgspec.structs.replace(
        known,
        status="triggered",
        merged_into=None,
        resolved=None,
        began_at=fact.at,
        began_seq=fact.seq,
        gave_up=None,
        kept_open=not body.automatic,
        ended=False,
        alert_answers=0,
        checks={},
        progress=msgspec.structs.replace(incident.progress, review_finished_at=None),
        automatic_reopenings=incident.automatic_reopenings + body.automatic,
    )


def _merged(incident: Incident, fact: f.Fact) -> Incident:
    body = cast("f.Merged", fact.body)
    known = _with_seen(incident, {"": body.seen} | body.others)
    mark = Mark(body.by, fact.at, fact.seq)
    return msgspec.structs.replace(known, status="resolved", resolved=mark, merged_into=body.into)


def _absorbed(incident: Incident, fact: f.Fact) -> Incident:
    body = cast("f.Absorbed", fact.body)
    because = f.Because(f"{body.number} was merged into this one{f': {body.why}' if body.why else ''}")
    new = {
        group: Other(
            summary=said,
            joined_at=fact.at,
            because=because,
            seen=body.seen.get(group, Seen()),
            cleared=group in body.cleared,
            moved=True,
        )
        for group, said in body.alerts.items()
        if group != incident.group_key
    }
    absorbed = (*incident.absorbed, body.number)
    asked = body.alert_severity or incident.alert_severity
    changed = msgspec.structs.replace(incident, absorbed=absorbed, alert_severity=asked)
    return msgspec.structs.replace(changed, others=incident.others | new, ended=incident.ended or bool(body.cleared))


def _split(incident: Incident, fact: f.Fact) -> Incident:
    body = cast("f.Split", fact.body)
    others = {group: other for group, other in incident.others.items() if group not in body.alerts}
    split_off = incident.split_off | dict.fromkeys(body.alerts, body.into)
    left = msgspec.structs.replace(incident, others=others, split_off=split_off)
    if incident.group_key not in body.alerts or not others:
        return left
    own = body.own if body.own in others else next(iter(others))
    first = others[own]
    rest = {group: other for group, other in others.items() if group != own}
    return msgspec.structs.replace(left, group_key=own, seen=first.seen, cleared=first.cleared, others=rest)


def _turned(incident: Incident, fact: f.Fact) -> Incident:
    body = cast("f.CheckTurned", fact.body)
    known = incident.checks.get(body.check)
    turns = known.turns + 1 if known else 0
    state = CheckState(good=body.good, summary=body.summary, at=fact.at, seq=fact.seq, turns=turns)
    return msgspec.structs.replace(incident, checks=incident.checks | {body.check: state})


def _gave_up(incident: Incident, fact: f.Fact) -> Incident:
    return msgspec.structs.replace(incident, gave_up=Mark(fact.body.by, fact.at, fact.seq))


_APPLY: dict[type[f.Body], Callable[[Incident, f.Fact], Incident]] = {
    f.AlertJoined: _joined,
    f.AlertCleared: _cleared,
    f.Escalated: _escalated,
    f.Informed: _informed,
    f.Notified: _attempted,
    f.Paged: _attempted,
    f.PageFailed: _attempted,
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
    f.CheckTurned: _turned,
}

"""What waits for one reader: what, why, by when, and where to see to it. What may do most harm comes first."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from tocsin.communication.cadence import cadence_for
from tocsin.engine.engine import Understood
from tocsin.incident.incident import Incident
from tocsin.incident.progress import StepState
from tocsin.response.deadlines import deadlines_of
from tocsin.runbook.policy import Runbook
from tocsin.web.names import Names, listed, short_sha
from tocsin.web.on_call import OnCall
from tocsin.web.review_view import actions_of, owner_of, review_view
from tocsin.web.telling_view import next_due
from tocsin.web.times import Times, figure, lasting
from tocsin.web.times import times as in_zone

Kind = Literal["deadline", "unknown", "update", "nobody", "unreachable", "review", "action"]

_KINDS: tuple[Kind, ...] = ("deadline", "unknown", "update", "nobody", "unreachable", "review", "action")
"""The law, then what may have broken something, customers, the next page; paper can wait for the morning."""

_NEAR = timedelta(hours=24)
"""So long before a legal deadline ends it is shown: when its first reminder goes out."""


class Need(NamedTuple):
    """One thing that waits. `at` is when it is due or since when it waits; `late` when that has passed.

    `what` is the link to where it is seen to, `why` says the rest; `line` is the runbook's in the version `doc`.
    """

    kind: Kind
    at: datetime
    late: bool
    what: str
    why: str
    link: str
    line: int | None = None
    doc: str = ""


def needs(known: Iterable[Understood], levels: tuple[OnCall, ...], names: Names, times: Times) -> tuple[Need, ...]:
    """Give what waits for the reader `names` and `times` are made for, of incidents they may see and levels now."""
    found = [need for loaded in known for need in _of_incident(loaded, names, times)]
    return in_order((*found, *_of_levels(levels, times)))


def in_order(found: Iterable[Need]) -> tuple[Need, ...]:
    """Give needs by kind, in each what is or was due first."""
    return tuple(sorted(found, key=lambda need: (_KINDS.index(need.kind), need.at, need.link)))


def _of_incident(loaded: Understood, names: Names, times: Times) -> Iterator[Need]:
    incident, runbook = loaded.incident, loaded.world.runbook
    if incident is None:
        return
    yield from _deadlines(incident, runbook, times)
    if incident.status == "resolved":
        if incident.merged_into is None:
            yield from _review(loaded, incident, names, times)
        yield from _actions(incident, names, times)
    elif incident.acknowledged is None or incident.acknowledged.by == names.me:
        yield from _unknown(incident, times)
        yield from _update(incident, runbook, names, times)


def _deadlines(incident: Incident, runbook: Runbook, times: Times) -> Iterator[Need]:
    """Give legal deadlines that end soon: they concern everybody who may see the incident, whoever has it."""
    for clock in deadlines_of(incident, runbook):
        left = clock.due - times.now
        if clock.id in incident.progress.deadlines_met or left > _NEAR:
            continue
        late = left <= timedelta(0)
        until = f"over since {times.hm(clock.due)}" if late else f"{figure(left)} left, until {times.hm(clock.due)}"
        what, why = f"{clock.what}: {until}", f"{_name(incident)}. Say there how it was met, or why it is late."
        yield Need("deadline", clock.due, late, what, why, f"{_page(incident)}#breach", clock.line, _doc(incident))


def _unknown(incident: Incident, times: Times) -> Iterator[Need]:
    for state in incident.progress.steps.values():
        if state.status == "unknown":
            what = f"Outcome unknown: {_title(state)}"
            why = f"{_name(incident)}. It may have run {times.hm(state.since)} and is not tried again. Look first."
            link, line = f"{_page(incident)}#step-{state.step}", _line(state)
            yield Need("unknown", state.since, late=True, what=what, why=why, link=link, line=line, doc=_doc(incident))


def _update(incident: Incident, runbook: Runbook, names: Names, times: Times) -> Iterator[Need]:
    """Give the update that whoever has the incident owes."""
    cadence, mark = cadence_for(runbook, incident.severity), incident.acknowledged
    due = next_due(incident, cadence) if cadence and mark and mark.by == names.me else None
    if cadence and due and due <= times.now:
        what = f"An update was due {times.hm(due)}, {lasting(times.now - due)} ago"
        why = f"{_name(incident)}. The runbook says “{cadence.text}”."
        link = f"{_page(incident)}/update?for=internal"
        yield Need("update", due, late=True, what=what, why=why, link=link, line=cadence.line, doc=_doc(incident))


def _review(loaded: Understood, incident: Incident, names: Names, times: Times) -> Iterator[Need]:
    """Give the review the reader owes, as long as it is not finished."""
    if incident.progress.review_finished_at is not None or owner_of(incident) != names.me:
        return
    review = review_view(loaded, times.now)
    if review.due is not None:
        late = review.due <= times.now
        what = f"Review of {incident.number} {'was' if late else 'is'} due {times.hm(review.due)}"
        why = f"{incident.title}. {review.written} of {len(review.to_write)} parts written."
        link = f"/app/reviews/{incident.number}"
        yield Need("review", review.due, late, what, why, link, review.line, _doc(incident))


def _actions(incident: Incident, names: Names, times: Times) -> Iterator[Need]:
    """Give the action items of the reader whose day has come where the team is."""
    team = in_zone(names.settings.timezone, times.now).zone
    today = times.now.astimezone(team).date()
    for action in actions_of(incident, today):
        day = date.fromisoformat(action.due) if action.due else None
        if action.done or f"person:{action.owner}" != names.me or day is None or day > today:
            continue
        at = datetime(day.year, day.month, day.day, tzinfo=team)
        due = f"was due {day}" if action.late else "is due today"
        why = f"It {due}, agreed on in the review of {_name(incident)}."
        yield Need("action", at, action.late, action.text, why, f"/app/reviews/{incident.number}#{_ITEMS}")


def _of_levels(levels: tuple[OnCall, ...], times: Times) -> Iterator[Need]:
    """Give the levels that nobody is in now, and the people in levels who cannot be reached."""
    for level in levels:
        if not level.people:
            why = f"{level.trouble.partition('. ')[2]} Put somebody into the role or its schedule."
            yield Need("nobody", times.now, True, f"Nobody is {level.level} now", why, _ON_CALL, level.line)
    out = {one.id: one for level in levels for one in level.people if one.mark == "out"}
    for one in out.values():
        places = listed([level.level for level in levels if one.id in {member.id for member in level.people}])
        why = f"{_because(one.words)} {one.name} is {places} now."
        yield Need("unreachable", times.now, late=True, what=f"{one.name} cannot be reached", why=why, link=_ON_CALL)


_ITEMS, _ON_CALL = "actions", "#oncall"


def _because(words: str) -> str:
    why = words.partition(": ")[2]
    return f"{why[:1].upper()}{why[1:]}"


def _name(incident: Incident) -> str:
    return f"{incident.number}, {incident.title}"


def _page(incident: Incident) -> str:
    return f"/app/incidents/{incident.number}"


def _doc(incident: Incident) -> str:
    return short_sha(incident.runbook)


def _title(state: StepState) -> str:
    task = state.approved or state.chosen
    return task.title if task else state.step


def _line(state: StepState) -> int | None:
    task = state.approved or state.chosen
    return task.line if task else None

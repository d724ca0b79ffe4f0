"""How a called person is reached: which pages are to go out, by which method, when.

A person's reach rule is a list of steps. All channels of a step go out together; the next step follows after its
`wait` without an acknowledgement, at once when every channel of the step failed, and after 25 seconds in which
none of them got anything out, whatever they wait for. When every method failed, the fallback is paged, and the first
method that failed only for now is tried on, without end: a channel that comes back an hour later still delivers.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from tocsin.escalation.quiet import awake
from tocsin.escalation.schedule import fallback, person
from tocsin.incident.calls import LevelCall
from tocsin.incident.incident import Attempt, Incident
from tocsin.incident.jobs import Page
from tocsin.settings import Person, ReachStep, Settings

PATIENCE = timedelta(seconds=25)
"""The next way of reaching somebody starts so long after a page was due, unless one got out by then.

It must be out within 30 seconds, on a slow store too.
"""

FALLBACK = "fallback"
"""The level name of pages that go to the fallback because the ladder gave up."""

_AGAIN = ("fallback", "fallback-2", "fallback-3")
"""What a page to the fallback is called when a provider reports afterwards that the one before did not arrive."""


class PageDue(NamedTuple):
    """A page to send at `due`. `method` is `step.channel`; `endless` pages are tried until nobody wants them.

    `quiet`: it waits, or waited, for the end of the person's quiet hours.
    """

    level: str
    round: int
    person: str
    method: str
    due: datetime
    endless: bool
    quiet: bool = False

    @property
    def do(self) -> Page:
        """Give the imperative."""
        return Page(
            level=self.level,
            round=self.round,
            person=self.person,
            method=self.method,
            endless=self.endless,
            quiet=self.quiet,
        )


class InformationDue(NamedTuple):
    """A notification to send at `due`."""

    level: str
    person: str
    method: str
    due: datetime


def pages(incident: Incident, settings: Settings) -> tuple[PageDue, ...]:
    """Give every page that is to go out by now or later and has neither been delivered nor failed for good."""
    due: list[PageDue] = []
    is_open = incident.status != "resolved"
    for call in (*(incident.current_calls if is_open else ()), *_reminding(incident, "wake")):
        if not incident.acknowledged_after(call.seq):
            for who in call.people:
                due += _pages_of(call, who.person, incident, settings)
    if is_open and incident.gave_up and not incident.acknowledged_after(incident.gave_up.seq):
        due += _fallback(FALLBACK, incident.gave_up.seq, incident.gave_up.at, incident, settings)
    return tuple(dict.fromkeys(_undisturbed(one, incident, settings) for one in due))


def _undisturbed(due: PageDue, incident: Incident, settings: Settings) -> PageDue:
    """Give the page no earlier than its person may be disturbed."""
    someone = person(due.person, settings)
    at = awake(someone, incident.severity, due.due, settings) if someone else due.due
    return due._replace(due=at, quiet=due.quiet or at != due.due)


def informations(incident: Incident, settings: Settings) -> tuple[InformationDue, ...]:
    """Give the notifications to send: the person's first method, and the next one when it fails."""
    told = [call for call in incident.informed if call.seq > incident.began_seq and incident.status != "resolved"]
    return tuple(
        due
        for call in (*told, *_reminding(incident, "tell"))
        for who in call.people
        for due in _information(call, who.person, incident, settings)
    )


def _reminding(incident: Incident, cause: str) -> tuple[LevelCall, ...]:
    """Give the reminders of that kind whose reason still stands."""
    return tuple(call for call in incident.progress.reminders if call.cause == cause and _stands(call, incident))


def _stands(reminder: LevelCall, incident: Incident) -> bool:
    topic = reminder.level.rpartition("/")[0]
    progress = incident.progress
    if topic == "review":
        return progress.review_finished_at is None and incident.status == "resolved"
    if topic.startswith("deadline/"):
        return topic.removeprefix("deadline/") not in progress.deadlines_met
    if topic == "severity":
        return incident.status != "resolved"
    return incident.status != "resolved" and not any(update.seq > reminder.seq for update in progress.updates)


def channel_of(method: str) -> str:
    """Give the channel of a method: "0.slack" -> "slack"."""
    return method.partition(".")[2]


def methods(someone: Person) -> tuple[str, ...]:
    """Give all methods of a person in order."""
    return tuple(f"{index}.{channel}" for index, step in enumerate(someone.reach) for channel in step.via)


def _pages_of(call: LevelCall, person_id: str, incident: Incident, settings: Settings) -> Iterator[PageDue]:
    someone = person(person_id, settings)
    ended = _ended(incident, call.level, call.round, person_id)
    if someone is None or not methods(someone):
        yield from _fallback(call.level, call.round, call.at, incident, settings)
        return
    begins = awake(someone, incident.severity, call.at, settings)
    yield from _steps(call, someone, ended, begins)
    failed = [ended[method] for method in methods(someone) if method in ended and not ended[method].delivered]
    if len(failed) == len(methods(someone)):
        since = max(attempt.at for attempt in failed)
        yield from _fallback(call.level, call.round, since, incident, settings)
        if someone.id not in {stand_in.id for stand_in in fallback(settings)}:
            yield from _late(failed, ended)  # the fallback's own pages are endless already


def _steps(call: LevelCall, someone: Person, ended: dict[str, Attempt], due: datetime) -> Iterator[PageDue]:
    quiet = due != call.at
    for index, step in enumerate(someone.reach):
        names = [f"{index}.{channel}" for channel in step.via]
        for method in names:
            if method not in ended:
                yield PageDue(call.level, call.round, someone.id, method, due, endless=False, quiet=quiet)
        due = _next_due(due, step, [ended.get(method) for method in names])


def _next_due(due: datetime, step: ReachStep, outcomes: list[Attempt | None]) -> datetime:
    """Give when the step after this one is due."""
    if any(outcome is not None and outcome.delivered for outcome in outcomes):
        return due + step.wait
    if outcomes and all(outcomes):
        return max(outcome.at for outcome in outcomes if outcome)
    return due + min(step.wait, PATIENCE)


def _late(failed: list[Attempt], ended: dict[str, Attempt]) -> Iterator[PageDue]:
    for attempt in failed:
        if not attempt.permanent:
            method = f"late.{channel_of(attempt.method)}"
            if method not in ended:
                yield PageDue(attempt.level, attempt.round, attempt.person, method, attempt.at, endless=True)
            return


def _fallback(level: str, counted: int, at: datetime, incident: Incident, settings: Settings) -> Iterator[PageDue]:
    for someone in fallback(settings):
        ended = _ended(incident, level, counted, someone.id)
        for channel in dict.fromkeys(channel_of(method) for method in methods(someone)):
            due = at
            for name in _AGAIN:
                attempt = ended.get(f"{name}.{channel}")
                if attempt is None:
                    yield PageDue(level, counted, someone.id, f"{name}.{channel}", due, endless=True)
                if attempt is None or attempt.delivered:
                    break
                due = attempt.at


def _information(call: LevelCall, person_id: str, incident: Incident, settings: Settings) -> Iterator[InformationDue]:
    someone = person(person_id, settings)
    ended = _ended(incident, call.level, 0, person_id, since=call.seq)
    due = call.at
    for method in methods(someone) if someone else ():
        attempt = ended.get(method)
        if attempt is None:
            yield InformationDue(call.level, person_id, method, due)
            return
        if attempt.delivered:
            return
        due = attempt.at


def _ended(incident: Incident, level: str, counted: int, person_id: str, since: int = 0) -> dict[str, Attempt]:
    return {
        attempt.method: attempt
        for attempt in incident.attempts
        if (attempt.level, attempt.round, attempt.person) == (level, counted, person_id) and attempt.seq > since
    }

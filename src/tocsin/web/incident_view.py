"""Everything the page of one incident shows, as values: what the templates print and nothing more."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from tocsin.detection.alert import AlertState
from tocsin.detection.changes import ChangeEvent, in_words
from tocsin.detection.reports import Reports
from tocsin.engine.engine import Loaded
from tocsin.errors import NotFound
from tocsin.escalation.ladder import Ladder
from tocsin.grouping.depending import causes, consequences
from tocsin.grouping.flapping import quiet_at
from tocsin.incident.chain import faults
from tocsin.incident.facts import AlertJoined, Because, Fact, Noted
from tocsin.incident.incident import Incident
from tocsin.incident.step_facts import DiagnosticsChosen, StepRan
from tocsin.incident.type_facts import alike
from tocsin.incident.view import IncidentView
from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings
from tocsin.store.transactions import Receipt
from tocsin.triage.assessing import assess
from tocsin.triage.matched import Match
from tocsin.triage.recalling import likeness
from tocsin.triage.severity import severity_ids, severity_rank
from tocsin.web.asking import Asked
from tocsin.web.countdown import Standing, standing, unanswered
from tocsin.web.heard import HeardOf, heard_of
from tocsin.web.names import Names, short_sha
from tocsin.web.probes_view import Row
from tocsin.web.running import at_a_page
from tocsin.web.sentence import Sentence
from tocsin.web.sentences import sentence
from tocsin.web.step_view import Choice, StepLine, steps_of
from tocsin.web.telling_view import Telling, telling
from tocsin.web.times import Times
from tocsin.web.who import Rung, rungs

_LEAST_URGENT = 3
_MOST_CONSIDERED = 4
_MOST_REPORTS = 5
_MOST_JOINED = 4
_MOST_TEXT = 100
"""So many letters of its first line tell alerts like it: a field of one line takes no more lines."""


class Badge(NamedTuple):
    """A severity as shown: `rank` 0-3 picks the colour and the bars."""

    id: str
    name: str
    rank: int


class Entry(NamedTuple):
    """One line of the timeline."""

    seq: int
    at: str
    words: Sentence
    hash: str


class Told(NamedTuple):
    """Lines of the timeline that stand together, latest first; `words` stand for them where they are many, else "".

    In a storm nobody would find a person's words among those of the alerts that joined.
    """

    entries: tuple[Entry, ...]
    words: str = ""


class Link(NamedTuple):
    """Where a sender leads, and what it calls that. `host` says whose it is, "" where the text is the address."""

    to: str
    text: str
    host: str


class Alerted(NamedTuple):
    """What the alert said. `links` are http(s) addresses only."""

    origin: str
    times_fired: int
    details: tuple[tuple[str, str], ...]
    links: tuple[Link, ...]


class AlertLine(NamedTuple):
    """One of the alerts of the incident. `why` says when and why it joined, "" for its own."""

    group: str
    summary: str
    source: str
    firing: bool
    flaps: bool
    state: str
    why: str
    line: int | None


class ReportLine(NamedTuple):
    """What one person reported."""

    at: str
    text: str
    contact: str


class ChangeLine(NamedTuple):
    """A change of the systems watched, told from when the incident opened. `link` is a web address or ""."""

    when: str
    summary: str
    origin: str
    link: str


class Looked(NamedTuple):
    """What the diagnostics did by themselves: `at` is when the latest ended, "" before; `ran` how many did, or ""."""

    at: str
    ran: str
    so_far: bool = False


class Considered(NamedTuple):
    """Another entry that was weighed."""

    title: str
    score: float
    line: int


class Matched(NamedTuple):
    """How the entry was found: what else was weighed, what would have changed it, and what a person may say of it.

    `entries` are all there are (id, title, line), `now` is the one it has, or "", `judged` that a person said so.
    `alike` says which later alerts would be matched the same way, "" for none.
    """

    considered: tuple[Considered, ...]
    otherwise: tuple[Because, ...]
    entries: tuple[tuple[str, str, int], ...]
    now: str
    judged: bool
    alike: str


class IncidentPage(NamedTuple):
    """The page of an incident for one reader. `state` is nobody, mine, theirs or resolved.

    `unanswered` says that a level was called since somebody took it, `joined` that the reader wrote a note since it
    began, `severity_quoted` that the reason of the severity is in the runbook's own words. `silence` leads to the form
    that silences alerts like its own.
    """

    number: str
    title: str
    from_runbook: bool
    badge: Badge
    restricted: bool
    state: str
    unanswered: bool
    joined: bool
    has_it: str
    summary: str
    opened: str
    reported: str
    reports: tuple[ReportLine, ...]
    changes: tuple[ChangeLine, ...]
    measured: tuple[Row, ...]
    alert: Alerted | None
    alerts: tuple[AlertLine, ...]
    former: str | None
    merged_into: str | None
    merged: tuple[str, ...]
    split_off: tuple[str, ...]
    severity_because: Because
    severity_quoted: bool
    standing: Standing
    looked: Looked
    diagnostics: tuple[StepLine, ...]
    branches: tuple[Choice, ...]
    over_when: tuple[tuple[str, int], ...]
    runbook: str
    version: str
    commands: tuple[StepLine, ...]
    can_approve: bool
    tell: Telling
    who: tuple[Rung, ...]
    because: tuple[Because, ...]
    matched: Matched
    timeline: tuple[Told, ...]
    faults: tuple[str, ...]
    severities: tuple[Badge, ...]
    levels: tuple[str, ...]
    next_level: str | None
    as_of: str
    place: str
    say: str
    causes: tuple[IncidentView, ...] = ()
    consequences: tuple[IncidentView, ...] = ()
    silence: str = ""

    @property
    def flaps(self) -> bool:
        """Give whether any of its alerts comes and goes."""
        return any(alert.flaps for alert in self.alerts)

    @property
    def firing(self) -> int:
        """Give how many of its alerts fire."""
        return sum(alert.firing for alert in self.alerts)

    @property
    def window_title(self) -> str:
        """Give the title of the window: it says at once when nobody has it."""
        lead = "(1) " if self.state == "nobody" else ""
        return f"{lead}{self.badge.id} {self.title}"


class Beside(NamedTuple):
    """What is known besides the incident: what people report, what was changed before it, what probes measure.

    `open` is what is open besides, given only where entries depend on each other.
    """

    reports: Reports | None = None
    changes: tuple[ChangeEvent, ...] = ()
    measured: tuple[Row, ...] = ()
    open: tuple[IncidentView, ...] = ()


ALONE = Beside()


def incident_page(loaded: Loaded, receipts: tuple[Receipt, ...], asked: Asked, beside: Beside = ALONE) -> IncidentPage:
    """Give the page. `loaded.world` holds the runbook the incident is pinned to. Raises NotFound."""
    incident, runbook, names, times = loaded.incident, loaded.world.runbook, asked.names, asked.times
    if incident is None:
        raise NotFound("there is no such incident")
    entry = runbook.incident_type(incident.incident_type)
    ladder = Ladder(incident, runbook, loaded.world.settings)
    steps = steps_of(loaded, incident, asked)
    shown_badge = badge(runbook, incident.severity)
    heard = heard_of(incident, beside.reports, loaded.world.settings)
    return IncidentPage(
        number=incident.number,
        title=incident.title,
        from_runbook=entry is not None,
        badge=shown_badge,
        restricted=incident.restricted,
        state=_state(incident, names.me),
        unanswered=unanswered(incident),
        joined=_joined(loaded, incident, names.me),
        has_it=_has_it(incident, names),
        summary=incident.summary if incident.summary != incident.title else "",
        opened=times.hms(incident.opened_at),
        reported=heard.words,
        reports=_report_lines(heard, times),
        changes=tuple(_change_line(one, incident) for one in beside.changes),
        measured=beside.measured,
        alert=_alerted(loaded),
        alerts=_alert_lines(loaded, incident, times),
        former=incident.former,
        merged_into=incident.merged_into,
        merged=incident.absorbed,
        split_off=tuple(dict.fromkeys(incident.split_off.values())),
        severity_because=incident.severity_because,
        severity_quoted=_quoted(incident, runbook),
        standing=standing(incident, loaded, names, times, asked.me),
        looked=_looked(loaded, incident, asked),
        diagnostics=tuple(steps.line(step) for step in entry.diagnostics) if entry else (),
        branches=tuple(steps.choice(branch) for branch in entry.resolution) if entry else (),
        over_when=tuple((note.text, note.line) for note in entry.resolved_when) if entry else (),
        runbook=runbook.path.rpartition("/")[2],
        version=short_sha(runbook.sha256),
        commands=tuple(steps.line(step) for step in runbook.commands),
        can_approve=at_a_page(asked.principal),
        tell=telling(incident, loaded.world, asked),
        who=rungs(incident, loaded, receipts, asked),
        because=incident.because,
        matched=_matched(incident, loaded, runbook),
        timeline=tuple(_told(loaded.facts, names, times)),
        faults=faults(loaded.timeline.rows, incident.hash, incident.seq),
        severities=tuple(badge(runbook, severity) for severity in severity_ids(runbook)),
        levels=ladder.names(),
        next_level=ladder.next_level(),
        as_of=times.hms(times.now),
        place=times.place,
        say=_say(incident, shown_badge, names),
        **_around(incident, beside.open, loaded.world.settings),
        silence=_silence(loaded, incident),
    )


def _told(facts: tuple[Fact, ...], names: Names, times: Times) -> Iterator[Told]:
    """Give the timeline, latest first; many alerts that joined one after the other are one line that opens."""
    for joined, found in groupby(reversed(facts), key=lambda fact: isinstance(fact.body, AlertJoined)):
        run = [Entry(fact.seq, times.hms(fact.at), sentence(fact, names, times), fact.hash) for fact in found]
        if joined and len(run) > _MOST_JOINED:
            yield Told(tuple(run), f"{len(run)} alerts joined since {run[-1].at}")
        else:
            yield from (Told((one,)) for one in run)


def _around(
    incident: Incident, known: tuple[IncidentView, ...], settings: Settings
) -> dict[str, tuple[IncidentView, ...]]:
    """Give what is open now that it may be a consequence of, and what may be its consequence."""
    if incident.status == "resolved":
        return {}
    of = incident.incident_type
    return {"causes": causes(of, known, settings), "consequences": consequences(of, known, settings)}


def _say(incident: Incident, shown: Badge, names: Names) -> str:
    """Give what a screen reader is told when it changes: owner, severity and level, never seconds."""
    called = f" {incident.level} was called." if incident.level else ""
    return f"{shown.id}. {_has_it(incident, names)}.{called}"


def badge(runbook: Runbook, severity_id: str) -> Badge:
    """Give a severity as shown."""
    known = runbook.severity(severity_id)
    name = (known.name or "") if known else ""
    return Badge(severity_id, name, min(severity_rank(runbook, severity_id), _LEAST_URGENT))


def _state(incident: Incident, me: str) -> str:
    if incident.status == "resolved":
        return "resolved"
    mark = incident.acknowledged
    if mark is None:
        return "nobody"
    return "mine" if mark.by == me else "theirs"


def _joined(loaded: Loaded, incident: Incident, me: str) -> bool:
    noted = (fact for fact in loaded.facts if fact.seq > incident.began_seq and isinstance(fact.body, Noted))
    return any(fact.body.by == me for fact in noted)


def _has_it(incident: Incident, names: Names) -> str:
    if incident.status == "resolved":
        return "Resolved"
    mark = incident.acknowledged
    return names.has_it(mark.by if mark else None)


def _quoted(incident: Incident, runbook: Runbook) -> bool:
    """Give whether the reason of the severity is in the runbook's own words: those are set in its typeface."""
    known = runbook.severity(incident.severity)
    return known is not None and any(one.text == incident.severity_because.text for one in known.criteria)


def _alerted(loaded: Loaded) -> Alerted | None:
    if loaded.alert is None:
        return None
    alert = loaded.alert.alert
    links = [_link(to, alert.link_texts.get(to)) for to in alert.all_links if _is_web(to)]
    known = {
        "source": alert.source,
        "component": alert.component,
        "group": alert.group,
        "class": alert.alert_class,
        "client": alert.client,
    }
    details = [(name, value) for name, value in known.items() if value]
    return Alerted(alert.origin, loaded.alert.triggers, (*details, *alert.details.items()), tuple(links))


def _link(to: str, text: str | None) -> Link:
    return Link(to, text, urlsplit(to).hostname or "") if text else Link(to, to, "")


def _report_lines(heard: HeardOf, times: Times) -> tuple[ReportLine, ...]:
    latest = heard.said[:_MOST_REPORTS]
    return tuple(ReportLine(times.hm(one.at), one.text or one.symptom, one.contact) for one in latest)


def _change_line(change: ChangeEvent, incident: Incident) -> ChangeLine:
    link = next((link for link in change.links if _is_web(link)), "")
    origin = change.origin or change.source
    return ChangeLine(in_words(change.at, incident.opened_at), change.summary, origin, link)


def _alert_lines(loaded: Loaded, incident: Incident, times: Times) -> tuple[AlertLine, ...]:
    """Give its alerts, those that fire first."""
    lines = [_alert_line(state, incident, loaded.world.settings, times) for state in loaded.alerts]
    return tuple(sorted(lines, key=lambda line: not line.firing))


def _alert_line(state: AlertState, incident: Incident, settings: Settings, times: Times) -> AlertLine:
    other = incident.others.get(state.alert.group_key)
    why = f"Joined {times.hm(other.joined_at)}: {other.because.text}" if other else ""
    firing = state.status == "firing"
    quiet = quiet_at(state, settings, times.now)
    since = f"{'fires' if firing else 'over'} since {times.hm(state.changed_at)}"
    since += f"; it flaps, and is over once it is quiet until {times.hm(quiet)}" if quiet else ""
    line = other.because.line if other else None
    return AlertLine(
        state.alert.group_key, state.alert.summary, state.alert.source, firing, quiet is not None, since, why, line
    )


def _is_web(link: str) -> bool:
    """Give whether a link from outside is a web address: never a script."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _looked(loaded: Loaded, incident: Incident, asked: Asked) -> Looked:
    """Give how far the diagnostics got that ran by themselves."""
    bodies = [fact.body for fact in loaded.facts]
    chosen = next((body for body in reversed(bodies) if isinstance(body, DiagnosticsChosen)), None)
    if chosen is None:
        return Looked("", "")
    mine = {one.step for one in chosen.run}
    ran = [fact for fact in loaded.facts if isinstance(fact.body, StepRan) and fact.body.step in mine]
    ended = {fact.body.step for fact in ran if isinstance(fact.body, StepRan) and fact.body.how == "ended"}
    waits = any(incident.progress.steps[step].status == "chosen" for step in mine) and incident.status != "resolved"
    total = len(mine) + len(chosen.refused)
    return Looked(asked.times.hm(ran[-1].at) if ran else "", f"{len(ended)} of {total} ran", waits)


def _silence(loaded: Loaded, incident: Incident) -> str:
    """Give the address of the form that silences alerts like its own; "" where there is none, as of a declaration."""
    said = loaded.alert.alert if loaded.alert else None
    if said is None or said.declared_by:
        return ""
    given = {"entry": incident.incident_type or "", "component": said.component or ""}
    if incident.incident_type is None:
        given = {"source": said.source, "text": said.summary.partition("\n")[0][:_MOST_TEXT].strip()}
    return f"/app/silences?{urlencode({name: value for name, value in given.items() if value})}#new"


def _matched(incident: Incident, loaded: Loaded, runbook: Runbook) -> Matched:
    weighed = _weighed(incident, loaded, runbook)
    judged = incident.type_corrected is not None or incident.recalled
    entries = tuple((entry.id, entry.title, entry.line) for entry in runbook.incident_types)
    ranked = weighed.considered if weighed else ()
    others = [(runbook.incident_type(one.incident_type), one.score) for one in ranked]
    shown = [(one, score) for one, score in others if one and one.id != incident.incident_type]
    considered = [Considered(one.title, score, one.line) for one, score in shown]
    otherwise = weighed.otherwise if weighed and not judged else ()
    now, like = incident.incident_type or "", alike(likeness(loaded.alert.alert)) if loaded.alert else ""
    return Matched(tuple(considered[:_MOST_CONSIDERED]), otherwise, entries, now, judged, like)


def _weighed(incident: Incident, loaded: Loaded, runbook: Runbook) -> Match | None:
    """Weigh the entries again by the alert as it is now; None where that gives another entry than it was opened with.

    Where a person corrected it, what its words gave is shown beside.
    """
    if loaded.alert is None:
        return None
    found = assess(loaded.alert.alert, runbook, loaded.world.settings).found
    judged = incident.type_corrected is not None or incident.recalled
    same = found.incident_type == incident.incident_type or judged
    return found if same else None

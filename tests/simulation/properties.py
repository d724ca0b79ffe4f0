"""What must hold in every history, whatever befell the nodes."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import msgspec

from simulation.cluster import Cluster
from simulation.company import GROUPS, SEVERITIES
from simulation.node import now_of
from simulation.oracle import ROUNDS, Story, dues, gives_up_at
from tocsin.detection.alert import AlertState, Seen
from tocsin.errors import UnknownFact
from tocsin.incident import facts as f
from tocsin.incident.body import is_human
from tocsin.incident.chain import faults
from tocsin.incident.incident import fold
from tocsin.lifecycle import World, jobs_for
from tocsin.store import transactions as t
from tocsin.store.sqlite import perform, statements

LATE = 120.0
"""A lease that has to run out, a poll, slow answers and skewed clocks; a healthy call is never later than that."""

MINUTE, MESSAGES = 60.0, 8
"""Four at once, then one every twenty seconds."""

_SQL = statements()
Timelines = dict[str, tuple[f.Fact, ...]]


def timelines(cluster: Cluster) -> Timelines:
    """Give the facts of every incident."""
    return {
        head.number: cluster.ledger.facts(perform(cluster.store.db, _SQL, t.all_facts(head.number)))
        for head in perform(cluster.store.db, _SQL, t.heads())
    }


def broken_now(cluster: Cluster) -> list[str]:
    """Give a sentence for everything that must never be so, at any instant."""
    found = [*cluster.ledger.faults, *_chains(cluster), *_second_open(cluster)]
    found += [
        f"the worker of node {node.number} ended: {node.running.exception()!r}"
        for node in cluster.nodes
        if node.running is not None and node.running.done() and not node.process.dead
    ]
    if not found:
        for number, facts in timelines(cluster).items():
            if cluster.judged.get(number) != len(facts):
                found += [f"{number}: {text}" for text in _told(facts)]
                cluster.judged[number] = len(facts)
            found += [f"{number}: {text}" for text in _late(cluster, number, facts)]
    return found


def broken_at_the_end(cluster: Cluster) -> list[str]:
    """Give a sentence for everything that is wrong once all is healed and nothing is waiting any more."""
    found = broken_now(cluster) + cluster.ledger.unexplained() + list(_noisy(cluster))
    known = timelines(cluster)
    for number, facts in known.items():
        for wrong in (_unreached, _jobs, _unknown, _untold):
            found += [f"{number}: {text}" for text in wrong(cluster, number, facts)]
    found += [*_alerts(cluster, known), *_silences(cluster, known)]
    return found + list(_waiting(cluster))


# -- at any instant


def _chains(cluster: Cluster) -> Iterator[str]:
    for head in perform(cluster.store.db, _SQL, t.heads()):
        rows = perform(cluster.store.db, _SQL, t.all_facts(head.number))
        yield from (f"{head.number}: {text}" for text in faults(rows, head.hash, head.seq))
        for before, after in pairwise(rows):
            if after.at < before.at:
                yield f"{head.number}: time runs backwards at fact {after.seq}"


def _second_open(cluster: Cluster) -> Iterator[str]:
    rows = cluster.store.db.execute("SELECT group_key, count(*) FROM incident WHERE open GROUP BY group_key").fetchall()
    yield from (f"{group} has {count} open incidents" for group, count in rows if count > 1)
    query = "SELECT number FROM incident WHERE open AND number NOT IN (SELECT incident FROM member)"
    yield from (f"{number} is open and no alert is part of it" for (number,) in cluster.store.db.execute(query))


def _told(facts: tuple[f.Fact, ...]) -> Iterator[str]:
    """Read a timeline once, asking of every fact whether it was allowed by those before it."""
    called: Counter[tuple[str, int]] = Counter()
    for place, fact in enumerate(facts[1:], start=1):
        before = tuple(known for known in facts[:place] if not isinstance(known.body, f.Paged | f.PageFailed))
        match fact.body:
            case f.Escalated(level=level, round=number, people=people):
                called[level, number] += 1
                if called[level, number] > 1:
                    yield f"fact {fact.seq} calls {level} round {number} again"
                if not people:
                    yield f"fact {fact.seq} calls nobody"
                yield from _early(fact, level, before)
            case f.GaveUp():
                at = gives_up_at(before)
                if at is None or fact.at < at:
                    yield f"fact {fact.seq} gives up {'without reason' if at is None else f'before {at}'}"
            case f.SeverityChanged(by=by, after=after) if not by.startswith("person:"):
                yield from _not_louder(fact.seq, after, before)
            case f.Reopened() if Story(before).open:
                yield f"fact {fact.seq} reopens what is open"
    yield from _too_many(facts)
    yield from _steps_in_order(facts)


def _steps_in_order(facts: tuple[f.Fact, ...]) -> Iterator[str]:
    """A run is approved, announced once if it may change something, and ends once; it is lost only after that."""
    changes: dict[tuple[str, int], bool] = {}
    told: Counter[tuple[str, int, str]] = Counter()
    for fact in facts:
        if not isinstance(fact.body, f.StepApproved | f.StepStarted | f.StepRan | f.StepLost):
            continue
        run, kind = (fact.body.step, fact.body.run), type(fact.body).__name__
        told[*run, kind] += 1
        if told[*run, kind] > 1:
            yield f"fact {fact.seq} is the second {kind} of run {run[1]} of {run[0]}"
        if isinstance(fact.body, f.StepApproved):
            changes[run] = fact.body.changes
        elif run not in changes:
            yield f"fact {fact.seq} is about run {run[1]} of {run[0]}, which nobody approved"
        elif changes[run] and not told[*run, "StepStarted"]:
            yield f"fact {fact.seq} ends run {run[1]} of {run[0]}, which nobody announced"


def _early(fact: f.Fact, level: str, before: tuple[f.Fact, ...]) -> Iterator[str]:
    allowed = [due.at for due in dues(before) if due.level == level]
    if not allowed:
        yield f"fact {fact.seq} calls {level} without reason"
    elif fact.at < min(allowed):
        yield f"fact {fact.seq} calls {level} at {fact.at}, early: {min(allowed)} was agreed"


def _not_louder(seq: int, after: str, before: tuple[f.Fact, ...]) -> Iterator[str]:
    """An alert raises only above everything alerts said before, so it never undoes what a person lowered."""
    said = [SEVERITIES.index(before[0].body.severity)] if isinstance(before[0].body, f.Opened) else []
    current = Story(before).severity
    changes = [fact.body for fact in before if isinstance(fact.body, f.SeverityChanged)]
    said += [SEVERITIES.index(change.after) for change in changes if not change.by.startswith("person:")]
    if SEVERITIES.index(after) >= min([*said, SEVERITIES.index(current)]):
        yield f"fact {seq} makes it {after} although alerts had said as much before"


def _too_many(facts: tuple[f.Fact, ...]) -> Iterator[str]:
    kinds = Counter(type(fact.body) for fact in facts)
    beginnings = 1 + kinds[f.Reopened]
    calls = 8 * ROUNDS * beginnings + kinds[f.EscalationRequested] + 2 * kinds[f.Acknowledged]
    if kinds[f.Escalated] > calls:
        yield f"{kinds[f.Escalated]} calls are more than any ladder has"
    reasons = kinds[f.Escalated] + kinds[f.GaveUp] + kinds[f.Informed] + kinds[f.Reminded]
    if kinds[f.Paged] + kinds[f.PageFailed] > 16 * reasons:
        yield f"{kinds[f.Paged] + kinds[f.PageFailed]} pages for {reasons} calls and reminders"
    if kinds[f.GaveUp] > beginnings:
        yield f"gave up {kinds[f.GaveUp]} times in {beginnings} beginnings"


def _late(cluster: Cluster, number: str, facts: tuple[f.Fact, ...]) -> Iterator[str]:
    """While nothing hinders any node, a level that must be called is called."""
    if not cluster.calm:
        return
    moved = cluster.ledger.committed_at.get((number, facts[-1].seq), cluster.now)
    if max(moved, cluster.calm_since) + LATE > cluster.now:
        return
    late = now_of(cluster.now - LATE)
    yield from (f"{due.level} should have been called at {due.at}" for due in dues(facts) if due.firm and due.at < late)
    at = gives_up_at(facts)
    if at is not None and at < late:
        yield f"it should have given up at {at}"


# -- at the end


def _unreached(cluster: Cluster, number: str, facts: tuple[f.Fact, ...]) -> Iterator[str]:
    """Every person of a call that nobody answered was reached, or the fallback was in their place."""
    delivered = {accepted.key for accepted in cluster.ledger.accepted}
    told = {
        (fact.body.level, fact.body.round, fact.body.person, fact.body.method.partition(".")[0] == "fallback")
        for fact in facts
        if isinstance(fact.body, f.Paged) and _key(number, fact.body) in delivered
    }
    for fact in facts:
        if isinstance(fact.body, f.Paged) and _key(number, fact.body) not in delivered:
            yield f"fact {fact.seq} says that somebody was paged who was not"
        if any(
            isinstance(later.body, f.Acknowledged | f.Resolved | f.Reopened | f.Merged) for later in facts[fact.seq :]
        ):
            continue
        if isinstance(fact.body, f.GaveUp) and ("fallback", fact.seq, "fay", True) not in told:
            yield f"fact {fact.seq} gave up and the fallback was not paged"
        if isinstance(fact.body, f.Escalated):
            level, counted = fact.body.level, fact.body.round
            for who in fact.body.people:
                if (level, counted, who.person, False) not in told and (level, counted, "fay", True) not in told:
                    yield f"{who.person} was called as {level} (round {counted}) and never paged"


def _noisy(cluster: Cluster) -> Iterator[str]:
    """No process sends anybody more than a few messages a minute by one channel, however many pages there are."""
    lanes: dict[tuple[object, ...], list[float]] = {}
    for one in cluster.ledger.messages:
        lanes.setdefault((one.process, one.person, one.channel, one.kind), []).append(one.at)
    for lane, times in lanes.items():
        for first, last in zip(times, times[MESSAGES:], strict=False):
            if lane[3] in {"page", "notification"} and last - first < MINUTE:
                yield f"{lane} got more than {MESSAGES} messages within a minute, from {first:.1f} s on: too many"


def _key(number: str, body: f.Paged) -> str:
    return f"{number}/{body.round}/{body.level}/{body.person}/{body.method}"


def _jobs(cluster: Cluster, number: str, facts: tuple[f.Fact, ...]) -> Iterator[str]:
    """The jobs that wait are exactly those the facts ask for."""
    incident = fold(facts)
    if incident is None:
        raise UnknownFact(f"{number} has no facts")
    worlds = cluster.nodes[0].engine.worlds
    world = World(cluster.runbook_of(incident.runbook), worlds.settings)
    named = {(job.key, job.due) for job in jobs_for(incident, world)}
    there = {(job.key, job.due) for job in perform(cluster.store.db, _SQL, t.jobs_of(number))}
    yield from (f"{key} is wanted and does not wait to be done: stuck" for key, _ in sorted(named - there))
    yield from (f"{key} waits to be done and nobody wants it" for key, _ in sorted(there - named))


def _unknown(cluster: Cluster, number: str, facts: tuple[f.Fact, ...]) -> Iterator[str]:
    """Every step that changes something and was announced has its end, or its outcome is said to be unknown."""
    bodies = [fact.body for fact in facts]
    ran = {f"{number}/run/{body.step}/{body.run}" for body in bodies if isinstance(body, f.StepRan)}
    lost = {f"{number}/run/{body.step}/{body.run}" for body in bodies if isinstance(body, f.StepLost)}
    begun = {f"{number}/run/{body.step}/{body.run}" for body in bodies if isinstance(body, f.StepStarted)}
    executed = {key for key in cluster.ledger.executed if key.startswith(f"{number}/")}
    yield from (f"{key} was announced and nobody knows what came of it" for key in sorted(begun - ran - lost))
    yield from (f"{key} ran and was not announced" for key in sorted(executed - begun))
    for key in sorted(executed - cluster.ledger.returned):
        if key in ran or key not in lost:
            yield f"whoever ran {key} died meanwhile, and its outcome is not said to be unknown"
    if Story(facts).open:
        approved = {
            f"{number}/run/{body.step}/{body.run}"
            for body in bodies
            if isinstance(body, f.StepApproved) and body.changes
        }
        latest = {key for key in approved if int(key.rpartition("/")[2]) == _latest(approved, key)}
        yield from (f"{key} was approved and never run" for key in sorted(latest - begun))


def _latest(keys: set[str], key: str) -> int:
    step = key.rpartition("/")[0]
    return max(int(one.rpartition("/")[2]) for one in keys if one.rpartition("/")[0] == step)


def _untold(cluster: Cluster, number: str, facts: tuple[f.Fact, ...]) -> Iterator[str]:
    """Every update reached each of its channels under one key, or is said to have failed there, once.

    A node that stalled and the one that took over may both send it, and both say so.
    """
    delivered = {accepted.key for accepted in cluster.ledger.accepted}
    ends = [fact.body for fact in facts if isinstance(fact.body, f.UpdateSent | f.UpdateFailed)]
    for fact in facts:
        for channel in fact.body.channels if isinstance(fact.body, f.UpdatePosted) else ():
            key = f"{number}/update/{fact.seq}/{channel}"
            own = [end for end in ends if (end.update, end.channel) == (fact.seq, channel)]
            sent = sum(isinstance(end, f.UpdateSent) for end in own)
            if not own or len(own) - sent > 1:
                yield f"{key} has {len(own)} ends, {sent} of them good"
            if sent and key not in delivered:
                yield f"{key} is said to have been sent and was not"
            if any(isinstance(end, f.UpdateFailed) for end in own[1:]):
                yield f"{key} is said to have failed after it had ended"
            if cluster.ledger.keys_of.get(key, {key}) != {key}:
                yield f"{key} was sent under {sorted(cluster.ledger.keys_of[key])}"


def _waiting(cluster: Cluster) -> Iterator[str]:
    late = now_of(cluster.now) - timedelta(seconds=LATE)
    for held in perform(cluster.store.db, _SQL, t.jobs_due(late)):
        yield f"{held.job.key} has been due since {held.job.due} and is not done: stuck"


def _alerts(cluster: Cluster, known: Timelines) -> Iterator[str]:
    """No committed alert is without an incident, and none that is over keeps one open without a reason."""
    for (body,) in cluster.store.db.execute("SELECT state FROM alert").fetchall():
        state = msgspec.json.decode(body, type=AlertState)
        group = state.alert.group_key
        rows = cluster.store.db.execute("SELECT incident FROM member WHERE group_key = ?", (group,)).fetchall()
        own = [known[number] for (number,) in rows]
        if any(group not in _groups(facts) for facts in own):
            yield f"{group} is said to be part of an incident whose timeline does not say so"
        taken = cluster.taken.get(state.alert.dedup_key, 0)
        if state.triggers < taken:
            yield f"{group} counts {state.triggers} events, {taken} were taken"
        is_open = [facts for facts in own if Story(facts).open]
        if state.triggers and not own and not _came_and_went_in_silence(state):
            yield f"{group} fired and no incident opened: lost"
        elif state.status == "firing" and not is_open and not (own and _covered(own[-1], state)):
            yield f"{group} is firing and its incident is closed: lost"
        elif state.status == "resolved" and is_open and not _kept_open(cluster, is_open[0], state):
            yield f"{group} is over and its incident stays open"
    for group in GROUPS:
        rows = cluster.store.db.execute("SELECT 1 FROM alert WHERE group_key = ?", (f"monitor/{group}",)).fetchall()
        if cluster.taken[group] and not rows:
            yield f"{group} was taken in and is not there: lost"


def _silences(cluster: Cluster, known: Timelines) -> Iterator[str]:
    """What silence means was noticed, and once: an ended lease ends its alert, a beat that does not come fires one."""
    facts = [fact for one in known.values() for fact in one]
    for (body,) in cluster.store.db.execute("SELECT state FROM alert").fetchall():
        state = msgspec.json.decode(body, type=AlertState)
        group, fires = state.alert.group_key, state.status == "firing"
        if fires and state.alert.lease_until is not None:
            yield f"{group} fires although its lease ended at {state.alert.lease_until}: never noticed"
        if state.resolutions + fires != state.flaps + (state.triggers > 0):
            yield f"{group} fired {state.flaps + 1} times and ended {state.resolutions} times"
        ends = sum(isinstance(fact.body, f.Resolved) and _about(fact.body, group, known) for fact in facts)
        if ends > state.resolutions:
            yield f"{group} ended {state.resolutions} times and resolved incidents {ends} times"
        opened = [fact.body for fact in facts if isinstance(fact.body, f.Opened) and fact.body.group_key == group]
        begins = sum(not is_human(body.by) for body in opened)  # who splits alerts off opens one without an event
        if begins > state.triggers:
            yield f"{group} opened {begins} incidents with {state.triggers} events"
        if state.beats is not None:
            yield from _beats(cluster, state)


def _about(body: f.Resolved, group: str, known: Timelines) -> bool:
    """Give whether an incident was resolved because that group's alert ended."""
    if body.cause != "alert" or body.group_key:
        return body.cause == "alert" and body.group_key == group
    own = next(one[0].body for one in known.values() if any(fact.body is body for fact in one))
    return isinstance(own, f.Opened) and own.group_key == group


def _beats(cluster: Cluster, state: AlertState) -> Iterator[str]:
    """The last beat was followed by none, which fires: once for each time that one was awaited."""
    heard, failed = cluster.beats.total(), cluster.beats["fail"]
    if state.status != "firing" or (state.beats and state.beats.due):
        yield f"{state.alert.group_key} is silent and nobody noticed"
    if not 1 <= state.triggers <= heard + failed:
        yield f"{state.alert.group_key} fired {state.triggers} times after {heard} beats, {failed} of them failures"


def _came_and_went_in_silence(state: AlertState) -> bool:
    return state.held is not None and state.status == "resolved" and state.held.triggers >= state.triggers


def _covered(facts: tuple[f.Fact, ...], state: AlertState) -> bool:
    ends = [fact.body for fact in facts if isinstance(fact.body, f.Resolved)]
    if facts and Story(facts).open:
        return False
    if not ends or ends[-1].cause != "person":
        return False
    own = isinstance(facts[0].body, f.Opened) and facts[0].body.group_key == state.alert.group_key
    seen = ends[-1].seen if own else ends[-1].others.get(state.alert.group_key, Seen())
    return seen.triggers >= state.triggers


def _groups(facts: tuple[f.Fact, ...]) -> set[str]:
    """Give the groups whose alerts were ever part of an incident."""
    first = facts[0].body
    joined = {fact.body.group_key for fact in facts if isinstance(fact.body, f.AlertJoined)}
    joined |= {group for fact in facts if isinstance(fact.body, f.Absorbed) for group in fact.body.alerts}
    return joined | ({first.group_key} if isinstance(first, f.Opened) else set())


def _kept_open(cluster: Cluster, facts: tuple[f.Fact, ...], state: AlertState) -> bool:
    first = facts[0].body
    number = first.number if isinstance(first, f.Opened) else ""
    query = "SELECT 1 FROM member JOIN alert USING (group_key) WHERE incident = ? AND status = 'firing'"
    if cluster.store.db.execute(query, (number,)).fetchall():
        return True  # others of it fire
    reopenings = [fact.body for fact in facts if isinstance(fact.body, f.Reopened)]
    if Story(facts).restricted or sum(body.automatic for body in reopenings) >= 3:
        return True
    began = Story(facts).began.body
    if not isinstance(began, f.Reopened) or began.automatic:
        return False
    own = isinstance(first, f.Opened) and first.group_key == state.alert.group_key
    seen = began.seen if own else began.others.get(state.alert.group_key, Seen())
    return seen.resolutions >= state.resolutions

"""What a store should answer, kept in plain dictionaries: written apart from the SQL it is compared with."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from integration.store.stores import Spot, Told
from tocsin.detection.alert import Alert, AlertState, transition
from tocsin.incident.jobs import Claimed, Job, Turn


class ModelJob(msgspec.Struct):
    """One row."""

    job: Job
    not_before: datetime | None = None
    attempts: int = 0
    generation: int = 1
    token: str = ""
    until: datetime | None = None

    def free(self, now: datetime) -> bool:
        waits = self.job.due > now or (self.not_before is not None and self.not_before > now)
        return not waits and (self.until is None or self.until <= now)

    @property
    def possible(self) -> datetime:
        """Give when it can be taken."""
        return max(at for at in (self.job.due, self.not_before, self.until) if at is not None)


class ModelIncident(NamedTuple):
    """One incident's head."""

    group: str
    ordinal: int
    open: bool
    spot: Spot


class Model:
    """The same promises without a database."""

    def __init__(self) -> None:
        self.alerts: dict[str, AlertState] = {}
        self.jobs: dict[str, ModelJob] = {}
        self.incidents: dict[str, ModelIncident] = {}
        self.receipts: dict[str, int] = {}
        self.members: dict[str, str] = {}

    def ingest(self, alerts: list[Alert], now: datetime) -> None:
        turns: set[str] = set()
        for alert in sorted(alerts, key=lambda alert: alert.group_key):
            key = alert.group_key
            turn = self.jobs.get(f"turn/{key}")
            busy = self.open_of(key) is not None or (turn is not None and not turn.token)
            idle, deciding = not busy and key not in turns, turn is not None
            change = transition(self.alerts.get(key), alert, idle=idle, deciding=deciding, now=now)
            if change is not None:
                self.alerts[key] = change.state
                turns |= {key} if change.nudge else set()
        for key in turns:
            self.nudge(key, now)

    def nudge(self, group: str, now: datetime) -> None:
        key = f"turn/{group}"
        if key not in self.jobs:
            self.jobs[key] = ModelJob(Job(key=key, owner=f"group/{group}", due=now, do=Turn(group_key=group)))
            return
        row = self.jobs[key]
        row.generation += 1
        row.not_before = None
        row.job = msgspec.structs.replace(row.job, due=min(now, row.job.due))

    def open_of(self, group: str) -> str | None:
        return next((number for number, one in self.incidents.items() if one.group == group and one.open), None)

    def claim(self, now: datetime, token: str, until: datetime) -> ModelJob | None:
        free = [row for row in self.jobs.values() if row.free(now)]
        if not free:
            return None
        row = min(free, key=lambda row: (row.job.rank, row.job.due, row.job.key))
        row.attempts += 1
        row.token, row.until = token, until
        return row

    def held(self, claimed: Claimed) -> ModelJob | None:
        row = self.jobs.get(claimed.job.key)
        return row if row is not None and row.token == claimed.token else None

    def release(self, claimed: Claimed, not_before: datetime) -> None:
        row = self.held(claimed)
        if row is not None:
            row.token, row.until, row.not_before = "", None, not_before

    def complete_turn(self, claimed: Claimed, now: datetime) -> None:
        row = self.held(claimed)
        if row is not None and row.generation == claimed.generation:
            del self.jobs[claimed.job.key]
        else:
            self.release(claimed, now)

    def refusal(self, told: Told) -> str | None:
        """Give the error this commit meets, or None."""
        known = self.incidents.get(told.number)
        if told.after.rev == 0:
            taken = known or any(one.ordinal == told.ordinal for one in self.incidents.values())
            first = bool(taken or (told.open and self.open_of(told.group)))
        else:
            first = known is None or known.spot.rev != told.after.rev
            if not first and told.open and self.open_of(told.group) not in {None, told.number}:
                return "Refused"
        fired = told.group in self.alerts and self.alerts[told.group].triggers > told.triggers
        return "Conflict" if first or (fired and not told.open) else None

    def commit(self, told: Told) -> None:
        if (told.after.rev == 0 or told.open) and self.open_of(told.group) in {None, told.number}:
            self.members[told.group] = told.number
        self.incidents[told.number] = ModelIncident(told.group, told.ordinal, told.open, told.spot)
        self.receipts[told.number] = self.receipts.get(told.number, 0) + len(told.receipts)
        mine, named = told.held.token if told.held else "", {job.key for job in told.jobs}
        for key, row in list(self.jobs.items()):
            others = row.until is not None and row.until > told.now and row.token != mine
            if row.job.owner == told.number and key not in named and not others:
                del self.jobs[key]
        for job in told.jobs:
            if job.key in self.jobs:
                self.jobs[job.key].job = job
            else:
                self.jobs[job.key] = ModelJob(job)
        if told.held is not None:
            if isinstance(told.held.job.do, Turn):
                self.complete_turn(told.held, told.now)
            else:
                self.release(told.held, told.now)

    def next_due(self) -> datetime | None:
        return min((row.possible for row in self.jobs.values()), default=None)

"""What was already read of timelines: a fact never changes, so none is decoded, folded or asked what follows twice."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tocsin.incident.chain import Row, unlink
from tocsin.incident.facts import Fact
from tocsin.incident.incident import Incident, apply
from tocsin.incident.jobs import Job
from tocsin.incident.world import World

_INCIDENTS = 512
"""So many timelines are kept, those used last."""


class _Wanted(NamedTuple):
    """What an incident wanted done after the fact with that hash, in that world."""

    head: str
    world: World
    jobs: tuple[Job, ...]


class _Known(NamedTuple):
    facts: tuple[Fact, ...]
    incident: Incident | None


_NOTHING = _Known((), None)


class Memory:
    """The timelines read last. What is stored decides: a timeline that does not go on from here is read anew."""

    def __init__(self) -> None:
        """Know nothing."""
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._wanted: OrderedDict[str, _Wanted] = OrderedDict()

    def understand(self, number: str | None, rows: Sequence[Row]) -> tuple[tuple[Fact, ...], Incident | None]:
        """Give the facts of a timeline and the incident they make. Raises UnknownFact of a newer version."""
        if number is None or not rows:
            return _NOTHING
        known = self._known.get(number, _NOTHING)
        if not _goes_on(known, rows):
            known = _NOTHING
        facts, incident = known
        for row in rows[len(facts) :]:
            fact = unlink(row)
            facts, incident = (*facts, fact), apply(incident, fact)
        self._remember(number, _Known(facts, incident))
        return facts, incident

    def learn(self, incident: Incident, facts: tuple[Fact, ...]) -> None:
        """Remember a timeline that was committed here: its facts need not be read back to be known."""
        self._remember(incident.number, _Known(facts, incident))

    def recall(self, number: str, head: str) -> tuple[tuple[Fact, ...], Incident | None] | None:
        """Give the same without rows where the timeline is known up to the fact with that hash, else None."""
        known = self._known.get(number)
        return (known.facts, known.incident) if known and known.facts and known.facts[-1].hash == head else None

    def want(self, incident: Incident, world: World, jobs: tuple[Job, ...]) -> None:
        """Remember what an incident wants done: the job that is due is claimed next, and asks for it again."""
        self._wanted[incident.number] = _Wanted(incident.hash, world, jobs)
        self._wanted.move_to_end(incident.number)
        if len(self._wanted) > _INCIDENTS:
            self._wanted.popitem(last=False)

    def wanted(self, incident: Incident | None, world: World) -> tuple[Job, ...] | None:
        """Give that if nothing happened since, in the incident or to its world; None where it is not known."""
        known = self._wanted.get(incident.number) if incident else None
        if known is None or incident is None or known.head != incident.hash:
            return None
        same = known.world.runbook is world.runbook and known.world.settings is world.settings
        return known.jobs if same else None

    def open(self) -> Iterator[tuple[tuple[Fact, ...], Incident]]:
        """Give the incidents that were open when they were last read, with their facts."""
        for facts, incident in tuple(self._known.values()):
            if incident is not None and incident.status != "resolved":
                yield facts, incident

    def _remember(self, number: str, known: _Known) -> None:
        self._known[number] = known
        self._known.move_to_end(number)
        if len(self._known) > _INCIDENTS:
            self._known.popitem(last=False)


def _goes_on(known: _Known, rows: Sequence[Row]) -> bool:
    """Give whether these rows begin with what is known; each hash stands for everything before it."""
    count = len(known.facts)
    return count <= len(rows) and (count == 0 or rows[count - 1].hash == known.facts[-1].hash)

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tocsin.detection.alert import Seen
from tocsin.engine.appending import append
from tocsin.engine.memory import Memory
from tocsin.errors import UnknownFact
from tocsin.incident import facts as f
from tocsin.incident.chain import Row, unlink
from tocsin.incident.incident import fold
from tocsin.incident.world import World
from tocsin.lifecycle import jobs_for
from unit.timeline import SETTINGS, policy

AT = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)
OPENED = f.Opened(
    by="source:monitor",
    number="INC-2026-0001",
    group_key="monitor/till",
    title="Till",
    summary="The till is down",
    incident_type=None,
    severity="P1",
    restricted=False,
    runbook="a" * 64,
    because=(),
    severity_because=f.Because("so it is"),
    score=1.0,
    seen=Seen(),
)


def rows(*texts: str) -> tuple[Row, ...]:
    """A timeline: opened, then a note for each text."""
    incident, made = append(None, (OPENED,), AT, lambda: b"salt")
    for minute, text in enumerate(texts, start=1):
        note = f.Noted(by="person:ada", text=text)
        incident, more = append(incident, (note,), AT + timedelta(minutes=minute), lambda: b"salt")
        made += more
    return made


def test_what_is_remembered_is_what_a_reading_from_the_first_fact_gives() -> None:
    memory = Memory()
    for length in (2, 3, 3, 5):
        made = rows("one", "two", "three", "four")[:length]
        facts, incident = memory.understand("INC-2026-0001", made)
        assert facts == tuple(unlink(row) for row in made)
        assert incident == fold(facts)


def test_a_timeline_that_went_another_way_is_read_anew() -> None:
    memory = Memory()
    memory.understand("INC-2026-0001", rows("one", "two"))
    other = rows("one", "another", "three")
    assert memory.understand("INC-2026-0001", other)[0] == tuple(unlink(row) for row in other)
    assert memory.understand("INC-2026-0001", rows("one"))[0] == tuple(unlink(row) for row in rows("one"))


def test_a_fact_of_a_newer_version_is_refused_however_often_it_is_read() -> None:
    memory = Memory()
    made = rows("one", "two")
    memory.understand("INC-2026-0001", made[:2])
    newer = (*made[:2], msgspec.structs.replace(made[2], kind="Teleported"))
    for _ in range(2):
        with pytest.raises(UnknownFact):
            memory.understand("INC-2026-0001", newer)


def test_only_the_timelines_read_last_are_kept() -> None:
    memory = Memory()
    made = rows("one")
    first = memory.understand("INC-0", made)[0]
    assert memory.understand("INC-0", made)[0][0] is first[0]
    for number in range(1, 600):
        memory.understand(f"INC-{number}", made)
    assert memory.understand("INC-0", made)[0][0] is not first[0]


def test_what_an_incident_wants_is_remembered_until_something_happens_in_it_or_to_its_world() -> None:
    memory, world = Memory(), World(policy(), SETTINGS)
    incident, other = fold(map(unlink, rows("one"))), fold(map(unlink, rows("one", "two")))
    assert incident is not None
    wanted = jobs_for(incident, world)
    memory.want(incident, world, wanted)
    assert memory.wanted(incident, World(*world)) is wanted
    assert memory.wanted(other, world) is None
    assert memory.wanted(incident, world._replace(settings=msgspec.structs.replace(SETTINGS))) is None

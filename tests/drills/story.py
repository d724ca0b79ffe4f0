"""The words the stories are told in: an alert, some minutes, who is paged, what somebody does.

Instants are written as hours and minutes since the story began ("1:15"), with seconds where they matter, or, where
the calendar does ("Mon 9 Mar 09:00"), in the local time of the story. A page reads "0:15 jonas". Everything that was
heard is taken once: `pages()` and `told()` give only what came since they were last asked, so a page that no line of
a story speaks of shows up in the next one.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tocsin.channels.message import SendFailed
from tocsin.detection.alert import Action
from tocsin.drill.channel import Sent
from tocsin.drill.rehearsal import Rehearsal
from tocsin.engine.ports import Store
from tocsin.incident import wishes as w
from tocsin.incident.facts import Fact, FactBody
from tocsin.incident.incident import Incident
from tocsin.runbook.policy import Runbook
from tocsin.settings import Person, ReachStep, Settings

PUSH = (ReachStep(via=("push",)),)
PEOPLE = {
    name: Person(id=name, name=name.title(), reach=PUSH)
    for name in ("mira", "jonas", "lena", "eva", "lea", "sam", "falk")
}
ROLES = {"L1": ("mira",), "L2": ("jonas",), "L3": ("lena",), "CTO": ("eva",), "Legal": ("lea",)}
ROLES["Security team"] = ("sam",)


def settings(**changes: object) -> Settings:
    """Give the team every story plays in: one person a level, and Falk for what nobody else gets."""
    usual: dict[str, object] = {"people": PEOPLE, "roles": ROLES, "fallback": ("falk",)}
    return Settings(**(usual | changes))  # type: ignore[arg-type]


def reached_by(name: str, *steps: tuple[str, int]) -> dict[str, Person]:
    """Give the team with another way of reaching one of them: channels ("push chat") and minutes to wait."""
    reach = tuple(ReachStep(via=tuple(via.split()), wait=timedelta(minutes=wait)) for via, wait in steps)
    return PEOPLE | {name: Person(id=name, name=name.title(), reach=reach)}


class Document(NamedTuple):
    """A runbook the stories are played with."""

    body: bytes
    policy: Runbook


class Story:
    """One story: its team, its clock, and what has been heard so far."""

    def __init__(self, document: Document, team: Settings, at: datetime, zone: str, store: Store | None = None) -> None:
        self.rehearsal = Rehearsal(document.body, team, at, store=store)
        self.policy = document.policy
        self.began, self._zone = at, ZoneInfo(zone)
        self._heard: set[int] = set()
        self._by_calendar = False

    # -- what happens

    async def alert(
        self,
        incident_type: str | None = "sequencer-down",
        severity: str | None = None,
        *,
        summary: str = "It is broken",
        key: str = "trouble",
        action: Action = "trigger",
        severity_word: str = "error",
    ) -> None:
        """Let the monitor send an event about an incident of that type, or None of the entries, and that severity."""
        words = {"incident_type": incident_type, "wanted_severity": severity}
        given = {name: word for name, word in words.items() if word}
        await self.rehearsal.alert(summary, key=key, action=action, severity=severity_word, **given)

    async def all_clear(self, key: str = "trouble") -> None:
        """Let the monitor say that it is over."""
        await self.rehearsal.alert("", key=key, action="resolve")

    async def until(self, clock: str) -> None:
        """Let time pass up to an instant of the story, doing each thing when it is due."""
        await self.rehearsal.let_pass(self.began + _since(clock) - self.rehearsal.clock.now())

    async def until_day(self, day: str) -> None:
        """Let time pass up to a local "2026-03-09 09:00"."""
        end = datetime.fromisoformat(day).replace(tzinfo=self._zone)
        await self.rehearsal.let_pass(end - self.rehearsal.clock.now())

    async def outage_until(self, clock: str) -> None:
        """Let time pass while nothing works, then start again."""
        self.rehearsal.clock.move_to(self.began + _since(clock))
        await self.rehearsal.settle()

    async def acknowledges(self, who: str) -> Incident:
        """Let a person take the incident."""
        return await self.wishes(w.Acknowledge(by=f"person:{who}"))

    async def resolves(self, who: str) -> Incident:
        """Let a person end the incident."""
        return await self.wishes(w.Resolve(by=f"person:{who}"))

    async def reopens(self, who: str) -> Incident:
        """Let a person say that it is not over."""
        return await self.wishes(w.Reopen(by=f"person:{who}"))

    async def escalates(self, who: str, level: str | None = None) -> Incident:
        """Let a person call the next level, or that one."""
        return await self.wishes(w.Escalate(by=f"person:{who}", level=level))

    async def makes_it(self, who: str, severity: str) -> Incident:
        """Let a person change the severity."""
        return await self.wishes(w.ChangeSeverity(by=f"person:{who}", severity=severity, because="it looks like it"))

    async def wishes(self, wish: w.Wish) -> Incident:
        """Let a person act on the latest incident."""
        return await self.rehearsal.act(await self.number(), wish)

    def breaks(self, channel: str, *, for_good: bool = False) -> None:
        """Let a channel fail from now on; "for good" failures are not worth another attempt."""
        self.rehearsal.channels[channel].failing = SendFailed("it is down", permanent=for_good)

    def works_again(self, channel: str) -> None:
        """Let a channel send again."""
        self.rehearsal.channels[channel].failing = None

    # -- what is heard

    def by_calendar(self) -> None:
        """Write instants as local dates from now on."""
        self._by_calendar = True

    def pages(self, *, via: bool = False) -> list[str]:
        """Give who was paged since this was last asked, in order; `via` names the channel too."""
        return [
            f"{self.when(sent.at)} {sent.person}{f' by {sent.channel}' if via else ''}" for sent in self.take("page")
        ]

    def told(self) -> list[str]:
        """Give who was told without being woken since this was last asked."""
        heard = self.take("notification")
        return [f"{self.when(sent.at)} {sent.person}" for sent in heard if not sent.message.data.get("reminder")]

    def take(self, *kinds: str) -> list[Sent]:
        """Give the messages of these kinds since they were last asked for; those of one instant by person."""
        found = [
            (place, sent)
            for place, sent in enumerate(self.rehearsal.sent)
            if sent.message.kind in kinds and place not in self._heard
        ]
        self._heard |= {place for place, _ in found}
        return sorted((sent for _, sent in found), key=lambda sent: (sent.at, sent.person))

    def when(self, at: datetime) -> str:
        """Give an instant as stories write it."""
        if self._by_calendar:
            local = at.astimezone(self._zone)
            return f"{local:%a} {local.day} {local:%b %H:%M}"
        seconds = round((at - self.began).total_seconds())
        clock = f"{seconds // 3600}:{seconds // 60 % 60:02}"
        return f"{clock}:{seconds % 60:02}" if seconds % 60 else clock

    # -- what is recorded

    async def number(self) -> str:
        """Give the number of the latest incident."""
        return (await self.rehearsal.numbers())[-1]

    async def incident(self) -> Incident:
        """Give the latest incident."""
        found = (await self.rehearsal.incident(await self.number())).incident
        assert found is not None
        return found

    async def facts(self, *kinds: type[FactBody]) -> list[Fact]:
        """Give the facts of the latest incident, of these kinds only when some are named."""
        facts = (await self.rehearsal.incident(await self.number())).facts
        return [fact for fact in facts if not kinds or isinstance(fact.body, kinds)]

    async def next_call(self) -> str:
        """Give what the latest incident waits for: "0:15 L2", or "" when no level is to be called."""
        due = [job for job in (await self.rehearsal.incident(await self.number())).jobs if "/call/" in job.key]
        first = min(due, key=lambda job: job.due, default=None)
        return f"{self.when(first.due)} {first.key.split('/')[2]}" if first else ""


Begin = Callable[..., Awaitable[Story]]
"""`await begin(...)`: a team's settings as keywords, and `at`, the local instant it begins."""


def _since(clock: str) -> timedelta:
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)

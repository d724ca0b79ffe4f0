"""A drill in memory: each entry broken in each way, answered by somebody who does what the runbook says.

The engine and the store are the real ones and the clock is moved: nothing leaves, nothing is run, nothing is kept.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import msgspec

from tocsin.communication.known import known_values
from tocsin.communication.purpose import template_for
from tocsin.communication.status_page import publishable, shown_severities
from tocsin.communication.template import ASKED, fill
from tocsin.drill.channel import Sent
from tocsin.drill.rehearsal import MONDAY_MORNING, Rehearsal
from tocsin.drill.replay_store import ReplayStore
from tocsin.drill.runner import printed
from tocsin.drill.score import Score, judged
from tocsin.drill.variants import Variant, check_entries, variants
from tocsin.engine.engine import Loaded
from tocsin.errors import NotFound, TocsinError
from tocsin.explanation.binding import bound
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.incident.incident import Incident
from tocsin.runbook.policy import Runbook
from tocsin.runner.command import Command, Outcome
from tocsin.settings import Settings

ANSWERS_AFTER = timedelta(minutes=2)
"""So long after the first page somebody answers it."""

WORKS_FOR = timedelta(minutes=10)
"""So long it takes to put it right."""

LONGEST = timedelta(days=4)
"""So long after it broke a page is waited for: what is not urgent waits for a business day, and there are holidays."""

_RAN = printed("rehearsed, nothing was run")


def chosen(runbook: Runbook, settings: Settings, entries: Sequence[str]) -> Iterator[Variant]:
    """Give the variants of these entries, of all without any. Raises UsageError for an entry the document has not."""
    check_entries(entries, runbook, settings)
    for entry in bound(runbook, settings).incident_types:
        if not entries or entry.id in entries:
            yield from variants(entry, runbook, settings, MONDAY_MORNING)


async def rehearse(document: bytes, runbook: Runbook, settings: Settings, variant: Variant) -> Score:
    """Give what came of one variant."""
    return await _Drill(document, runbook, settings, variant).play()


class _Obliging:
    """Runs nothing, and says of each command that it ended well: what may run by itself is the guard's to say."""

    async def run(self, _: Command) -> Outcome:
        return _RAN


class _Drill:
    """One variant, from the moment it breaks until its review."""

    def __init__(self, document: bytes, runbook: Runbook, settings: Settings, variant: Variant) -> None:
        self._variant, self._runbook, self._settings = variant, runbook, settings
        self._rehearsal = Rehearsal(document, settings, runner=_Obliging(), store=ReplayStore())
        self._score = Score(incident_type=variant.entry.id, variant=variant.name, passed=False)
        self._because: list[str] = [f"rests on {variant.says}"]
        self._number = self._who = ""

    async def play(self) -> Score:
        await self._rehearsal.begin()
        if await self._breaks():
            await self._is_answered()
            await self._is_over()
        score = msgspec.structs.replace(self._score, because=tuple(self._because))
        severities = [severity.id for severity in self._runbook.severities]
        return judged(score, self._variant.expect, severities, self._variant.least)

    def _scores(self, **what: object) -> None:
        self._score = msgspec.structs.replace(self._score, **what)

    def _passed(self) -> float:
        """Give the seconds since it broke."""
        return self._rehearsal.clock.monotonic()

    async def _loaded(self) -> Loaded:
        return await self._rehearsal.incident(self._number)

    async def _incident(self) -> Incident:
        incident = (await self._loaded()).incident
        if incident is None:
            raise NotFound(f"there is no incident {self._number}")
        return incident

    async def _wishes(self, wish: w.Wish) -> bool:
        """Let a person act; give whether they could, and keep why not."""
        try:
            await self._rehearsal.act(self._number, wish)
        except TocsinError as error:
            self._because.append(str(error))
            return False
        return True

    # -- it breaks, and somebody is paged

    async def _breaks(self) -> bool:
        """Let it be noticed; give whether an incident came of it."""
        if self._variant.begins is None:
            return False
        await self._rehearsal.let_pass(self._variant.noticed)
        await self._rehearsal.take(self._variant.begins)
        self._scores(detected=self._passed())
        numbers = await self._rehearsal.numbers()
        if not numbers:
            self._because.append("no incident was opened")
            return False
        self._number = numbers[0]
        opened = next(fact.body for fact in (await self._loaded()).facts if isinstance(fact.body, f.Opened))
        self._scores(matched=opened.incident_type == self._variant.entry.id, severity=opened.severity)
        self._because += [why.text for why in opened.because]
        return True

    async def _is_answered(self) -> None:
        """Let whoever is paged first acknowledge, with what the diagnostics show, and tell people."""
        paged = await self._rehearsal.let_pass_until(lambda: self._first_page() is not None, LONGEST)
        if not paged:
            return
        self._scores(paged=self._passed())
        page = self._first_page()
        self._who = f"person:{page.person}" if page else ""
        await self._rehearsal.let_pass(ANSWERS_AFTER)
        if await self._wishes(w.Acknowledge(by=self._who, via="page")):
            self._scores(acknowledged=self._passed())
        await self._diagnostics()
        await self._tell()

    def _first_page(self) -> Sent | None:
        return next((sent for sent in self._rehearsal.sent if sent.message.kind == "page"), None)

    async def _diagnostics(self) -> None:
        """Count which diagnostics ran by themselves, and say why others did not."""
        steps = [step for step in self._variant.entry.diagnostics if step.kind == "command"]
        if not steps or not self._score.matched:
            return
        states = (await self._incident()).progress.steps
        ran = [step for step in steps if step.id in states and states[step.id].ran is not None]
        for step in steps:
            refused = states[step.id].refused if step.id in states else None
            if refused is not None:
                self._because.append(f"“{step.title}” (line {step.line}) does not run by itself: {refused.because}")
        self._scores(diagnostics=f"{len(ran)}/{len(steps)}")

    async def _tell(self) -> None:
        """Post an update in the words of the document, with the blanks filled in."""
        incident = await self._incident()
        public = publishable(incident, shown_severities(self._runbook, self._settings.status_page))
        template = template_for(self._runbook, "public" if public else "internal")
        if template is None:
            self._because.append("the document has no words for an update; the title was said")
        values = known_values(incident, self._runbook, page=self._settings.status_page)
        text = ASKED.sub(r"(\1)", fill(template, values).text) if template else incident.title
        posting = w.Post(by=self._who, status="identified", public=public, title=incident.title, text=text)
        self._scores(told=await self._wishes(posting))

    # -- it is put right

    async def _is_over(self) -> None:
        """Let it be put right, resolved by whoever has it, and reviewed."""
        await self._rehearsal.let_pass(WORKS_FOR + self._variant.over)
        if self._variant.ends is not None:
            await self._rehearsal.take(self._variant.ends)
        alert = (await self._loaded()).alert
        self._scores(restored=alert is not None and alert.status == "resolved")
        incident = await self._incident()
        by = self._who or "person:drill"
        resolved = incident.status == "resolved" or await self._wishes(w.Resolve(by=by, why="the drill is over"))
        self._scores(resolved=resolved)
        if resolved:
            self._scores(reviewed=await self._wishes(w.FinishReview(by=by)))

"""One incident from its alert to its review, and what was written on the way."""

import dataclasses
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import msgspec
from msgspec.structs import replace

from drills.plans import Plan
from drills.story import Document, Story, settings
from tocsin.assembly import Tocsin
from tocsin.communication.known import Status
from tocsin.communication.purpose import Purpose
from tocsin.communication.status_page import PageSettings, PublicIncident
from tocsin.drill.rehearsal import MONDAY_MORNING, Rehearsal
from tocsin.drill.runner import RehearsalRunner
from tocsin.engine.engine import Loaded
from tocsin.incident import wishes as w
from tocsin.incident.incident import Incident
from tocsin.settings import Target
from tocsin.store.artifacts import public_incidents
from tocsin.web.drafting import Draft, draft, must_be_publishable
from tocsin.web.review_view import ReviewView, review_view
from tocsin.web.status_view import StatusView, status_view

URL = "https://tocsin.example"


class Walk:
    """A story that is told minute by minute, in which commands answer and people write what the product drafts."""

    def __init__(self, document: Document, entry: str, plan: Plan) -> None:
        self.entry, self.plan = entry, plan
        team = settings(timezone="Europe/Berlin", public_url=URL)
        team = replace(team, targets=Target(environment={"DATABASE_URL": "postgresql://localhost/shop"}))
        self.runner = RehearsalRunner(plan.prints)
        self.story = Story(document, team, MONDAY_MORNING, "UTC")
        self.story.rehearsal = Rehearsal(document.body, team, MONDAY_MORNING, self.runner)

    async def begin(self) -> "Walk":
        """Let the alert come, and whoever is to have it take it after four minutes."""
        await self.story.rehearsal.begin()
        await self.story.alert(self.entry, self.plan.severity, summary=self.plan.summary)
        await self.story.until("0:04")
        await self.story.acknowledges(self.plan.who)
        return self

    async def loaded(self) -> tuple[Loaded, Incident]:
        """Give the incident in the world it is pinned to."""
        engine = self.story.rehearsal.engine
        found = await engine.load(await self.story.number())
        assert found.incident is not None
        world = await engine.worlds.of(found.incident.runbook)
        return dataclasses.replace(found, world=world), found.incident

    async def drafted(self, purpose: Purpose, status: Status) -> Draft:
        """Give what the product would have a person send now."""
        loaded, incident = await self.loaded()
        here = SimpleNamespace(links=SimpleNamespace(public_url=URL), clock=self.story.rehearsal.clock)
        return draft(cast("Tocsin", here), loaded, incident, purpose, status)

    async def posts(self, drafted: Draft, text: str, *, public: bool) -> None:
        """Let whoever has it send a text as it stands."""
        loaded, _ = await self.loaded()
        must_be_publishable(loaded, public=public)
        post = w.Post(
            by=f"person:{self.plan.who}", status=drafted.status, public=public, title=drafted.title, text=text,
            channels=() if public else ("console",), line=drafted.line,
        )  # fmt: skip
        await self.story.wishes(post)

    async def status_page(self) -> StatusView:
        """Give what everybody may read now."""
        rows = await self.story.rehearsal.store.read(public_incidents(10))
        shown = tuple(msgspec.json.decode(row, type=PublicIncident) for row in rows)
        return status_view(PageSettings(name="Shop", url=f"{URL}/status"), shown, self.story.rehearsal.clock.now())

    async def review(self) -> ReviewView:
        """Give the review as it is drafted now."""
        loaded, _ = await self.loaded()
        return review_view(loaded, self.story.rehearsal.clock.now() + timedelta(minutes=1))

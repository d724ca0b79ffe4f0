"""The review of one incident, as values: what page, API and Markdown have in common."""

from datetime import date, datetime
from typing import Literal, NamedTuple

from tocsin.engine.engine import Loaded, Understood
from tocsin.errors import NotFound, Refused
from tocsin.incident import facts as f
from tocsin.incident.incident import Incident
from tocsin.review.deadline import review_due
from tocsin.review.draft import Draft, Line, Part, draft, is_for_actions, is_timeline, to_markdown
from tocsin.review.telling import zone_of
from tocsin.runbook.policy import Review
from tocsin.web.story import story_of

State = Literal["filled", "written", "asked", "bare"]
"""Filled in by Tocsin, written by a person, still to be written, or a heading that needs no words."""

USUAL = Review(title="Post-incident review", body="", due_within=None, line=0, end_line=0)
"""For a runbook that says nothing of reviews."""


class PartView(NamedTuple):
    """A part of the review. `text` is what stands there as Markdown: a person's words, else what was filled in."""

    id: str
    heading: str
    level: int
    state: State
    text: str
    lines: tuple[Line, ...]
    prompt: str
    listed: bool
    timeline: bool
    actions: bool


class ActionView(NamedTuple):
    """An action item. `late` when its day has passed and it is not done."""

    id: str
    text: str
    owner: str | None
    due: str | None
    done: bool
    done_at: datetime | None
    late: bool


class ReviewView(NamedTuple):
    """A review. `owner` is a principal or "", `line` that of the template (0 without one), `zone` that of its times."""

    incident: Incident
    title: str
    parts: tuple[PartView, ...]
    actions: tuple[ActionView, ...]
    owner: str
    due: datetime | None
    finished_at: datetime | None
    finished_by: str
    zone: str
    line: int
    markdown: str

    @property
    def to_write(self) -> tuple[PartView, ...]:
        """Give the parts somebody has to see to."""
        return tuple(part for part in self.parts if part.state != "bare")

    @property
    def written(self) -> int:
        """Give how many of them stand."""
        return sum(1 for part in self.to_write if part.state != "asked")

    def part(self, part_id: str) -> PartView:
        """Give the part of that id. Raises NotFound with those there are."""
        found = next((part for part in self.to_write if part.id == part_id), None)
        if found is None:
            known = ", ".join(part.id for part in self.to_write)
            raise NotFound(f"there is no part {part_id[:60]} in this review; it has {known}")
        return found


def review_view(loaded: Loaded | Understood, now: datetime) -> ReviewView:
    """Give the review of a resolved incident in the world it is pinned to. Raises NotFound, Refused before its end."""
    incident, (runbook, settings) = loaded.incident, loaded.world
    if incident is None:
        raise NotFound("there is no such incident")
    if incident.resolved is None:
        raise Refused(f"{incident.number} is not resolved; its review begins when it is")
    template = runbook.review or USUAL
    story = story_of(incident, loaded.facts, runbook, settings)
    made = draft(template, story)
    actions = actions_of(incident, now.astimezone(zone_of(story)).date())
    finished = [fact for fact in loaded.facts if isinstance(fact.body, f.ReviewFinished)]
    return ReviewView(
        incident=incident,
        title=next((part.heading for part in made.parts if part.level == 1), template.title),
        parts=tuple(_part(part, incident, made.zone, has_actions=bool(actions)) for part in made.parts),
        actions=actions,
        owner=owner_of(incident),
        due=review_due(incident.resolved.at, runbook.review),
        finished_at=incident.progress.review_finished_at,
        finished_by=finished[-1].body.by if finished else "",
        zone=made.zone,
        line=template.line,
        markdown=_markdown(made, incident, actions),
    )


def _part(part: Part, incident: Incident, zone: str, *, has_actions: bool) -> PartView:
    edit = incident.progress.review.get(part.id, "").strip()
    actions = is_for_actions(part)
    state: State = "bare"
    if edit or (actions and has_actions):
        state = "written"
    elif part.lines:
        state = "filled"
    elif part.prompt:
        state = "asked"
    alone = Draft((Part(id="", heading="", level=0, lines=part.lines, filled=True, listed=part.listed),), zone)
    return PartView(
        id=part.id,
        heading=part.heading,
        level=part.level,
        state=state,
        text=edit or (to_markdown(alone, {}).strip() if part.lines else ""),
        lines=() if edit else part.lines,
        prompt=part.prompt or "",
        listed=part.listed,
        timeline=is_timeline(part),
        actions=actions,
    )


def owner_of(incident: Incident) -> str:
    """Give who owes the review: who had it, else who ended it, else who was called last."""
    marks = [mark for mark in (incident.acknowledged, incident.resolved) if mark and mark.by.startswith("person:")]
    if marks:
        return marks[0].by
    called = incident.current_calls[-1].people if incident.current_calls else ()
    return f"person:{called[0].person}" if called else ""


def actions_of(incident: Incident, today: date) -> tuple[ActionView, ...]:
    """Give the action items of an incident, in the order they were agreed on."""
    return tuple(
        ActionView(
            id=action.action,
            text=action.text,
            owner=action.owner,
            due=action.due,
            done=action.done,
            done_at=action.done_at,
            late=not action.done and action.due is not None and date.fromisoformat(action.due) < today,
        )
        for action in incident.progress.actions.values()
    )


def _markdown(made: Draft, incident: Incident, actions: tuple[ActionView, ...]) -> str:
    """Give the whole review; action items stand in their part, or at the end where the template has none."""
    if not actions:
        return to_markdown(made, incident.progress.review)
    items = "\n".join(_item(action) for action in actions)
    place = next((part.id for part in made.parts if is_for_actions(part)), None)
    if place is None:
        return f"{to_markdown(made, incident.progress.review)}\n## Action items\n\n{items}\n"
    said = incident.progress.review.get(place, "").strip()
    edits = {**incident.progress.review, place: f"{said}\n\n{items}" if said else items}
    return to_markdown(made, edits)


def _item(action: ActionView) -> str:
    aside = ", ".join(word for word in (f"@{action.owner}" if action.owner else "", action.due or "") if word)
    text = " ".join(action.text.split())
    return f"- [{'x' if action.done else ' '}] {text}{f' ({aside})' if aside else ''}"

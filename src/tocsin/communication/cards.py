"""Which incidents get a card in a room of the team, and which messages say something old and have to be edited."""

from datetime import datetime
from typing import NamedTuple

from tocsin.incident import jobs as j
from tocsin.incident.incident import Incident
from tocsin.incident.posts import Post
from tocsin.settings import Settings

MOST_EDITS = 20
"""So often a message is edited while its incident is open; then it waits for the end, which is always told."""


class CardDue(NamedTuple):
    """Something to do about a card or another message. `name` is the last part of the job's key."""

    name: str
    due: datetime
    do: j.Announce | j.Amend


class Change(NamedTuple):
    """Where in the timeline, and when, what messages tell changed last."""

    seq: int
    at: datetime


def cards_due(incident: Incident, settings: Settings) -> list[CardDue]:
    """Give the cards to post and the messages to edit. Restricted incidents have no card."""
    return [*_announcements(incident, settings), *_amendments(incident)]


def latest_change(incident: Incident) -> Change:
    """Give what a message has to tell at the latest.

    It is its beginning, its end, who has it, how severe it is, who was called, or what the diagnostics found, once all
    of them ended.
    """
    changes = [Change(incident.began_seq, incident.began_at)]
    marks = (*incident.acknowledgements[-1:], incident.resolved, incident.severity_changed, incident.gave_up)
    changes += [Change(mark.seq, mark.at) for mark in marks if mark is not None]
    changes += [Change(call.seq, call.at) for call in incident.current_calls]
    steps = incident.progress.steps.values()
    if not any(step.status == "chosen" for step in steps):
        changes += [Change(step.seq, step.since) for step in steps if step.ran is not None and not step.changes]
    return max(changes)


def _announcements(incident: Incident, settings: Settings) -> list[CardDue]:
    if incident.restricted or incident.status == "resolved":
        return []
    there = {post.channel for post in incident.posts if not (post.person or post.update)}
    since = incident.severity_changed.at if incident.severity_changed else incident.opened_at
    return [
        CardDue(f"announce/{name}", since, j.Announce(channel=name))
        for name, channel in settings.channels.items()
        if incident.severity in channel.cards and name not in there
    ]


def _amendments(incident: Incident) -> list[CardDue]:
    if not incident.posts:
        return []
    change = latest_change(incident)
    return [
        CardDue(f"amend/{post.seq}", change.at, j.Amend(message=post.seq, channel=post.channel))
        for post in incident.posts
        if post.as_of < change.seq and _is_edited(post, incident)
    ]


def _is_edited(post: Post, incident: Incident) -> bool:
    if post.gone or post.update:
        return False
    if any(reminder.level == post.level for reminder in incident.progress.reminders):
        return False  # it tells what is due, which none of these changes
    return post.edits < MOST_EDITS or incident.status == "resolved"

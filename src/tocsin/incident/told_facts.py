"""Facts about telling people: updates, and reminders."""

from datetime import datetime
from typing import Literal

from tocsin.incident.body import Because, Body, Called


class UpdatePosted(Body, frozen=True, kw_only=True):
    """A person approved an update. `public` updates stand on the status page from this instant.

    `status`: investigating, identified, monitoring, resolved. `channels` are the channels it is also sent to,
    `next_at` when the next one is promised, `line` the template's line.
    `components`: how the parts of the product it concerns do, id -> status; None = as the update before said.
    """

    status: Literal["investigating", "identified", "monitoring", "resolved"]
    public: bool
    title: str
    text: str
    channels: tuple[str, ...] = ()
    next_at: datetime | None = None
    line: int | None = None
    components: dict[str, str] | None = None


class UpdateSent(Body, frozen=True, kw_only=True):
    """A channel accepted an update; `update` is the seq of its UpdatePosted, `handle` what the channel calls it."""

    update: int
    channel: str
    receipt: str = ""
    handle: str = ""


class UpdateFailed(Body, frozen=True, kw_only=True):
    """An update could not be sent this way."""

    update: int
    channel: str
    why: str


class Reminded(Body, frozen=True, kw_only=True):
    """Somebody is being reminded of something due. `wake` = by pages, else by notifications.

    `topic` names what is due (update, review, deadline/...), `stage` which of its reminders this is.
    """

    topic: str
    stage: str
    people: tuple[Called, ...]
    wake: bool
    because: Because

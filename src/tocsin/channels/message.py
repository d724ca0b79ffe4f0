"""What is handed to a channel, what it gives back, and the one way it says no."""

from collections.abc import Callable
from datetime import timedelta
from typing import Literal, Protocol, runtime_checkable

import msgspec

from tocsin.communication.card import Card
from tocsin.errors import TocsinError
from tocsin.settings import Person

Kind = Literal["page", "notification", "test", "alarm"]
State = Literal["triggered", "acknowledged", "resolved"]


def _no_card() -> None:
    return None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one person.

    `key` is the same for every repeat of the same page, so a receiver can drop the second one; `keys` are those of the
    pages a bundle stands for, () for a message of its own. `text` is the plain body, `data` the same in a form for
    machines (JSON values only; `event_type` and `occurred_at` go to the envelope of a webhook). `link` acknowledges.
    `thread` is the incident number: mails of one incident are kept together.
    `room` messages go to everybody in the channel's own room instead of one person.
    For channels that can do more: `card` is the same with buttons, `markdown` the body as its author wrote it,
    `answers` the handle of the message this one belongs under. `again`: an attempt before this one was not clearly
    refused, so it may be there already.
    `short` is all of it as one text message, `spoken` for a voice, which then offers the `menu` of what may be pressed.
    These two and the card are made when a channel asks for them: most ask for none.
    `state` is how the incident is, as its reader is concerned: acknowledged only while no later call is unanswered.
    """

    key: str
    keys: tuple[str, ...] = ()
    incident: str
    kind: Kind
    subject: str
    text: str
    to: Person
    data: dict[str, object] = {}
    link: str | None = None
    thread: str = ""
    card: Callable[[], Card | None] = _no_card
    markdown: str = ""
    answers: str = ""
    room: bool = False
    again: bool = False
    short: Callable[[], str] = str
    spoken: Callable[[], str] = str
    menu: str = ""
    state: State = "triggered"


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The other side took the message. `id` is its name for it, `detail` what it answered.

    `handle`: with it the message can be edited, or answered; "" where the channel cannot.
    """

    status: Literal["accepted"] = "accepted"
    id: str = ""
    detail: str = ""
    handle: str = ""


class SendFailed(TocsinError):
    """The message was not sent. When `permanent`, trying again cannot help; go on to the next way of reaching."""

    def __init__(
        self, why: str, *, permanent: bool, retry_after: timedelta | None = None, answered: bool = True
    ) -> None:
        """Keep one sentence that names no secret, and how long the other side asked to be left alone.

        `answered` False: the message went out and nobody said what became of it, so it may have arrived.
        """
        super().__init__(why)
        self.why = why
        self.permanent = permanent
        self.retry_after = retry_after
        self.answered = answered


@runtime_checkable
class Amends(Protocol):
    """What channels offer besides that can edit what they sent."""

    async def amend(self, message: Message, handle: str) -> None:
        """Let the message of that handle say this from now on; it notifies nobody. Raises SendFailed."""
        ...


class Channel(Protocol):
    """What every channel offers."""

    async def send(self, message: Message) -> Receipt:
        """Send once, without retrying. Raises SendFailed."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...

"""Facts about messages that stand somewhere and can be edited: cards in a room of the team, and their edits."""

from tocsin.incident.body import Body


class Announced(Body, frozen=True, kw_only=True):
    """The incident has a card in a room of the team; its updates go there as answers to it.

    `handle` is the channel's own name of the message, `as_of` the seq up to which it tells what happened.
    """

    channel: str
    handle: str = ""
    as_of: int = 0


class AnnouncementFailed(Body, frozen=True, kw_only=True):
    """The card could not be posted this way; it is not tried again."""

    channel: str
    why: str


class Amended(Body, frozen=True, kw_only=True):
    """A message was edited where it stands. `message` is the seq of the fact that sent it."""

    message: int
    as_of: int


class AmendFailed(Body, frozen=True, kw_only=True):
    """A message cannot be edited any more: it is gone, or may not be touched. It stays as it is."""

    message: int
    why: str

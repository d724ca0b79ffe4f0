"""What a person may want of an incident. `lifecycle.answer` says what comes of it."""

import msgspec


class Wish(msgspec.Struct, frozen=True, kw_only=True, tag_field="wish", tag=True):
    """What somebody wants of an incident. `by` is the principal."""

    by: str


class Acknowledge(Wish, frozen=True, kw_only=True):
    """I have it."""

    via: str = "api"


class Resolve(Wish, frozen=True, kw_only=True):
    """It is over."""

    why: str = ""


class Reopen(Wish, frozen=True, kw_only=True):
    """It is not over."""

    why: str = ""


class Escalate(Wish, frozen=True, kw_only=True):
    """Call that level now; None = the next one."""

    level: str | None = None
    why: str = ""


class ChangeSeverity(Wish, frozen=True, kw_only=True):
    """Make it that severity, for that reason."""

    severity: str
    because: str


class Note(Wish, frozen=True, kw_only=True):
    """Write this down."""

    text: str

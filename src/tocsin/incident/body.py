"""What every fact says, whatever happened."""

import msgspec


class Because(msgspec.Struct, frozen=True):
    """A reason, with the runbook line it rests on where there is one."""

    text: str
    line: int | None = None


class Body(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag=True):
    """What every fact says: who did it.

    Where a body has `seen`, it tells how much of the alert was known then, so that no event counts twice and a later
    one is noticed.
    """

    by: str = "engine"


class Called(msgspec.Struct, frozen=True):
    """One person of a call; `via_fallback` when the level itself had nobody."""

    person: str
    via_fallback: bool = False


def is_human(by: str) -> bool:
    """Give whether a principal is somebody, not a machine: a person, or the operator at the server."""
    return by.startswith(("person:", "local:"))

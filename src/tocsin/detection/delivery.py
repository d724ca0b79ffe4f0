"""One delivery of a sender: what every reader of foreign bodies is given, and how it says that it cannot read them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from tocsin.detection.alert import Alert
from tocsin.detection.body import MOST_FAULTS, Checked, json_of
from tocsin.errors import UsageError
from tocsin.settings import SourceSettings


class Delivery(NamedTuple):
    """A body as it came, from a source that proved to be one. `headers` by lower-case name."""

    source: SourceSettings
    raw: bytes
    headers: Mapping[str, str]


Reader = Callable[[Delivery, datetime], tuple[Alert, ...]]
"""Gives the alerts of a delivery, none where it says nothing of one. Raises Malformed."""


class Malformed(UsageError):
    """The body is not what its sender sends; every fault is named, and nothing of what it said."""

    def __init__(self, errors: Sequence[str]) -> None:
        """Keep the first faults: a body can hold thousands."""
        more = ["and more"] if len(errors) > MOST_FAULTS else []
        super().__init__("; ".join([*errors[:MOST_FAULTS], *more]))


class PartlyMalformed(Malformed):
    """Some of what was sent is right, and no reason to be lost: these `alerts`. The rest is told as always."""

    def __init__(self, errors: Sequence[str], alerts: Sequence[Alert]) -> None:
        """Keep the first faults, and what is right."""
        super().__init__(errors)
        self.alerts = tuple(alerts)


def decoded(raw: bytes) -> object:
    """Give a JSON value. Raises Malformed."""
    try:
        return json_of(raw)
    except ValueError as error:
        raise Malformed(["the body is no JSON"]) from error


def object_of(raw: bytes) -> Checked:
    """Give a JSON object, to be read field by field. Raises Malformed."""
    value = decoded(raw)
    if not isinstance(value, dict):
        raise Malformed(["the body is no JSON object"])
    return Checked(value, [])


def refuse_if_wrong(errors: Sequence[str]) -> None:
    """Raise Malformed with everything that was found wrong."""
    if errors:
        raise Malformed(errors)

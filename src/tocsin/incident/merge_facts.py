"""Facts about alerts that move between incidents because a person says so."""

import msgspec

from tocsin.detection.alert import Seen
from tocsin.incident.body import Body


class Merged(Body, frozen=True, kw_only=True):
    """It is over here: its alerts are part of another incident, where it goes on. `others` as of an end."""

    into: str
    why: str = ""
    seen: Seen = Seen()
    others: dict[str, Seen] = msgspec.field(default_factory=dict)


class Absorbed(Body, frozen=True, kw_only=True):
    """Another incident was merged into this one; `alerts` are its groups, with what they said and was known of them.

    `cleared` are those whose senders had said that they are over. `alert_severity` is what the alerts of both had asked
    for by then, "" in timelines that did not keep it: one that repeats that does not undo what a person lowers.
    """

    number: str
    title: str
    alerts: dict[str, str]
    seen: dict[str, Seen]
    cleared: tuple[str, ...] = ()
    why: str = ""
    alert_severity: str = ""


class Split(Body, frozen=True, kw_only=True):
    """Alerts of these groups are part of another incident from now on, which was opened for them.

    `own` is the group that this one goes on with where its own left: the first that is left, where it does not say.
    """

    into: str
    alerts: tuple[str, ...]
    why: str = ""
    own: str = ""

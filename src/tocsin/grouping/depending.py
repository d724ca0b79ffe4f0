"""What an incident may be a mere consequence of: an open incident of an entry that its own entry depends on.

A hint and nothing more: it holds nothing back and lowers nothing, so a wrong line in the configuration costs nobody a
page. docs/decisions/0054-dependencies-are-hints.md
"""

from collections.abc import Iterable

from tocsin.incident.body import Because
from tocsin.incident.view import IncidentView
from tocsin.settings import Settings

_MOST = 3


def has_dependencies(settings: Settings) -> bool:
    """Give whether any entry depends on another, so that anybody has to ask what is open."""
    return any(one.depends_on for one in settings.incident_types.values())


def depended_on(entry: str | None, settings: Settings) -> tuple[str, ...]:
    """Give the entries that one depends on, nearest first, also through others; circles end where they began."""
    found, waiting = list[str](), [entry or ""]
    for one in waiting:
        known = settings.incident_types.get(one)
        further = [name for name in (known.depends_on if known else ()) if name not in (entry, *found)]
        found += further
        waiting += further
    return tuple(dict.fromkeys(found))


def causes(entry: str | None, known: Iterable[IncidentView], settings: Settings) -> tuple[IncidentView, ...]:
    """Give the open incidents that one of that entry may be a consequence of; what is restricted is never named."""
    known = tuple(known)
    order = depended_on(entry, settings) if known else ()
    fitting = [one for one in known if one.type in order and one.status != "resolved" and not one.restricted]
    return tuple(sorted(fitting, key=lambda one: (order.index(one.type or ""), one.opened_at, one.id)))[:_MOST]


def consequences(entry: str | None, known: Iterable[IncidentView], settings: Settings) -> tuple[IncidentView, ...]:
    """Give the open incidents that may be consequences of one of that entry."""
    fitting = [one for one in known if one.status != "resolved" and not one.restricted]
    return tuple(one for one in fitting if entry is not None and entry in depended_on(one.type, settings))


def named(cause: IncidentView) -> str:
    """Give an incident as pages name it."""
    return f"{cause.id}, {cause.title}"


def because(cause: IncidentView, entry: str) -> Because:
    """Give the reason to say so, which names where it is configured."""
    return Because(f"it is probably a consequence of {named(cause)}: {entry} depends on {cause.type} in tocsin.toml")

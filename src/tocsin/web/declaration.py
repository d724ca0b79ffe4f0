"""A person declares an incident: an alert like any other, and the incident it opens."""

import asyncio
import secrets

import msgspec

from tocsin.assembly import Tocsin
from tocsin.detection.alert import Alert
from tocsin.engine.access import Principal
from tocsin.errors import StoreUnavailable, UsageError
from tocsin.store import transactions as t
from tocsin.triage.severity import severity_ids

LONGEST = 1024
"""Characters of a summary, as PagerDuty allows them."""

_OPENS_WITHIN = 2.0


class Declaration(msgspec.Struct, forbid_unknown_fields=True):
    """An incident a person declares. `type`: an entry's id; `severity`: one of the runbook's."""

    summary: str
    type: str | None = None
    severity: str | None = None
    dedup_key: str | None = None


def declaration(tocsin: Tocsin, principal: Principal, wanted: Declaration) -> Alert:
    """Give the alert a declaration makes. Raises UsageError for what the runbook does not have."""
    runbook = tocsin.worlds.current.runbook
    summary = wanted.summary.strip()
    if not summary:
        raise UsageError("say in the summary what is wrong")
    if wanted.type is not None and runbook.incident_type(wanted.type) is None:
        known = ", ".join(entry.id for entry in runbook.incident_types) or "none"
        raise UsageError(f"there is no incident type {wanted.type}; this runbook has {known}")
    severities = severity_ids(runbook)
    if wanted.severity is not None and wanted.severity not in severities:
        raise UsageError(f"there is no severity {wanted.severity}; this runbook has {', '.join(severities)}")
    return Alert(
        source="manual",
        dedup_key=(wanted.dedup_key or "").replace("\x00", "") or secrets.token_hex(8),
        action="trigger",
        summary=summary[:LONGEST],
        origin=principal.name,
        incident_type=wanted.type,
        wanted_severity=wanted.severity,
        declared_by=principal.by,
    )


async def opened(tocsin: Tocsin, group_key: str, version: int) -> str:
    """Give the number of a group's incident once its turn was taken. Raises StoreUnavailable if that takes too long."""
    try:
        async with asyncio.timeout(_OPENS_WITHIN):
            while True:
                loaded = await tocsin.engine.understand(await tocsin.store.read(t.load_group(group_key)))
                if loaded.incident is not None and loaded.incident.status != "resolved":
                    return loaded.incident.number
                await tocsin.engine.changes.after(version, _OPENS_WITHIN)
                version = tocsin.engine.changes.version
    except TimeoutError:
        raise StoreUnavailable(
            "it is stored but not opened yet; look at `tocsin list`, and at the server's log"
        ) from None

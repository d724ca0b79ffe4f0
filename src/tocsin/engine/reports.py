"""What a provider says of a message later: delivered, or not after all."""

from datetime import datetime

from tocsin.engine.engine import Engine, Loaded
from tocsin.engine.messages import key_of
from tocsin.errors import NotFound
from tocsin.incident import facts as f
from tocsin.incident.incident import Attempt, Incident

FAILED = frozenset({"failed", "undelivered", "busy", "no-answer", "canceled"})
"""Words of providers for a message that did not reach anybody."""


async def report_receipt(engine: Engine, key: str, status: str, detail: str = "") -> None:
    """Take what a provider says of the message with that key: of a failure, the page counts as failed.

    Any number of times. Raises StoreUnavailable; then ask to be told again.
    """
    if status not in FAILED:
        return
    why = f"reported {status}, {detail}" if detail else f"reported {status}"

    def decided(loaded: Loaded, _: datetime) -> tuple[f.FactBody, ...]:
        attempt = _attempt(loaded.incident, key) if loaded.incident else None
        if attempt is None or not attempt.delivered:
            return ()
        return (
            f.PageFailed(
                level=attempt.level,
                round=attempt.round,
                person=attempt.person,
                method=attempt.method,
                why=why,
                permanent=False,
            ),
        )

    try:
        await engine.settle(key.partition("/")[0], decided, None)
    except NotFound:
        return  # a test page belongs to no incident


def _attempt(incident: Incident, key: str) -> Attempt | None:
    """Give how the message with that key ended as far as is known, or None."""
    found = None
    for attempt in incident.attempts:
        job = f"{incident.number}/{attempt.round}/{attempt.level}/{attempt.person}/{attempt.method}"
        if key_of(job, incident) == key:
            found = attempt
    return found

"""What a provider says of a message later: delivered, or not after all.

A report may come twice, late, before ours is recorded, or at another node. So it is looked at against what is stored:
a failure makes the page count as failed (the next method starts at once), everything else is a receipt.
"""

from datetime import datetime

from tocsin.engine.engine import Engine, Loaded
from tocsin.incident import facts as f
from tocsin.incident.incident import Attempt, Incident
from tocsin.store import transactions as t

FAILED = frozenset({"failed", "undelivered", "busy", "no-answer", "canceled", "rejected", "bounced"})
"""Words of providers for a message that did not reach anybody."""

REACHED = frozenset({"delivered", "read", "answered", "completed"})
"""Words for one that did: a failure that is told afterwards is a mistake or an older one."""

_LONGEST = 500


async def report_receipt(engine: Engine, key: str, status: str, detail: str = "") -> None:
    """Take what a provider says of the message with that key. Any number of times, in any order.

    `status` is the provider's word, such as Twilio's `no-answer`. Raises StoreUnavailable; then ask to be told again.
    """
    word = status.strip().lower().replace("_", "-").replace(" ", "-")[:40]
    word = {"cancelled": "canceled", "noanswer": "no-answer"}.get(word, word)
    known = await engine.store.read(t.receipts_of_message(key))
    if any(receipt.status == word for receipt in known if receipt.status != "accepted" or not receipt.incident):
        return
    now = engine.clock.now()
    sent = [receipt for receipt in known if receipt.incident and receipt.status == "accepted"]
    if not sent:  # quicker than our own record, or of a test page: kept until there is a record
        await engine.store.write(t.put_receipts([t.Receipt("", "", 0, now, word, detail[:_LONGEST], key)]))
        return
    reached = any(receipt.status in REACHED for receipt in known)
    for receipt in sent:
        told = receipt._replace(at=now, status=word, detail=detail[:_LONGEST])
        await _take(engine, told, fails=word in FAILED and not reached)


async def catch_up(engine: Engine, key: str) -> None:
    """Take the reports that came before the message was recorded."""
    known = await engine.store.read(t.receipts_of_message(key))
    reached = any(receipt.status in REACHED for receipt in known)
    sent = {mine.key: mine for mine in known if mine.incident and mine.status == "accepted"}
    for receipt in known:
        for one in sent.values() if not receipt.incident else ():
            told = one._replace(at=receipt.at, status=receipt.status, detail=receipt.detail)
            await _take(engine, told, fails=receipt.status in FAILED and not reached)


async def _take(engine: Engine, told: t.Receipt, *, fails: bool) -> None:
    """Record one report; the fact and the receipt together, or the receipt alone where nothing changes."""
    recorded = False

    def decided(loaded: Loaded, _: datetime) -> tuple[f.FactBody, ...]:
        nonlocal recorded
        body = _failure(loaded.incident, told) if fails and loaded.incident else None
        recorded = body is not None
        return (body,) if body else ()

    if fails:
        await engine.settle(told.incident, decided, None, receipts=(told,))
    if not recorded:
        await engine.store.write(t.put_receipts([told]))


def _failure(incident: Incident, told: t.Receipt) -> f.PageFailed | None:
    """Give the fact that a page counted as delivered was not; None when it does not count as delivered."""
    ended = {_place(attempt): attempt for attempt in incident.attempts}
    attempt = next((one for one in ended.values() if _is_of(one, incident, told.key)), None)
    if attempt is None or not attempt.delivered:
        return None
    said = f"{told.status}, {told.detail}" if told.detail else told.status
    return f.PageFailed(
        level=attempt.level,
        round=attempt.round,
        person=attempt.person,
        method=attempt.method,
        why=f"reported {said}",
        permanent=False,
    )


def _place(attempt: Attempt) -> tuple[str, int, str, str]:
    return attempt.level, attempt.round, attempt.person, attempt.method


def _is_of(attempt: Attempt, incident: Incident, key: str) -> bool:
    """Give whether a job of that key ended this way; see `lifecycle.py` for the keys."""
    who = f"{attempt.person}/{attempt.method}"
    if attempt.round == 0 and key.startswith(f"{incident.number}/notify/{attempt.level}/"):
        return key.endswith(f"/{who}")
    return key == f"{incident.number}/{attempt.round}/{attempt.level}/{who}"

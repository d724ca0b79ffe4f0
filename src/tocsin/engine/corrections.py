"""What people corrected before, as matching wants to know it."""

from collections.abc import Sequence

from tocsin.engine.ports import Store
from tocsin.errors import UnknownFact
from tocsin.incident.chain import Row, unlink
from tocsin.incident.facts import TypeCorrected
from tocsin.store.readings import corrections
from tocsin.triage.recalling import Correction


async def corrections_known(store: Store) -> tuple[Correction, ...]:
    """Give what people said of the entries of incidents, newest first; what was erased by law is forgotten."""
    return understood(await store.read(corrections()))


def understood(rows: Sequence[tuple[str, Row]]) -> tuple[Correction, ...]:
    """Give what facts say of the entries of incidents, without those that cannot be read."""
    return tuple(one for number, row in rows if (one := _correction(number, row)))


def _correction(number: str, row: Row) -> Correction | None:
    try:
        fact = unlink(row)
    except UnknownFact:
        return None
    body = fact.body
    if not isinstance(body, TypeCorrected) or not body.like:
        return None
    return Correction(body.like, body.before, body.after, body.by, fact.at.date(), number)

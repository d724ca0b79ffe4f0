"""The incidents a reader may see, as lists and counts have them: what is open, and what was lately."""

from contextlib import suppress

import msgspec

from tocsin.engine.engine import Understood
from tocsin.errors import NotFound, UnknownFact
from tocsin.incident.view import IncidentView
from tocsin.store import transactions as t
from tocsin.web.asking import Asked

LOOK_BACK = 100
"""So many open ones, and so many of the newest, are looked at."""

_ALL = 2**62
_DECODER = msgspec.json.Decoder(IncidentView)


def read_view(one: t.Listed) -> IncidentView:
    """Give an incident's line."""
    return _DECODER.decode(one.view)


async def listed_for(who: Asked) -> tuple[t.Listed, ...]:
    """Give what is open, then what else is among the newest."""
    viewer, store = who.principal.viewer, who.tocsin.store
    is_open = await store.read(t.incidents(viewer, only_open=True, before=_ALL, limit=LOOK_BACK))
    recent = await store.read(t.incidents(viewer, only_open=False, before=_ALL, limit=LOOK_BACK))
    known = {one.ordinal for one in is_open}
    return (*is_open, *(one for one in recent if one.ordinal not in known))


async def understood_of(who: Asked, listed: tuple[t.Listed, ...]) -> list[Understood]:
    """Give what is listed in full, leaving out what a newer version wrote: it cannot be understood."""
    known = []
    for one in listed:
        with suppress(NotFound, UnknownFact):
            known.append(await who.tocsin.engine.recall(read_view(one).id, one.hash, who.principal.viewer))
    return known

"""Doing something to its end, whatever interrupts whoever waits for it: half done would be worse than late."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def uninterrupted(work: Coroutine[Any, Any, Result]) -> Result:
    """Give what it gives. Who was interrupted meanwhile is told once it is done."""
    doing = asyncio.ensure_future(work)
    interrupted: asyncio.CancelledError | None = None
    while not doing.done():
        try:
            await asyncio.shield(doing)
        except asyncio.CancelledError as error:
            if doing.cancelled():
                raise
            interrupted = error
    if interrupted is not None:
        raise interrupted
    return doing.result()

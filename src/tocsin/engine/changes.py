"""Something was committed: whoever waits may look again. Carries no content, so it needs no permission."""

import asyncio


class Changes:
    """A number that rises with every commit of this process, and a way to wait for it."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.version = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def announce(self) -> None:
        """Wake everybody who waits."""
        self.version += 1
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def after(self, version: int, seconds: float) -> bool:
        """Wait until something newer than `version` was committed; False after so many seconds without."""
        if self.version > version:
            return True
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            async with asyncio.timeout(seconds):
                await future
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(future)
        return True

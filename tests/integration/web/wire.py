"""The side of a sender, where a test hands over what it says and looks at what it was told."""

import asyncio
from typing import Any


class Wire(asyncio.Transport):
    """Keeps each write to a sender, and whether it is still read."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed, self.reads = False, True
        self.about: dict[str, Any] = {}

    @property
    def written(self) -> bytes:
        """Give all that was written."""
        return b"".join(self.writes)

    def write(self, data: Any) -> None:
        assert not self.closed
        self.writes.append(bytes(data))

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self.about.get(name, default)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        self.reads = False

    def resume_reading(self) -> None:
        self.reads = True

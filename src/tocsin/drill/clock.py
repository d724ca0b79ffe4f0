"""A clock that is moved by hand."""

from datetime import datetime, timedelta


class MovedClock:
    """Tells the time it was set to."""

    def __init__(self, at: datetime) -> None:
        """Begin at an instant (aware)."""
        self._at = at
        self._began = at

    def now(self) -> datetime:
        """Give the instant it was moved to."""
        return self._at

    def monotonic(self) -> float:
        """Give the seconds it was moved by."""
        return (self._at - self._began).total_seconds()

    def move_to(self, at: datetime) -> None:
        """Go to an instant; backwards too, as real clocks do."""
        self._at = at

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._at += by

"""The scenario's clock: only the demo may set the time at which things are recorded."""

from __future__ import annotations

from datetime import datetime

from domain.times import micros


class Clock:
    """A settable instant, microseconds UTC; what the ledger asks for the time."""

    def __init__(self, start: datetime) -> None:
        self.now = micros(start)

    def __call__(self) -> int:
        """Return the instant, microseconds UTC."""
        return self.now

    def set(self, moment: datetime) -> None:
        """Go to an instant; never back."""
        self.now = max(self.now, micros(moment))

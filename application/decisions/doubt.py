"""Whether the machine's clock is believed (rule 32), and the sentence where it is not.

It is not, when it lies before the newest event recorded by a clock that was believed, or long after it.
Then plans, orders and signatures wait; facts go on with a typed time, flagged 32, and do not make the
clock believed. It is believed again as soon as it shows a possible time, or when a chair says with
`amana audit clock` that it is right. All times are microseconds UTC.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from application.store.streams import Streams
from domain import times


def of(shows: int, trusted: int | None, streams: Streams) -> str:
    """Return why a clock is not believed, and what to do; "" while it is.

    Args:
        shows: what the machine's clock shows.
        trusted: what it showed at the newest event recorded by a clock that was believed; None where
            there is none.
        streams: the log, whose zone the sentence names instants in.
    """
    if trusted is None or -times.SKEW <= shows - trusted <= times.UNUSED:
        return ""
    settings = streams.store.settings()
    if shows > trusted and settings.get("synthetic") == "yes":
        return ""  # a story of another year, told by its own clock
    zone = ZoneInfo(settings["zone"])
    now, newest = (times.iso(at // times.SECOND * times.SECOND, zone) for at in (shows, trusted))
    side = "before" if shows < trusted else f"{(shows - trusted) // times.DAY} days after"
    return (
        f"this machine's clock shows {now}, {side} the newest event, recorded {newest}: set the clock, "
        "or tell a fact with its time (--at); if the clock is right, a chair says so: amana audit clock"
    )

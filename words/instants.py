"""Instants as people read them and as programs do, always in the site's zone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from application.answers.two_clocks import Echo
from domain import times
from domain.times import When

if TYPE_CHECKING:
    from application.answers.events import KnownEvent


def shown(at: int, zone: ZoneInfo) -> str:
    """Return an instant, microseconds UTC, for a person: to the minute, or the second inside one."""
    return times.show(When(at), zone)


def happened_at(event: KnownEvent, zone: ZoneInfo) -> str:
    """Return when an event occurred for a person, as uncertain as it is."""
    when = When(event.occurred_at)
    if event.occurred_until is not None:
        when = When(event.occurred_at, event.occurred_until, event.precision)
    return times.show(when, zone)


def to_the_second(at: int, zone: ZoneInfo) -> str:
    """Return an instant of a clock as it is echoed: ISO 8601 with the zone's offset.

    It reads back as the same instant: to the second when it is the last instant of one (what is typed
    so reaches to its end), else to the microsecond.
    """
    if (at + 1) % times.SECOND == 0:
        return times.iso(at // times.SECOND * times.SECOND, zone)
    return times.moment(at, zone).isoformat(timespec="microseconds")


def knowledge(at: int, zone: ZoneInfo) -> str:
    """Return a knowledge time as it is echoed: minutes, too, are typed and reach to their end."""
    if (at + 1) % times.MINUTE == 0:
        return times.moment(at, zone).isoformat(timespec="minutes")
    return to_the_second(at, zone)


def echoed(echo: Echo, zone: ZoneInfo) -> dict[str, object]:
    """Return both clocks of an answer for programs, and the position it was made from.

    `as_of` is the instant asked about and `true_at` the one answered: the earlier of both clocks.
    """
    return {
        "as_of": to_the_second(echo.as_of, zone),
        "true_at": to_the_second(echo.true_at, zone),
        "known_at": knowledge(echo.known_at, zone),
        "position": echo.position,
    }


def spoken(echo: Echo, zone: ZoneInfo) -> str:
    """Return both clocks in a line, and plainly so when the answer is about an earlier instant."""
    said = echoed(echo, zone)
    later = ""
    if echo.asked and echo.as_of > echo.known_at:
        later = f" (asked about {said['as_of']}, which lies after what was known)"
    return (
        f"true at {said['true_at']}{later} · as known at {said['known_at']} "
        f"(position {echo.position:,})"
    )


def spoken_between(since: int | None, echo: Echo, zone: ZoneInfo) -> str:
    """Return the span of an answer and what was known in a line; None begins with the first event."""
    said = echoed(echo, zone)
    begins = "the first event" if since is None else times.iso(since, zone)
    return (
        f"at any instant from {begins} to {said['true_at']} · as known at {said['known_at']} "
        f"(position {echo.position:,})"
    )


def machine(facts: Mapping[str, object], zone: ZoneInfo) -> dict[str, object]:
    """Return facts for programs: each instant in ISO 8601 with the offset, as the clocks are."""
    return {name: _machine(name, value, zone) for name, value in facts.items()}


def _machine(name: str, value: object, zone: ZoneInfo) -> Any:
    if name == "roles" and isinstance(value, Mapping):
        return {role: _machine("until_at", end, zone) for role, end in value.items()}
    if is_instant(name) and isinstance(value, int) and not isinstance(value, bool):
        return times.iso(value, zone)
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return machine(value._asdict(), zone)
    if isinstance(value, dict):
        return machine(value, zone)
    if isinstance(value, list | tuple):
        return [_machine("", one, zone) for one in value]
    return value


def is_instant(name: str) -> bool:
    """Return whether a fact of this name, where it is a number, is an instant in microseconds."""
    return name == "at" or name.endswith(("since", "_at", "_until", "_as_of"))

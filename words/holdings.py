"""Who held a weapon when, in sentences: nobody, and no record of who did, are two different things."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from domain import times
from projections.intervals import Holding
from words import instants


def told_apart(held: Iterable[Holding]) -> list[Holding]:
    """Return intervals of which neighbours say different things to a person.

    Each change of custody begins an interval; a weapon received and then inventoried was with the
    same keeper all along.
    """
    apart: list[Holding] = []
    for one in held:
        if apart and one.kind == "HELD" and _keeper(apart[-1]) == _keeper(one):
            apart[-1] = apart[-1]._replace(end=one.end)
        else:
            apart.append(one)
    return apart


def _keeper(one: Holding) -> tuple[str | None, ...]:
    return one.kind, one.party, one.official, one.site


def held(one: Holding, zone: ZoneInfo, open_end: str) -> str:
    """Return an interval of custody in a line; `open_end` is what the end of the last one is called."""
    who = {
        "HELD": f"held by {one.party or 'the receiver'}, accountable {one.official or '-'}",
        "IN_TRANSIT": f"in transit: {one.official} who released it stays accountable",
        "NOBODY": f"held by nobody: {one.custody}",
        "NO_RECORD": "no record of who held it",
    }[one.kind]
    precision: times.Precision = "MINUTE" if one.until is None else "RANGE"
    start = times.show(times.When(one.start, one.until, precision), zone)
    lasting = one.end >= times.INF
    end = open_end if lasting else instants.shown(one.end, zone)
    length = "" if lasting else f" ({_length(one.end - one.start)})"
    there = f" at {one.site}" if one.site and one.kind == "HELD" else ""
    return f"{start} – {end}{length}  {who}{there}"


def named(one: Holding, zone: ZoneInfo) -> dict[str, object]:
    """Return an interval of custody for programs; the end of the one that lasts is None."""
    end = None if one.end >= times.INF else times.iso(one.end, zone)
    until = None if one.until is None else times.iso(one.until, zone)
    return {**one._asdict(), "start": times.iso(one.start, zone), "end": end, "until": until}


def _length(span: int) -> str:
    """Return a span of microseconds in its two largest units."""
    days, rest = divmod(span // times.MINUTE, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"

"""Public claims against the ledger: what agrees, under which reading.

A statement holds claims; a claim has one or more interpretations, each a named query of the ledger.
A claim never writes to the ledger, and no number of one stands in code.

    interpretation   MATCH · MISMATCH (difference) · NOT_COMPARABLE (reason) · NO_DATA
    claim            CONSISTENT · CONSISTENT_UNDER (reading) · CONTRADICTED · OPEN

Days are those of the statement's zone (Asia/Baghdad, UTC+3), not of UTC.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from application import streams
from domain import times
from domain.times import INF
from projections.belief import belief, recorded

SIDES = {"AL-QAIM": "CP-AQ", "ABU-KAMAL": "CP-AK"}
"""The names of the two sides of the crossing as the reports write them; it is one crossing."""
ROUGHLY = 0.05  # "≈" allows five in a hundred


class Reading(NamedTuple):
    """One interpretation of a claim and what the ledger says to it."""

    name: str
    result: str  # MATCH | MISMATCH | NOT_COMPARABLE | NO_DATA
    found: Any = None
    difference: int | None = None
    reason: str = ""


class Claim(NamedTuple):
    """One claim with its readings."""

    statement: str
    outlet: str
    id: str
    quote: str
    metric: str
    operator: str
    value: Any
    verdict: str
    readings: tuple[Reading, ...]


class Facts:
    """What the queries count: every person and weapon as known at an instant."""

    def __init__(self, connection: sqlite3.Connection, known_at: int, zone: ZoneInfo) -> None:
        self.zone = zone
        self.persons = [
            (known, state)
            for known in streams.every(connection, "P-")
            if (state := belief(known, INF, known_at)) is not None and state.same_as is None
        ]
        self.weapons = list(streams.every(connection, "W-"))
        self.known_at = known_at
        self.handed_over = [state for _, state in self.persons if state.custody == "HANDED_OVER"]

    def day(self, at: int) -> date:
        """Return the day of an instant in the statement's zone."""
        return times.moment(at, self.zone).date()


Query = Callable[[Facts, Mapping[str, Any]], Any]


def judge(facts: Facts, statements: Mapping[str, Any] | None = None) -> list[Claim]:
    """Return every claim with the ledger's answer to each of its readings."""
    found = []
    for statement in (statements or shipped())["statements"]:
        for claim in statement["claims"]:
            readings = tuple(_reading(facts, claim, one) for one in claim["interpretations"])
            found.append(
                Claim(
                    statement["id"],
                    statement["outlet"],
                    claim["id"],
                    claim.get("quote", ""),
                    claim["metric"],
                    claim["operator"],
                    claim.get("value"),
                    _verdict(readings),
                    readings,
                )
            )
    return found


def shipped() -> dict[str, Any]:
    """Return the claims of the two press reports that the project ships."""
    text = Path(__file__).with_name("statements.json").read_text("utf-8")
    read: dict[str, Any] = json.loads(text)
    return read


def _verdict(readings: Iterable[Reading]) -> str:
    results = [reading.result for reading in readings]
    matching = [reading.name for reading in readings if reading.result == "MATCH"]
    if not matching:
        return "CONTRADICTED" if "MISMATCH" in results else "OPEN"
    if len(matching) == len(results):
        return "CONSISTENT"
    return f"CONSISTENT_UNDER({', '.join(matching)})"


def _reading(facts: Facts, claim: Mapping[str, Any], one: Mapping[str, Any]) -> Reading:
    if claim.get("comparable") is False:
        return Reading(one["id"], "NOT_COMPARABLE", reason=claim["reason"])
    found = _QUERIES[one["query"]](facts, {"place": claim.get("place"), **one})
    if found is None:
        return Reading(one["id"], "NO_DATA")
    wanted, operator = claim.get("value"), claim["operator"]
    if operator == "all":
        part, whole = found
        result = "MATCH" if part == whole else "MISMATCH"
        return Reading(one["id"], result, f"{part:,} of {whole:,}", part - whole)
    if isinstance(found, int) and isinstance(wanted, int):
        return _number(one["id"], operator, found, wanted)
    matches = wanted in found if isinstance(found, list) else wanted == found
    return Reading(one["id"], "MATCH" if matches else "MISMATCH", found)


def _number(name: str, operator: str, found: int, wanted: int) -> Reading:
    holds = {
        "=": found == wanted, ">": found > wanted, "≥": found >= wanted,
        "≈": abs(found - wanted) <= ROUGHLY * wanted,
    }[operator]  # fmt: skip
    return Reading(name, "MATCH" if holds else "MISMATCH", found, found - wanted)


# ── the queries ─────────────────────────────────────────────────────────────


def _persons(facts: Facts, asked: Mapping[str, Any]) -> list[Any]:
    category = asked.get("filter", {}).get("category")
    return [
        state for state in facts.handed_over
        if (category is None or state.category == category)
        and ("on" not in asked or facts.day(state.since) == date.fromisoformat(asked["on"]))
        and ("until" not in asked or facts.day(state.since) <= date.fromisoformat(asked["until"]))
    ]  # fmt: skip


def _persons_handed_over(facts: Facts, asked: Mapping[str, Any]) -> int | None:
    return len(_persons(facts, asked)) if facts.handed_over else None


def _with_pledge(facts: Facts, asked: Mapping[str, Any]) -> tuple[int, int] | None:
    pledgors = asked.get("filter", {}).get("pledgor")
    wanted = [pledgors] if isinstance(pledgors, str) else pledgors

    def holds(state: Any) -> bool:
        signed = {p for p, status in state.pledges.items() if status == "SIGNED"}
        return bool(signed) if wanted is None else set(wanted) <= signed

    everybody = facts.handed_over
    return (sum(map(holds, everybody)), len(everybody)) if everybody else None


def _assurance(facts: Facts, asked: Mapping[str, Any]) -> list[str] | None:
    first = min((state.since for state in facts.handed_over), default=None)
    found = {
        event.status
        for known, _ in facts.persons
        for event in recorded(known, facts.known_at)
        if event.TOPIC == "person.assurance_recorded"
        and (asked.get("before") != "first_handover" or first is None or event.occurred_at < first)
    }
    return sorted(found) or None


def _admissions(facts: Facts) -> list[str]:
    return sorted({
        facts.day(event.occurred_at).isoformat()
        for known, _ in facts.persons
        for event in recorded(known, facts.known_at)
        if event.TOPIC == "person.admitted"
    })  # fmt: skip


def _first_admission(facts: Facts, _: Mapping[str, Any]) -> str | None:
    return next(iter(_admissions(facts)), None)


def _admission_days(facts: Facts, _: Mapping[str, Any]) -> str | None:
    days = _admissions(facts)
    return None if not days else days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _in_trust(facts: Facts, asked: Mapping[str, Any]) -> tuple[int, int] | None:
    at = times.micros(datetime.fromisoformat(asked["at"])) if "at" in asked else INF
    states = [state for known in facts.weapons if (state := belief(known, at, facts.known_at))]
    received = [state for state in states if state.custody != "DECLARED"]
    trusted = [s for s in received if s.in_trust_since is not None and not s.ended]
    return (len(trusted), len(received)) if received else None


def _places(facts: Facts, _: Mapping[str, Any]) -> list[str] | None:
    sites = {state.site for state in facts.handed_over}
    if not sites:
        return None
    return list(SIDES) if sites <= set(SIDES.values()) else sorted(sites)


_QUERIES: dict[str, Query] = {
    "persons_handed_over": _persons_handed_over,
    "handed_over_with_pledge": _with_pledge,
    "assurance_status": _assurance,
    "first_admission_day": _first_admission,
    "admission_days": _admission_days,
    "weapons_in_trust": _in_trust,
    "handover_places": _places,
}

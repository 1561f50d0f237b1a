"""Rules about the order of steps: 25 and 26."""

from __future__ import annotations

from domain import person, stocktake, transfer, weapon
from domain.book import Case, rule
from domain.event import EVENTS, Event
from domain.person import Person
from domain.stocktake import StockTake
from domain.transfer import Transfer
from domain.weapon import Weapon

_STEPS: dict[type[Event], frozenset[str | None]] = {
    transfer.Planned: frozenset({None}),
    transfer.LineAdded: frozenset({"PLANNED", "FROZEN"}),
    transfer.LineRemoved: frozenset({"PLANNED", "FROZEN"}),
    transfer.Frozen: frozenset({"PLANNED"}),
    transfer.Released: frozenset({"FROZEN"}),
    transfer.Departed: frozenset({"RELEASED"}),
    transfer.Arrived: frozenset({"RELEASED", "DEPARTED"}),
    transfer.Voided: frozenset({"PLANNED", "FROZEN"}),
    transfer.Closed: frozenset({"ACCEPTED"}),
    stocktake.Opened: frozenset({None}),
    stocktake.Scanned: frozenset({"OPEN"}),
    stocktake.UnexpectedFound: frozenset({"OPEN"}),
    stocktake.CounterSigned: frozenset({"OPEN"}),
    stocktake.Closed: frozenset({"OPEN"}),
    stocktake.Reopened: frozenset({"CLOSED"}),
}


@rule(25, "R", *_STEPS)
def _in_order(case: Case[Transfer | StockTake, Event]) -> str | None:
    allowed = _STEPS[EVENTS[case.event.TOPIC]]
    wanted = " or ".join(sorted(s or "new" for s in allowed))
    if case.event.DECISION and case.known.status not in allowed:
        return f"{case.known.id} is {case.known.status or 'new'}, and this step needs {wanted}"
    if case.state.status not in allowed:
        was = case.state.status or "new"
        return f"{case.known.id} was {was} then, and this step needs {wanted}"
    return None


@rule(25, "R", transfer.LineAdded)
def _line_of_its_kind(case: Case[Transfer, transfer.LineAdded]) -> str | None:
    subject, known = case.event.subject, case.known
    if subject.startswith("P-") != (known.kind == "PERSONS"):
        return f"{subject} does not belong on {known.id}, a transfer of {known.kind}"
    found = case.look(subject, Person) or case.look(subject, Weapon)
    if found is None or found.ended:
        word = "unknown" if found is None else found.custody
        return f"{subject} is {word} and cannot be put on {known.id}"
    if known.kind == "ITEMS" and found.custody not in {"INVENTORIED", "IN_TRUST"}:
        return f"{subject} is {found.custody}: only what is inventoried and kept is transferred"
    return None


@rule(25, "R", transfer.LineAccepted, transfer.LineRefused, transfer.LineMissing)
def _line_is_released(case: Case[Transfer, transfer.LineEvent]) -> str | None:
    status = case.known.lines.get(case.event.subject)
    if status in {"RELEASED", "MISSING"}:
        return None
    return f"{case.event.subject} is {status or 'not listed'} on {case.known.id}, not released"


@rule(26, "R", stocktake.CounterSigned)
def _another_counts(case: Case[StockTake, stocktake.CounterSigned]) -> str | None:
    if case.event.official != case.known.opened_by:
        return None
    return f"{case.known.id} was opened by {case.event.official}: another official counter-signs"


@rule(26, "F", stocktake.CounterSigned)
def _in_their_own_name(case: Case[StockTake, stocktake.CounterSigned]) -> str | None:
    event, known = case.event, case.known
    if event.official == event.recorded_by or event.recorded_by not in {
        known.opened_by,
        *known.counted_by,
    }:
        return None
    return f"counter-signed in the name of {event.official} by who counted"


@rule(26, "F", weapon.Located, person.Found)
def _found_by_another(case: Case[Weapon | Person, weapon.Located | person.Found]) -> str | None:
    """Say so where one official alone says of a thing that it is missing, and that it is there again."""
    event, state = case.event, case.state
    if state.stock_take is None or state.custody not in {"MISSING", "ABSENT"}:
        return None
    missed = case.look(state.stock_take, StockTake)
    counted = {state.missed_by, *((missed.opened_by, *missed.counted_by) if missed else ())}
    if event.recorded_by not in counted:
        return None
    again = case.look(getattr(event, "stock_take", None), StockTake)
    if again is not None and again.countersigned_by not in {None, event.recorded_by}:
        return None
    return f"found again by {event.recorded_by} alone, who had counted: another official says so"


@rule(26, "F", stocktake.Closed)
def _counter_signed(case: Case[StockTake, stocktake.Closed]) -> str | None:
    return None if case.known.countersigned_by else "closed without a counter-signature"

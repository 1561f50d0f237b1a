"""Changes: what differs between two answers, made by which event, recorded by whom and why.

    by knowledge   true at t, as known at k1 and at k2: what the ledger learned in between
    by time        as known at k, at t1 and at t2: what happened in between

Candidates come from the event index: subjects with an event recorded, or occurred, in between. Each
is read at both ends; of those that differ the few events are folded to say which of them did it. All
times are microseconds UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from domain import history
from domain.event import Event, State, evolve
from domain.history import History
from projections.belief import begins, belief, recorded
from projections.facets import FACETS, MAIN, NOTHING, Value, Values, values
from projections.index import position_by
from projections.population import Histories
from projections.row_codes import ORIGIN, ViewsFile, subject_of
from projections.segments import TRUE

NEVER = ("irregular", "pending", "id")
"""Fields of a state that speak about the record, not about the subject."""


class Step(NamedTuple):
    """One event that changed one field: from what, to what. `event` says who, when and why."""

    field: str
    before: object
    after: object
    event: Event


class FieldChange(NamedTuple):
    """A field that differs between two answers, and the events that changed it on the way."""

    field: str
    before: object
    after: object
    steps: list[Step]


class Change(NamedTuple):
    """A subject's facet that differs between two answers about many subjects.

    Attributes:
        before, after: what it said at either end; None where there was nothing.
        fields: what differs, with the events that did it.
    """

    subject: str
    facet: int
    before: Value | None
    after: Value | None
    fields: list[FieldChange]


# ── one subject ─────────────────────────────────────────────────────────────


def learned(known: History, as_of: int, since: int, until: int) -> list[FieldChange]:
    """Return what the ledger learned about one subject's state at an instant.

    Args:
        known: the subject's whole history.
        as_of: the instant asked about. since, until: the two knowledge times.
    """
    return _fields(_learned(known, as_of, since, until))


def happened(known: History, known_at: int, since: int, until: int) -> list[FieldChange]:
    """Return what happened to one subject after one instant and up to another, as known at one."""
    return _fields(_happened(known, known_at, since, until))


Steps: TypeAlias = Iterator[tuple[State | None, Event]]
"""The state after each of some events; None for no record."""


class Walk(NamedTuple):
    """The state at first, and after each event on the way."""

    first: State | None
    steps: Steps


def _learned(known: History, as_of: int, since: int, until: int) -> Walk:
    steps = (
        (belief(known, as_of, event.recorded_at), event)
        for event in known.events
        if since < event.recorded_at <= until
    )
    return Walk(belief(known, as_of, since), steps)


def _happened(known: History, known_at: int, since: int, until: int) -> Walk:
    return Walk(belief(known, since, known_at), _one_by_one(known, known_at, since, until))


def _one_by_one(known: History, known_at: int, since: int, until: int) -> Steps:
    state, begun = history.initial(known.id), False
    for event in history.in_order(recorded(known, known_at)):
        if event.occurred_at > until:
            break
        state, begun = evolve(state, event), begun or begins(event)
        if event.occurred_at > since:
            yield state if begun else None, event


def _facts(said: State | Value | None) -> dict[str, object]:
    if said is None:
        return {}
    return {name: value for name, value in said._asdict().items() if name not in NEVER}


def _fields(
    walk: Walk, facts: Callable[[State | None], dict[str, object]] = _facts
) -> list[FieldChange]:
    start = before = facts(walk.first)
    steps: dict[str, list[Step]] = {}
    for state, event in walk.steps:
        after = facts(state)
        for field in _differ(before, after):
            step = Step(field, before.get(field), after.get(field), event)
            steps.setdefault(field, []).append(step)
        before = after
    return [
        FieldChange(field, start.get(field), before.get(field), steps[field])
        for field in _differ(start, before)
    ]


def _differ(before: dict[str, object], after: dict[str, object]) -> Iterator[str]:
    for field in after or before:
        if before.get(field) != after.get(field):
            yield field


# ── many subjects ───────────────────────────────────────────────────────────


def learned_of_all(
    views: ViewsFile,
    as_of: int,
    since: int,
    until: int,
    load: Histories,
    *,
    site: str | None = None,
) -> list[Change]:
    """Return whose answer at an instant differs between two knowledge times.

    Args:
        views: the views file. load: histories from the log.
        as_of: the instant asked about. since, until: the two knowledge times, microseconds UTC.
        site: only those who stood at this site in one of the answers.
    """
    found = compared(views, as_of, since, until, site=site)
    return _explained(found, load, lambda known: _learned(known, as_of, since, until))


def compared(
    views: ViewsFile, as_of: int, since: int, until: int, *, site: str | None = None
) -> dict[str, dict[int, Pair]]:
    """Return whose facets differ between two knowledge times, before and after, unexplained."""
    candidates = (
        "SELECT DISTINCT subject FROM event_index WHERE position > :first AND position <= :last"
        " AND (occurred_at <= :as_of OR corrects IS NOT NULL)"
    )
    first, last = position_by(views, since), position_by(views, until)
    span = {"first": first, "last": last, "as_of": as_of - ORIGIN}
    ends = [(min(as_of, since), since), (min(as_of, until), until)]
    return _compare(views, candidates, span, ends, site)


def happened_to_all(
    views: ViewsFile,
    known_at: int,
    since: int,
    until: int,
    load: Histories,
    *,
    site: str | None = None,
) -> list[Change]:
    """Return whose answer, as known at one instant, differs between two instants.

    Args:
        views: the views file. load: histories from the log. known_at: as known at.
        since, until: the two instants, microseconds UTC.
        site: only those who stood at this site in one of the answers.
    """
    since, until = min(since, known_at), min(until, known_at)
    candidates = (  # nothing was recorded before it occurred
        "SELECT DISTINCT subject FROM event_index WHERE position > :after"
        " AND occurred_at > :first AND occurred_at <= :last"
    )
    after = position_by(views, since)
    span = {"after": after, "first": since - ORIGIN, "last": until - ORIGIN}
    ends = [(since, known_at), (until, known_at)]
    found = _compare(views, candidates, span, ends, site)
    return _explained(found, load, lambda known: _happened(known, known_at, since, until))


Pair = tuple[Value | None, Value | None]


def _compare(
    views: ViewsFile,
    candidates: str,
    span: dict[str, int],
    ends: list[tuple[int, int]],
    site: str | None,
) -> dict[str, dict[int, Pair]]:
    answers = [_read(views, candidates, span, t, k) for t, k in ends]
    found: dict[str, dict[int, Pair]] = {}
    for subject in sorted(answers[0].keys() | answers[1].keys()):
        first, second = (answer.get(subject, {}) for answer in answers)
        if site is not None and not any(_stands(one, site) for one in (first, second)):
            continue
        differing = {
            facet: (first.get(facet), second.get(facet))
            for facet in FACETS
            if first.get(facet) != second.get(facet)
        }
        if differing:
            found[subject] = differing
    return found


def _read(
    views: ViewsFile, candidates: str, span: dict[str, int], t: int, k: int
) -> dict[str, dict[int, Value]]:
    rows = views.execute(
        "SELECT s.subject, s.facet, s.status, s.site, s.place, s.container, s.party, s.since"
        f" FROM ({candidates}) AS c CROSS JOIN segment AS s WHERE s.subject = c.subject AND {TRUE}",
        {**span, "t": t - ORIGIN, "k": k - ORIGIN},
    )
    text = views.texts
    found: dict[str, dict[int, Value]] = {}
    for subject, facet, status, at, place, container, party, since in rows:
        value = Value(
            text[status],
            text[at],
            text[place],
            text[container],
            text[party],
            None if since is None else since + ORIGIN,
        )
        found.setdefault(subject_of(subject), {})[facet] = value
    return found


def _stands(facets: dict[int, Value], site: str) -> bool:
    return MAIN in facets and facets[MAIN].site == site


def _explained(
    found: dict[str, dict[int, Pair]], load: Histories, walk: Callable[[History], Walk]
) -> list[Change]:
    known = load(list(found))
    return [
        Change(subject, facet, *pair, _value_fields(walk(known[subject]), facet))
        for subject, facets in found.items()
        for facet, pair in facets.items()
    ]


def _value_fields(walk: Walk, facet: int) -> list[FieldChange]:
    """Return what differs in one facet's value, with the events that did it."""
    return _fields(walk, lambda state: _facts(_as_state(state, facet)))


def _as_state(state: State | None, facet: int) -> Value | None:
    said: Values = NOTHING if state is None else values(state)
    return said[facet]

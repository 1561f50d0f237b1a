"""Random histories, and the definition of belief written out naively: the oracle of the segments.

Take what was recorded by then, drop what a later retraction or correction names (from the latest to the
earliest), order by occurrence, fold. It shares nothing with the house but `evolve`, the one place that
says what an event means. Histories hold late events, corrections, retractions, corrections of
corrections, several events of one instant, and times that lie somewhere in a span.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from domain import directory, history, person, record, stocktake, transfer, weapon
from domain.event import Event, evolve
from domain.times import DAY, HOUR, INF
from projections import cube, index, row_codes, segments
from projections.cube import Calendar
from projections.index import EventIndex
from projections.row_codes import ViewsFile
from projections.segments import Segments
from projections.view import View

ZONE = ZoneInfo("Asia/Baghdad")
START = 20_000 * DAY
SEED = "A" * 43
PERSONS = ("P-000001-I", "P-000002-G", "P-0000003-C")  # the last is no number the ledger gives
WEAPONS = ("W-000001-5", "W-1000002-B")
T1, S1, OFF = "T-000001-A", "S-000001-A", "OFF-1"
SITES = ("A", "B")
STARTING: dict[str, Any] = {
    "P": person.Person, "W": weapon.Weapon, "T": transfer.Transfer, "S": stocktake.StockTake,
    "SITE": directory.Site, "PARTY": directory.Party, "OFF": directory.Official,
}  # fmt: skip

Fact = tuple[type[Event], dict[str, Any]]
FACTS: dict[str, list[Fact]] = {
    "P": [
        (person.RefugeSought, {"site": "A"}),
        (person.Housed, {"site": "A", "place": "1"}),
        (person.Housed, {"site": "B"}),
        (person.MovedTo, {"site": "B", "place": "2"}),
        (person.ReferredToCare, {"site": "B"}),
        (person.AbsenceReported, {}),
        (person.IntentStated, {"intent": "RETURN", "interviewer": OFF}),
        (person.IntentStated, {"intent": "STAY", "interviewer": OFF}),
        (person.PledgeSigned, {"pledgor": "SELF", "document": "d"}),
        (person.PledgeWithdrawn, {"pledgor": "SELF"}),
        (person.HandedOver, {"receiving_party": "PARTY-1", "site": "A"}),
        (person.SameAs, {"survivor": "P-000009-X"}),
        (record.Erased, {"authority": "x"}),
        (person.Admitted, {"site": "A", "receiving_party": "PARTY-1"}),
        (person.EntryAuthorised, {"authority": "x"}),
        (person.AddedToManifest, {"transfer": T1}),
        (record.IrregularityClosed, {"event": 1, "rule": 6, "reason": "seen"}),
        (record.IrregularityClosed, {"event": 2, "rule": 10, "reason": "seen"}),
    ],
    "W": [
        (weapon.Declared, {"as_described": "one"}),
        (weapon.ReceivedFromHolder, {"site": "A", "receiver": OFF}),
        (weapon.DepositedInTrust,
         {"receipt": "r", "trustee": "PARTY-1", "beneficiary": "b", "terms": "t"}),
        (weapon.Stored, {"site": "A", "place": "1", "container": "C1"}),
        (weapon.Stored, {"site": "B", "container": "C2"}),
        (weapon.Released, {"transfer": T1, "official": OFF}),
        (weapon.Accepted, {"transfer": T1, "party": "PARTY-2", "site": "B", "official": OFF}),
        (weapon.Missing, {"stock_take": S1}),
        (weapon.Inventoried, {"category": "RIFLE", "model": "m", "serial": "1-1",
                              "serial_status": "READ"}),
        (weapon.ConditionAssessed, {"condition": "UNKNOWN"}),
        (weapon.Returned,
         {"transfer": T1, "recipient": "PARTY-2", "site": "A", "official": OFF}),
    ],
    "T": [
        (transfer.Planned, {"kind": "ITEMS", "from_party": "PARTY-1", "to_party": "PARTY-2",
                            "from_site": "A", "to_site": "B"}),
        (transfer.LineAdded, {"subject": WEAPONS[0]}),
        (transfer.Frozen, {"count": 1, "digest": "0" * 64}),
        (transfer.Released, {"official": OFF}),
        (transfer.Closed, {}),
    ],
    "S": [
        (stocktake.Opened, {"kind": "ITEMS", "site": "A", "expected_as_of": 0,
                            "expected": (WEAPONS[0],)}),
        (stocktake.Scanned, {"code": "c", "subject": WEAPONS[0]}),
        (stocktake.Closed, {"expected": 1, "found": 1, "missing": 0, "unexpected": 0}),
        (stocktake.Reopened, {"reason": "again"}),
    ],
    "SITE": [
        (directory.SiteOpened, {"kind": "CAMP", "name": "A"}),
        (directory.CapacitySet, {"capacity": 3}),
        (directory.SiteClosed, {}),
    ],
    "PARTY": [
        (directory.PartyNamed, {"kind": "MINISTRY", "name": "x"}),
        (directory.PartyRecognised, {"authority": "d"}),
        (directory.RecognitionWithdrawn, {}),
    ],
    "OFF": [
        (directory.OfficialAppointed, {"party": "PARTY-1", "roles": ("CHAIR",)}),
        (directory.RoleEnded, {"role": "CHAIR"}),
        (directory.OfficialDismissed, {}),
    ],
}  # fmt: skip
STREAMS = (*PERSONS, *WEAPONS, T1, S1, "SITE-A", "PARTY-1", OFF)


# ── random histories ────────────────────────────────────────────────────────

MOVE = st.tuples(
    st.integers(0, 17),  # which fact
    st.sampled_from([0, 0, 0, 0, 1, 2, 5, 9, 14]),  # how late, in ticks
    st.sampled_from([1, 1, 1, 2, 4]),  # recorded so many ticks after the one before
    st.sampled_from(["new"] * 6 + ["correct", "correct", "retract", "retract"]),
    st.integers(0, 9),  # which earlier event
    st.sampled_from([0] * 5 + [1, 3, 8]),  # how long the span is in which it lies
)


Facts = Mapping[str, Sequence[Fact]]


def histories(streams: Sequence[str], size: int) -> st.SearchStrategy[list[Event]]:
    """Logs over some streams: late, corrected, retracted, corrected again, at the same instant."""
    step = st.tuples(st.sampled_from(streams), MOVE)
    tick = st.sampled_from([1, HOUR, 9 * HOUR])
    return st.builds(log, st.lists(step, min_size=2, max_size=size), tick)


def log(
    steps: Sequence[tuple[str, tuple[Any, ...]]], tick: int, known: Facts = FACTS
) -> list[Event]:
    """Make the events of a log, in its order, of the facts that are known of each kind of stream."""
    events: list[Event] = []
    now = START
    for stream, (fact, late, after, what, target, span) in steps:
        own = [e for e in events if e.originator_id == stream]
        now += max(after * tick, 1)
        at = now - late * tick
        facts = known[stream.partition("-")[0]]
        cls, values = facts[fact % len(facts)]
        corrects = None
        if own and what != "new":
            old = own[target % len(own)]
            corrects = old.originator_version
            if what == "correct" and old.TOPIC != "record.retracted":
                cls = type(old)
                turned = [*facts[fact % len(facts) :], *facts]
                values = next(v for c, v in turned if c is cls)
            else:
                cls, values, at = record.Retracted, {"why": "duplicate"}, now
        events.append(
            cls(
                originator_id=stream,
                originator_version=len(own) + 1,
                occurred_at=at,
                occurred_until=at + span * tick if span else None,
                recorded_at=now,
                recorded_by=OFF,
                corrects=corrects,
                seed=SEED,
                **values,
            )
        )
    return events


# ── the oracle ──────────────────────────────────────────────────────────────


def live(events: Sequence[Event], known_at: int) -> list[Event]:
    """Steps 1 to 3 of the definition, for one subject."""
    taken = [e for e in events if e.recorded_at <= known_at]
    dropped: set[int] = set()
    named = {e.originator_version: e for e in taken}
    for event in sorted(taken, key=lambda e: e.originator_version, reverse=True):
        if event.originator_version in dropped:
            continue
        one = event
        while one is not None and one.corrects is not None:  # a correction of a correction, too
            dropped.add(one.corrects)
            before = named.get(one.corrects)
            chain = before is not None and "record.retracted" not in {one.TOPIC, before.TOPIC}
            one = before if chain else None
    kept = [e for e in taken if e.originator_version not in dropped]
    return sorted(kept, key=lambda e: (e.occurred_at, e.originator_version))


def fold(stream: str, events: Sequence[Event]) -> Any:
    """Step 4; None when no event says anything about the subject itself."""
    state = STARTING[stream.partition("-")[0]](stream)
    for event in events:
        state = evolve(state, event)
    return state if any(not e.TOPIC.startswith("record.") for e in events) else None


def believed(events: Sequence[Event], stream: str, as_of: int, known_at: int) -> Any:
    own = [e for e in events if e.originator_id == stream]
    return fold(stream, [e for e in live(own, known_at) if e.occurred_at <= as_of])


Facet = tuple[Any, ...] | None


def facets(state: Any) -> tuple[Facet, Facet, Facet]:
    """What the segments ought to say of a state: main, intent, pledge."""
    if state is None:
        return None, None, None
    rest = (None,) * 5
    if isinstance(state, person.Person):
        if state.same_as:
            return ("MERGED", *rest), None, None
        main = (
            state.custody,
            state.site or "",
            state.place or None,
            None,
            state.receiving_party,
            None,
        )
        intent = (state.intent, *rest) if state.intent else None
        pledge = None
        if state.pledges:
            pledge = ("SIGNED" if state.pledged else "WITHDRAWN", *rest)
        return main, intent, pledge
    if isinstance(state, weapon.Weapon):
        main = (
            state.custody or "",
            state.site or "",
            state.place or None,
            state.container or None,
            state.party,
            state.in_trust_since,
        )
        return main, None, None
    if isinstance(state, directory.Site):
        status = "CLOSED" if state.closed else "OPEN"
    elif isinstance(state, directory.Party):
        status = "RECOGNISED" if state.recognised else "NAMED"
    elif isinstance(state, directory.Official):
        status = "DISMISSED" if state.dismissed else "SERVING"
    else:
        status = state.status or ""
    return (status, *rest), None, None


def around(instants: Sequence[int]) -> list[int]:
    return sorted({i + d for i in instants for d in (-1, 0, 1)})


def instants(events: Sequence[Event]) -> list[int]:
    spans = [e.occurred_until for e in events if e.occurred_until]
    return around([*(e.occurred_at for e in events), *spans])


def knowledge(events: Sequence[Event]) -> list[int]:
    return [*around([e.recorded_at for e in events]), INF - 1]


def pairs(events: Sequence[Event], seed: int, number: int) -> list[tuple[int, int]]:
    """Some of the pairs of breakpoints, another sample in each example."""
    every = [(t, k) for t in instants(events) for k in knowledge(events)]
    return random.Random(seed).sample(every, min(number, len(every)))  # noqa: S311 -- a sample, no secret


def every_order(events: Sequence[Event], stream: str, as_of: int, known_at: int) -> set[Facet]:
    """Place each uncertain event that spans the instant anywhere in its span, or after it."""
    own = [e for e in events if e.originator_id == stream]
    counted = [e for e in live(own, known_at) if e.occurred_at <= as_of]
    spanning = [e for e in counted if e.occurred_until and e.occurred_until > as_of]
    fixed = [e for e in counted if e not in spanning]
    found: set[Facet] = set()

    def place(order: list[Event], waiting: list[Event]) -> None:
        found.add(facets(fold(stream, order))[0])
        for event in waiting:
            rest = [e for e in waiting if e is not event]
            for place_in in range(len(order) + 1):
                earliest = (event.occurred_at, event.originator_version)
                if all(
                    earliest < (e.occurred_at, e.originator_version)
                    for e in order[place_in:]
                    if e in fixed
                ):
                    place([*order[:place_in], event, *order[place_in:]], rest)

    place(fixed, spanning)
    return found


# ── the views, fed as the pull loop feeds them ──────────────────────────────


class Fed:
    """A views file in memory that takes a log in batches, by a fresh process now and then."""

    def __init__(self) -> None:
        self.connection = ViewsFile(":memory:", isolation_level=None)
        self.connection.executescript(row_codes.TABLES)
        for view in self.fresh():
            self.connection.executescript(view.TABLES)
        self.tables = [
            name
            for (name,) in self.connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
        ]

    def fresh(self) -> tuple[View, ...]:
        return EventIndex(), Segments(Calendar(ZONE))

    def take(self, events: Sequence[Event], sizes: Sequence[int]) -> ViewsFile:
        """Take a log in batches of these sizes; 0 lets another process go on."""
        self.connection.execute("BEGIN")
        for table in self.tables:
            self.connection.execute(f"DELETE FROM {table}")
        self.connection.forget()
        rows = list(enumerate(events, 1))
        views, done = self.fresh(), 0
        for size in (*sizes, len(rows)):
            if size == 0:
                views = self.fresh()
            if batch := rows[done : done + size]:
                for view in views:
                    view.take(self.connection, batch, self.loader(events))
            done += len(batch)
        self.connection.execute("COMMIT")
        return self.connection

    def loader(self, events: Sequence[Event]) -> Callable[..., dict[str, history.History]]:
        def load(streams: Sequence[str], position: int = len(events)) -> dict[str, Any]:
            return {
                s: history.of(s, [e for e in events[:position] if e.originator_id == s])
                for s in streams
            }

        return load


def spelled(views: ViewsFile) -> dict[str, list[Any]]:
    """Every row of every view with its words spelled out; cells of the cube that count something."""
    forms = {"event_index": index.respelled, "segment": segments.respelled}
    found = {
        table: sorted(form(views.execute(f"SELECT * FROM {table}"), views.texts), key=repr)
        for table, form in forms.items()
    }
    found["uncertain"] = sorted(views.execute("SELECT * FROM uncertain"), key=repr)
    found["occupancy_cube"] = sorted(item for item in cube.cells(views).items() if item[1])
    return found

"""Irregularities against their definition: random histories, judged from scratch at random (t, k).

The oracle shares `evolve`, the rule functions and what the register holds of a state with the house,
nothing else: it folds whole streams, every other stream and the whole register, for each event anew.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from application.store.register import entries
from domain.book import RULES, Case
from domain.event import EVENTS, Event, evolve, references
from domain.history import History
from domain.times import SKEW
from projections import irregular
from projections.cube import Calendar
from projections.index import EventIndex
from projections.irregular import Irregularities
from projections.segments import Segments
from projections.view import View
from tests.two_clocks import STARTING, STREAMS, ZONE, Fed, histories, instants, live

RULE_OF_THE_EPISODE = 3
SEEN_ELSEWHERE = 27
LEFT_FROM_ELSEWHERE = "weapon.released"
ANSWERS_A_SIGHTING = {"weapon.located", "weapon.accepted", "weapon.returned", "person.found"}
Flag = tuple[str, int, int]


class FedAll(Fed):
    def fresh(self) -> tuple[View, ...]:
        return EventIndex(), Segments(Calendar(ZONE)), Irregularities(entries)


FED = FedAll()


# ── the oracle ──────────────────────────────────────────────────────────────


def own(events: Sequence[Event], stream: str) -> list[Event]:
    return [e for e in events if e.originator_id == stream]


def start(stream: str) -> Any:
    return STARTING[stream.partition("-")[0]](stream)


def before(events: Sequence[Event], stream: str, event: Event, known_at: int) -> Any:
    """Another stream just before an event: what counts, occurred earlier or was recorded earlier."""
    if not any(e.recorded_at <= known_at for e in own(events, stream)):
        return None
    state = start(stream)
    for e in live(own(events, stream), known_at):
        if (e.occurred_at, e.recorded_at) < (event.occurred_at, event.recorded_at):
            state = evolve(state, e)
    return state


def judged(events: Sequence[Event], stream: str, known_at: int) -> set[Flag]:
    """Every event that counts, by every rule, after those before it."""
    found = set()
    counted = live(own(events, stream), known_at)
    corrects = {e.originator_version: e.corrects for e in own(events, stream)}

    def begun(e: Event) -> int:
        version = e.originator_version
        while corrects[version] is not None:
            version = corrects[version]
        return version

    for n, event in enumerate(counted):
        state = start(stream)
        for e in counted[:n]:
            state = evolve(state, e)

        def look(other: str, event: Event = event) -> Any:
            return before(events, other, event, known_at)

        def find(name: str, key: str, look: Any = look) -> set[str]:
            states = (look(other) for other in STREAMS)
            return {s for one in states if one for a, b, s in entries(one) if (a, b) == (name, key)}

        for number, _, check in RULES[event.TOPIC]:
            told = sorted(counted, key=begun) if number == RULE_OF_THE_EPISODE else counted[:n]
            past = History(stream, tuple(told), state, 0)
            case = Case(
                event, event.recorded_at, state, state, past, look, look, find,
                replaced=next((e for e in own(events, stream) if e.originator_version == event.corrects),
                              None),
            )  # fmt: skip
            if check(case):
                found.add((stream, event.originator_version, number))
    return found


def named(event: Event) -> set[str]:
    found = set()
    for field, prefix in references(EVENTS[event.TOPIC]):
        value = getattr(event, field)
        found |= {prefix + v for v in ((value,) if isinstance(value, str) else value or ())}
    return found


def partners(past: Sequence[Event], stream: str) -> set[str]:
    """The transfer and its lines, weapons of one serial, both records of a merge."""
    links = set()
    serials: dict[str, set[str]] = {}
    for e in past:
        if e.TOPIC.startswith("transfer.") and getattr(e, "subject", None):
            links.add((e.originator_id, e.subject))
        if e.TOPIC == "person.same_as":
            links.add((e.originator_id, e.survivor))
        if getattr(e, "serial", None):
            serials.setdefault(e.serial, set()).add(e.originator_id)
    found = {a for a, b in links if b == stream} | {b for a, b in links if a == stream}
    return found.union(*(some for some in serials.values() if stream in some))


def disturbs(past: Sequence[Event], event: Event) -> set[str]:
    """Which streams are judged again when an event becomes known; `past` ends with it."""
    stream = event.originator_id
    mine = [e for e in own(past, stream) if e is not event]
    late = any(e.occurred_at > event.occurred_at for e in mine)
    after_all = late or event.corrects is not None or event.TOPIC == "person.same_as"
    old = event.recorded_at - event.occurred_at > SKEW
    if stream.partition("-")[0] in {"SITE", "PARTY", "OFF"}:
        if not after_all and not (old and mine):
            return set()
        since = min(
            e.occurred_at
            for e in (event, *(m for m in mine if m.originator_version == event.corrects))
        )
        others = {e.originator_id for e in past if e is not event and e.occurred_at >= since}
        return {s for s in others if s[1] == "-" and any(stream in named(e) for e in own(past, s))}
    lines = {
        e.originator_id
        for e in past
        if e.TOPIC.startswith("transfer.") and getattr(e, "subject", None) == stream
    }
    if not after_all and old:
        after_all = any(
            e.occurred_at > event.occurred_at and e is not event
            for s in lines
            for e in own(past, s)
        )
    return {stream} | partners(past, stream) if after_all else set()


def oracle(events: Sequence[Event], as_of: int, known_at: int) -> tuple[set[Flag], set[Flag]]:
    """What is open, and what was closed."""
    past = [e for e in events if e.recorded_at <= known_at]
    again = {}
    for n, event in enumerate(past):
        again.update(dict.fromkeys(disturbs(past[: n + 1], event), event.recorded_at))
    found, closed, answers = set(), set(), []
    for stream in {e.originator_id for e in past}:
        moment = again.get(stream, -(2**62))
        if stream in again:
            found |= judged(events, stream, moment)
        for e in own(past, stream):
            if e.recorded_at > moment:
                found |= {(stream, e.originator_version, rule) for rule in e.irregularities}
        for e in live(own(past, stream), known_at):
            if e.TOPIC == "record.irregularity_closed" and e.occurred_at <= as_of:
                closed.add((stream, e.event, e.rule))
            if e.TOPIC in ANSWERS_A_SIGHTING and e.occurred_at <= as_of:
                answers.append(e)
    topics = {(e.originator_id, e.originator_version): e.TOPIC for e in past}
    when = {(e.originator_id, e.originator_version): e.occurred_at for e in past}
    happened = {f for f in found if when[f[:2]] <= as_of}
    closed |= {
        f
        for f in happened
        for e in answers
        if e.originator_id == f[0] and f[2] == SEEN_ELSEWHERE
        if topics[f[:2]] != LEFT_FROM_ELSEWHERE
        if (e.occurred_at, e.originator_version) > (when[f[:2]], f[1])
    }
    return happened - closed, happened & closed


# ── the read model ──────────────────────────────────────────────────────────


def answered(rows: Sequence[Any]) -> set[Flag]:
    found = [(*row.event.rsplit(":", 1), row.rule) for row in rows]
    assert len(found) == len(set(found))
    return {(stream, int(version), rule) for stream, version, rule in found}


@settings(max_examples=400)
@given(
    histories(STREAMS, 16),
    st.lists(st.integers(0, 5), max_size=6),
    st.lists(st.sampled_from([(), (), (6,), (10, 27), (6, 10)]), min_size=16, max_size=16),
    st.integers(0, 2**20),
)
def test_irregularities_are_those_judged_from_scratch_at_any_two_clocks(events, sizes, said, seed):
    for event, flags in zip(events, said, strict=False):
        if flags and not event.TOPIC.startswith("record."):
            event.flag(flags)
    views = FED.take(events, sizes)
    pick = random.Random(seed)  # noqa: S311 -- a sample, no secret
    for _ in range(6):
        known_at = pick.choice(events).recorded_at + pick.choice([-1, 0, 0, 1])
        as_of = min(pick.choice(instants(events)), known_at)
        is_open, closed = oracle(events, as_of, known_at)
        assert answered(irregular.irregular(views, None, "", as_of, known_at)) == is_open
        assert answered(irregular.closed(views, None, "", as_of, known_at)) == closed

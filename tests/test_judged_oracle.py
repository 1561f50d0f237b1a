"""Irregularities against their definition: random histories, judged from scratch at random (t, k).

Each event carries the flags that a house says when it records it. At any two clocks, the read model
has to say what judging every stream anew says: the oracle shares `evolve`, the rule functions and what
the register holds of a state with the house, nothing else; it folds whole streams, every other stream
and the whole register, for each event anew.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from application.store.register import entries
from domain.book import RULES, Case
from domain.event import Event, evolve
from domain.history import History
from domain.times import DAY, HOUR, MINUTE
from projections import irregular
from projections.cube import Calendar
from projections.index import EventIndex
from projections.judged_again import Irregularities
from projections.segments import Segments
from projections.view import View
from tests.judged_facts import FACTS, PACKING, STREAMS, W1, W2, W3
from tests.two_clocks import STARTING, ZONE, Fed, instants, live, log

HISTORIES = 2_400
PACKINGS = 800
RULE_OF_THE_EPISODE = 3
SEEN_ELSEWHERE = 27
LEFT_FROM_ELSEWHERE = "weapon.released"
ANSWERS_A_SIGHTING = {"weapon.located", "weapon.accepted", "weapon.returned", "person.found"}
DIRECTORY = ("SITE-A", "SITE-B", "PARTY-1", "PARTY-2", "OFF-1", "OFF-2")
Flag = tuple[str, int, int]


class FedAll(Fed):
    def fresh(self) -> tuple[View, ...]:
        return EventIndex(), Segments(Calendar(ZONE)), Irregularities(entries)


# ── the oracle ──────────────────────────────────────────────────────────────


class Oracle:
    """Some events as they were known at an instant, and what they broke."""

    def __init__(self, events: Sequence[Event], known_at: int) -> None:
        self.own: dict[str, list[Event]] = {}
        for event in events:
            if event.recorded_at <= known_at:
                self.own.setdefault(event.originator_id, []).append(event)
        self.live = {s: live(some, known_at) for s, some in self.own.items()}

    def before(self, stream: str, event: Event) -> Any:
        """Another stream just before an event: what counts, occurred or was recorded earlier."""
        if stream not in self.own:
            return None
        state = STARTING[stream.partition("-")[0]](stream)
        place = (event.occurred_at, event.recorded_at)
        earlier = [e for e in self.live[stream] if (e.occurred_at, e.recorded_at) < place]
        if not earlier and stream not in DIRECTORY:
            return None
        for e in earlier:
            state = evolve(state, e)
        if stream.startswith("SITE-") and state.kind is None:  # it opens later: as it opens first
            opened = [e for e in self.live[stream] if e.TOPIC == "site.opened"]
            return evolve(state, opened[0]) if opened else state
        return state

    def judged(self, stream: str, only: int = 0) -> set[Flag]:
        """Every event that counts (or one version alone), by every rule, after those before it."""
        found = set()
        counted, mine = self.live[stream], {e.originator_version: e for e in self.own[stream]}

        def begun(e: Event) -> int:
            while e.corrects is not None:
                e = mine[e.corrects]
            return e.originator_version

        state = STARTING[stream.partition("-")[0]](stream)
        for n, event in enumerate(counted):
            if only in {0, event.originator_version}:

                def look(other: str, event: Event = event) -> Any:
                    return self.before(other, event)

                def find(name: str, key: str, look: Any = look) -> set[str]:
                    states = [one for s in self.own if (one := look(s))]
                    return {
                        s for one in states for a, b, s in entries(one) if (a, b) == (name, key)
                    }

                for number, _, check in RULES[event.TOPIC]:
                    told = sorted(counted, key=begun)
                    seen = told if number == RULE_OF_THE_EPISODE else counted[:n]
                    latest = max((e.occurred_at for e in seen), default=0)
                    past = History(stream, tuple(seen), state, latest)
                    old = mine.get(event.corrects)
                    case = Case(
                        event, event.recorded_at, state, state, past, look, look, find, replaced=old
                    )
                    if check(case):
                        found.add((stream, event.originator_version, number))
            state = evolve(state, event)
        return found


def oracle(events: Sequence[Event], as_of: int, known_at: int) -> tuple[set[Flag], set[Flag]]:
    """What is open, and what was closed."""
    known = Oracle(events, known_at)
    found = {flag for stream in known.own for flag in known.judged(stream)}
    when = {(e.originator_id, e.originator_version): e for e in events}
    happened = {f for f in found if when[f[:2]].occurred_at <= as_of}
    closed = set()
    for e in (e for some in known.live.values() for e in some if e.occurred_at <= as_of):
        if e.TOPIC == "record.irregularity_closed":
            closed.add((e.originator_id, e.event, e.rule))
        if e.TOPIC in ANSWERS_A_SIGHTING:
            closed |= {f for f in happened if answers(e, when[f[:2]], f)}
    return happened - closed, happened & closed


def answers(event: Event, broke: Event, flag: Flag) -> bool:
    """Whether an event says where one is of whom an earlier one says that it was seen elsewhere."""
    if event.originator_id != flag[0] or broke.TOPIC == LEFT_FROM_ELSEWHERE:
        return False
    later = (event.occurred_at, event.originator_version) > (broke.occurred_at, flag[1])
    return flag[2] == SEEN_ELSEWHERE and later


# ── histories ───────────────────────────────────────────────────────────────


def history(pick: random.Random) -> list[Event]:
    """A directory, and then some streams: late, corrected, taken back, merged, whatever there is."""
    founded = log([(s, (n == 1, 0, 1, "new", 0, 0)) for n, s in enumerate(DIRECTORY)], HOUR, FACTS)
    for event in founded:
        for clock in ("occurred_at", "recorded_at"):
            event.__dict__[clock] -= 10 * DAY
    streams = pick.sample(STREAMS, pick.randint(2, 6))
    steps = [
        (
            pick.choice(streams),
            (
                pick.randrange(40),
                pick.choice([0, 0, 0, 0, 1, 2, 5, 9, 14]),
                pick.choice([1, 1, 1, 2, 4]),
                pick.choice(["new"] * 6 + ["correct"] * 2 + ["retract"] * 2),
                pick.randrange(10),
                pick.choice([0] * 5 + [1, 3, 8]),
            ),
        )
        for _ in range(pick.randint(2, 20))
    ]
    told = log(steps, pick.choice([HOUR, 9 * HOUR]), FACTS)
    for event in told:
        if event.originator_id in DIRECTORY:  # it was founded: its versions go on from there
            event.__dict__["originator_version"] += 1
            if event.corrects is not None and event.TOPIC != "record.retracted":
                event.__dict__["corrects"] += 1
    return founded + told


def packing(pick: random.Random) -> list[Event]:
    """Weapons put into crates, told late, in any order; now and then one leaves, or a seal is read."""
    streams = (W1, W2, W3)
    begun = [(stream, (n, 0, 1, "new", 0, 0)) for stream in streams for n in (0, 1)]
    usual = pick.choice([2, 3])  # the crate that most of it goes into
    then = [
        (
            pick.choice(streams),
            (
                pick.choice([usual] * 5 + list(range(2, len(PACKING["W"])))),
                pick.choice([0, 0, 1, 2, 3, 5, 8]),
                pick.choice([1, 1, 2, 5]),
                pick.choice(["new"] * 9 + ["correct"]),
                pick.randrange(10),
                0,
            ),
        )
        for _ in range(pick.randint(3, 9))
    ]
    return log(begun + then, pick.choice([10 * MINUTE, HOUR]), PACKING)


def said(events: list[Event]) -> Iterator[Event]:
    """Flag each event by what was known when it was recorded, as the house does."""
    for n, event in enumerate(events, 1):
        known = Oracle(events[:n], event.recorded_at)
        broken = known.judged(event.originator_id, event.originator_version)
        event.flag(tuple(sorted(number for _, _, number in broken)))
        yield event


# ── the read model ──────────────────────────────────────────────────────────


def answered(rows: Sequence[Any]) -> set[Flag]:
    found = [(*row.event.rsplit(":", 1), row.rule) for row in rows]
    assert len(found) == len(set(found))
    return {(stream, int(version), rule) for stream, version, rule in found}


def told_as_judged(made: Callable[[random.Random], list[Event]], number: int) -> set[int]:
    """Hold the read model to the oracle over so many histories; return the rules that were met."""
    fed = FedAll()
    rules = set()
    for seed in range(number):
        pick = random.Random(seed)  # noqa: S311 -- a sample, no secret
        events = list(said(made(pick)))
        views = fed.take(events, [pick.randint(0, 6) for _ in range(pick.randint(0, 8))])
        for _ in range(3):
            known_at = pick.choice(events).recorded_at + pick.choice([-1, 0, 0, 1])
            as_of = min(pick.choice(instants(events)), known_at)
            is_open, closed = oracle(events, as_of, known_at)
            rules |= {number for _, _, number in is_open}
            asked = (views, None, "", as_of, known_at)
            assert answered(irregular.irregular(*asked)) == is_open, (seed, as_of, known_at)
            assert answered(irregular.closed(*asked)) == closed, (seed, as_of, known_at)
    return rules


def test_irregularities_are_those_judged_from_scratch_at_any_two_clocks() -> None:
    rules = told_as_judged(history, HISTORIES)
    assert rules >= {1, 3, 4, 5, 6, 8, 10, 11, 12, 13, 16, 17, 25, 26, 27, 28, 29, 30, 31}


def test_what_was_packed_beside_is_judged_again_where_that_may_change_it() -> None:
    assert 29 in told_as_judged(packing, PACKINGS)

"""Segments against the definition: random histories, every breakpoint of both clocks ± 1 µs."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.event import Event
from domain.times import DAY
from projections import changes, cube, population
from projections.cube import Calendar
from tests.two_clocks import (
    PERSONS,
    SITES,
    STREAMS,
    T1,
    WEAPONS,
    ZONE,
    Fed,
    believed,
    every_order,
    facets,
    fold,
    histories,
    instants,
    knowledge,
    live,
    pairs,
    spelled,
)

FED = Fed()
BATCHES = st.lists(st.integers(0, 5), max_size=6)
"""Sizes of the batches in which a log is taken; 0 lets another process go on."""


@settings(max_examples=1_400)
@given(st.sampled_from(STREAMS).flatmap(lambda s: histories([s], 9)), BATCHES)
def test_every_stream_kind_equals_the_fold_at_every_breakpoint_of_both_clocks(events, sizes):
    views = FED.take(events, sizes)
    stream = events[0].originator_id
    times = instants(events)
    for known_at in knowledge(events):
        ordered = live(events, known_at)
        for as_of in times:
            state = fold(stream, [e for e in ordered if e.occurred_at <= as_of])
            found = population.standing(views, stream, as_of, known_at)
            assert tuple(s and tuple(s.value) for s in found) == facets(state), (as_of, known_at)


@settings(max_examples=300)
@given(histories([PERSONS[0], WEAPONS[0], T1], 10), BATCHES)
def test_the_rows_are_the_same_in_one_piece_in_batches_or_by_a_new_process_for_each(events, sizes):
    wanted = spelled(FED.take(events, []))
    assert spelled(FED.take(events, sizes)) == wanted
    assert spelled(FED.take(events, [0, 1] * len(events))) == wanted


@settings(max_examples=100)
@given(histories(PERSONS[:2] + WEAPONS[:1], 8), BATCHES)
def test_the_rectangles_for_other_tools_say_the_same_and_never_overlap(events, sizes):
    views = FED.take(events, sizes)
    for known_at in knowledge(events):
        for as_of in instants(events):
            if as_of > known_at:
                continue
            rows = views.execute(
                "SELECT subject, facet, status FROM rectangle WHERE valid_from <= :t"
                " AND valid_to > :t AND known_from <= :k AND known_to > :k",
                {"t": as_of, "k": known_at},
            ).fetchall()
            wanted = [
                (s, facet, value[0])
                for s in {e.originator_id for e in events}
                for facet, value in enumerate(facets(believed(events, s, as_of, known_at)))
                if value
            ]
            assert sorted(rows) == sorted(wanted)


@settings(max_examples=500)
@given(histories(PERSONS + WEAPONS, 12), BATCHES, st.integers())
def test_a_site_a_container_a_party_and_all_sites_equal_the_fold_of_everybody(events, sizes, seed):
    views = FED.take(events, sizes)
    for as_of, known_at in pairs(events, seed, 24):
        states = {s: believed(events, s, as_of, known_at) for s in (*PERSONS, *WEAPONS)}
        main = {s: facets(state)[0] for s, state in states.items() if facets(state)[0]}
        for column, place, keys in (
            ("site", 1, ("", *SITES)),
            ("container", 3, ("C1", "C2")),
            ("party", 4, ("PARTY-1", "PARTY-2")),
        ):
            for key in keys:
                found = population.at(views, column, key, as_of, known_at)
                wanted = {s: v for s, v in main.items() if v[place] == key}
                assert {one.subject: tuple(one.value) for one in found} == wanted
                assert [one.subject for one in found] == sorted(wanted)
        number = Counter((s[0], v[0], v[1]) for s, v in main.items() if v[1] is not None)
        counted = population.counts(views, as_of, known_at)
        assert {(c.kind[0].upper(), c.status, c.site): c.number for c in counted} == number
        held = {
            s: (min(as_of, known_at) - v[5]) // DAY for s, v in main.items() if v[0] == "IN_TRUST"
        }
        assert {
            h.standing.subject: h.days for h in population.in_trust(views, as_of, known_at)
        } == held


@settings(max_examples=250)
@given(histories(PERSONS + WEAPONS[:1], 12), BATCHES, st.integers())
def test_the_occupancy_of_each_day_equals_a_count_at_its_last_instant(events, sizes, seed):
    views = FED.take(events, sizes)
    calendar = Calendar(ZONE)
    days = [calendar.day(t) for t in instants(events)]
    for known_at in random.Random(seed).sample(knowledge(events), 3):  # noqa: S311 -- a sample
        for kind in ("person", "weapon"):
            found = cube.occupancy(views, calendar, min(days), max(days), known_at, kind=kind)
            wanted: Counter[Any] = Counter()
            for day in range(min(days), max(days) + 1):
                for subject in PERSONS if kind == "person" else WEAPONS:
                    last = calendar.start(day + 1) - 1
                    main = facets(believed(events, subject, last, known_at))[0]
                    if main and main[1] is not None:
                        wanted[day, main[1], main[0]] += 1
            assert {tuple(one[:3]): one.number for one in found} == wanted
            one_site = cube.occupancy(
                views, calendar, min(days), max(days), known_at, kind=kind, site="A"
            )
            assert one_site == [one for one in found if one.site == "A"]


@settings(max_examples=250)
@given(histories(PERSONS[:2] + WEAPONS, 10), BATCHES, st.integers())
def test_changes_between_two_answers_are_what_two_full_folds_differ_in(events, sizes, seed):
    views = FED.take(events, sizes)
    load = FED.loader(events)
    subjects = (*PERSONS[:2], *WEAPONS)
    sample = pairs(events, seed, 16)
    for (t1, k1), (t2, k2) in zip(sample[::2], sample[1::2], strict=False):
        first, second = sorted((k1, k2))
        learned = changes.learned_of_all(views, t1, first, second, load)
        check(events, subjects, learned, (t1, first), (t1, second))
        here = changes.learned_of_all(views, t1, first, second, load, site="A")
        assert here == [
            c for c in learned if c.subject in stood(events, "A", (t1, first), (t1, second))
        ]
        first, second = sorted((t1, t2))
        happened = changes.happened_to_all(views, k1, first, second, load)
        check(events, subjects, happened, (first, k1), (second, k1))


def stood(events: Sequence[Event], site: str, *ends: tuple[int, int]) -> set[str]:
    return {
        s
        for s in (*PERSONS, *WEAPONS)
        for t, k in ends
        if (main := facets(believed(events, s, t, k))[0]) and main[1] == site
    }


def check(
    events: Sequence[Event],
    subjects: Sequence[str],
    found: list[changes.Change],
    before: tuple[int, int],
    after: tuple[int, int],
) -> None:
    wanted = {}
    for subject in subjects:
        ends = [facets(believed(events, subject, *end)) for end in (before, after)]
        for facet, (one, other) in enumerate(zip(*ends, strict=True)):
            if one != other:
                wanted[subject, facet] = (one, other)
    assert {
        (c.subject, c.facet): (c.before and tuple(c.before), c.after and tuple(c.after))
        for c in found
    } == wanted
    for change in found:
        for field in change.fields:
            assert field.steps[-1].after == field.after != field.before == field.steps[0].before
            assert all(s.event.originator_id == change.subject for s in field.steps)


@settings(max_examples=200)
@given(histories([*PERSONS[:1], *WEAPONS[:1]], 8), st.integers())
def test_the_bounds_of_uncertain_times_are_those_of_every_order_they_allow(events, seed):
    views = FED.take(events, [])
    load = FED.loader(events)
    for as_of, known_at in pairs(events, seed, 10):
        may_be = {s: every_order(events, s, as_of, known_at) for s in (PERSONS[0], WEAPONS[0])}
        for subject, wanted in may_be.items():
            found = population.alternatives(load([subject])[subject], as_of, known_at)
            assert {one and tuple(one) for one in found} == wanted
            assert (found[0] and tuple(found[0])) == facets(
                believed(events, subject, as_of, known_at)
            )[0]
        for site in SITES:
            bounds = population.bounds(views, "site", site, as_of, known_at, load)
            at_site = {s: {v is not None and v[1] == site for v in w} for s, w in may_be.items()}
            assert bounds.certain == sorted(
                s for s, is_there in at_site.items() if is_there == {True}
            )
            assert {p.subject for p in bounds.possible} == {
                s for s, is_there in at_site.items() if len(is_there) == 2
            }
        keys = {
            s: {v and v[1] is not None and (s[0], v[0], v[1]) for v in w} for s, w in may_be.items()
        }
        for one in population.count_bounds(views, as_of, known_at, load):
            key = (one.kind[0].upper(), one.status, one.site)
            assert one.possible == sum(key in some for some in keys.values())
            assert one.certain == sum(some == {key} for some in keys.values())

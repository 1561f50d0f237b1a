"""Belief: what a stream was at an instant, as known now; against the definition, written plainly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain import event as events
from domain import history, person, record

PERSON = "P-000001-I"


def _event(version: int, cls=person.Housed, at: int = 0, corrects: int | None = None, **facts):
    facts = {"site": f"S{version}"} if cls is person.Housed and not facts else facts
    return cls(
        originator_id=PERSON,
        originator_version=version,
        occurred_at=at,
        recorded_at=100 + version,
        recorded_by="OFF-1",
        corrects=corrects,
        seed="A" * 43,
        **facts,
    )


@st.composite
def recorded(draw):
    """A stream as recorded: late, corrected, corrected again, retracted, unretracted, same instants."""
    made = []
    for version in range(1, draw(st.integers(1, 9)) + 1):
        at = draw(st.integers(0, 5))
        corrects = draw(st.none() | st.integers(1, version - 1)) if version > 1 else None
        if corrects is not None and draw(st.booleans()):
            made.append(_event(version, record.Retracted, at, corrects, why="duplicate"))
        elif draw(st.booleans()):
            made.append(_event(version, person.Housed, at, corrects))
        else:
            made.append(
                _event(version, person.PledgeSigned, at, corrects, pledgor="SELF", document="P")
            )
    return made


def oracle(stream, as_of=None):
    """The definition in plain words: an event counts unless a later one that counts takes its place.

    A retraction takes the place of the one it names; a correction of that and, where that is a
    correction, of all that that one takes the place of.
    """

    def places(event):
        if event.corrects is None:
            return set()
        named = next(e for e in stream if e.originator_version == event.corrects)
        corrected = record.Retracted.TOPIC not in {event.TOPIC, named.TOPIC}
        return {event.corrects} | (places(named) if corrected else set())

    def counts_still(event):
        later = [e for e in stream if e.originator_version > event.originator_version]
        return not any(event.originator_version in places(e) and counts_still(e) for e in later)

    dropped = {e.originator_version for e in stream if not counts_still(e)}
    state = history.initial(PERSON)
    for event in sorted(stream, key=lambda e: (e.occurred_at, e.originator_version)):
        counts = event.originator_version not in dropped
        if counts and (as_of is None or event.occurred_at <= as_of):
            state = events.evolve(state, event)
    return state


@given(recorded(), st.integers(-1, 6))
def test_belief_is_the_definition(stream, as_of: int) -> None:
    assert history.believed(PERSON, stream) == oracle(stream)
    assert history.believed(PERSON, stream, as_of) == oracle(stream, as_of)
    assert history.of(PERSON, stream).at(as_of) == oracle(stream, as_of)


@given(recorded())
def test_growing_one_by_one_is_reading_all_at_once(stream) -> None:
    grown = history.of(PERSON, ())
    for event in stream:
        grown = grown.then(event)
    assert grown == history.of(PERSON, stream)
    assert grown.version == len(stream)


def test_the_state_at_an_instant_includes_it() -> None:
    known = history.of(PERSON, [_event(1, at=5)])
    assert known.at(4).custody == "EXPECTED"
    assert known.at(5).custody == "SHELTERED"


def test_at_one_instant_the_later_recorded_counts_last() -> None:
    stream = [_event(1, at=5), _event(2, at=5)]
    assert history.of(PERSON, stream).state.site == "S2"
    assert history.of(PERSON, stream).at(5).site == "S2"


def test_a_retraction_that_is_itself_retracted_drops_nothing() -> None:
    stream = [
        _event(1, at=1),
        _event(2, record.Retracted, 2, corrects=1, why="duplicate"),
        _event(3, record.Retracted, 3, corrects=2, why="duplicate"),
    ]
    assert history.dropped(stream) == {2: 3}
    assert history.of(PERSON, stream).state.site == "S1"
    assert history.of(PERSON, stream[:2]).state.site is None


def test_a_correction_of_a_correction_keeps_the_first_reading_away() -> None:
    stream = [
        _event(1, at=1, site="A"),
        _event(2, at=1, corrects=1, site="B"),
        _event(3, at=1, corrects=2, site="C"),
    ]
    assert history.dropped(stream) == {2: 3, 1: 3}
    assert [e.originator_version for e in history.in_order(stream)] == [3]


def test_corrections_taken_back_one_by_one_bring_the_first_reading_back() -> None:
    stream = [
        _event(1, at=1, site="A"),
        _event(2, at=1, corrects=1, site="B"),
        _event(3, at=1, corrects=2, site="C"),
        _event(4, record.Retracted, 4, corrects=3, why="duplicate"),
        _event(5, record.Retracted, 5, corrects=2, why="duplicate"),
    ]
    sites = [history.of(PERSON, stream[:n]).state.site for n in range(1, 6)]
    assert sites == ["A", "B", "C", "B", "A"]


def test_a_correction_carries_the_true_time() -> None:
    stream = [_event(1, at=5), _event(2, at=3, corrects=1, site="B")]
    known = history.of(PERSON, stream)
    assert (known.at(3).site, known.at(2).site) == ("B", None)
    assert known.state.since == 3


@given(recorded(), st.integers(0, 5), st.integers(1, 9))
def test_a_correction_is_judged_without_what_it_replaces(stream, at: int, version: int) -> None:
    version = min(version, len(stream))
    known = history.of(PERSON, stream)
    without = history.initial(PERSON)
    for event in history.in_order(stream):
        before = (event.occurred_at, event.originator_version) < (at, version)
        if before and event.originator_version != version:
            without = events.evolve(without, event)
    assert history.just_before(known, at, version) == without


def test_nothing_is_older_than_a_stream_without_events() -> None:
    empty = history.of(PERSON, ())
    assert (empty.version, empty.state) == (0, history.initial(PERSON))
    assert empty.at(-(2**53)) == empty.state

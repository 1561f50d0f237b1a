"""Commands: one durable transaction each, batches, idempotency keys, what a refusal leaves behind."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import BadInputError, BusyError, CustodyError, RefusedError

HOUSING = {"site": "CAMP-R1", "place": "T-1"}


def test_a_command_answers_with_stream_version_and_irregularities(house) -> None:
    done = house.do("admit", site="GATE", receiving_party="PARTY-MOD")
    assert (done.version, done.irregularities, done.again) == (1, (4,), False)
    assert done.subject == "P-000001-I"


def test_what_was_answered_is_there_after_reopening(house) -> None:
    person = house.sheltered()
    state = house.state(person)
    assert house.reopen().state(person) == state


def test_a_fact_without_a_time_occurs_now_and_both_clocks_agree(house) -> None:
    person = house.sheltered()
    house.do("refer_to_care", person, site="CLINIC")
    last = house.read(person).events[-1]
    assert last.occurred_at == house.clock.now
    assert last.recorded_at >= last.occurred_at


def test_recorded_time_never_decreases_when_the_clock_goes_back(house) -> None:
    person = house.sheltered()
    before = house.read(person).events[-1].recorded_at
    house.clock.now -= 86_400_000_000
    when = {"at": house.dec(18)}
    house.do("refer_to_care", person, site="CLINIC", **when)
    house.reopen().do("return_from_care", person, **HOUSING, **when)
    recorded = [json.loads(row[4])["recorded_at"] for row in house.rows()]
    assert recorded == sorted(set(recorded))
    assert recorded[-1] > before


@pytest.mark.parametrize(
    "own",
    [
        {"recorded_by": "OFF-001"},
        {"recorded_at": 1},
        {"irregularities": ()},
        {"seed": "A" * 43},
        {"corrects": 1},
        {"approved_by": "OFF-020"},
        {"follows": True},
        {"originator_version": 9},
    ],
    ids=lambda own: next(iter(own)),
)
def test_what_the_ledger_says_of_an_event_the_caller_does_not(house, own) -> None:
    rows = house.rows()
    with pytest.raises(BadInputError, match=f"{next(iter(own))} is not the caller's to give"):
        house.do("seek_refuge", site="GATE", **own)
    assert house.rows() == rows


def test_a_version_that_moved_on_is_busy_and_safe_to_retry(house) -> None:
    person = house.sheltered()
    version = house.read(person).version
    house.do("refer_to_care", person, site="CLINIC", expects=version)
    with pytest.raises(BusyError, match=f"is at version {version + 1}, not {version}"):
        house.do("return_from_care", person, expects=version, **HOUSING)


def test_the_envelope_is_kept_as_given(house) -> None:
    paper = {"sha256": "ab" * 32, "media_type": "image/png", "label": "page 1"}
    note = {"on_behalf_of": "PARTY-MOD", "authority": "D-7", "evidence": (paper,), "batch": "B-1"}
    note |= {"reason": "as asked", "at": house.dec(8), "until": house.dec(9), "precision": "DAY"}
    person = house.do("seek_refuge", site="GATE", **note).subject
    event = next(iter(house.custody.events.get(person)))
    assert event.model_dump(include={"on_behalf_of", "authority", "batch", "reason"}) == {
        "on_behalf_of": "PARTY-MOD",
        "authority": "D-7",
        "batch": "B-1",
        "reason": "as asked",
    }
    assert (event.occurred_at, event.occurred_until, event.precision) == (
        house.dec(8),
        house.dec(9),
        "DAY",
    )
    assert event.evidence == (paper,)


def test_a_span_that_ends_before_it_begins_is_refused(house) -> None:
    with pytest.raises(BadInputError):
        house.do("seek_refuge", site="GATE", at=house.dec(9), until=house.dec(8), precision="RANGE")


# ── idempotency ─────────────────────────────────────────────────────────────


def test_the_same_command_sent_twice_records_once(house) -> None:
    first = house.do("seek_refuge", site="GATE", key="K-1")
    rows = house.rows()
    again = house.do("seek_refuge", site="GATE", key="K-1")
    assert (again.subject, again.version, again.again) == (first.subject, first.version, True)
    assert house.rows() == rows


def test_also_after_reopening(house) -> None:
    first = house.do("seek_refuge", site="GATE", key="K-1")
    assert house.reopen().do("seek_refuge", site="GATE", key="K-1").subject == first.subject


def test_also_inside_a_batch_and_across_its_transactions(house) -> None:
    with house.custody.batch(streams=1):
        first = house.do("seek_refuge", site="GATE", key="K-1")
        assert house.do("seek_refuge", site="GATE", key="K-1").again
        house.do("seek_refuge", site="GATE")
        assert house.do("seek_refuge", site="GATE", key="K-1").subject == first.subject


def test_also_for_a_command_that_records_many_events(house) -> None:
    number = house.released("RETURN", house.willing(), house.willing())
    house.accepted(number, key="K-1")
    rows = house.rows()
    assert house.accepted(number, key="K-1").again
    assert house.rows() == rows


def test_the_same_key_for_another_command_is_refused(house) -> None:
    person = house.do("seek_refuge", site="GATE", key="K-1").subject
    other = [
        ("seek_refuge", None, {"site": "CAMP-R1"}),
        ("house", person, HOUSING),
        ("seek_refuge", person, {"site": "GATE"}),
    ]
    for verb, subject, facts in other:
        with pytest.raises(BadInputError, match="the key 'K-1' was used for another command"):
            house.do(verb, subject, key="K-1", **facts)


def test_a_refused_command_may_be_sent_again_under_its_key(house) -> None:
    person = house.sheltered()
    with pytest.raises(RefusedError):
        house.do("add_line", house.planned("RETURN"), line=person, key="K-1")
    house.do("move", person, site="CAMP-R2", key="K-1")


def test_a_key_used_in_a_batch_that_failed_is_free(house) -> None:
    with contextlib.suppress(ZeroDivisionError), house.custody.batch():
        house.do("seek_refuge", site="GATE", key="K-1")
        raise ZeroDivisionError
    assert not house.do("seek_refuge", site="GATE", key="K-1").again


# ── batches ─────────────────────────────────────────────────────────────────


def test_one_refused_command_does_not_disturb_the_others_of_its_batch(house) -> None:
    person = house.sheltered()
    with house.custody.batch():
        first = house.do("seek_refuge", site="GATE").subject
        with pytest.raises(RefusedError):
            house.do("house", person, at=house.dec(19), site="CAMP-R2")
        second = house.do("seek_refuge", site="GATE").subject
    assert house.state(first).site == house.state(second).site == "GATE"
    assert house.state(person).site == "CAMP-R1"
    assert house.register_is_sound()


def test_a_command_refused_half_way_leaves_nothing_of_its_first_half(house) -> None:
    person, stay = house.willing(), house.sheltered()
    with house.custody.batch():
        number = house.planned("RETURN", person)
        before = house.custody._joined.staged
        with pytest.raises(RefusedError):  # the line is staged on the transfer, then refused
            house.do("add_line", number, line=stay)
        assert house.custody._joined.staged == before
        assert house.custody._joined.register.find("line", stay) == set()
    assert list(house.state(number).lines) == [person]


def test_a_batch_that_fails_records_nothing_and_the_next_one_works(house) -> None:
    rows = house.rows()
    with contextlib.suppress(ZeroDivisionError), house.custody.batch():
        house.sheltered()
        raise ZeroDivisionError
    assert house.rows() == rows
    assert house.sheltered() == "P-000001-I"


def test_a_batch_commits_each_time_its_streams_are_many_enough(house) -> None:
    rows = len(house.rows())
    with contextlib.suppress(ZeroDivisionError), house.custody.batch(streams=2):
        for _ in range(5):
            house.do("seek_refuge", site="GATE")
        raise ZeroDivisionError
    assert len(house.rows()) - rows == 4


LIFE = [
    ("authorise_entry", {"authority": "D"}),
    ("admit", {"site": "GATE", "receiving_party": "PARTY-MOD"}),
    ("house", HOUSING),
    ("move", {"site": "CAMP-R2"}),
    ("report_absence", {}),
    ("state_intent", {"intent": "STAY", "interviewer": "OFF-016"}),
    ("deposit_effects", {"receipt": "", "items": 1}),
    ("record_death", {"site": "CLINIC", "certificate": "C"}),
]
HOURS = st.integers(0, 48)
ACTS = st.lists(st.tuples(st.integers(0, 1), st.sampled_from(LIFE), HOURS), max_size=12)


def _carry_out(house, acts) -> None:
    for who in "01":
        house.do("seek_refuge", at=house.dec(8), site="GATE", key=who)
    for who, (verb, facts), hour in acts:
        with contextlib.suppress(CustodyError):
            subject = house.do("seek_refuge", at=house.dec(8), site="GATE", key=str(who)).subject
            house.do(verb, subject, at=house.dec(7) + hour * 3_600_000_000, **facts)


def _recorded(house) -> list[tuple[object, ...]]:
    loose = {"recorded_at", "seed"}
    return [
        (*row[1:4], {k: v for k, v in json.loads(row[4]).items() if k not in loose})
        for row in house.rows()
        if row[1].startswith("P-")
    ]


@settings(max_examples=12)
@given(ACTS, st.sampled_from([1, 2, 500]))
def test_single_commands_and_batches_record_the_same(new_house, acts, streams: int) -> None:
    single, batched = new_house(), new_house()
    _carry_out(single, acts)
    with batched.custody.batch(streams):
        _carry_out(batched, acts)
    assert _recorded(single) == _recorded(batched)
    assert single.rows("register") == batched.rows("register")


@settings(max_examples=12)
@given(st.data())
def test_the_order_in_which_facts_arrive_does_not_change_the_belief(new_house, data) -> None:
    free = [*LIFE[4:7], ("find_again", {"site": "CAMP-R2"}), ("refer_to_care", {"site": "CLINIC"})]
    hours = data.draw(st.lists(st.integers(2, 40), min_size=2, max_size=6, unique=True))
    ordered = [(hour, *data.draw(st.sampled_from(free))) for hour in sorted(hours)]
    shuffled = data.draw(st.permutations(ordered))
    states = []
    for house, order in ((new_house(), ordered), (new_house(), shuffled)):
        person = house.do("seek_refuge", at=house.dec(8), site="GATE").subject
        for hour, verb, facts in order:
            house.do(verb, person, at=house.dec(8) + hour * 3_600_000_000, **facts)
        states.append(house.state(person)._replace(irregular=()))
    assert states[0] == states[1]


def test_a_batch_on_one_stream_is_written_before_it_fills_the_memory(house) -> None:
    number = house.do("open_stocktake", kind="ITEMS", site="DEPOT-1").subject
    before = len(house.rows())
    with contextlib.suppress(ZeroDivisionError), house.custody.batch():
        for code in range(2_050):
            house.do("scan", number, code=f"U-{code}")
        raise ZeroDivisionError
    assert len(house.rows()) - before == 2_000  # what was full was written; the rest was taken back
    with contextlib.suppress(ZeroDivisionError), house.custody.batch(whole=True):
        for code in range(2_050):
            house.do("scan", number, code=f"V-{code}")
        raise ZeroDivisionError
    assert len(house.rows()) - before == 2_000


def test_one_key_does_not_cover_the_same_facts_in_another_name_or_at_another_time(house) -> None:
    person = house.sheltered()
    moved = {"site": "CAMP-R2", "key": "row-1"}
    house.do("move", person, at=house.dec(12, 9), **moved)
    assert house.do("move", person, at=house.dec(12, 9), **moved).again
    with pytest.raises(BadInputError, match="used for another command"):
        house.do("move", person, at=house.dec(12, 10), **moved)

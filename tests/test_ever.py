"""Who or what was ever there: against a fold of every instant of random histories, and at a desk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application.answers import ever as answers
from application.answers.two_clocks import Clocks
from domain import history, times
from domain.event import EVENTS, Event
from domain.times import INF
from projections.row_codes import ViewsFile
from tests.report_desk import count, desk
from tests.two_clocks import (
    OFF,
    PERSONS,
    WEAPONS,
    ZONE,
    Fed,
    believed,
    fold,
    histories,
    live,
    log,
    pairs,
)

FED = Fed()
SUBJECTS = (*PERSONS, *WEAPONS)
HERE = {"ADMITTED", "SHELTERED", "IN_CARE", "IN_TRANSIT", "ABSENT"}
STORED = {"RECEIVED", "INVENTORIED", "IN_TRUST", "IN_TRANSIT"}
ASKED = (
    ("site", "A", ""), ("site", "B", ""), ("site", "A", "1"), ("site", "B", "2"), ("crate", "C1", ""),
    ("crate", "c 2", ""), ("party", "PARTY-1", ""), ("party", "PARTY-2", ""), ("official", OFF, ""),
)  # fmt: skip


class InMemory:
    """A log in memory, read as the ledger's is; its directory knows every code."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events

    def histories(self, ids: Sequence[str]) -> dict[str, Any]:
        return {one: history.of(one, self._own(one)) for one in ids}

    def history(self, stream: str) -> Any:
        return SimpleNamespace(events=(stream,))

    def every(self, prefix: str) -> Iterator[Any]:
        found = sorted({e.originator_id for e in self.events if e.originator_id.startswith(prefix)})
        return (history.of(one, self._own(one)) for one in found)

    def _own(self, one: str) -> list[Event]:
        return [e for e in self.events if e.originator_id == one]


def is_there(state: Any, whose: str, key: str, place: str) -> bool:
    """What the answer promises, said of one state."""
    if state is None or (state.id[0] == "P" and state.same_as):
        return False
    if state.id[0] == "P":
        if whose == "party":
            kept = state.custody in HERE and state.party == key
            return kept or (state.custody == "HANDED_OVER" and state.receiving_party == key)
        at = state.custody in HERE and state.site == key and whose == "site"
    elif whose == "official":
        return state.custody in STORED | {"MISSING", "RETURNED"} and state.keeper == key
    elif whose == "party":
        return state.custody in STORED | {"RETURNED"} and state.party == key
    elif whose == "crate":
        return state.custody in STORED and state.container == key.upper().replace(" ", "")
    else:
        at = state.custody in STORED and state.site == key
    return at and place in {"", state.place}


def turns(events: Sequence[Event], subject: str, known_at: int, what: Any) -> list[tuple[Any, ...]]:
    """Look at a subject at every instant at which anything happened: from which version to which."""
    ordered = live([e for e in events if e.originator_id == subject], known_at)
    found, was, came = [], False, (0, 0)
    for at in sorted({e.occurred_at for e in ordered}):
        now = is_there(believed(events, subject, at, known_at), *what)
        if now is was:
            continue
        earlier = sum(e.occurred_at < at for e in ordered)
        together = [n for n, e in enumerate(ordered, 1) if e.occurred_at == at]
        after = {n: is_there(fold(subject, ordered[:n]), *what) for n in (earlier, *together)}
        turned = max(n for n in together if after[n] is now and after[n - 1] is not now)
        event = (at, ordered[turned - 1].originator_version)
        found += [] if now else [(subject, *came, *event)]
        was, came = now, event
    return [*found, (subject, *came, INF, None)] if was else found


@settings(max_examples=700)
@given(histories(SUBJECTS[1:], 12), st.lists(st.integers(0, 5), max_size=6), st.integers())
def test_ever_equals_a_look_at_every_instant_of_the_span_as_known_then_and_now(events, sizes, seed):
    views, streams = FED.take(events, sizes), InMemory(events)
    sample = pairs(events, seed, 12)
    for (one, known_at), (other, _) in zip(sample[::2], sample[1::2], strict=False):
        since, until = sorted((one, other))
        for what in ASKED:
            whose, key, place = what
            asked = answers.Asked(whose, key, since, until, place)
            found = ask(views, streams, known_at, asked)
            wanted = [
                stay
                for subject in sorted(SUBJECTS)
                for stay in turns(events, subject, known_at, what)
                if stay[1] <= min(until, known_at) and stay[3] > min(since, known_at)
            ]
            assert found == wanted, (what, since, until, known_at)


@settings(max_examples=150)
@given(histories(SUBJECTS[1:], 12), st.integers())
def test_from_an_instant_until_the_same_instant_is_that_instant(events, seed):
    views, streams = FED.take(events, []), InMemory(events)
    for at, known_at in pairs(events, seed, 8):
        for what in ASKED:
            whose, key, place = what
            found = ask(views, streams, known_at, answers.Asked(whose, key, at, at, place))
            assert {one[0] for one in found} == {
                s
                for s in SUBJECTS
                if is_there(believed(events, s, min(at, known_at), known_at), *what)
            }


def test_who_left_and_came_back_within_an_instant_never_left() -> None:
    at_a, at_b, late = (1, 0, 1, "new", 0, 0), (2, 0, 1, "new", 0, 0), (1, 1, 1, "new", 0, 0)
    events = log([(PERSONS[1], one) for one in (at_a, at_b, late)], 1)
    views, streams = FED.take(events, []), InMemory(events)
    ends = (events[0].occurred_at, events[-1].recorded_at)
    (stay,) = ask(views, streams, ends[1], answers.Asked("site", "A", *ends))
    assert stay[2:] == (1, INF, None)
    assert ask(views, streams, ends[1], answers.Asked("site", "B", *ends)) == []


def ask(
    views: ViewsFile, streams: Any, known_at: int, asked: answers.Asked
) -> list[tuple[Any, ...]]:
    """Return the stays as versions and instants."""
    fed: Any = SimpleNamespace(connection=views)
    try:
        found = answers.ever(fed, streams, Clocks(known_at, known_at), asked).stays
    except answers.UnknownError:  # of a crate that nothing was packed in yet
        return []
    return [
        (
            s.id,
            s.came.occurred_at,
            s.came.version,
            INF if s.left is None else s.left.occurred_at,
            None if s.left is None else s.left.version,
        )
        for s in found
    ]


def test_what_moves_somebody_is_open_to_whoever_asks() -> None:
    moves = {
        "custody",
        "site",
        "place",
        "container",
        "party",
        "receiving_party",
        "keeper",
        "same_as",
    }
    assert not [cls for cls in EVENTS.values() if cls.PROTECTED and moves & {*cls.FACETS}]


# ── at a desk ────────────────────────────────────────────────────────────────


def test_who_came_back_has_a_row_for_each_stay(house: Any) -> None:
    person = house.sheltered()
    house.do("move", person, at=house.dec(9, 12), site="CAMP-R2", place="T-1")
    house.do("move", person, at=house.dec(11, 12), site="CAMP-R1", place="T-2")
    told = desk(house).document("report", "ever", "--site", "CAMP-R1")
    days = [(s["from"][:10], s["until"] and s["until"][:10]) for s in told["stays"]]
    assert days == [("2024-12-07", "2024-12-09"), ("2024-12-11", None)]
    assert (told["persons"], told["count"], told["from"]) == (1, 2, None)
    last = told["stays"][-1]
    assert (last["brought_by"]["what"], last["taken_away_by"]) == ("moved to", None)
    said = desk(house)("report", "ever", "--site", "CAMP-R1").out
    assert said.startswith("ever at CAMP-R1  1 person, in 2 stays\n  at any instant from the first")
    between = ("--from", "9 Dec 2024 12:00", "--until", "11 Dec 2024 11:59")
    assert desk(house).document("report", "ever", "--site", "CAMP-R1", *between)["stays"] == []
    for ends in (("9 Dec 2024 11:59", "10 Dec 2024 09:00"), ("2024-12-10", "2024-12-11")):
        words = ("--from", ends[0], "--until", ends[1])
        assert desk(house).document("report", "ever", "--site", "CAMP-R1", *words)["count"] == 1


def test_what_was_not_known_then_is_not_told_of_then(house: Any) -> None:
    person = house.sheltered()
    before = times.iso(house.clock.now, ZONE)
    house.do("move", person, at=house.dec(9, 12), site="CAMP-R2", place="T-1")
    house.do("correct", person, by="OFF-010", version=4, changes={"site": "CAMP-R2"}, reason="list")
    house.approve(person)
    words = ("report", "ever", "--site", "CAMP-R1")
    (then,) = desk(house).document(*words, "--known-at", before)["stays"]
    assert then["until"] is None
    assert desk(house).document(*words)["stays"] == []
    (now,) = desk(house).document("report", "ever", "--site", "CAMP-R2")["stays"]
    assert (now["brought_by"]["reason"], now["until"]) == ("list", None)


def test_who_answered_for_a_weapon_and_in_which_crate_and_place_it_lay(house: Any) -> None:
    item = house.in_trust()
    house.do("store_weapon", item, at=house.dec(9), site="DEPOT-1", place="M1/07", container="C-2")
    house.accepted(house.released("RELOCATION", item))
    count(house, "ITEMS", "DEPOT-2", at=house.dec(19, 9))

    def spans(*words: str) -> list[tuple[str, str | None]]:
        return [
            (s["from"][8:13], s["until"] and s["until"][8:13])
            for s in desk(house).document("report", "ever", *words)["stays"]
        ]

    assert spans("--official", "OFF-011") == [("08T09", "16T09")]
    assert spans("--official", "OFF-013") == [("16T09", "18T09")]
    assert spans("--official", "OFF-012") == [("18T09", None)], "missing, and still answered for"
    assert spans("--site", "DEPOT-2") == [("18T09", "19T09")]
    assert spans("--crate", "crate-1") == [("08T12", "09T00")]
    assert spans("--crate", "c - 2")[0][0] == "09T00"
    assert spans("--site", "DEPOT-1", "--place", "m1") == [("09T00", "16T09")]
    assert spans("--site", "DEPOT-1", "--place", "M1/0") == []
    assert spans("--party", "PARTY-MOD", "--kind", "person") == []
    assert spans("--party", "PARTY-MOD", "--kind", "weapon")[0][0] == "08T11"


def test_with_a_party_are_those_in_its_care_until_they_are_handed_to_another(house: Any) -> None:
    person = house.handed_over()
    (kept,) = desk(house).document("report", "ever", "--party", "PARTY-MOD")["stays"]
    assert (kept["id"], kept["brought_by"]["what"]) == (person, "admitted")
    (given,) = desk(house).document("report", "ever", "--party", "PARTY-SYR")["stays"]
    assert given["brought_by"] == kept["taken_away_by"]
    assert (given["brought_by"]["what"], given["until"]) == ("handed over", None)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ((), 2, "where? name one of"),
        (("--site", "CAMP-R1", "--crate", "C-1"), 2, "where? name one of"),
        (("--crate", "C-1", "--place", "T-1"), 2, "where? name one of"),
        (("--site", "NOPE"), 5, "the site NOPE is not in the directory"),
        (("--official", "OFF-999"), 5, "the official OFF-999 is not in the directory"),
        (("--crate", "NOPE"), 5, "nothing was ever packed in a crate 'NOPE'"),
        (("--site", "CAMP-R1", "--from", "now", "--until", "-1d"), 2, "--from lies after --until"),
        (("--site", "CAMP-R1", "--from", ""), 2, "--from is empty"),
    ],
)
def test_what_cannot_be_asked_is_said(house: Any, words: Any, code: int, sentence: str) -> None:
    house.in_trust()
    answer = desk(house)("report", "ever", *words, code=code)
    assert answer.sentence.startswith(sentence)
    assert answer.out == ""


def test_plain_rows_have_one_shape_and_nobody_is_said_beside_them(house: Any) -> None:
    house.sheltered()
    answer = desk(house)("--plain", "report", "ever", "--site", "CAMP-R1")
    head, row = (line.split("\t") for line in answer.out.splitlines())
    assert head == ["id", "from", "until", "brought by", "taken away by"]
    assert (row[3], row[4]) == ("4 housed, OFF-010", "")
    assert answer.err.startswith("ever at CAMP-R1  1 person: at any instant from the first event")
    said = desk(house)("report", "ever", "--site", "CAMP-R2").out
    assert said.startswith("ever at CAMP-R2  nobody and nothing\n")

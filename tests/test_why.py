"""Why a count is what it is: as many members as were counted, each with the event that decided."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from domain import times
from domain.event import Event
from tests.recomputed import Recomputed
from tests.report_desk import count, desk
from tests.two_clocks import ZONE

HELD, OWED = {"IN_TRUST"}, {"IN_TRUST", "IN_TRANSIT", "MISSING"}
ENDS = {"HANDED_OVER", "RELEASED_OTHERWISE", "DECEASED"}


@pytest.fixture
def busy(house: Any) -> Any:
    """A house in which people came back, died, were merged and corrected, and weapons moved."""
    house.handed_over()
    back, dead, away, double = (house.sheltered() for _ in range(4))
    house.do("move", back, at=house.dec(9), site="CAMP-R2", place="T-1")
    house.do("move", back, at=house.dec(11), site="CAMP-R1", place="T-2")
    house.do("record_death", dead, at=house.dec(10), site="CLINIC", certificate="DC-1")
    house.do("report_absence", away, at=house.dec(12))
    house.do("seek_refuge", at=house.dec(8), site="GATE")
    house.do("merge", double, by="OFF-010", survivor=back, reason="same card")
    house.approve(double)
    kept, lost, sent = house.in_trust(), house.in_trust(), house.in_trust()
    house.received()
    house.accepted(house.released("RELOCATION", sent))
    count(house, "ITEMS", "DEPOT-1", kept, at=house.dec(19, 9))
    house.do("locate", lost, at=house.dec(19, 12), site="DEPOT-1")
    house.early = house.clock.now
    house.do(
        "correct", back, by="OFF-010", version=6, changes={"site": "CAMP-R2"}, reason="wrong list"
    )
    house.approve(back)
    return house


CLOCKS = [("7 Dec 2024 08:30", False),
          ("8 Dec 2024 15:00", False), ("10 Dec 2024 12:00", True), ("17 Dec 2024 12:00", False),
          ("19 Dec 2024 10:00", True), ("19 Dec 2024 10:00", False)]  # fmt: skip


@pytest.fixture(params=CLOCKS, ids=lambda p: f"{p[0][:6]}{' early' if p[1] else ''}")
def asked(request: pytest.FixtureRequest, busy: Any) -> tuple[Any, Recomputed, int, int, list[str]]:
    """A question's two clocks: the instant, and the knowledge of before the correction or of now."""
    as_of, early = request.param
    at = times.parse(as_of, ZONE, 0).at + times.SECOND - 1
    known = busy.early if early else busy.clock.now + times.HOUR
    words = ["--as-of", as_of]
    if early:
        words += ["--known-at", times.moment(known, ZONE).isoformat(timespec="microseconds")]
    return busy, Recomputed(busy.path), at, known, words


def named(stream: str, event: Event | None) -> str:
    assert event is not None
    return f"{stream}:{event.originator_version}"


def test_a_site_names_for_each_member_the_event_since_which_it_is_there(asked):
    house, facts, at, known, words = asked
    for site in ("CAMP-R1", "CAMP-R2", "GATE", "CLINIC", "DEPOT-1", "DEPOT-2"):
        told = desk(house).document("status", "--site", site, "--why", *words)
        wanted = {}
        both = facts.states("P", at, known) | facts.states("W", at, known)
        for one, state in both.items():
            here = (site, state.custody)
            if state.site == site and not getattr(state, "same_as", None):
                event = facts.since_when(one, at, known, lambda s, h=here: (s.site, s.custody) == h)
                wanted[one] = named(one, event)
        assert {one["id"]: one["why"]["event"] for one in told["there"]} == wanted


def test_the_members_of_what_is_in_trust_are_as_many_as_counted(asked):
    house, facts, at, known, words = asked
    for more, custody in (((), HELD), (("--transit",), OWED)):
        told = desk(house).document("report", "in-trust", "--why", *more, *words)
        wanted = {
            one: named(
                one,
                facts.since_when(
                    one, at, known, lambda s: s.custody in OWED and s.in_trust_since is not None
                ),
            )
            for one, state in facts.states("W", at, known).items()
            if state.custody in custody and state.in_trust_since is not None
        }
        assert {one["id"]: one["why"]["event"] for one in told["in_trust"]} == wanted
        assert told["count"] == len(wanted)
        assert all(one["why"]["occurred_at"] == one["since"] for one in told["in_trust"])


def test_the_members_of_each_number_of_the_head_count_are_as_many_as_counted(asked):
    house, facts, at, known, words = asked
    told = desk(house)("--json", "report", "headcount", "--why", *words, code=None).document
    number = Counter(one["counted"] for one in told["members"])
    assert (number["admitted"], number["double"]) == (told["admitted"], told["doubles"])
    assert (number["left"], number["here"]) == (told["left"], told["here"])
    custody = Counter(
        one["custody"] for one in told["members"] if one["counted"] in {"left", "here", "expected"}
    )
    assert dict(custody) == told["by_custody"]
    wanted = {}
    for one, state in facts.states("P", at, known).items():
        admitted = [e for e in facts.upto(one, at, known) if e.TOPIC == "person.admitted"]
        if state.same_as:
            event = facts.since_when(one, at, known, lambda s: s.same_as is not None)
            wanted |= {("double", one): named(one, event)} if admitted else {}
            continue
        if admitted:
            wanted["admitted", one] = named(one, admitted[0])
        group = which(state)
        event = facts.since_when(
            one, at, known, lambda s, g=group: s.same_as is None and which(s) == g
        )
        wanted[group, one] = named(one, event)
    assert {(m["counted"], m["id"]): m["why"]["event"] for m in told["members"]} == wanted


def which(state: Any) -> str:
    if state.custody in ENDS:
        return "left"
    return "expected" if state.custody == "EXPECTED" else "here"


def test_why_stands_beside_each_member_on_the_screen_and_in_a_pipe(house):
    person, item = house.sheltered(), house.in_trust()
    by_site = (f"{person}:4", "housed", "07 Dec 2024 10:00")
    admitted = (f"{person}:3", "admitted", "07 Dec 2024 09:00")
    for words, wanted in (
        (("status", "--site", "CAMP-R1"), by_site),
        (("report", "headcount"), admitted),
        (("report", "in-trust"), (f"{item}:3", "deposited in trust", "08 Dec 2024 11:00")),
        (("status", "--crate", "CRATE-1"), (f"{item}:4", "stored", "08 Dec 2024 12:00")),
    ):
        said = desk(house)(*words, "--why").out
        assert all(part in said for part in wanted), said
        assert wanted[0] not in desk(house)(*words).out
        members = desk(house)("--plain", *words, "--why").out.rpartition("\n\n")[2]
        rows = [line.split("\t") for line in members.splitlines()]
        assert len({len(row) for row in rows}) == 1
        assert any(set(wanted) <= {*row} for row in rows)


def test_why_of_all_sites_is_refused_with_what_to_name(house):
    answer = desk(house)("status", "--why", code=2)
    assert answer.sentence == (
        "--why explains one answer: name a subject, a site, a crate or a party"
    )

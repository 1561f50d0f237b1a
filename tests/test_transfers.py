"""Transfers move the manifest and the lines' own streams together, under two signatures."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import NotAllowedError, RefusedError, UnknownError
from domain.transfer import manifest_digest


def test_custody_moves_line_by_line_at_acceptance(house) -> None:
    taken, refused, missing = house.in_trust(), house.in_trust(), house.in_trust()
    number = house.released("RELOCATION", taken, refused, missing, kind="ITEMS")
    for item in (taken, refused, missing):
        state = house.state(item)
        assert (state.custody, state.keeper, state.party) == ("IN_TRANSIT", "OFF-013", "PARTY-MOD")
    house.accepted(number, exceptions={refused: "not ours", missing: "MISSING"})
    moved, back, gone = (house.state(item) for item in (taken, refused, missing))
    assert (moved.custody, moved.party, moved.site, moved.keeper) == (
        "IN_TRUST",
        "PARTY-MOD",
        "DEPOT-2",
        "OFF-012",
    )
    assert (back.custody, back.party, back.site, back.keeper) == (
        "IN_TRUST",
        "PARTY-MOD",
        "DEPOT-1",
        "OFF-013",
    )
    assert (gone.custody, gone.keeper) == ("IN_TRANSIT", "OFF-013")
    assert house.state(number).lines == {taken: "ACCEPTED", refused: "REFUSED", missing: "MISSING"}
    assert house.state(number).accepted_count == 1
    assert house.register_is_sound()


@pytest.mark.parametrize(
    ("purpose", "custody", "site"),
    [("RETURN", "HANDED_OVER", "GATE"), ("RELOCATION", "SHELTERED", "GATE")],
)
def test_what_acceptance_means_follows_from_the_purpose(house, purpose, custody, site) -> None:
    person = house.willing()
    number = house.released(purpose, person, kind="PERSONS")
    assert house.state(person).custody == "IN_TRANSIT"
    house.accepted(number)
    assert (house.state(person).custody, house.state(person).site) == (custody, site)
    assert house.state(person).transfer is None


def test_every_event_of_one_command_shares_its_batch(house) -> None:
    one, other = house.willing(), house.willing()
    number = house.released("RETURN", one, other)
    house.accepted(number)
    last = {subject: house.read(subject).events[-1].batch for subject in (one, other, number)}
    assert len(set(last.values())) == 1
    assert last[one].startswith("B-")


def test_a_batch_id_of_the_caller_is_kept(house) -> None:
    person = house.willing()
    number = house.planned("RETURN")
    house.do("add_line", number, line=person, batch="ROW-7")
    assert house.read(person).events[-1].batch == house.read(number).events[-1].batch == "ROW-7"


@given(st.lists(st.integers(1, 999), unique=True, max_size=8), st.randoms())
def test_the_manifest_digest_is_that_of_its_sorted_lines(numbers, random) -> None:
    subjects = [f"P-{n:06d}-A" for n in numbers]
    shuffled = random.sample(subjects, len(subjects))
    text = "custody-manifest/v1\nT-000001-8\n" + "".join(f"{s}\n" for s in sorted(subjects))
    expected = hashlib.sha256(text.encode()).hexdigest()
    assert manifest_digest("T-000001-8", shuffled) == expected


def test_adding_and_removing_thaws_a_frozen_manifest(house) -> None:
    one, other = house.willing(), house.willing()
    number = house.planned("RETURN", one)
    for verb, line in (("add_line", other), ("remove_line", other)):
        house.do("freeze", number)
        assert house.state(number).digest
        house.do(verb, number, line=line)
        assert (house.state(number).status, house.state(number).digest) == ("PLANNED", "")
        with pytest.raises(RefusedError, match="this step needs FROZEN"):
            house.do("release", number)


def test_who_changes_their_mind_after_release_is_not_taken_off_in_silence(house) -> None:
    person = house.willing()
    number = house.released("RETURN", person)
    house.do("state_intent", person, intent="STAY", interviewer="OFF-016")
    assert house.state(number).lines == {person: "RELEASED"}
    house.accepted(number, exceptions={person: "stays"}, at=None)
    assert house.state(person).custody == "SHELTERED"
    assert house.state(person).site == "CAMP-R1"
    assert house.state(person).irregular == ()


@pytest.mark.parametrize("verb", ["remove_line", "accept"])
def test_a_line_that_is_not_on_the_manifest_is_unknown(house, verb: str) -> None:
    number, stranger = house.released("RETURN", house.willing()), house.willing()
    facts = {"line": stranger} if verb == "remove_line" else {"lines": [stranger]}
    facts |= {} if verb == "remove_line" else {"party": "PARTY-SYR", "by": "OFF-014"}
    with pytest.raises(UnknownError, match=f"{stranger} is not on {number}"):
        house.do(verb, number, **facts)


def test_a_line_that_does_not_exist_is_unknown(house) -> None:
    with pytest.raises(UnknownError):
        house.do("add_line", house.planned("RETURN"), line="P-000999-Z")


def test_later_lines_are_accepted_by_an_accepting_official_only(house) -> None:
    one, late = house.willing(), house.willing()
    number = house.released("RETURN", one, late)
    house.accepted(number, exceptions={late: "MISSING"})
    for facts in ({"exceptions": {late: "stayed"}}, {"lines": [late]}):
        with pytest.raises(NotAllowedError):
            house.accepted(number, by="OFF-010", **facts)
    assert house.state(number).lines[late] == "MISSING"


def test_an_accepted_line_is_not_accepted_twice(house) -> None:
    one, late = house.willing(), house.willing()
    number = house.released("RETURN", one, late)
    house.accepted(number, exceptions={late: "MISSING"})
    with pytest.raises(RefusedError, match=f"rule 25: {one} is ACCEPTED on {number}, not released"):
        house.accepted(number, lines=[one])


def test_a_refused_line_may_be_put_on_another_transfer(house) -> None:
    person = house.willing()
    number = house.released("RETURN", person)
    house.accepted(number, exceptions={person: "bus was full"})
    again = house.planned("RETURN", person)
    assert house.state(person).transfer == again


def test_a_frozen_manifest_of_nobody_cannot_be(house) -> None:
    with pytest.raises(Exception, match="count 0"):
        house.do("freeze", house.planned("RETURN"))


def test_one_refused_line_leaves_the_whole_acceptance_undone(house) -> None:
    """A weapon put on hold on the way stops the command: no line of it is half accepted."""
    house.recognised()
    fine, held = house.authorised(house.in_trust()), house.authorised(house.in_trust())
    number = house.released("RESTITUTION", fine, held, kind="ITEMS")
    house.do("place_hold", held, at=house.dec(17), hold="COURT")
    rows = house.rows()
    with pytest.raises(RefusedError):
        house.accepted(number)
    assert house.rows() == rows
    house.accepted(number, exceptions={held: "court order"})
    assert house.state(fine).custody == "RETURNED"
    assert house.state(held).custody == "IN_TRUST"


def test_an_accepted_item_is_put_in_its_place_in_the_crate_it_came_in(house) -> None:
    item = house.in_trust()
    packed = {"site": "DEPOT-1", "place": "hall", "container": "C-7", "seal": "S-7"}
    house.do("store_weapon", item, at=house.dec(10, 18), **packed)
    house.accepted(house.released("RELOCATION", item, kind="ITEMS"), place="rack 3")
    state = house.read(item).state
    assert (state.place, state.container, state.seal) == ("rack 3", "C-7", "S-7")


def test_an_unlisted_item_is_accepted_where_it_arrived_unless_another_list_has_it(house) -> None:
    listed, stray = house.in_trust(), house.in_trust()
    number = house.released("RELOCATION", listed, kind="ITEMS")
    house.do("record_unlisted", number, subject=stray)
    house.accepted(number, lines=[listed, stray])
    assert house.read(stray).state.site == house.read(listed).state.site
    other = house.planned("RELOCATION", stray, kind="ITEMS")
    again = house.released("RELOCATION", house.in_trust(), kind="ITEMS")
    house.do("record_unlisted", again, subject=stray)
    with pytest.raises(RefusedError, match=f"rule 12: .*{other}"):
        house.accepted(again, lines=[stray])


def test_a_departure_learned_after_the_acceptance_is_still_recorded(house) -> None:
    number = house.released("RELOCATION", house.in_trust(), kind="ITEMS")
    house.accepted(number)
    house.do("depart", number, at=house.dec(16, 10), transport="truck 3")
    state = house.read(number).state
    assert (state.status, state.transport) == ("ACCEPTED", "truck 3")


def test_what_is_told_late_does_not_go_back_behind_a_later_step(house) -> None:
    item, late = house.in_trust(), house.in_trust()
    number = house.released("RELOCATION", item, kind="ITEMS")
    house.do("add_line", number, line=late, at=house.dec(17), happened="the driver's list")
    assert (house.state(number).status, house.state(number).lines[item]) == ("RELEASED", "RELEASED")
    house.accepted(number, lines=[item])
    house.do("depart", number, at=house.dec(18, 10), transport="T", happened="the driver's list")
    known = house.state(number)
    assert (known.status, known.transport, known.lines[item]) == ("ACCEPTED", "T", "ACCEPTED")


def test_an_arrival_moved_to_a_later_day_leaves_what_came_after(house) -> None:
    person = house.sheltered()
    house.do("correct", person, version=1, changes={}, at=house.dec(19), reason="r")
    house.approve(person)
    assert (house.state(person).site, house.state(person).custody) == ("CAMP-R1", "SHELTERED")

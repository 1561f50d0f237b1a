"""Two records of one person: the survivor is judged by both, and un-merging restores both."""

from __future__ import annotations

from contextlib import closing

import pytest

from application.answers.feed.follow import Views
from application.answers.reader import Reader
from application.answers.status import status
from application.answers.two_clocks import latest
from application.decisions.open import VIEWS_SUFFIX
from domain.errors import RefusedError
from tests.test_audit_replay import ledger_id


def merged(house, subject: str, survivor: str) -> int:
    """Merge one record into another by two officials; return the version that says so."""
    house.do("merge", subject, survivor=survivor, reason="same card")
    return house.approve(subject).version


def unmerged(house, subject: str, version: int) -> None:
    """Take a merge back by two officials."""
    house.do("retract", subject, by="OFF-001", version=version, why="incorrect_data")
    house.approve(subject)


def states(house, person: str, intent: str, **note) -> None:
    """Somebody is asked what they want."""
    house.do("state_intent", person, intent=intent, interviewer="OFF-016", **note)


def may_go(house, person: str) -> bool:
    """Whether a person can be put on a return."""
    number = house.planned("RETURN")
    try:
        house.do("add_line", number, line=person)
    except RefusedError:
        return False
    house.do("remove_line", number, line=person)
    return True


@pytest.mark.parametrize("wish", ["STAY", "SEEKS_PROTECTION"])
@pytest.mark.parametrize("day", [7, 12])
def test_a_wish_against_going_under_either_record_keeps_the_survivor_off(house, wish, day) -> None:
    one, other = house.willing(), house.sheltered()
    states(house, other, wish, at=house.dec(day, 22))
    assert may_go(house, one)
    merged(house, other, one)
    assert not may_go(house, one)
    assert house.state(one).intent == wish
    house.do("move", one, site="CAMP-R2")
    assert house.state(one).site == "CAMP-R2"
    states(house, one, "RETURN")
    assert may_go(house, one)


def test_a_wish_of_the_survivor_itself_stays_what_it_is(house) -> None:
    one, other = house.sheltered(), house.willing()
    states(house, one, "STAY")
    merged(house, other, one)
    assert house.state(one).intent == "STAY"


def test_a_merge_ends_every_clearance_until_the_person_is_asked_again(house) -> None:
    one, other = house.willing(), house.willing()
    merged(house, other, one)
    assert not may_go(house, one)
    states(house, one, "RETURN")
    assert may_go(house, one)


def test_unmerging_restores_both_records(house) -> None:
    one, other = house.willing(), house.sheltered()
    states(house, other, "STAY")
    house.do("deposit_effects", other, receipt="E-7", items=2)
    before = [house.state(p)._replace(irregular=()) for p in (one, other)]
    version = merged(house, other, one)
    assert house.state(one).effects == ("E-7",)
    unmerged(house, other, version)
    assert [house.state(p)._replace(irregular=()) for p in (one, other)] == before
    assert may_go(house, one)
    assert house.register_is_sound()


def test_a_merge_taken_back_and_put_back_counts_again(house) -> None:
    one, other = house.willing(), house.sheltered()
    states(house, other, "STAY")
    unmerged(house, other, merged(house, other, one))
    unmerged(house, other, house.read(other).version)
    assert house.state(other).same_as == one
    assert not may_go(house, one)


def test_effects_and_pledges_of_both_are_the_survivors(house) -> None:
    one, other = house.willing(), house.willing()
    house.do("deposit_effects", one, receipt="E-1", items=1)
    house.do("deposit_effects", other, receipt="E-2", items=1)
    house.do("withdraw_pledge", other, pledgor="SELF")
    merged(house, other, one)
    assert house.state(one).effects == ("E-1", "E-2")
    assert house.state(one).pledges == {"SELF": "WITHDRAWN"}
    house.do("return_effects", one, receipt="E-2")
    assert house.state(one).effects == ("E-1",)


def test_both_come_off_manifests_that_have_not_left(house) -> None:
    one, other = house.willing(), house.willing()
    ours, theirs = house.planned("RETURN", one), house.planned("RETURN", other)
    house.do("freeze", theirs)
    merged(house, other, one)
    assert house.state(ours).lines == house.state(theirs).lines == {}
    assert house.state(theirs).status == "PLANNED"
    assert house.state(one).transfer is house.state(other).transfer is None


def test_nobody_is_merged_away_while_on_the_way(house) -> None:
    one, other = house.sheltered(), house.willing()
    number = house.released("RETURN", other)
    with pytest.raises(RefusedError, match=f"{other} is on {number}, which has left"):
        house.do("merge", other, survivor=one)


def test_a_merge_is_not_approved_of_who_left_after_it_was_proposed(house) -> None:
    one, other = house.sheltered(), house.willing()
    house.do("merge", other, survivor=one, reason="same card")
    house.released("RETURN", other)
    with pytest.raises(RefusedError, match="which has left"):
        house.approve(other)
    assert house.state(other).same_as is None


def test_a_later_absence_under_the_other_record_is_the_survivors(house) -> None:
    one, other = house.sheltered(), house.sheltered()
    house.do("report_absence", other, at=house.dec(15))
    merged(house, other, one)
    assert house.state(one).custody == "ABSENT"
    again = house.sheltered()
    house.do("report_absence", again, at=house.dec(8))
    house.do("find_again", again, at=house.dec(9), site="CAMP-R2", place="B")
    merged(house, house.sheltered(), again)
    assert (house.state(again).custody, house.state(again).site) == ("SHELTERED", "CAMP-R2")


def test_later_care_under_the_other_record_is_the_survivors_with_its_site(house) -> None:
    one, other = house.sheltered("CAMP-R1"), house.sheltered("CAMP-R2")
    house.do("refer_to_care", other, at=house.dec(10), site="CLINIC")
    merged(house, other, one)
    survivor = house.state(one)
    assert (survivor.custody, survivor.site) == ("IN_CARE", "CLINIC")


def test_a_wish_against_going_takes_the_survivor_off_ways_out_and_off_nothing_else(house) -> None:
    one, other = house.willing(), house.sheltered()
    out, within = house.planned("RETURN"), house.planned("RELOCATION", kind="PERSONS")
    house.do("add_line", out, line=one)
    house.do("remove_line", out, line=one)
    house.do("add_line", within, line=one)
    states(house, other, "STAY")
    merged(house, other, one)
    assert list(house.state(within).lines) == [one]


def test_a_wish_learned_under_a_record_merged_before_reaches_the_survivor(house) -> None:
    one, other = house.willing(), house.sheltered()
    merged(house, other, one)
    states(house, one, "RETURN")
    states(house, other, "STAY", at=house.dec(11))
    assert not may_go(house, one)


def test_a_pledge_withdrawn_under_a_record_merged_before_ends_the_survivors(house) -> None:
    one, other = house.willing(), house.willing()
    merged(house, other, one)
    states(house, one, "RETURN")
    house.do("sign_pledge", one, pledgor="SELF", document="PL-2")
    assert may_go(house, one)
    house.do("withdraw_pledge", other, at=house.dec(11), pledgor="SELF")
    assert not may_go(house, one)


def test_a_wish_goes_on_through_a_chain_of_merges_and_back(house) -> None:
    first, middle, last = house.sheltered(), house.sheltered(), house.willing()
    states(house, first, "STAY")
    version = merged(house, first, middle)
    merged(house, middle, last)
    assert not may_go(house, last)
    unmerged(house, first, version)
    assert house.state(last).intent is None
    states(house, last, "RETURN")
    assert may_go(house, last)


def test_a_double_of_somebody_handed_over_who_wanted_to_stay_is_flagged(house) -> None:
    gone, other = house.handed_over(), house.sheltered()
    states(house, other, "STAY")
    merged(house, other, gone)
    assert 8 in {rule for _, rule in house.state(gone).irregular}


def test_what_a_merge_brought_over_is_not_taken_back_alone(house) -> None:
    one, other = house.willing(), house.sheltered()
    states(house, other, "STAY")
    merged(house, other, one)
    for version in (house.read(one).version - 1, house.read(one).version):
        with pytest.raises(RefusedError, match=f"came with the merge of {other}: retract that"):
            house.do("retract", one, by="OFF-001", version=version, why="duplicate")


def test_a_merged_record_is_neither_merged_again_nor_merged_into(house) -> None:
    one, other, third = house.sheltered(), house.sheltered(), house.sheltered()
    merged(house, other, one)
    for subject, survivor in ((other, third), (third, other)):
        with pytest.raises(RefusedError, match=f"{other} is merged into {one} already"):
            house.do("merge", subject, survivor=survivor)


def test_a_weapon_handed_in_under_a_merged_record_names_the_survivor_until_it_is_unmerged(
    house,
) -> None:
    one, middle, other = house.sheltered(), house.sheltered(), house.sheltered()
    facts = {"person": other, "receiver": "OFF-011", "site": "DEPOT-1", "made_safe": True}
    item = house.do("receive", at=house.dec(8), provisional_receipt="R-1", **facts).subject
    path = house.path.with_name(house.path.name + VIEWS_SUFFIX)
    streams = house.custody.streams

    def holder() -> str:
        with closing(Views(streams, path, ledger_id(house))) as views:
            views.catch_up()
            ask, clocks = (lambda: Reader(None, frozenset())), latest(views)
            return status(views, streams, clocks, ask, item, now=clocks.known_at).facts["holder"]

    version = merged(house, other, middle)
    merged(house, middle, one)
    assert holder() == one
    facts["person"] = one
    second = house.do("receive", provisional_receipt="R-1", **facts)
    assert second.irregularities == (30,)  # a second act, of the same depositor
    unmerged(house, other, version)
    assert holder() == other


def test_what_is_told_later_of_a_merged_record_is_the_survivors(house) -> None:
    one, other = house.willing(), house.sheltered()
    merged(house, other, one)
    states(house, one, "RETURN")
    house.do("deposit_effects", other, at=house.dec(9), receipt="E-5", items=1)
    facts = {"giver": "PARTY-SYR", "kind": "amnesty", "status": "ISSUED"}
    house.do("record_assurance", other, at=house.dec(9), **facts)
    known = house.state(one)
    assert (known.effects, known.assurances, known.intent) == (("E-5",), ("ISSUED",), "RETURN")
    assert house.do("return_effects", one, receipt="E-5").irregularities == ()
    assert house.state(one).effects == ()


def test_effects_given_back_under_the_merged_number_are_given_back(house) -> None:
    one, other = house.sheltered(), house.sheltered()
    house.do("deposit_effects", other, at=house.dec(9), receipt="E-6", items=1)
    merged(house, other, one)
    house.do("return_effects", other, receipt="E-6")
    assert house.state(one).effects == house.state(other).effects == ()

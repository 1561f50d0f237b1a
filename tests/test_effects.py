"""No command is a way round: every command that moves custody, against every rule that guards it."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from domain.book import BOOK
from domain.errors import RefusedError
from domain.event import EVENTS

KEPT = ("STAY", "SEEKS_PROTECTION")


@pytest.fixture
def far(house) -> Any:
    """The house with sites of others: over the crossing, and a camp and a depot of the other party."""
    note = {"at": house.dec(7)}
    house.do("open_site", "SITE-OVER", kind="CROSSING", name="over", crossing="GATE", **note)
    facts = {"operator": "PARTY-SYR", "name": "theirs", **note}
    house.do("open_site", "SITE-THEIRS", kind="CAMP", **facts)
    house.do("open_site", "SITE-THEIR-DEPOT", kind="DEPOT", **facts)
    return house


# ── who said STAY does not get over the crossing unseen ─────────────────────


def plain_transfer(house, person: str, site: str) -> None:
    sites = {"from_site": "CAMP-R1", "to_site": site}
    parties = {"from_party": "PARTY-MOD", "to_party": "PARTY-MOD"}
    number = house.do("plan", kind="PERSONS", **parties, **sites).subject
    house.do("add_line", number, line=person)
    house.do("freeze", number)
    house.do("release", number, by="OFF-013")
    house.do("accept", number, by="OFF-012", party="PARTY-MOD")


def to_another_party(house, person: str, _: str) -> None:
    number = house.planned("RELOCATION", kind="PERSONS")
    sites = {"from_site": "CAMP-R1", "to_site": "CAMP-R2"}
    parties = {"from_party": "PARTY-MOD", "to_party": "PARTY-SYR"}
    number = house.do("plan", kind="PERSONS", **parties, **sites).subject
    house.do("add_line", number, line=person)


def lost_and_found(house, person: str, site: str) -> None:
    house.do("report_absence", person)
    house.do("find_again", person, site=site)


def to_care_and_back(house, person: str, site: str) -> None:
    house.do("refer_to_care", person, site="CLINIC")
    house.do("return_from_care", person, site=site)


WAYS = {
    "a plain transfer": plain_transfer,
    "a transfer to another party": to_another_party,
    "a move": lambda house, person, site: house.do("move", person, site=site),
    "care": lambda house, person, site: house.do("refer_to_care", person, site=site),
    "back from care": to_care_and_back,
    "absent and found": lost_and_found,
    "released otherwise": lambda house, person, _: house.do(
        "release_otherwise", person, basis="order", destination="the other side"
    ),
}


@pytest.mark.parametrize("intent", KEPT)
@pytest.mark.parametrize("site", ["OVER", "THEIRS"])
@pytest.mark.parametrize("way", WAYS)
def test_who_will_not_go_is_never_passed_on_unseen(far, way: str, site: str, intent: str) -> None:
    person = far.sheltered()
    far.do("state_intent", person, at=far.dec(9), intent=intent, interviewer="OFF-016")
    with contextlib.suppress(RefusedError):
        WAYS[way](far, person, site)
        assert 8 in {rule for _, rule in far.state(person).irregular}


@pytest.mark.parametrize("way", ["a plain transfer", "a move", "care", "absent and found"])
def test_within_our_own_places_nobody_is_flagged_for_a_wish(far, way: str) -> None:
    person = far.sheltered()
    far.do("state_intent", person, at=far.dec(9), intent="STAY", interviewer="OFF-016")
    WAYS[way](far, person, "CAMP-R2")
    assert far.state(person).irregular == ()
    assert far.state(person).site == "CAMP-R2"


def test_a_refusal_for_a_wish_and_one_for_a_missing_pledge_say_the_same(far) -> None:
    said = []
    for intent in ("STAY", "UNDECIDED", "RETURN"):
        person = far.sheltered()
        far.do("state_intent", person, at=far.dec(9), intent=intent, interviewer="OFF-016")
        with pytest.raises(RefusedError) as refusal:
            far.do("add_line", far.planned("RETURN"), line=person)
        said.append(str(refusal.value).replace(person, "P").partition(" on T-")[0])
    assert len(set(said)) == 1


# ── a weapon does not leave its trustee unseen ──────────────────────────────


def by_acceptance(house, item: str, site: str) -> None:
    sites = {"from_site": "DEPOT-1", "to_site": site}
    parties = {"from_party": "PARTY-MOD", "to_party": "PARTY-MOD"}
    number = house.do("plan", kind="ITEMS", **parties, **sites).subject
    house.do("add_line", number, line=item)
    house.do("freeze", number)
    house.do("release", number, by="OFF-013")
    house.do("accept", number, by="OFF-012", party="PARTY-MOD")


def accepted_for_another(house, item: str, _: str) -> None:
    number = house.released("RELOCATION", item, kind="ITEMS")
    house.do("accept", number, by="OFF-014", party="PARTY-SYR")


def planned_for_another(house, item: str, _: str) -> None:
    sites = {"from_site": "DEPOT-1", "to_site": "DEPOT-2"}
    parties = {"from_party": "PARTY-MOD", "to_party": "PARTY-SYR"}
    number = house.do("plan", kind="ITEMS", **parties, **sites).subject
    house.do("add_line", number, line=item)


def another_trustee(house, item: str, _: str) -> None:
    terms = {"receipt": "R-X", "beneficiary": "x", "terms": "y"}
    house.do("deposit", item, trustee="PARTY-SYR", **terms)


AWAY = {
    "acceptance at another's site": by_acceptance,
    "acceptance for another party": accepted_for_another,
    "a plan for another party": planned_for_another,
    "another deposit": another_trustee,
    "a place": lambda house, item, site: house.do("store_weapon", item, site=site),
    "located": lambda house, item, site: house.do("locate", item, site=site),
}


@pytest.mark.parametrize("hold", ["", "COURT"])
@pytest.mark.parametrize("site", ["OVER", "THEIR-DEPOT"])
@pytest.mark.parametrize("way", AWAY)
def test_a_weapon_never_leaves_its_trustee_unseen(far, way: str, site: str, hold: str) -> None:
    item = far.in_trust()
    if hold:
        far.do("place_hold", item, hold=hold)
    with contextlib.suppress(RefusedError):
        AWAY[way](far, item, site)
        assert 17 in {rule for _, rule in far.state(item).irregular}


def test_a_weapon_moves_between_the_trustees_own_places(far) -> None:
    item = far.in_trust()
    by_acceptance(far, item, "DEPOT-2")
    assert far.state(item).irregular == ()
    assert (far.state(item).site, far.state(item).custody) == ("DEPOT-2", "IN_TRUST")


# ── two signatures are two people ───────────────────────────────────────────


def test_the_releaser_does_not_sign_for_a_colleague(far) -> None:
    number = far.released("RELOCATION", far.in_trust(), kind="ITEMS")
    far.do("grant_role", "OFF-013", role="ACCEPTING")
    with pytest.raises(RefusedError, match="another official must accept"):
        far.do("accept", number, by="OFF-013", party="PARTY-MOD", official="OFF-012")


def test_who_records_for_a_colleague_without_their_signature_is_flagged(far) -> None:
    number = far.released("RELOCATION", far.in_trust(), kind="ITEMS")
    far.do("accept", number, by="OFF-014", party="PARTY-MOD", official="OFF-012")
    assert 13 in {rule for _, rule in far.state(number).irregular}


# ── what has happened is recorded, whatever the rules say ───────────────────

FACTS: dict[str, dict[str, Any]] = {
    "hand_over": {"receiving_party": "PARTY-SYR", "site": "OVER", "by": "OFF-014"},
    "release_otherwise": {"basis": "x", "destination": "y"},
    "house": {"site": "CAMP-R2"},
}


@pytest.mark.parametrize("verb", FACTS)
def test_what_is_told_as_having_happened_is_recorded_and_flagged(far, verb: str) -> None:
    person = far.sheltered()
    far.do("state_intent", person, at=far.dec(9), intent="STAY", interviewer="OFF-016")
    done = far.do(verb, person, happened="seen by OFF-015 at the gate", **FACTS[verb])
    last = far.read(person).events[done.version - 1]
    assert last.happened == "seen by OFF-015 at the gate"
    assert done.irregularities
    assert set(done.irregularities) <= set(BOOK)


def test_a_date_ahead_of_the_clock_has_not_happened(far) -> None:
    person = far.sheltered()
    with pytest.raises(RefusedError, match="rule 2"):
        far.do("move", person, at=far.dec(30), site="CAMP-R2", happened="a paper")


def test_each_event_that_moves_custody_declares_it() -> None:
    moving = {
        topic for topic, cls in EVENTS.items()
        if "site" in cls.model_fields and topic.startswith(("person.", "weapon."))
    }  # fmt: skip
    begins = {"person.refuge_sought", "person.admitted", "person.died"}
    declared = {t for t, cls in EVENTS.items() if cls.EFFECTS}
    assert moving - begins <= declared


# ── whoever stands at a site does not pass on with it ───────────────────────


def test_a_site_where_others_stand_does_not_change_its_operator_unseen(far) -> None:
    person, item = far.sheltered(), far.in_trust()
    ill = far.sheltered("CAMP-R2")
    far.do("refer_to_care", ill, site="CLINIC")
    for site in ("CAMP-R1", "CLINIC", "DEPOT-1"):
        with pytest.raises(RefusedError, match="would pass to PARTY-SYR without a transfer"):
            far.do("name_operator", f"SITE-{site}", operator="PARTY-SYR")
        far.do("name_operator", f"SITE-{site}", operator="PARTY-MOD")
        done = far.do("name_operator", f"SITE-{site}", operator="PARTY-SYR", happened="a paper")
        assert done.irregularities == (11,)
    assert far.state(person).site == "CAMP-R1"
    assert far.state(item).site == "DEPOT-1"
    far.do("name_operator", "SITE-CAMP-R2", operator="PARTY-SYR")


def test_who_comes_back_to_a_place_that_others_run_by_now_is_passed_on(far) -> None:
    person = far.sheltered()
    far.do("state_intent", person, at=far.dec(9), intent="STAY", interviewer="OFF-016")
    far.do("report_absence", person, at=far.dec(10))
    far.do("name_operator", "SITE-CAMP-R1", operator="PARTY-SYR", at=far.dec(11))
    assert 8 in far.do("find_again", person, site="CAMP-R1").irregularities


def test_a_held_trust_is_not_taken_back_and_another_is_flagged(far) -> None:
    free, held = far.in_trust(), far.in_trust()
    far.do("place_hold", held, hold="COURT")
    why = {"by": "OFF-001", "version": 3, "why": "did_not_occur", "reason": "r"}
    change = {"version": 3, "changes": {"trustee": "PARTY-SYR"}, "reason": "r"}
    for verb, facts in (("retract", why), ("correct", change)):
        with pytest.raises(RefusedError, match="has an open hold: COURT"):
            far.do(verb, held, **facts)
    far.do("correct", free, **change)
    assert 17 in far.approve(free).irregularities
    assert far.state(free).trustee == "PARTY-SYR"


def test_a_release_in_a_colleagues_name_without_their_signature_is_flagged(far) -> None:
    for by, wrong in (("OFF-013", False), ("OFF-012", True)):
        far.do("grant_role", "OFF-012", role="RELEASING")
        number = far.planned("RELOCATION", far.in_trust(), kind="ITEMS")
        far.do("freeze", number, at=far.dec(16))
        far.do("release", number, by=by, official="OFF-013", at=far.dec(17))
        assert (13 in {rule for _, rule in far.state(number).irregular}) == wrong


def test_each_line_of_an_acceptance_says_what_it_broke(far) -> None:
    one, other = far.in_trust(), far.in_trust()
    far.do("store_weapon", other, at=far.dec(9), site="DEPOT-2", container="CRATE-2")
    number = far.planned("RELOCATION", one, other, kind="ITEMS")
    far.do("freeze", number, at=far.dec(16, 8))
    done = far.do("release", number, by="OFF-013", at=far.dec(16, 9))
    assert [(stream, rules) for stream, _, rules in done.lines] == [(other, (27,))]
    person = far.sheltered()
    far.do("report_absence", person, at=far.dec(9))
    done = far.do("find_again", person, site="DEPOT-1")
    assert (done.irregularities, done.lines) == ((28,), ())

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime

import pytest

from scenario.names import FAMILY, GIVEN
from scenario.people import ENTRY_CLOSES, ENTRY_OPENS, STAFF_LEAVES, ZONE, Person
from scenario.places import CAMPS, DEPOTS, OFFICIALS, PARTIES, SECOND_APPROVER
from scenario.plan import RANKS, SIZES, VARIANTS, Plan
from scenario.population import Population, population
from scenario.weapons import KINDS, RESERVED

KINDS_FULL = {
    "AKM/AKMS": 742,
    "Type 56": 198,
    "AK-74/AKS-74": 261,
    "AKS-74U": 38,
    "RPK": 66,
    "PKM": 118,
    "SVD": 47,
    "Makarov PM": 171,
    "TT-33": 16,
    "RPG-7": 104,
    "DShKM": 21,
    "82-mm mortar": 12,
    "SPG-9": 8,
    "unidentified or parts": 18,
}


def every() -> list[Population]:
    return [population(variant, size) for variant in VARIANTS for size in ("small", "full")]


@pytest.fixture(scope="module")
def k24() -> Population:
    return population("k24", "full")


@pytest.fixture(scope="module")
def stress() -> Population:
    return population("stress", "full")


def test_k24_sends_36_home_on_the_18th_and_1869_on_the_19th(k24: Population) -> None:
    leaving = Counter((p.category, p.handed_over_at.day) for p in k24.persons if p.handed_over_at)
    assert leaving == {("CROSSING_STAFF", 18): 36, ("MILITARY", 19): 1869}
    staff = {p.handed_over_at for p in k24.persons if p.category == "CROSSING_STAFF"}
    assert staff == {STAFF_LEAVES}


def test_ranks_and_posts_of_k24_are_those_of_the_story(k24: Population) -> None:
    ranks = Counter(p.rank for p in k24.persons if p.category == "MILITARY")
    assert ranks == RANKS
    posts = Counter(p.rank for p in k24.persons if p.category == "CROSSING_STAFF")
    assert posts == {"موظف جمارك": 14, "موظف جوازات": 12, "حارس": 6, "إداري": 4}


def test_joc_and_wide_admit_as_many_as_their_reading_says() -> None:
    assert Counter(p.category for p in population("joc", "full").persons) == {
        "MILITARY": 1905,
        "CROSSING_STAFF": 36,
    }
    assert len(population("wide", "full").persons) == 2400


def test_wide_houses_more_people_than_the_camps_have_places() -> None:
    for size in ("small", "full"):
        story = population("wide", size)
        capacity = {site.code: site.capacity for site in story.sites}
        housed = Counter(person.camp for person in story.persons)
        assert all(housed[camp] > (capacity[camp] or 0) for camp in CAMPS)


def test_k24_fits_into_its_camps(k24: Population) -> None:
    assert max(Counter(person.camp for person in k24.persons).values()) <= 700


def test_stress_keeps_back_exactly_those_of_the_story(stress: Population) -> None:
    outcomes = Counter(p.outcome for p in stress.persons)
    assert outcomes == {"HANDED_OVER": 1892, "STAYING": 9, "IN_CARE": 2, "DECEASED": 1, "ABSENT": 1}
    staying = Counter(
        (p.intent, p.pledge_withdrawn) for p in stress.persons if p.outcome == "STAYING"
    )
    assert staying == {("SEEKS_PROTECTION", False): 4, ("STAY", False): 3, ("RETURN", True): 2}
    assert sum(p.convoy is not None for p in stress.persons) == 1856


def test_nobody_who_stays_has_a_convoy_or_an_hour_of_handover() -> None:
    for story in every():
        for person in story.persons:
            leaves = person.outcome == "HANDED_OVER"
            assert (person.handed_over_at is not None) == leaves
            assert not leaves or (person.intent == "RETURN" and person.pledge != "NONE")
            assert leaves or person.convoy is None


def test_convoys_carry_at_most_forty_and_number_47_in_k24(k24: Population) -> None:
    aboard = Counter(p.convoy for p in k24.persons if p.convoy)
    assert sorted(aboard) == list(range(1, 48))
    assert max(aboard.values()) == 40
    hours = sorted({p.handed_over_at for p in k24.persons if p.convoy and p.handed_over_at})
    assert (hours[0].strftime("%H:%M"), hours[-1].strftime("%H:%M")) == ("06:30", "12:40")


def test_the_one_miscounted_convoy_is_full_and_another_follows() -> None:
    for story in every():
        aboard = [p.n for p in story.persons if p.convoy == story.mismatch.convoy]
        assert len(aboard) == 40
        assert story.mismatch.person in aboard
        assert any(p.convoy == story.mismatch.next_convoy for p in story.persons)


def test_entry_injuries_late_rows_and_corrections_are_counted(k24: Population) -> None:
    assert {p.group for p in k24.persons} == set(range(1, 10))
    assert all(ENTRY_OPENS <= p.entered_at <= ENTRY_CLOSES for p in k24.persons)
    assert sum(p.injured for p in k24.persons) == 41
    assert sum(p.housing_corrected for p in k24.persons) == 23
    late = [p for p in k24.persons if p.late]
    assert len(late) == 57
    assert {p.registered_at.day for p in late} == {8, 9}
    assert not any(p.late and p.housing_corrected for p in k24.persons)


def test_each_persons_times_follow_one_another() -> None:
    noon = datetime(2024, 12, 12, 12, tzinfo=ZONE)
    for story in every():
        for p in story.persons:
            assert p.entered_at < p.registered_at < p.housed_at < noon
            assert (p.registered_at.day, p.housed_at.day) >= (8, 9)


def test_a_correction_moves_to_another_camp_and_no_bed_has_two_people() -> None:
    for story in every():
        beds = [(p.camp, p.place) for p in story.persons]
        moved = [
            (p.corrected_camp, p.corrected_place) for p in story.persons if p.housing_corrected
        ]
        assert len(set(beds + moved)) == len(beds + moved)
        assert all(p.corrected_camp != p.camp for p in story.persons)


def test_names_are_unique_but_for_the_namesakes_who_are_distinct_people(k24: Population) -> None:
    shared = [name for name, n in Counter(p.declared_name for p in k24.persons).items() if n > 1]
    assert len(shared) == 6
    by_n: dict[int, Person] = {p.n: p for p in k24.persons}
    pairs = [(p, by_n[p.namesake]) for p in k24.persons if p.namesake]
    assert len(pairs) == 12
    for one, other in pairs:
        assert one.declared_name == other.declared_name
        assert other.namesake == one.n
        assert one.birth_date != other.birth_date


def test_each_name_token_is_listed_once() -> None:
    for tokens in (GIVEN, FAMILY):
        arabic = [token.arabic for token in tokens]
        assert len(set(arabic)) == len(arabic)
    assert not {t.arabic for t in GIVEN} & {t.arabic for t in FAMILY}


def test_service_numbers_are_distinct_and_synthetic() -> None:
    for story in every():
        numbers = [p.service_number for p in story.persons]
        assert len(set(numbers)) == len(numbers)
        assert all(re.fullmatch(r"SYN-\d{6}", number) for number in numbers)


def test_weapons_of_k24_are_counted_by_kind(k24: Population) -> None:
    assert Counter(w.kind for w in k24.weapons) == KINDS_FULL
    assert sum(KINDS_FULL.values()) == 1820


def test_every_kind_rank_and_status_is_met_in_the_small_story() -> None:
    story = population("k24", "small")
    assert (len(story.persons), len(story.weapons)) == (190, 182)
    assert sum(p.category == "CROSSING_STAFF" for p in story.persons) == 4
    assert {w.kind for w in story.weapons} == set(KINDS)
    assert {p.rank for p in story.persons} >= set(RANKS)
    assert {w.serial_status for w in story.weapons} == {
        "READ",
        "PARTIAL",
        "ILLEGIBLE",
        "ABSENT",
        "UNTRANSLATABLE",
    }


def test_every_serial_lies_in_a_reserved_range() -> None:
    for story in every():
        read = [w for w in story.weapons if w.serial_status == "READ"]
        assert all(w.serial and RESERVED.fullmatch(w.serial) for w in read)
        partial = [w for w in story.weapons if w.serial_status == "PARTIAL"]
        assert all(RESERVED.fullmatch((w.serial or "").replace("?", "0")) for w in partial)
        assert all(w.serial is None for w in story.weapons if w not in read + partial)


def test_serials_repeat_only_between_declared_twins(k24: Population) -> None:
    by_n = {w.n: w for w in k24.weapons}
    twins = [(w, by_n[w.serial_twin]) for w in k24.weapons if w.serial_twin]
    assert all(one.serial == other.serial and other.serial_twin == one.n for one, other in twins)
    counts = Counter(w.serial for w in k24.weapons if w.serial_status == "READ")
    assert sum(n - 1 for n in counts.values()) == len(twins) // 2 == 10
    assert sum(one.kind != other.kind for one, other in twins) == 8


def test_four_fifths_are_linked_to_a_soldier_and_the_rest_to_a_unit(k24: Population) -> None:
    soldiers = {p.n for p in k24.persons if p.category == "MILITARY"}
    holders = [w.holder for w in k24.weapons if w.holder]
    assert len(holders) == round(0.8 * 1820)
    assert set(holders) <= soldiers
    assert len(set(holders)) == len(holders)
    assert all((w.holder is None) == (w.unit is not None) for w in k24.weapons)
    assert all(w.holder is None for w in k24.weapons if KINDS[w.kind].crew_served)


def test_a_weapon_is_received_after_its_holder_entered_and_counted_later(k24: Population) -> None:
    by_n = {p.n: p for p in k24.persons}
    for weapon in k24.weapons:
        assert weapon.received_at.day == 7
        assert weapon.inventoried_at.day in (10, 11)
        if weapon.holder:
            assert by_n[weapon.holder].entered_at < weapon.received_at


def test_a_crate_has_two_seals_of_its_own_and_stands_in_one_depot(k24: Population) -> None:
    crates = {w.crate: (w.seals, w.depot) for w in k24.weapons}
    assert sorted(crates) == [f"C-{n:03d}" for n in range(1, 63)]
    seals = [seal for pair, _ in crates.values() for seal in pair]
    assert len(set(seals)) == 124
    assert {(w.crate, w.seals, w.depot) for w in k24.weapons} == {
        (c, *v) for c, v in crates.items()
    }
    assert {w.depot for w in k24.weapons} == set(DEPOTS)
    assert len({w.place for w in k24.weapons}) == 1820


def test_the_stock_take_and_the_epilogue_are_counted(k24: Population) -> None:
    assert sum(w.missing for w in k24.weapons) == 3
    assert sum(w.located for w in k24.weapons) == 2
    assert all(w.missing for w in k24.weapons if w.located)
    strayed = [w for w in k24.weapons if w.unexpected_in]
    assert len(strayed) == 2
    assert all(w.unexpected_in != w.depot for w in strayed)
    assert len({w.crate for w in k24.weapons if w.seal_broken}) == 1
    assert sum(w.restituted for w in k24.weapons) == 600
    assert not any(w.restituted and w.missing for w in k24.weapons)


def test_every_code_a_person_or_weapon_names_is_in_the_directory() -> None:
    for story in every():
        parties = {party.code for party in story.parties}
        officials = {official.code for official in story.officials}
        places = {site.code for site in story.sites}
        assert {p.unit for p in story.persons} <= parties
        assert {w.unit for w in story.weapons if w.unit} <= parties
        assert {code for p in story.persons for code in (p.registrar, p.liaison)} <= officials
        assert {c for w in story.weapons for c in (w.received_by, w.inventoried_by)} <= officials
        assert {p.camp for p in story.persons} | {w.depot for w in story.weapons} <= places
        assert {site.party for site in story.sites} <= parties


def test_the_committees_are_complete_and_two_can_approve() -> None:
    teams = Counter((o.roles[0], o.team) for o in OFFICIALS)
    assert all(
        teams["intake_clerk", number] and teams["liaison", number] for number in (1, 2, 3, 4)
    )
    assert all(teams["weapons_clerk", number] for number in (1, 2, 3))
    assert sum("committee_chair" in o.roles for o in OFFICIALS) >= 2
    assert SECOND_APPROVER in {o.code for o in OFFICIALS}
    assert {o.party for o in OFFICIALS} <= {party.code for party in PARTIES}


def test_no_member_of_a_security_body_interviews_about_protection() -> None:
    security = {party.code for party in PARTIES if party.security}
    interviewers = [o for o in OFFICIALS if "protection_interviewer" in o.roles]
    assert interviewers
    assert not {o.party for o in interviewers} & security


def test_a_plan_is_25_times_the_story_and_a_population_the_same_on_each_call() -> None:
    full, large = Plan.of("stress", "full"), Plan.of("stress", "x25")
    assert (large.persons, large.weapons) == (25 * full.persons, 25 * full.weapons)
    first = population("stress", "small")
    population.cache_clear()
    assert population("stress", "small") == first
    assert set(SIZES) == {"small", "full", "x25"}

"""Stock-takes and roll calls: a frozen expectation, and what was found."""

from __future__ import annotations

import pytest

from domain.errors import BadInputError, RefusedError


def opened(house, kind: str = "ITEMS", **facts) -> str:
    site = "DEPOT-1" if kind == "ITEMS" else "CAMP-R1"
    return house.do("open_stocktake", by="OFF-012", kind=kind, **{"site": site, **facts}).subject


def test_opening_freezes_what_is_kept_there_now(house) -> None:
    here, later = house.in_trust(), house.in_trust()
    house.do("store_weapon", later, site="DEPOT-2")
    away = house.in_trust()
    house.released("RELOCATION", away, kind="ITEMS")
    count = opened(house)
    house.in_trust()
    assert tuple(house.state(count).expected) == (here,)


def test_a_container_narrows_what_is_expected(house) -> None:
    inside, outside = house.in_trust(), house.in_trust()
    house.do("store_weapon", outside, site="DEPOT-1", container="CRATE-2")
    assert tuple(house.state(opened(house, container="CRATE-1")).expected) == (inside,)


def test_what_was_not_found_is_missing_and_located_when_found_again(house) -> None:
    found, lost = house.in_trust(), house.in_trust()
    count = opened(house)
    house.do("scan", count, by="OFF-012", code=found, place="RACK 1")
    house.do("close_stocktake", count, by="OFF-012")
    assert house.state(count).totals == (2, 1, 1, 0)
    assert (house.state(lost).custody, house.state(lost).stock_take) == ("MISSING", count)
    assert house.state(found).custody == "IN_TRUST"
    again = opened(house, site="DEPOT-2")
    house.do("scan", again, by="OFF-012", code=lost)
    house.do("close_stocktake", again, by="OFF-012")
    assert (house.state(lost).custody, house.state(lost).site) == ("IN_TRUST", "DEPOT-2")
    assert house.state(again).totals == (0, 0, 0, 1)
    assert house.register_is_sound()


@pytest.mark.parametrize("fold", [str.lower, lambda t: t.replace("-", ""), lambda t: f" {t} "])
def test_a_scan_keeps_the_code_as_typed_and_finds_its_weapon(house, fold) -> None:
    item = house.in_trust()
    count = opened(house)
    house.do("scan", count, by="OFF-012", code=fold(item), place="RACK 1")
    assert house.read(count).events[-1].code == fold(item)
    assert dict(house.state(count).found) == {item: "RACK 1"}


@pytest.mark.parametrize("code", ["a crate", "W-000001-Z", "P-000001-I", "W-junk", ""])
def test_a_code_nobody_knows_is_kept_as_unexpected_and_the_count_closes(house, code: str) -> None:
    house.sheltered()
    count = opened(house)
    house.do("scan", count, by="OFF-012", code=code)
    assert tuple(house.state(count).unexpected) == (code,)
    house.do("close_stocktake", count, by="OFF-012")
    assert house.state(count).totals == (0, 0, 0, 1)


def test_a_roll_call_reports_the_absent_and_finds_them_again(house) -> None:
    here, gone = house.sheltered(), house.sheltered()
    count = opened(house, "PERSONS")
    house.do("scan", count, by="OFF-012", code=here)
    house.do("close_stocktake", count, by="OFF-012")
    assert house.state(gone).custody == "ABSENT"
    again = opened(house, "PERSONS")
    assert tuple(house.state(again).expected) == (here,)
    house.do("scan", again, by="OFF-012", code=gone)
    house.do("close_stocktake", again, by="OFF-012")
    assert house.state(gone).custody == "SHELTERED"


def test_who_is_in_care_or_in_transit_is_not_expected_at_roll_call(house) -> None:
    sick, travelling = house.sheltered(), house.willing()
    house.do("refer_to_care", sick, site="CLINIC")
    house.released("RETURN", travelling)
    assert tuple(house.state(opened(house, "PERSONS")).expected) == ()


def test_a_closed_count_takes_no_scan_until_it_is_reopened(house) -> None:
    item = house.in_trust()
    count = opened(house)
    house.do("close_stocktake", count, by="OFF-012")
    with pytest.raises(RefusedError):
        house.do("scan", count, by="OFF-012", code=item)
    with pytest.raises(BadInputError, match="reason is missing"):
        house.do("reopen_stocktake", count, by="OFF-012")
    house.do("reopen_stocktake", count, by="OFF-012", reason="crate overlooked")
    house.do("scan", count, by="OFF-012", code=item)
    house.do("close_stocktake", count, by="OFF-012")
    assert house.state(item).custody == "IN_TRUST"
    assert house.state(count).totals == (1, 1, 0, 0)


def test_reopening_takes_the_counter_signature_away(house) -> None:
    count = opened(house)
    house.do("countersign", count, by="OFF-011")
    house.do("close_stocktake", count, by="OFF-012")
    house.do("reopen_stocktake", count, by="OFF-012", reason="again")
    assert house.do("close_stocktake", count, by="OFF-012").irregularities == (26,)


def test_a_weapon_that_left_during_the_count_is_not_called_missing(house) -> None:
    item = house.in_trust()
    count = opened(house)
    house.released("RELOCATION", item, kind="ITEMS")
    house.do("close_stocktake", count, by="OFF-012")
    assert house.state(item).custody == "IN_TRANSIT"


def test_a_count_also_misses_what_is_kept_and_not_yet_in_trust(house) -> None:
    item = house.inventoried()
    site = house.read(item).state.site
    number = house.do("open_stocktake", kind="ITEMS", site=site).subject
    house.do("close_stocktake", number)
    assert house.read(item).state.custody == "MISSING"
    house.do("locate", item, site=site)
    assert house.read(item).state.custody == "INVENTORIED"  # found again, and still not deposited


# ── compared with what is known at closing ──────────────────────────────────


def sightings(house, item: str) -> list[int]:
    return [rule for _, rule in house.state(item).irregular if rule == 27]


def test_what_was_accepted_elsewhere_during_the_count_is_elsewhere(house) -> None:
    here, moved = house.in_trust(), house.in_trust()
    count = opened(house)
    house.do("scan", count, by="OFF-012", code=here)
    number = house.planned("RELOCATION", moved, kind="ITEMS")
    house.do("freeze", number)
    house.do("release", number, by="OFF-013")
    house.do("accept", number, by="OFF-012", party="PARTY-MOD")
    house.do("close_stocktake", count, by="OFF-012")
    known = house.state(count)
    assert (known.totals, known.missing) == ((2, 1, 0, 0), ())
    assert dict(known.elsewhere) == {moved: "DEPOT-2"}
    assert house.state(moved).custody == "IN_TRUST"


def test_a_count_of_yesterdays_paper_expects_what_was_there_then(house) -> None:
    stayed, left = house.in_trust(), house.in_trust()
    house.do("store_weapon", left, at=house.dec(12), site="DEPOT-2")
    count = opened(house, at=house.dec(11))
    assert set(house.state(count).expected) == {stayed, left}
    house.do("close_stocktake", count, by="OFF-012", at=house.dec(11, 18))
    assert dict(house.state(count).elsewhere) == {left: "DEPOT-2"}
    assert house.state(stayed).custody == "MISSING"


def test_a_weapon_seen_at_another_site_is_irregular_until_it_is_located(house) -> None:
    item = house.in_trust()
    at_home, away = opened(house), opened(house, site="DEPOT-2")
    assert house.do("scan", away, by="OFF-012", code=item).irregularities == (27,)
    assert (house.state(item).seen_at, sightings(house, item)) == ("DEPOT-2", [27])
    house.do("close_stocktake", at_home, by="OFF-012")
    assert dict(house.state(at_home).elsewhere) == {item: "DEPOT-2"}
    house.do("locate", item, by="OFF-011", site="DEPOT-2")
    assert (house.state(item).seen_at, sightings(house, item)) == (None, [])


def test_a_person_seen_in_another_camp_is_irregular_too(house) -> None:
    person = house.sheltered()
    count = opened(house, "PERSONS", site="CAMP-R2")
    assert house.do("scan", count, by="OFF-012", code=person).irregularities == (27,)
    assert house.state(person).seen_at == "CAMP-R2"
    home = opened(house, "PERSONS")
    house.do("close_stocktake", home, by="OFF-012")
    assert house.state(person).custody == "SHELTERED"


def test_what_arrived_unlisted_is_seen_there(house) -> None:
    listed, stray = house.in_trust(), house.in_trust()
    number = house.released("RELOCATION", listed, kind="ITEMS")
    house.accepted(number)
    done = house.do("record_unlisted", number, at=house.dec(18, 10), subject=stray)
    assert 27 in done.irregularities
    assert (house.state(stray).site, house.state(stray).seen_at) == ("DEPOT-1", "DEPOT-2")


def test_what_another_count_found_since_is_not_missing(house) -> None:
    item = house.in_trust()
    whole, crate = opened(house), opened(house, container="crate-1")
    house.do("scan", crate, by="OFF-012", code=item)
    house.do("close_stocktake", whole, by="OFF-012")
    assert house.state(item).custody == "IN_TRUST"


def test_who_missed_a_weapon_does_not_find_it_alone(house) -> None:
    first, second = house.in_trust(), house.in_trust()
    house.do("close_stocktake", opened(house), by="OFF-012")
    assert house.do("locate", first, by="OFF-012", site="DEPOT-1").irregularities == (26,)
    assert house.do("locate", second, by="OFF-011", site="DEPOT-1").irregularities == ()

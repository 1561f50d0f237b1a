"""Crates, seals and receipts: a crate is what its items say; numbers are used once (rules 29, 30)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from application.answers import crates
from application.answers.feed.follow import Views
from application.answers.two_clocks import Clocks
from application.decisions.open import VIEWS_SUFFIX, settings_of
from domain.errors import BadInputError, RefusedError, UnknownError
from tests.conftest import dec


def put(house, item: str, crate: str = "", seal: str = "", *, site: str = "DEPOT-1", at: int = 0):
    facts = {"site": site, "container": crate, "seal": seal}
    return house.do("store_weapon", item, at=at or dec(9), **facts).irregularities


def crate_of(house, number: int, crate: str, seal: str, *, at: int = 0) -> list[str]:
    """Some weapons packed in a new crate at once, after they were taken out of the common one."""
    items = [house.inventoried() for _ in range(number)]
    assert all(put(house, one, crate, seal, at=at) == () for one in items)
    return items


def moved(house, *items: str) -> str:
    number = house.planned("RELOCATION", kind="ITEMS")
    for one in items:
        house.do("add_line", number, line=one)
    house.do("freeze", number)
    house.do("release", number, by="OFF-013")
    return number


def flags(house, item: str) -> list[int]:
    return list(house.read(item).events[-1].irregularities)


@pytest.fixture
def views(house) -> Iterator[Views]:
    path = house.path.with_name(house.path.name + VIEWS_SUFFIX)
    ledger = settings_of(house.custody)["id"]
    with closing(Views(house.custody.streams, path, ledger)) as opened:
        yield opened


# ── rule 29 ─────────────────────────────────────────────────────────────────


def test_a_seal_read_with_another_number_is_flagged_and_the_applied_one_stays(house) -> None:
    (item,) = crate_of(house, 1, "C-2", "S-7")
    done = house.do("check_seal", "C-2", at=dec(10), seal="S-8", intact=True)
    assert done.irregularities == (29,)
    assert (house.state(item).seal, house.state(item).seal_read) == ("S-7", "S-8")
    assert house.do("check_seal", "c-2 ", at=dec(11), seal="s-7", intact=True).irregularities == ()
    assert house.do(
        "break_seal", "C-2", at=dec(11, 1), seal="S-9", authorised=True
    ).irregularities == (29,)
    assert house.state(item).seal == "S-7"


def test_a_broken_seal_is_neither_intact_nor_used_again(house) -> None:
    (item,) = crate_of(house, 1, "C-2", "S-7")
    house.do("break_seal", "C-2", at=dec(10), seal="S-7", authorised=True)
    assert house.do("check_seal", "C-2", at=dec(11), seal="S-7", intact=True).irregularities == (
        29,
    )
    house.do("break_seal", "C-2", at=dec(11, 1), seal="S-7", authorised=True)
    assert put(house, item, "C-2", "S-7", at=dec(12)) == (29,)


def test_a_seal_number_seals_one_crate(house) -> None:
    crate_of(house, 1, "C-2", "S-7")
    (other,) = crate_of(house, 1, "C-3", "S-8")
    house.do("break_seal", "C-3", at=dec(10), seal="S-8", authorised=True)
    assert put(house, other, "C-3", "S 7".replace(" ", "-"), at=dec(11)) == (29,)


def test_a_crate_that_is_sealed_takes_and_gives_nothing(house) -> None:
    first, second = crate_of(house, 2, "C-2", "S-7")
    later = house.inventoried()
    assert put(house, later, "C-2", "S-7", at=dec(10)) == (29,)
    assert put(house, house.inventoried(), "C-2", "", at=dec(10)) == (29,)
    assert put(house, first, at=dec(10)) == (29,)
    house.do("break_seal", "C-2", at=dec(11), seal="S-7", authorised=True)
    assert put(house, second, at=dec(12)) == ()
    assert put(house, later, "C-2", "S-9", at=dec(12)) == ()


def test_a_crate_stands_at_one_site(house) -> None:
    first, second = (house.inventoried() for _ in range(2))
    put(house, first, "C-2")
    assert 29 in put(house, second, "C-2", site="DEPOT-2")
    assert house.register_is_sound()


def test_what_travels_without_its_crate_is_flagged(house) -> None:
    first, _ = crate_of(house, 2, "C-2", "S-7")
    moved(house, first)
    assert flags(house, first) == [29]
    whole = crate_of(house, 2, "C-3", "S-8")
    moved(house, *whole)
    assert not any(flags(house, one) for one in whole)


# ── a crate as one ──────────────────────────────────────────────────────────


def test_a_crate_moves_as_one_and_stays_sealed(house) -> None:
    items = crate_of(house, 3, "C-2", "S-7")
    done = house.do("move_crate", "C-2", at=dec(10), site="DEPOT-2", place="07/13")
    assert (done.subject, done.irregularities) == ("C-2", ())
    assert {(house.state(one).site, house.state(one).place) for one in items} == {
        ("DEPOT-2", "07/13")
    }
    assert len({house.read(one).events[-1].batch for one in items}) == 1
    moved(house, *items)
    with pytest.raises(RefusedError, match="moves as a whole"):
        house.do("move_crate", "C-2", site="DEPOT-1")
    with pytest.raises(UnknownError):
        house.do("move_crate", "C-99", site="DEPOT-1")


def test_a_crate_accepted_by_its_seal_is_not_seen_and_owes_a_count(house) -> None:
    items = crate_of(house, 2, "C-2", "S-7")
    loose = house.inventoried()
    number = house.planned("RELOCATION", kind="ITEMS")
    house.do("add_crate", number, crate="c-2")
    assert set(house.state(number).lines) == set(items)
    house.do("add_line", number, line=loose)
    house.do("freeze", number)
    house.do("release", number, by="OFF-013")
    house.do("accept", number, by="OFF-012", party="PARTY-MOD", sealed={"C-2": "S-7"}, place="R1")
    assert house.state(number).unresolved == (loose,)
    assert house.state(number).accepted_count == 2
    for one in items:
        assert (house.state(one).site, house.state(one).recount_due) == ("DEPOT-2", True)
        assert house.read(one).events[-2].sealed == "S-7"
    count = house.do("open_stocktake", by="OFF-012", kind="ITEMS", site="DEPOT-2").subject
    house.do("scan", count, by="OFF-012", code=items[0])
    assert [house.state(one).recount_due for one in items] == [False, True]
    assert house.register_is_sound()


def test_a_crate_without_a_whole_seal_is_not_accepted_by_it(house) -> None:
    items = crate_of(house, 2, "C-2", "S-7")
    number = moved(house, *items)
    house.do("break_seal", "C-2", seal="S-7", authorised=True)
    with pytest.raises(BadInputError, match="broken seal"):
        house.do("accept", number, by="OFF-012", party="PARTY-MOD", sealed={"C-2": ""})


def test_another_seal_at_acceptance_is_flagged(house) -> None:
    items = crate_of(house, 2, "C-2", "S-7")
    number = moved(house, *items)
    house.do("accept", number, by="OFF-012", party="PARTY-MOD", sealed={"C-2": "S-8"})
    assert all(flags(house, one) == [29] for one in items)


def test_a_refused_line_leaves_the_crate_that_went_on(house) -> None:
    back, on = crate_of(house, 2, "C-2", "")
    number = moved(house, back, on)
    house.do("accept", number, by="OFF-012", party="PARTY-MOD", exceptions={back: "rusty"})
    assert (house.state(back).container, house.state(back).site) == ("", "DEPOT-1")
    assert (house.state(on).container, house.state(on).site) == ("C-2", "DEPOT-2")
    together = crate_of(house, 2, "C-3", "S-8")
    number = moved(house, *together)
    why = dict.fromkeys(together, "no room")
    house.do("accept", number, by="OFF-012", party="PARTY-MOD", exceptions=why)
    assert {house.state(one).container for one in together} == {"C-3"}


def test_the_list_and_the_page_of_a_crate_have_two_clocks(house, views) -> None:
    items = crate_of(house, 2, "C-2", "S-7")
    house.do("move_crate", "C-2", at=dec(10), site="DEPOT-2")
    house.do("check_seal", "C-2", at=dec(11), seal="S-8", intact=False)
    views.catch_up()
    now = Clocks(dec(20), dec(21))
    (one,) = [c for c in crates.every(views, house.custody.streams, now).crates if c.label == "C-2"]
    assert (one.sites, one.seal, one.intact, one.seal_read) == (["DEPOT-2"], "S-7", False, "S-8")
    assert [inside.id for inside in one.items] == items
    then = Clocks(dec(9, 12), dec(21))
    _, crate, acts = crates.one(views, house.custody.streams, then, "c-2")
    assert (crate.sites, crate.intact) == (["DEPOT-1"], True)
    assert [(act.topic, act.number, act.weapons) for act in acts] == [("weapon.stored", "S-7", 2)]
    with pytest.raises(UnknownError):
        crates.one(views, house.custody.streams, now, "C-77")


# ── rule 30 ─────────────────────────────────────────────────────────────────


def effects(house, who: str, receipt: str, at: int) -> tuple[int, ...]:
    return house.do("deposit_effects", who, at=at, receipt=receipt, items=1).irregularities


def test_a_receipt_covers_one_act_of_one_depositor(house) -> None:
    one, other = house.sheltered(), house.sheltered()
    assert effects(house, one, "E-1", dec(8)) == ()
    assert effects(house, one, "e-1", dec(8)) == ()  # another piece, at the same counter
    assert effects(house, one, "E-1", dec(9)) == (30,)
    assert effects(house, other, "E-1", dec(8)) == (30,)
    assert house.register_is_sound()


def test_weapons_of_one_unit_share_a_receipt_and_those_of_another_do_not(house) -> None:
    facts = {"site": "DEPOT-1", "receiver": "OFF-011", "provisional_receipt": "PR-1"}
    mine = [house.do("receive", at=dec(8), unit="PARTY-SYR", **facts) for _ in range(2)]
    assert [done.irregularities for done in mine] == [(), ()]
    assert house.do("receive", at=dec(8), unit="PARTY-MOD", **facts).irregularities == (30,)


def test_what_is_returned_was_receipted_to_them_and_is_held_still(house) -> None:
    one, other = house.sheltered(), house.sheltered()
    effects(house, one, "E-1", dec(8))
    assert house.do("return_effects", one, at=dec(9), receipt="E-9").irregularities == (30,)
    assert house.do("return_effects", other, at=dec(9), receipt="E-1").irregularities == (30,)
    assert house.do("return_effects", one, at=dec(9), receipt="E-1").irregularities == ()
    assert house.do("return_effects", one, at=dec(10), receipt="E-1").irregularities == (30,)


def test_effects_go_back_on_their_number_however_it_is_written(house) -> None:
    one = house.sheltered()
    effects(house, one, "E-1", house.dec(8))
    assert house.do("return_effects", one, at=house.dec(9), receipt="e - 1").irregularities == ()
    assert house.state(one).effects == ()


def test_a_weapon_that_goes_back_and_was_never_receipted_is_flagged(house) -> None:
    house.recognised()
    item = house.inventoried()
    terms = {"receipt": "", "beneficiary": "b", "terms": "return", "trustee": "PARTY-MOD"}
    house.do("deposit", item, at=house.dec(8, 11), **terms)
    for one, wrong in ((item, True), (house.in_trust(), False)):
        house.accepted(house.released("RESTITUTION", house.authorised(one)))
        flagged = {rule for _, rule in house.state(one).irregular}
        assert (house.state(one).custody, 30 in flagged) == ("RETURNED", wrong)


def test_a_seal_is_the_crates_also_where_another_item_was_put_in_with_it(house) -> None:
    first, second = house.inventoried(), house.inventoried()
    assert put(house, first, "C-2") == ()
    assert put(house, second, "C-2", "S-7", at=dec(9, 12)) == ()
    assert house.do("check_seal", "C-2", at=dec(10), seal="S-7", intact=True).irregularities == ()


@pytest.mark.parametrize(("late", "rules"), [(0, ()), (1, (29,))])
def test_what_is_put_in_within_an_hour_is_one_act_of_packing(house, late, rules) -> None:
    first, second = house.inventoried(), house.inventoried()
    assert put(house, first, "C-2", "S-7", at=dec(9, 10)) == ()
    assert put(house, second, "C-2", "S-7", at=dec(9, 11) + late) == rules


def test_what_is_put_in_its_place_again_under_its_seal_was_sealed_once(house) -> None:
    item = house.inventoried()
    put(house, item, "C-2", "S-7", at=dec(9, 10))
    put(house, item, "C-2", "S-7", at=dec(9, 12))
    state = house.state(item)
    assert (state.sealed_at, state.seals) == (dec(9, 10), (("S-7", "C-2"),))
    house.do("break_seal", "C-2", at=dec(10), seal="S-7", authorised=True)
    put(house, item, "C-2", "S-8", at=dec(10, 1))
    assert house.state(item).sealed_at == dec(10, 1)

"""Look-alikes: found within a file and against the ledger, decided by a person, reversible."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.intake_desk import CLERK, SECOND, WEAPONS, IntakeDesk, standing
from tests.test_import_rows import DMY, PERSON, WEAPON

ARABIC = PERSON | {"birth_date": "12/03/1985"}
LATIN = {
    "name_latin": "Samir Khaled Zaabout", "birth_date": "1985", "rank": "Sgt", "site": "CAMP-R1",
    "entered_at": "07/12/2024", "registered_at": "08/12/2024",
}  # fmt: skip
STRANGER = {**PERSON, "declared_name": "عادل نزار شمروخ", "service_number": "SYN-900002"}
WHY = ("--reason", "the same card was shown")


@pytest.fixture
def desk(tmp_path: Path) -> IntakeDesk:
    return IntakeDesk(tmp_path, sheets=False)


def import_(desk: IntakeDesk, name: str, *rows: dict[str, str], kind: str = "persons") -> Any:
    site = ("--site", "CP-AQ") if kind == "weapons" else ()
    by = desk.by(WEAPONS if kind == "weapons" else CLERK)
    return by.take_in(by.sheet(name, kind, rows), *DMY, *site, code=0)


def waiting(desk: IntakeDesk, *words: str) -> list[Any]:
    return list(desk.document("intake", "review", *words)["pairs"])


def persons(desk: IntakeDesk) -> list[str]:
    custody = desk.open()
    found = [p.id for p in standing(custody, "P-")]
    custody.close()
    return found


def test_a_pair_within_a_file_waits_side_by_side(desk: IntakeDesk) -> None:
    assert import_(desk, "a.xlsx", ARABIC, STRANGER, LATIN)["pairs"] == 1
    (pair,) = waiting(desk)
    assert (pair["one"]["declared_name"], pair["other"]["name_latin"]) == (
        ARABIC["declared_name"],
        LATIN["name_latin"],
    )
    assert (pair["row"], pair["state"]) == (4, "waiting")
    assert "year equal" in pair["why"]
    shown = desk("intake", "review").out
    assert "pair 1 of 1" in shown
    assert "resolve" in shown


def test_a_pair_that_only_meets_when_a_later_file_comes_is_found_then(desk: IntakeDesk) -> None:
    assert import_(desk, "a.xlsx", ARABIC, STRANGER)["pairs"] == 0
    assert import_(desk, "b.xlsx", LATIN)["pairs"] == 1
    (pair,) = waiting(desk)
    custody = desk.open()
    for one, other in ((pair["one"], pair["other"]), (pair["other"], pair["one"])):
        with custody.reading() as unit:
            assert unit.state(one["id"]).look_alikes == (other["id"],)
    custody.close()


def test_a_dry_run_finds_the_pair_and_keeps_nothing(desk: IntakeDesk) -> None:
    import_(desk, "a.xlsx", ARABIC)
    sheet = desk.sheet("b.xlsx", "persons", [LATIN])
    assert desk.document("intake", "import", sheet, *DMY)["pairs"] == 1
    assert waiting(desk) == []


def test_different_is_remembered_on_both_and_never_shown_again(desk: IntakeDesk) -> None:
    import_(desk, "a.xlsx", ARABIC)
    import_(desk, "b.xlsx", LATIN)
    (pair,) = waiting(desk)
    ids = pair["one"]["id"], pair["other"]["id"]
    desk("intake", "resolve", *ids, "--different", *WHY)
    assert waiting(desk) == []
    assert waiting(desk, "--all")[0]["state"] == "different"
    custody = desk.open()
    for subject in ids:
        with custody.reading() as unit:
            assert unit.state(subject).look_alikes == ()
    custody.close()
    import_(desk, "b.xlsx", LATIN)
    assert waiting(desk) == []
    assert (
        "are decided: different" in desk("intake", "resolve", *ids, "--same", *WHY, code=2).sentence
    )


def test_the_same_needs_a_second_official_and_can_be_taken_back(desk: IntakeDesk) -> None:
    import_(desk, "a.xlsx", ARABIC, LATIN)
    (pair,) = waiting(desk)
    one, other = pair["one"]["id"], pair["other"]["id"]
    desk("intake", "resolve", other, one, "--same", *WHY)
    assert persons(desk) == [one, other]
    assert waiting(desk, "--all")[0]["state"] == "proposed"
    (proposal,) = desk.document("pending")["pending"]
    name = f"{proposal['stream']}:{proposal['version']}"
    assert "another" in desk("approve", name, code=3).sentence
    desk.by(SECOND)("approve", name)
    assert persons(desk) == [one]
    assert waiting(desk, "--all")[0]["state"] == "same"

    merged = f"{other}:{proposal['version'] + 2}"
    desk.by(CLERK)("retract", merged, "--why", "incorrect_data", "--reason", "a brother")
    desk.by(SECOND)("approve", f"{other}:{proposal['version'] + 3}")
    assert persons(desk) == [one, other]
    assert waiting(desk)[0]["state"] == "waiting"


def test_a_declined_merge_waits_again(desk: IntakeDesk) -> None:
    import_(desk, "a.xlsx", ARABIC, LATIN)
    (pair,) = waiting(desk)
    desk("intake", "resolve", pair["one"]["id"], pair["other"]["id"], "--same", *WHY)
    (proposal,) = desk.document("pending")["pending"]
    name = f"{proposal['stream']}:{proposal['version']}"
    desk.by(SECOND)("decline", name, "--reason", "not the same")
    assert [p["state"] for p in waiting(desk)] == ["waiting"]


def test_later_goes_behind_the_others(desk: IntakeDesk) -> None:
    other = STRANGER | {"birth_date": "1990"}
    import_(desk, "a.xlsx", ARABIC, other, LATIN, other | {"service_number": "", "unit": ""})
    first, second = waiting(desk)
    desk("intake", "resolve", first["one"]["id"], first["other"]["id"], "--later")
    assert [p["score"] for p in waiting(desk)] == [second["score"], first["score"]]
    assert [p["state"] for p in waiting(desk)] == ["waiting", "later"]


def test_who_opens_a_pair_is_recorded_and_needs_the_role(desk: IntakeDesk) -> None:
    import_(desk, "a.xlsx", ARABIC, LATIN)
    desk.by(WEAPONS)
    assert waiting(desk) == []
    assert "1 pairs of persons are for officials" in desk("intake", "review").err
    desk.by(SECOND)("intake", "review")
    custody = desk.open()
    found = custody.store.one(
        "SELECT count(*) FROM access_log WHERE official = ? AND purpose = 'look-alikes reviewed'",
        (SECOND,),
    )
    custody.close()
    assert found == (2,)


def test_what_was_never_a_pair_is_not_decided(desk: IntakeDesk) -> None:
    import_(desk, "a.xlsx", ARABIC, STRANGER)
    one, other = persons(desk)
    assert (
        "are not a pair" in desk("intake", "resolve", one, other, "--same", *WHY, code=5).sentence
    )
    assert "are not a pair" in desk("intake", "resolve", one, one, "--same", *WHY, code=5).sentence
    desk("intake", "resolve", one, other, code=2)
    desk("intake", "resolve", one, other, "--same", code=2)


# ── weapons ─────────────────────────────────────────────────────────────────


def weapons(desk: IntakeDesk) -> list[str]:
    custody = desk.open()
    found = [w.id for w in standing(custody, "W-")]
    custody.close()
    return found


def test_a_recount_of_the_same_weapon_is_taken_back_by_two_officials(desk: IntakeDesk) -> None:
    answer = import_(desk, "w.xlsx", WEAPON, WEAPON | {"team": "2"}, kind="weapons")
    assert (answer["pairs"], answer["flags"]) == (1, {"23": 1})
    (pair,) = waiting(desk)
    one, other = pair["one"]["id"], pair["other"]["id"]
    desk("intake", "resolve", one, other, "--same", "--reason", "counted twice")
    (proposal, *rest) = desk.document("pending")["pending"]
    names = [f"{p['stream']}:{p['version']}" for p in (proposal, *rest)]
    desk.by("OFF-004")("approve", *names)
    assert weapons(desk) == [one]
    assert [p["state"] for p in waiting(desk, "--all")] == ["same"]


def test_two_weapons_of_one_serial_are_two_when_somebody_says_so(desk: IntakeDesk) -> None:
    import_(desk, "w.xlsx", WEAPON, kind="weapons")
    assert import_(desk, "x.xlsx", WEAPON | {"model": "PKM"}, kind="weapons")["pairs"] == 1
    (pair,) = waiting(desk)
    desk("intake", "resolve", pair["one"]["id"], pair["other"]["id"], "--different", *WHY)
    assert (waiting(desk), len(weapons(desk))) == ([], 2)
    custody = desk.open()
    with custody.reading() as unit:
        assert unit.state(pair["other"]["id"]).same_serial == ()
    custody.close()

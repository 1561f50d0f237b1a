"""Personal values: commitments in the log, values sealed, and gone for good once the key is."""

from __future__ import annotations

import base64
import os
import sqlite3
from contextlib import closing

import pytest

from application.decisions import open as opening
from application.store.vault import folded, read_key_file
from domain.errors import BadInputError, CannotTellError, CustodyError, RefusedError
from transparency import disclosure

VALUES = {
    "declared_name": "سامر عبد القادر", "name_latin": "Samer Abd al-Qader", "father_name": "Khaled",
    "birth_date": "1991-03-17", "service_number": "SY-448812", "rank": "sergeant", "unit": "11 Div",
}  # fmt: skip


@pytest.fixture
def person(house) -> str:
    return house.do("register", category="MILITARY", personal=VALUES).subject


def opened(house, person: str) -> dict[str, str]:
    return house.custody.vault.opened(person, house.state(person).identity_fields)


def files(house) -> bytes:
    """Every byte of the ledger's files on disk."""
    house.custody.close()
    found = b"".join(p.read_bytes() for p in sorted(house.path.parent.glob(house.path.name + "*")))
    house.custody = opening.open_ledger(house.path, clock=house.clock)
    return found


def test_no_byte_of_the_ledger_holds_a_personal_value(house, person: str) -> None:
    house.do("correct_identity", person, field="rank", value="Lieutenant-Fictitious")
    house.approve(person)
    everything = files(house)
    assert b"person.registered" in everything
    for value in (*VALUES.values(), "Lieutenant-Fictitious"):
        assert value.encode() not in everything
        assert base64.b64encode(value.encode())[:-4] not in everything


def test_values_open_with_the_ledgers_key_also_after_reopening(house, person: str) -> None:
    assert opened(house.reopen(), person) == VALUES


def test_equal_values_have_different_commitments(house, person: str) -> None:
    twin = house.do("register", category="MILITARY", personal=VALUES).subject
    one, other = house.state(person).identity_fields, house.state(twin).identity_fields
    assert one.keys() == other.keys()
    assert not set(one.values()) & set(other.values())


def test_a_commitment_is_the_digest_of_what_was_sealed(house, person: str) -> None:
    digest = house.state(person).identity_fields["rank"]
    text = disclosure.disclose(b"0" * 16, "rank", "sergeant")
    assert disclosure.digest(text) != digest
    assert len(digest) == 43


@pytest.mark.parametrize("swap", ["rows of one person", "rows of two persons", "a flipped bit"])
def test_sealed_values_open_only_where_they_belong(house, person: str, swap: str) -> None:
    other = house.do("register", category="MILITARY", personal=VALUES).subject
    fields, theirs = house.state(person).identity_fields, house.state(other).identity_fields
    store = house.custody.store
    read = "SELECT sealed FROM vault WHERE subject = ? AND digest = ?"
    mine = store.one(read, (person, fields["rank"]))[0]
    sealed = {
        "rows of one person": store.one(read, (person, fields["unit"]))[0],
        "rows of two persons": store.one(read, (other, theirs["rank"]))[0],
        "a flipped bit": mine[:-1] + bytes([mine[-1] ^ 1]),
    }[swap]
    store.execute("UPDATE vault SET sealed = ? WHERE digest = ?", (sealed, fields["rank"]))
    with pytest.raises(CannotTellError, match=f"{person}: the value of rank does not open"):
        opened(house, person)


def test_a_swapped_subject_key_does_not_open(house, person: str) -> None:
    other = house.do("register", category="MILITARY", personal=VALUES).subject
    keys = house.path.with_name(house.path.name + ".keys")
    house.custody.close()
    with closing(sqlite3.connect(keys)) as connection, connection:
        connection.execute(
            "UPDATE subject_key SET wrapped ="
            " (SELECT wrapped FROM subject_key WHERE subject = ?) WHERE subject = ?",
            (other, person),
        )
    house.custody = opening.open_ledger(house.path, clock=house.clock)
    with pytest.raises(CannotTellError, match="the ledger key does not open its key"):
        opened(house, person)


def test_erased_values_are_gone_and_the_record_stands(house, person: str) -> None:
    before = house.state(person)
    house.do("erase", person, authority="COURT-1")
    assert house.state(person) == before._replace(erased=True)
    for _ in range(2):
        with pytest.raises(CannotTellError, match="its key is erased"):
            opened(house, person)
        house.reopen()
    assert [row for row in house.rows("vault") if row[0] == person] == []
    assert house.custody.vault.find({"rank": "sergeant", "unit": "11 Div"}) == []


def test_an_erased_key_is_in_no_byte_of_the_key_file(house, person: str) -> None:
    keys = house.path.with_name(house.path.name + ".keys")
    with closing(sqlite3.connect(keys)) as connection:
        ((wrapped,),) = connection.execute("SELECT wrapped FROM subject_key").fetchall()
    house.do("erase", person, authority="COURT-1")
    house.custody.close()
    assert all(wrapped not in p.read_bytes() for p in keys.parent.glob(keys.name + "*"))


def test_an_erasure_that_is_refused_or_rolled_back_destroys_nothing(house, person: str) -> None:
    with pytest.raises(CustodyError):
        house.do("erase", person)
    with pytest.raises(RefusedError), house.custody.batch():
        _erase_then_fail(house, person)
    assert opened(house, person) == VALUES
    assert not house.state(person).erased


def _erase_then_fail(house, person: str) -> None:
    house.do("erase", person, authority="COURT-1")
    raise RefusedError(1, "the batch is refused")


def test_a_person_registered_and_erased_in_one_batch_is_erased(house) -> None:
    with house.custody.batch():
        person = house.do("register", category="OTHER", personal=VALUES).subject
        house.do("erase", person, authority="COURT-1")
    with pytest.raises(CannotTellError):
        opened(house, person)
    assert house.rows("vault") == []


def test_a_refused_registration_seals_nothing(house) -> None:
    with pytest.raises(CustodyError):
        house.do("register", category="UNKNOWN", personal=VALUES)
    with house.custody.batch():
        with pytest.raises(CustodyError):
            house.do("register", category="UNKNOWN", personal=VALUES)
        house.do("seek_refuge", site="GATE")
    assert house.rows("vault") == house.rows("vault_index") == []


def test_another_process_that_erased_a_key_is_noticed_before_sealing_anew(house, person) -> None:
    other = opening.open_ledger(house.path, clock=house.clock)
    assert other.vault.opened(person, house.state(person).identity_fields) == VALUES
    house.do("erase", person, authority="COURT-1")
    house.custody.close()
    house.custody = other
    house.do("correct_identity", person, field="rank", value="captain")
    house.approve(person)
    rank = {"rank": house.state(person).identity_fields["rank"]}
    assert house.reopen().custody.vault.opened(person, rank) == {"rank": "captain"}


def test_a_field_nobody_agreed_to_keep_is_refused(house) -> None:
    with pytest.raises(BadInputError, match="'religion' is not a personal value this ledger keeps"):
        house.do("register", category="OTHER", personal={"religion": "x"})


def test_a_person_is_found_by_two_fields_and_never_by_one(house, person: str) -> None:
    house.do("register", category="MILITARY", personal={**VALUES, "birth_date": "1991-03-18"})
    find = house.custody.vault.find
    with pytest.raises(BadInputError, match="two fields at least"):
        find({"declared_name": VALUES["declared_name"]})
    with pytest.raises(BadInputError):
        find({})
    assert find({"declared_name": VALUES["declared_name"], "birth_date": "1991-03-17"}) == [person]
    assert find({"declared_name": "somebody else", "birth_date": "1991-03-17"}) == []


@pytest.mark.parametrize(
    "typed", ["samer  ABD al-qader", " Samer Abd al-Qader ", "Ｓamer Abd al-Qader"]
)
def test_finding_folds_case_spaces_and_width(house, person: str, typed: str) -> None:
    found = house.custody.vault.find({"name_latin": typed, "rank": "SERGEANT"})
    assert found == [person]


def test_arabic_marks_do_not_hide_a_person() -> None:
    assert folded("سَامِر") == folded("سامر") == folded("ســـامر")


def test_the_wrong_key_file_opens_nothing_and_says_so(house, person: str, new_house) -> None:
    stranger = new_house(stranger=True).custody.key_file
    house.custody.close()
    house.custody = opening.open_ledger(house.path, stranger, clock=house.clock)
    with pytest.raises(CannotTellError, match="is the key of another ledger"):
        opening.check_key(house.custody)
    with pytest.raises(CannotTellError, match="is the key of another ledger"):
        opened(house, person)


def test_the_wrong_key_file_seals_nothing(house, new_house) -> None:
    stranger = new_house(stranger=True).custody.key_file
    house.custody.close()
    house.custody = opening.open_ledger(house.path, stranger, clock=house.clock)
    with pytest.raises(CannotTellError, match="is the key of another ledger"):
        house.do("register", category="OTHER", personal=VALUES)
    assert house.rows("vault") == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_key_file_others_may_read_is_refused(house, mode: int) -> None:
    house.custody.key_file.chmod(mode)
    with pytest.raises(BadInputError, match="can be read by others: chmod 600 it"):
        read_key_file(house.custody.key_file)


@pytest.mark.parametrize(
    "text", ["", "a key", "amana-ledger-key/v1 ", "amana-ledger-key/v1 QUJD\n"]
)
def test_a_file_that_holds_no_key_is_refused(tmp_path, text: str) -> None:
    path = tmp_path / "ledger.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(BadInputError, match="does not hold a ledger key"):
        read_key_file(path)
    path.write_bytes(b"\xff" * 40)
    with pytest.raises(BadInputError, match="cannot be read as a ledger key"):
        read_key_file(path)


def test_a_missing_key_file_stops_personal_values_only(house, person: str) -> None:
    house.custody.key_file.rename(house.custody.key_file.with_suffix(".elsewhere"))
    house.reopen().do("seek_refuge", person, site="GATE")
    with pytest.raises(CannotTellError, match="is not there: name it with --key-file"):
        opened(house, person)


@pytest.mark.usefixtures("person")
def test_every_file_of_a_ledger_is_private_to_its_owner(house) -> None:
    modes = {p.name: oct(os.stat(p).st_mode & 0o777) for p in house.path.parent.iterdir()}
    assert {mode for name, mode in modes.items() if not name.endswith(".views")} == {"0o600"}, modes

"""A whole batch is taken back by two officials, by events, unless others depend on it."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest

from application.decisions.unit import Note
from tests.intake_desk import CLERK, SECOND, WEAPONS, IntakeDesk, standing
from tests.test_import_pairs import ARABIC, LATIN, STRANGER, import_
from tests.test_import_rows import DMY, PERSON

WHY = ("--reason", "the sheet of another day")


@pytest.fixture
def desk(tmp_path: Path) -> IntakeDesk:
    return IntakeDesk(tmp_path, sheets=False)


def people(desk: IntakeDesk) -> list[Any]:
    custody = desk.open()
    found = standing(custody, "P-")
    custody.close()
    return found


def counted(desk: IntakeDesk) -> int:
    return sum(c["number"] for c in desk.document("status")["counts"] if c["kind"] == "person")


def test_a_batch_is_taken_back_by_two_officials_and_the_rest_stands(desk: IntakeDesk) -> None:
    import_(desk, "a.xlsx", STRANGER, LATIN)
    batch = import_(desk, "b.xlsx", ARABIC)["batch"]
    assert len(people(desk)[0].look_alikes) + len(people(desk)[1].look_alikes) == 1
    out = desk("intake", "retract", batch, *WHY).out
    assert out == f"{batch}  retract: proposed for 5 events\n"
    assert (len(people(desk)), counted(desk)) == (3, 3)
    assert "waits already" in desk("intake", "retract", batch, *WHY, code=2).sentence
    assert "another" in desk("approve", "--all-of", batch, code=3).sentence
    desk.by(SECOND)("approve", "--all-of", batch)
    left = people(desk)
    assert (len(left), counted(desk)) == (2, 2)
    assert [p.look_alikes for p in left] == [(), ()]
    listed = {b["id"]: b["standing"] for b in desk.document("intake", "batches")["batches"]}
    assert listed.pop(batch) == "TAKEN BACK"
    assert set(listed.values()) == {"IN"}
    assert desk.document("intake", "review", "--all")["pairs"] == []
    assert "counts any more" in desk("intake", "retract", batch, *WHY, code=2).sentence


def test_the_earlier_batch_goes_without_the_later_one_that_flagged_it(desk: IntakeDesk) -> None:
    batch = import_(desk, "a.xlsx", ARABIC)["batch"]
    import_(desk, "b.xlsx", LATIN, STRANGER)
    (pair,) = desk.document("intake", "review")["pairs"]
    ids = pair["one"]["id"], pair["other"]["id"]
    desk("intake", "resolve", *ids, "--different", *WHY)
    assert "proposed for 7 events" in desk("intake", "retract", batch, *WHY).out
    desk.by(SECOND)("approve", "--all-of", batch)
    assert [p.look_alikes for p in people(desk)] == [(), ()]
    assert (counted(desk), ids[0] in {p.id for p in people(desk)}) == (2, False)


def test_a_pair_with_an_erased_person_is_no_longer_shown(desk: IntakeDesk) -> None:
    import_(desk, "a.xlsx", ARABIC, LATIN)
    (pair,) = desk.document("intake", "review")["pairs"]
    custody = desk.open()
    custody.erase(pair["one"]["id"], Note("OFF-063", authority="court order 12"))
    custody.close()
    assert desk.document("intake", "review", "--all")["pairs"] == []
    assert import_(desk, "c.xlsx", STRANGER)["recorded"] == 1  # nor compared with


def test_a_sheet_whose_batch_was_taken_back_can_be_imported_anew(desk: IntakeDesk) -> None:
    first = import_(desk, "a.xlsx", PERSON, STRANGER)
    desk("intake", "retract", first["batch"], *WHY)
    desk.by(SECOND)("approve", "--all-of", first["batch"])
    again = desk.by(CLERK).take_in("a.xlsx", *DMY, code=0)
    assert again["recorded"] == 2
    assert again["batch"] != first["batch"]
    assert desk.take_in("a.xlsx", *DMY, code=0)["recorded"] == 0
    assert counted(desk) == 2


def test_a_sheet_that_was_only_saved_anew_is_the_same_sheet(desk: IntakeDesk) -> None:
    first = import_(desk, "a.xlsx", PERSON, STRANGER)
    time.sleep(1.1)  # a workbook's properties count seconds
    again = import_(desk, "b.xlsx", PERSON, STRANGER)
    assert again["sha256"] != first["sha256"]
    assert (again["recorded"], again["batch"]) == (0, first["batch"])
    assert import_(desk, "c.xlsx", PERSON, STRANGER, LATIN)["recorded"] == 3  # another sheet


def test_what_others_depend_on_is_named_and_stays(desk: IntakeDesk) -> None:
    batch = import_(desk, "a.xlsx", PERSON, STRANGER)["batch"]
    person = people(desk)[0].id
    desk("person", "house", person, "--site", "CAMP-R1", "--place", "T-1")
    sentence = desk("intake", "retract", batch, *WHY, code=3).sentence
    assert sentence.startswith("rule 21: ")
    assert f"{person}:4" in sentence
    assert people(desk)[0].pending == ()


def test_a_weapon_that_names_its_depositor_holds_the_batch_of_persons(desk: IntakeDesk) -> None:
    batch = import_(desk, "a.xlsx", PERSON)["batch"]
    person = people(desk)[0].id
    words = ("--person", person, "--site", "CP-AQ", "--receiver", WEAPONS)
    item = desk.by(WEAPONS).document("weapon", "receive", *words)["recorded"][0]["subject"]
    sentence = desk.by(CLERK)("intake", "retract", batch, *WHY, code=3).sentence
    assert sentence == f"rule 21: {person} is named by {item}: take that back first"


def test_a_batch_nobody_knows_and_a_missing_reason_are_one_sentence(desk: IntakeDesk) -> None:
    assert "is not a batch" in desk("intake", "retract", "B-0", *WHY, code=5).sentence
    assert "is not a batch" in desk("intake", "show", "B-0", code=5).sentence
    assert "is not a batch" in desk("intake", "review", "B-0", code=5).sentence
    assert "--reason" in desk("intake", "retract", "B-0", code=2).sentence


# ── interrupted ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", range(2))
def test_kill_9_in_the_middle_then_the_rest_goes_in_and_nothing_twice(
    tmp_path: Path, seed: int
) -> None:
    desk = IntakeDesk(tmp_path, "full")
    words = ("intake", "import", "persons.csv", *DMY, "--commit")
    process = desk.begin(*words)
    custody = desk.open()
    wanted = 1 + 500 * seed
    while custody.store.one("SELECT count(*) FROM import_row")[0] < wanted:
        assert process.poll() is None
        time.sleep(0.005)
    time.sleep(random.Random(seed).random() / 50)  # noqa: S311 -- any moment will do
    process.kill()
    process.communicate(timeout=60)
    before = custody.store.one("SELECT count(*) FROM import_row")[0]
    assert wanted <= before < 2013
    custody.close()
    assert desk.document("intake", "batches")["batches"][0]["standing"].startswith("INTERRUPTED")

    again = desk.take_in("persons.csv", *DMY, code=4)
    assert again["recorded"] + again["counts"]["ALREADY_IN"] == 1887
    assert 0 < again["recorded"] < 1887
    assert again["pairs"] == 45
    custody = desk.open()
    assert len(standing(custody, "P-")) == 1887
    assert custody.store.one("SELECT count(*) FROM import_row") == (2013,)
    custody.close()
    assert desk.take_in("persons.csv", *DMY, code=4)["recorded"] == 0


def test_a_full_disk_is_one_sentence_and_the_rest_goes_in_later(tmp_path: Path) -> None:
    import resource

    desk = IntakeDesk(tmp_path, "full")
    largest = desk.path.stat().st_size + (3 << 20)

    def tight() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    words = ("intake", "import", "persons.csv", *DMY, "--commit")
    answer = desk.process(*words, preexec_fn=tight)
    assert answer.code == 74
    assert "import it again and the rest goes in" in answer.sentence
    again = desk.take_in("persons.csv", *DMY, code=4)
    assert again["recorded"] + again["counts"]["ALREADY_IN"] == 1887
    custody = desk.open()
    assert len(standing(custody, "P-")) == 1887
    assert custody.streams.newest() > 0
    custody.close()


def test_two_processes_that_import_one_file_record_each_row_once(tmp_path: Path) -> None:
    desk = IntakeDesk(tmp_path, "full")
    words = ("intake", "import", "persons.csv", *DMY, "--commit")
    both = [desk.begin("--json", *words) for _ in range(2)]
    found = [desk.end(process) for process in both]
    assert [answer.code for answer in found] == [4, 4]
    assert sum(answer.document["recorded"] for answer in found) == 1887
    assert len({answer.document["batch"] for answer in found}) == 1
    custody = desk.open()
    assert len(standing(custody, "P-")) == 1887
    assert custody.store.one("SELECT count(*) FROM import_pair") == (45,)
    custody.close()

"""The messy sheets of the crossing, rejects put right and look-alikes decided: a clean ledger."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from application.decisions.unit import Note
from application.imports import batches, pairs
from scenario.population import population
from scenario.sheet_persons import UNIT_NAMES
from tests.intake_desk import CLERK, SECOND, WEAPONS, IntakeDesk, put_right, standing

OTHER_CLERK = "OFF-004"
VERDICTS = ("ACCEPTED", "WITH_WARNING", "QUARANTINED", "DUPLICATE_OF", "NOT_A_RECORD")


class Told:
    """A ledger made from both full sheets, and what was answered on the way."""

    def __init__(self, desk: IntakeDesk) -> None:
        self.desk = desk
        self.answers: dict[str, dict[str, Any]] = {}
        self._take_in("persons", CLERK)
        self._take_in("weapons", WEAPONS, "--site", "CP-AQ")
        self.custody = desk.open()
        self.entity = self._entities()
        self.decided = {
            prefix: self._decide(prefix, by, second)
            for prefix, by, second in (("P-", CLERK, SECOND), ("W-", WEAPONS, OTHER_CLERK))
        }

    def _take_in(self, kind: str, by: str, *words: str) -> None:
        desk, rejects = self.desk.by(by), f"{kind}.rejects.xlsx"
        words = ("--dates", "dmy", *words)
        self.answers[kind] = desk.take_in(f"{kind}.xlsx", *words, "--rejects", rejects, code=4)
        put_right(desk.folder / rejects, desk.truth(f"{kind}.xlsx"), kind, desk.size)
        self.answers[f"{kind} mended"] = desk.take_in(
            rejects, *words, "--source-doc", "paper", code=0
        )
        self.answers[f"{kind} again"] = desk.take_in(f"{kind}.xlsx", *words, code=4)

    def _entities(self) -> dict[str, int]:
        """Which person or weapon of the population each record is."""
        found: dict[str, int] = {}
        for kind in ("persons", "weapons"):
            truth = self.desk.truth(f"{kind}.xlsx")
            rows = batches.recorded(self.custody, self.answers[kind]["batch"])
            found |= {subject: truth[row]["entities"][0] for row, subject in rows.items()}
            left = {row: list(line["entities"]) for row, line in truth.items()}
            mended = self.custody.store.fetch(
                "SELECT subject, mends FROM import_row WHERE batch = ? ORDER BY row",
                (self.answers[f"{kind} mended"]["batch"],),
            )
            found |= {subject: left[row].pop(0) for subject, row in mended}
        return found

    def _decide(self, prefix: str, by: str, second: str) -> Counter[str]:
        """Decide each pair as somebody does who knows them all; a second official approves."""
        found = [p for p in pairs.pairs(self.custody) if p.one.startswith(prefix)]
        same = [p for p in found if self.entity[p.one] == self.entity[p.other]]
        for pair in same:
            self._resolve(by, pair, "same")
        late = {pair.other for pair in same}
        known = self.custody.streams.histories(sorted(late))
        refs = [(s, version) for s, past in known.items() for version in past.state.pending]
        (stream, version), *rest = refs
        self.custody.approve(stream, Note(second), proposal=version, together_with=rest)
        different = [p for p in pairs.pairs(self.custody) if p.state == "waiting"]
        different = [p for p in different if p.one.startswith(prefix)]
        for pair in different:
            self._resolve(by, pair, "different")
        return Counter(same=len(same), different=len(different))

    def _resolve(self, by: str, pair: Any, word: Any) -> None:
        note = Note(by, reason="known to be so")
        pairs.decide(self.custody, note, pair.one, pair.other, word)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = Told(IntakeDesk(tmp_path_factory.mktemp("desk"), "full"))
    yield made
    made.custody.close()


def test_the_counts_are_those_of_the_specification_and_add_up(told: Told) -> None:
    persons, weapons = told.answers["persons"]["counts"], told.answers["weapons"]["counts"]
    assert [persons[v] for v in VERDICTS] == [1842, 45, 44, 31, 51]
    assert (sum(persons.values()), sum(weapons.values())) == (2013, 1947)
    assert [weapons[v] for v in VERDICTS[2:]] == [35, 62, 31]
    assert told.answers["persons"]["recorded"] == 1887
    assert told.answers["persons mended"]["recorded"] == 35 + 27
    assert told.answers["weapons mended"]["recorded"] == 29 + 60


def test_importing_a_sheet_again_says_nothing_new(told: Told) -> None:
    for kind, total in (("persons", 2013), ("weapons", 1947)):
        again = told.answers[f"{kind} again"]
        assert again["recorded"] == 0
        assert again["batch"] == told.answers[kind]["batch"]
        assert (again["counts"]["ACCEPTED"], again["counts"]["WITH_WARNING"]) == (0, 0)
        assert again["counts"]["ALREADY_IN"] == told.answers[kind]["recorded"]
        assert sum(again["counts"].values()) == total


def test_every_person_of_the_clean_scenario_stands_once_and_nobody_else(told: Told) -> None:
    people = standing(told.custody, "P-")
    assert sorted(told.entity[p.id] for p in people) == list(range(1, 1906))
    assert told.decided["P-"]["same"] == 44
    vault, found = told.custody.vault, Counter[tuple[str | None, ...]]()
    for person in people:
        values = vault.opened(person.id, person.identity_fields)
        found[
            values["service_number"], values["rank"], values["unit"], person.site, person.category
        ] += 1
    assert found == Counter(
        (p.service_number, p.rank, UNIT_NAMES[p.unit][0], p.camp, p.category)
        for p in population("k24", "full").persons
    )


def test_every_weapon_of_the_clean_scenario_stands_once_and_no_other(told: Told) -> None:
    items = standing(told.custody, "W-")
    assert sorted(told.entity[w.id] for w in items) == list(range(1, 1821))
    assert told.decided["W-"]["same"] == 88
    clean = {w.n: w for w in population("k24", "full").weapons}
    read = {"unknown": "غير معروف", "unidentified": "غير محدد"}
    for item in items:
        weapon = clean[told.entity[item.id]]
        assert (item.category, item.model) == (
            weapon.category,
            read.get(weapon.model, weapon.model),
        )
        assert item.custody == "INVENTORIED"
    unsaid = sum(
        1
        for w in items
        if (w.serial.replace(" ", ""), w.serial_status)
        != (
            (clean[told.entity[w.id]].serial or "").replace(" ", ""),
            clean[told.entity[w.id]].serial_status,
        )
    )
    assert unsaid == 21 + 8  # the serials that a sheet no longer says, and lost zeros


def test_each_weapon_is_linked_to_the_person_or_unit_that_handed_it_in(told: Told) -> None:
    clean = {w.n: w for w in population("k24", "full").weapons}
    linked = 0
    for item in standing(told.custody, "W-"):
        weapon = clean[told.entity[item.id]]
        if item.holder:
            assert told.entity[item.holder] == weapon.holder
        if item.unit:
            assert item.unit == weapon.unit
        linked += bool(item.holder or item.unit)
    assert linked == 1820 - 15  # those whose depositor the sheet calls unknown


def test_the_views_count_what_the_clean_scenario_counts(told: Told) -> None:
    told.desk.by(CLERK)
    sites = Counter(p.camp for p in population("k24", "full").persons)
    counts = told.desk.document("status")["counts"]
    found = {(c["kind"], c["status"], c["site"]): c["number"] for c in counts if c["number"]}
    assert found == {
        **{("person", "ADMITTED", site): n for site, n in sites.items()},
        ("weapon", "INVENTORIED", "CP-AQ"): 1820,
    }


def test_times_keep_the_precision_of_their_cells(told: Told) -> None:
    truth = told.desk.truth("persons.xlsx")
    rows = batches.recorded(told.custody, told.answers["persons"]["batch"])
    known = told.custody.streams.histories(sorted(rows.values()))
    for row, subject in rows.items():
        sought, admitted, registered = known[subject].events[:3]
        clean = truth[row]["clean"]
        assert (
            sought.precision
            == admitted.precision
            == ("MINUTE" if "T" in clean["entered_at"] else "DAY")
        )
        assert registered.precision in {"DAY", "RANGE"}
        (evidence,) = sought.evidence
        assert evidence["sha256"] == told.answers["persons"]["sha256"]
        assert evidence["label"] == f"persons.xlsx row {row}"


def test_raw_rows_are_kept_as_they_stand_and_only_in_the_vault(told: Told) -> None:
    batch = told.answers["persons"]["batch"]
    cells = batches.raw(told.custody, CLERK, batch, 10, "as typed?")
    assert "الاسم الثلاثي" in cells
    assert "طائفة" not in cells
    rows = told.custody.store.one("SELECT count(*) FROM import_row")[0]
    assert rows == 2013 + 1947 + 62 + 89
    name = population("k24", "full").persons[100].declared_name
    number = population("k24", "full").persons[100].service_number
    for file in told.desk.folder.glob("k.amana*"):
        data = file.read_bytes()
        assert name.encode() not in data, file
        assert number.encode() not in data, file


def test_a_column_that_is_never_collected_leaves_no_trace(told: Told) -> None:
    assert told.answers["persons"]["left_out"] == ["طائفة"]
    batch = told.answers["persons"]["batch"]
    digests = told.custody.store.fetch(
        "SELECT row, digest FROM import_row WHERE batch = ?", (batch,)
    )
    vault = told.custody.vault
    opened = [vault.opened(f"{batch}:{row}", {"row": digest})["row"] for row, digest in digests]
    assert len(opened) == 2013
    assert not [text for text in opened if "SYN-SECT" in text]


def test_a_batch_names_the_rows_that_another_one_put_right(told: Told) -> None:
    mended = told.answers["persons mended"]["batch"]
    shown = told.desk.by(CLERK).document("intake", "show", told.answers["persons"]["batch"])
    assert len(shown["quarantined"]) == 44
    assert {row["put_right_in"] for row in shown["quarantined"]} == {mended}
    again = told.desk.document("intake", "show", mended)
    assert (again["mends"], again["document"]) == (shown["id"], "paper")
    listed = told.desk.document("intake", "batches")["batches"]
    assert [b["standing"] for b in listed] == ["IN"] * 4


def test_whoever_compared_persons_is_in_the_access_log(told: Told) -> None:
    found = told.custody.store.one(
        "SELECT count(*), count(DISTINCT subject) FROM access_log WHERE official = ?"
        " AND purpose LIKE 'compared with persons.rejects.xlsx%'",
        (CLERK,),
    )
    assert found == (1887, 1887)

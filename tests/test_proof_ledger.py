"""The sequencer and the audit over a real ledger: exactly once, and nothing is altered unseen."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import verify_custody
from application.decisions.open import open_ledger
from application.proofs import fact_of_event
from application.proofs.audit import audit
from application.proofs.begin_anew import begin
from application.proofs.proof_log import ProofLog
from domain.errors import DisprovedError
from domain.times import DAY, SECOND
from tests.conftest import House, dec
from transparency.audit import FaultKind
from transparency.body import derive
from transparency.bundle import Bundle, Claim
from transparency.errors import ProofError
from transparency.policy import Policy
from transparency.signed_note import KeyKind, Signer
from transparency.verify import verify
from transparency.witness import Witness


class Depot:
    """A house with its log and one witness who keeps the house's hours."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.proofs = ProofLog(house.custody)
        self.proofs.checkpoint()
        key = Signer.generate("north.example", KeyKind.ED25519_COSIGNATURE)
        self.proofs.add_witness("north", str(key.verifier))
        self.witness = Witness([key], self.proofs.keys, house.path.parent / "north")

    def checkpoint(self, at: int | None = None) -> None:
        """Sign what is there and have it cosigned, at an instant or now."""
        self.house.clock.now = max(self.house.clock.now, at or 0)
        self.proofs.checkpoint()
        origin = self.proofs.origin
        body = self.proofs.log.submission(self.witness.known(origin).size)
        answer = self.witness.add_checkpoint(
            body, self.house.clock.now // SECOND, self.proofs.log.entries()
        )
        assert self.proofs.collect(self.proofs.log.signed.size, answer) == ["north.example"]

    def prove(self, weapon: str, **settings: Any) -> Bundle:
        claim = Claim(dec(9) // SECOND, dec(19) // SECOND, 31 * DAY // SECOND)
        return self.proofs.make(weapon, claim, **settings)

    def states(self, bundle: Bundle) -> dict[str, str]:
        """The verdicts, after the one-file verifier has given the same ones."""
        policy, data = self.proofs.policy(), str(bundle).encode()
        report = verify(data, Policy.parse(policy))
        assert verify_custody.verify(data, policy) == report.as_json()
        return {verdict.name: str(verdict.state) for verdict in report.verdicts}


@pytest.fixture
def depot(house: House) -> Iterator[Depot]:
    made = Depot(house)
    yield made
    made.proofs.close()


def everything_but(**others: str) -> dict[str, str]:
    names = (
        "format",
        "log",
        "witnesses",
        "history",
        "events",
        "completeness",
        "fields",
        "times",
        "handovers",
        "custody",
    )
    return {**dict.fromkeys(names, "proven"), **others}


def test_a_weapon_in_trust_is_proven_question_by_question(depot: Depot) -> None:
    weapon = depot.house.in_trust()
    depot.checkpoint(dec(20))
    assert depot.states(depot.prove(weapon)) == everything_but()


def test_a_proof_shows_nobody_unless_asked(depot: Depot) -> None:
    person = depot.house.sheltered()
    facts: dict[str, Any] = {"person": person, "receiver": "OFF-011", "site": "DEPOT-1"}
    weapon = depot.house.do("receive", at=dec(8, 9), made_safe=True, **facts).subject
    depot.checkpoint(dec(20))
    hidden, shown = depot.prove(weapon), depot.prove(weapon, reveal=["holder"])
    assert {name for name, _ in shown.events[0].fields} - {
        name for name, _ in hidden.events[0].fields
    } == {"holder"}
    readable = json.dumps([value for event in hidden.events for _, value in event.fields])
    assert "P-" not in readable
    assert "OFF-" not in readable


def test_every_event_gets_exactly_one_entry_however_often_the_log_catches_up(depot: Depot) -> None:
    weapon = depot.house.in_trust()
    before = depot.proofs.catch_up()
    assert depot.proofs.catch_up() == before
    with closing(ProofLog(depot.house.custody)) as other:
        assert other.catch_up() == before
    stored = len(depot.house.rows())
    assert depot.proofs.progress().events == stored
    assert depot.proofs.leaf(weapon, depot.house.read(weapon).version)


def test_an_event_that_was_taken_back_does_not_count(depot: Depot) -> None:
    weapon = depot.house.in_trust()
    version = next(
        e.originator_version
        for e in depot.house.read(weapon).events
        if e.TOPIC == "weapon.deposited_in_trust"
    )
    depot.house.do("retract", weapon, version=version, why="did_not_occur", reason="a mistake")
    depot.house.approve(weapon)
    depot.checkpoint(dec(21))
    bundle = depot.prove(weapon)
    assert bundle.events[-1].body.event_type == "weapon.retracted"
    assert dict(bundle.events[-1].fields)["version"] == version - 1
    assert depot.states(bundle) == everything_but(custody="not proven")


def test_a_correction_is_visible_and_names_what_it_replaces(depot: Depot) -> None:
    weapon = depot.house.in_trust()
    version = depot.house.read(weapon).version
    changes = {"container": "CRATE-2"}
    depot.house.do("correct", weapon, version=version, changes=changes, reason="typing")
    depot.house.approve(weapon)
    depot.checkpoint(dec(21))
    bundle = depot.prove(weapon)
    assert bundle.events[-1].body.event_type == "weapon.stored.correction"
    assert dict(bundle.events[-1].fields)["version"] == version - 1
    assert depot.states(bundle) == everything_but()


def test_erasing_a_persons_key_leaves_every_earlier_and_later_proof_valid(depot: Depot) -> None:
    values = {"declared_name": "SYNTHETIC ONE", "birth_date": "1985"}
    person = depot.house.sheltered()
    depot.house.do("register", person, category="MILITARY", personal=values)
    weapon = depot.house.in_trust()
    depot.checkpoint(dec(20))
    early = depot.prove(weapon)
    about = depot.proofs.make(person, early.claim)
    depot.house.do("erase", person, by="OFF-018", authority="request 1")
    assert depot.states(early) == everything_but()
    depot.checkpoint(dec(21))
    late = depot.prove(weapon)
    assert depot.states(late) == everything_but()
    erased = depot.proofs.make(person, early.claim)
    for bundle in (about, erased):
        assert depot.states(bundle)["completeness"] == "proven"
        assert depot.states(bundle)["fields"] == "proven"
    assert audit(depot.proofs).findings == ()


COLUMNS = "position, originator_id, originator_version, topic, state"


# ── nothing is altered unseen ───────────────────────────────────────────────
@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    """A small demo with its log, and its stored rows."""
    from scenario.replay import replay

    folder = tmp_path_factory.mktemp("whole")
    custody = replay(folder / "ledger.amana", folder / "ledger.key", size="small")
    with closing(ProofLog(custody)) as proofs:
        proofs.checkpoint()
        assert audit(proofs).findings == ()
    rows = list(custody.store.fetch(f"SELECT {COLUMNS} FROM stored_events ORDER BY position"))
    custody.close()
    return folder, rows


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_byte_of_any_stored_event_that_changes_changes_its_entry(
    whole: tuple[Path, list[Any]], data: st.DataObject
) -> None:
    row = data.draw(st.sampled_from(whole[1]))
    _, stream, version, topic, state = row
    at = data.draw(st.integers(0, len(state) - 1))
    byte = state[at] ^ data.draw(st.integers(1, 255))
    altered = state[:at] + bytes([byte]) + state[at + 1 :]
    previous = bytes(32) if version > 1 else None

    def entry(stored: bytes) -> bytes:
        fact = fact_of_event.fact_of(stream, version, topic, stored)
        return derive(fact, bytes(32), previous).entry

    with contextlib.suppress(ProofError):  # refused: that is a finding, too
        assert entry(altered) != entry(state)


def test_a_seed_that_is_spelled_another_way_is_not_what_was_stored() -> None:
    row = ("W-000418-Y", 1, "weapon.declared")
    state = b'{"as_described":"rifle","occurred_at":0,"recorded_at":1000000,"seed":"%s"}'
    fact_of_event.fact_of(*row, state % (b"A" * 43))
    for last in b"BCD":  # two bits of the last character hold nothing
        with pytest.raises(fact_of_event.UnreadableEventError):
            fact_of_event.fact_of(*row, state % (b"A" * 42 + bytes([last])))


@pytest.mark.parametrize("name", ["birti_date", "ranl", "", "name"])
def test_a_personal_value_under_a_name_that_there_is_not_was_never_stored(name: str) -> None:
    row = ("P-000001-I", 1, "person.registered")
    stored = {"identity": {"birth_date": "A" * 43}, "category": "OTHER", "schema": 1}
    stored |= {"occurred_at": 0, "recorded_at": 1_000_000, "seed": "A" * 43}
    fact_of_event.fact_of(*row, json.dumps(stored).encode())
    stored["identity"] = {name: "A" * 43}
    with pytest.raises(fact_of_event.UnreadableEventError):
        fact_of_event.fact_of(*row, json.dumps(stored).encode())


FORGERIES = {
    "a fact": "UPDATE stored_events SET state = CAST(replace(CAST(state AS TEXT), 'OFF-', 'OFF_')"
    " AS BLOB) WHERE position = 900",
    "a type": "UPDATE stored_events SET topic = 'person.found' WHERE position = 900",
    "nonsense": "UPDATE stored_events SET state = '{' WHERE position = 900",
    "a number of 30 digits": "UPDATE stored_events SET state = CAST(replace(CAST(state AS TEXT),"
    " '\"occurred_at\":1', '\"occurred_at\":1111111111111111') AS BLOB) WHERE position = 900",
    "other bytes": "UPDATE stored_events SET state = CAST(replace(CAST(state AS TEXT), '{', '{ ')"
    " AS BLOB) WHERE position = 900",
    "a row less": "DELETE FROM stored_events WHERE position = 900",
    "a version": "UPDATE stored_events SET originator_version = 0 WHERE position = 900",
    "another stream": "UPDATE stored_events SET originator_id = 'P-999999-9' WHERE position = 900",
    "no stream": "UPDATE stored_events SET originator_id = 'nobody' WHERE position = 900",
}
INSIDE = {
    "an entry": "UPDATE log_entry SET entry = CAST(zeroblob(65) AS BLOB) WHERE idx = 900",
    "a body": "UPDATE log_body SET body = body || 'x' WHERE idx = 900",
    "a node": "UPDATE log_node SET hash = zeroblob(32) WHERE level = 3 AND idx = 100",
    "a label": "UPDATE log_label SET idx = 901 WHERE idx = 900",
    "a label less": "DELETE FROM log_label WHERE idx = 900",
    "a root": "UPDATE checkpoint SET root = zeroblob(32)",
    "a note": "UPDATE checkpoint SET note = replace(note, 'amana', 'anama')",
    "a body too many": "INSERT INTO log_body VALUES (99999999, 'x')",
}


KINDS = {
    "a fact": FaultKind.ALTERED,
    "a type": FaultKind.ALTERED,
    "nonsense": FaultKind.UNREADABLE,
    "a number of 30 digits": FaultKind.ALTERED,
    "other bytes": FaultKind.SPELLING,
    "a row less": FaultKind.LOST,
    "a version": FaultKind.UNREADABLE,
    "another stream": FaultKind.UNDERIVED,
    "no stream": FaultKind.UNREADABLE,
    "an entry": FaultKind.ALTERED,
    "a body": FaultKind.BODY,
    "a node": FaultKind.NODE,
    "a label": FaultKind.LABEL,
    "a label less": FaultKind.LABEL,
    "a root": FaultKind.ROOT,
    "a note": FaultKind.CHECKPOINT,
    "a body too many": FaultKind.STRAY,
}


@pytest.mark.parametrize("name", [*FORGERIES, *INSIDE])
def test_whatever_is_forged_is_found_and_an_events_row_is_named(
    name: str, whole: tuple[Path, list[Any]], tmp_path: Path
) -> None:
    shutil.copytree(whole[0], tmp_path / "copy")
    path = tmp_path / "copy" / "ledger.amana"
    file = path if name in FORGERIES else path.with_name("ledger.amana.log")
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        assert connection.execute((FORGERIES | INSIDE)[name]).rowcount >= 1
    custody = open_ledger(path)
    with closing(ProofLog(custody)) as proofs:
        found = audit(proofs).findings
    custody.close()
    assert KINDS[name] in {finding.kind for finding in found}
    _, stream, version, *_ = whole[1][899]
    if name in FORGERIES and name not in {"another stream", "no stream", "a version"}:
        assert (stream, version) in {(finding.subject, finding.version) for finding in found}
        assert 900 in {finding.position for finding in found}


def test_a_damaged_row_the_log_has_not_read_yet_is_found(depot: Depot) -> None:
    weapon = depot.house.in_trust()
    newest = len(depot.house.rows())
    with closing(sqlite3.connect(depot.house.path)) as ledger, ledger:
        ledger.execute("UPDATE stored_events SET state = '{' WHERE position = ?", (newest,))
    (found,) = audit(depot.proofs).findings
    assert (found.kind, found.position, found.entry) == (FaultKind.UNREADABLE, newest, None)
    assert (found.event, found.witnessed) == (f"{weapon}:{found.version}", False)
    assert found.text == "is not an event as it was stored"


def test_a_lost_event_is_named_by_its_label(depot: Depot) -> None:
    weapon = depot.house.in_trust()
    depot.checkpoint(dec(20))
    newest = len(depot.house.rows())
    version = depot.house.read(weapon).version
    with closing(sqlite3.connect(depot.house.path)) as ledger, ledger:
        ledger.execute("DELETE FROM stored_events WHERE position = ?", (newest,))
    (found,) = audit(depot.proofs).findings
    assert (found.kind, found.event) == (FaultKind.LOST, f"{weapon}:{version}")
    assert (found.position, found.witnessed) == (newest, True)


# ── backups ─────────────────────────────────────────────────────────────────
def copies(folder: Path, *names: str) -> dict[str, bytes]:
    for name in names:
        with closing(sqlite3.connect(folder / name)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return {name: (folder / name).read_bytes() for name in names}


def put_back(folder: Path, kept: dict[str, bytes]) -> None:
    for name, data in kept.items():
        for leftover in folder.glob(f"{name}-*"):
            leftover.unlink()
        (folder / name).write_bytes(data)


@pytest.mark.parametrize(
    "restored", [("ledger.amana",), ("ledger.amana.log",), ("ledger.amana", "ledger.amana.log")]
)
def test_a_restored_backup_signs_nothing_and_says_how_to_go_on(
    house: House, restored: tuple[str, ...]
) -> None:
    folder = house.path.parent
    with closing(ProofLog(house.custody)) as proofs:
        origin = proofs.origin
        proofs.checkpoint()
        house.in_trust()
        proofs.checkpoint()
    house.custody.close()
    kept = copies(folder, *restored)
    house.custody = open_ledger(house.path, clock=house.clock)
    house.in_trust()
    with closing(ProofLog(house.custody)) as proofs:
        last = proofs.checkpoint()
    house.custody.close()
    put_back(folder, kept)
    house.custody = open_ledger(house.path, clock=house.clock)
    house.sheltered()
    with closing(ProofLog(house.custody)) as proofs:
        sizes = proofs.log.sizes()
        with pytest.raises(DisprovedError, match=r"older backup|not those that were signed"):
            proofs.checkpoint()
        assert proofs.log.sizes() == sizes
    assert (folder / "ledger.amana.log.note").read_text() == last

    _, name = begin(house.custody)
    assert name == f"{origin}/2"
    with closing(ProofLog(house.custody)) as proofs:
        proofs.checkpoint()
        assert audit(proofs).findings == ()
    assert last in [path.read_text() for path in folder.glob("*.note.1")]


@pytest.mark.parametrize(
    "origin", ["amana.invalid/9343672829824050", "depot.invalid", "x.invalid/y"]
)
def test_a_log_begun_anew_keeps_its_own_name_and_counts(house: House, origin: str) -> None:
    with closing(ProofLog(house.custody, origin=origin)) as proofs:
        proofs.checkpoint()
    for count in (2, 3):
        assert begin(house.custody)[1] == f"{origin}/{count}"
        with closing(ProofLog(house.custody)) as proofs:
            proofs.checkpoint()


def test_a_log_of_another_ledger_is_not_written_to(house: House, new_house: Any) -> None:
    other = new_house(stranger=True)
    with closing(ProofLog(house.custody)) as proofs:
        proofs.checkpoint()
    shutil.copy(proofs.path, other.path.with_name("ledger.amana.log"))
    with pytest.raises(DisprovedError, match="the log of another ledger"):
        ProofLog(other.custody)


def test_a_new_key_signs_and_the_old_one_still_counts(depot: Depot) -> None:
    weapon = depot.house.in_trust()
    depot.checkpoint(dec(20))
    early = depot.prove(weapon)
    depot.proofs.rotate()
    depot.witness = Witness(depot.witness.signers, depot.proofs.keys, depot.witness.state)
    depot.house.do("assess_condition", weapon, condition="WORN")
    depot.checkpoint(dec(21))
    assert len(depot.proofs.keys) == 4
    for bundle in (early, depot.prove(weapon)):
        assert depot.states(bundle) == everything_but()
    assert audit(depot.proofs).findings == ()

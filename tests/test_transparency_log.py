"""The log: appending, signing through power cuts and restored backups, audits, making bundles."""

from __future__ import annotations

import doctest
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from tests.vectors.world import (
    CLAIM,
    DAY,
    ORIGIN,
    SECRET,
    START,
    World,
    custody_world,
    fact,
    signer,
)
from transparency import audit, entries, tree
from transparency import body as bodies
from transparency import log as logs
from transparency.audit import FaultKind, LogFault
from transparency.body import Body, Fact, derive
from transparency.checkpoint import Checkpoint
from transparency.cosignature import sign
from transparency.disclosure import digest, disclose
from transparency.entries import commitment, label, subject
from transparency.errors import MalformedError, MismatchError, UnsafeToSignError
from transparency.files import write_durably
from transparency.log import Log
from transparency.make import make
from transparency.publish import Publisher
from transparency.rebuild import rebuild
from transparency.replay import cut, replay
from transparency.signed_note import SignedNote
from transparency.tlogproof import TlogProof
from transparency.verify import verify

T = subject(SECRET, "W-000417-K")


def numbered(facts: list[Fact]) -> list[tuple[int, Fact]]:
    return list(enumerate(facts, 1))


# ── entries ─────────────────────────────────────────────────────────────────
def test_entry_is_65_bytes_and_a_pure_function_of_the_stored_event() -> None:
    one = fact(2, "stored", fields={"place": "rack 2", "site": "DEPOT-1"})
    derived = derive(one, T, b"p" * 32)
    again = derive(replace(one, fields={"site": "DEPOT-1", "place": "rack 2"}), T, b"p" * 32)
    assert derived == again
    assert len(derived.entry) == 65
    assert derived.entry[:33] == b"\x01" + label(T, 2)
    assert str(Body.parse(derived.body)) == derived.body
    for other in (replace(one, seed=b"s" * 32), replace(one, occurred_unix_seconds=1)):
        assert derive(other, T, b"p" * 32).entry != derived.entry
    assert derive(one, T, b"q" * 32).entry != derived.entry


def test_body_has_the_written_lines() -> None:
    shown = disclose(entries.salt(bytes(32), "place"), "place", "rack 2")
    hidden = digest(disclose(b"v" * 16, "holder", "a name"))
    one = Fact(
        "weapon", "W-1", 2, "weapon.stored", 7, {"place": "rack 2"}, {"holder": hidden}, bytes(32)
    )
    rows = derive(one, T, bytes(32)).body.split("\n")
    assert rows[:6] == ["custody-body/v1", "weapon", "1", "A" * 43 + "=", "weapon.stored", "7"]
    assert rows[7:] == [*sorted([digest(shown), hidden]), ""]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("custody-body/v1", "custody-body/v2"),
        ("\n1\n", "\n01\n"),
        ("\n1\n", "\n0\n"),
        ("weapon.stored", "weapon stored"),
        ("weapon.stored", "Weapon.stored"),
        ("\n1734000000\n", "\n-1\n"),
        ("\n1734000000\n", "\n253402300800\n"),
        ("\n1734000000\n", "\n1734000000\r\n"),
    ],
)
def test_text_that_is_no_body_is_refused(old: str, new: str) -> None:
    body = derive(fact(2, "stored", fields={"a": 1, "b": 2}), T, bytes(32)).body
    assert old in body
    with pytest.raises(MalformedError):
        Body.parse(body.replace(old, new))
    with pytest.raises(MalformedError):
        Body.parse(body[:-1])
    *head, one, two, end = body.split("\n")
    with pytest.raises(MalformedError, match="ascending"):
        Body.parse("\n".join([*head, two, one, end]))
    with pytest.raises(MalformedError, match="ascending"):
        Body.parse("\n".join([*head, one, one, end]))


def test_facts_that_cannot_be_committed_are_refused() -> None:
    one = fact(1, "stored", fields={"place": 1})
    for bad in (
        replace(one, personal={"place": "x" * 43}),
        replace(one, personal={"holder": "short"}),
        replace(one, event_type="Weapon.Stored"),
        replace(one, occurred_unix_seconds=-1),
        replace(one, fields={"place": float("inf")}),
    ):
        with pytest.raises(MalformedError):
            derive(bad, T, None)


def test_entries_of_all_types_are_65_bytes_and_read_back() -> None:
    for entry in (
        entries.map_entry(bytes(32), 7),
        entries.key_entry(str(signer("k").verifier)),
        entries.anchor_entry("note", b"token"),
    ):
        assert len(entry) == 65
        assert entries.split(entry)[0] == entry[0]
    map_entry = entries.map_entry(b"r" * 32, 7)
    assert map_entry == b"\x02" + b"r" * 32 + bytes(31) + b"\x07"
    for bad in (b"", bytes(65), b"\x05" + bytes(64), b"\x02" + b"\1" * 64, b"\x03" + b"\1" * 64):
        with pytest.raises(MalformedError):
            entries.split(bad)


# ── appending ───────────────────────────────────────────────────────────────
def test_each_notification_gets_exactly_one_entry(tmp_path: Path) -> None:
    world = World(tmp_path)
    facts = [fact(1, "declared"), fact(2, "inventoried")]
    world.log.record(numbered(facts), SECRET)
    with pytest.raises(MismatchError, match="notification 2 is in the log already"):
        world.log.record([(2, facts[1])], SECRET)
    with pytest.raises(MismatchError, match="notification 3 repeats a version in the log"):
        world.log.record([(3, facts[1])], SECRET)
    with pytest.raises(MismatchError, match="W-000417-K:4 came before version 3"):
        world.log.record([(3, fact(4, "stored"))], SECRET)
    assert (world.log.size, world.log.position) == (2, 2)


def test_batch_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    world = World(tmp_path)
    with pytest.raises(MismatchError):
        world.log.record([(1, fact(1, "declared")), (2, fact(6, "stored"))], SECRET)
    assert (world.log.size, world.log.position) == (0, 0)
    derived = derive(fact(1, "declared"), T, None)
    world.log.append([(4, derived)], position=9)
    assert (world.log.size, world.log.position) == (1, 9)
    with pytest.raises(MismatchError):
        world.log.append([(9, derived)], position=10)


def test_batch_joins_the_callers_transaction(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.connection.execute("BEGIN IMMEDIATE")
    world.record(fact(1, "declared"))
    world.connection.rollback()
    assert world.log.size == 0


def test_root_and_proofs_are_those_of_the_tree_in_memory(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    nodes = tree.Tree()
    for entry in world.log.entries():
        nodes.append(tree.leaf_hash(entry))
    for size in range(len(nodes) + 1):
        assert world.log.root(size) == tree.root(size, nodes.get)
    assert world.log.inclusion(3, 11) == tree.inclusion(3, 11, nodes.get)


def test_only_key_and_anchor_entries_are_appended_by_hand(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert world.log.append_other(entries.key_entry("k")) == 0
    with pytest.raises(MalformedError):
        world.log.append_other(entries.map_entry(bytes(32), 1))


# ── signing ─────────────────────────────────────────────────────────────────
def test_nothing_new_gives_the_same_note(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    size = world.log.size
    assert world.publisher.checkpoint() == world.log.note(size)
    assert world.log.size == size
    assert SignedNote.parse(world.publisher.outside.read_text()).text.startswith(
        f"{ORIGIN}\n{size}\n"
    )


def test_every_checkpoint_ends_in_a_map_and_replays(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    for size in world.log.sizes():
        checkpoint = Checkpoint.parse(SignedNote.parse(world.log.note(size)).text)
        replay(world.log.entries(), checkpoint)
    with pytest.raises(MismatchError, match="no checkpoint of size 3 was signed"):
        world.log.note(3)


STEPS = ("prepare", "check", "sign", "keep", "publish")
DRIVER = """
import os, signal, sys
from pathlib import Path
from types import ModuleType
from tests.vectors.world import World, fact
from transparency.publish import Publisher

step, moment = sys.argv[2:4]
whole = getattr(Publisher, step)

def killed(*args):
    if moment == "after":
        whole(*args)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(Publisher, step, killed)
World(Path(sys.argv[1]), at=3.0).publisher.checkpoint()
"""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_kill_between_the_steps_never_leads_to_two_views(
    step: str, moment: str, tmp_path: Path
) -> None:
    """Whatever note left the house before the cut is the beginning of what is signed after."""
    world = World(tmp_path)
    world.record(fact(1, "declared"), fact(2, "inventoried"))
    world.checkpoint(1)
    world.record(fact(3, "stored"))
    world.connection.close()
    driven = [sys.executable, "-c", DRIVER, str(tmp_path), step, moment]
    run = subprocess.run(driven, check=False, capture_output=True, cwd=Path(__file__).parent.parent)
    assert run.returncode == -signal.SIGKILL, run.stderr.decode()
    left = Checkpoint.parse(SignedNote.parse((tmp_path / "last-note").read_text()).text)

    world = World(tmp_path, at=4.0)
    world.record(fact(4, "seal_checked"))
    note = Checkpoint.parse(SignedNote.parse(world.publisher.checkpoint()).text)
    assert left.size in world.log.sizes()
    assert world.log.root(left.size) == left.root
    assert (world.log.signed.size, world.log.signed.root) == (note.size, note.root)
    replay(world.log.entries(), note)


def test_restored_backup_is_not_signed(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.record(fact(1, "declared"))
    world.checkpoint(1)
    world.connection.close()
    shutil.copy(tmp_path / "log.sqlite", tmp_path / "backup")
    world = World(tmp_path)
    world.record(fact(2, "inventoried"), fact(3, "stored"))
    world.checkpoint(2)
    world.connection.close()

    shutil.copy(tmp_path / "backup", tmp_path / "log.sqlite")
    world = World(tmp_path)
    with pytest.raises(UnsafeToSignError, match="restored from an older backup"):
        world.publisher.checkpoint()
    for version in range(2, 10):
        world.record(fact(version, "ownership_asserted"))
    with pytest.raises(UnsafeToSignError, match="signed another root at size 5"):
        world.publisher.checkpoint()
    assert world.log.signed.size == 2


@pytest.mark.parametrize("text", ["", "foreign", "\udcff"])
def test_damaged_missing_or_older_copy_outside_is_not_signed_over(
    text: str, tmp_path: Path
) -> None:
    world = World(tmp_path)
    world.record(fact(1, "declared"))
    first = world.checkpoint(1)
    world.record(fact(2, "stored"))
    world.checkpoint(2)
    outside = world.publisher.outside
    outside.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UnsafeToSignError, match="is not a note of"):
        world.publisher.checkpoint()
    outside.write_text(first)
    with pytest.raises(UnsafeToSignError, match="put back the newer note"):
        world.publisher.checkpoint()
    outside.unlink()
    with pytest.raises(UnsafeToSignError, match="put back the note of size 4 or a newer one"):
        world.publisher.checkpoint()


def test_copy_outside_signed_by_another_key_is_refused_until_the_rotation_is_said(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    world.record(fact(1, "declared"))
    world.checkpoint(1)
    world.record(fact(2, "stored"))
    fresh = replace(signer(ORIGIN), seed=b"n" * 32)
    rotated = replace(world.publisher, signers=[fresh])
    with pytest.raises(UnsafeToSignError, match="is not a note of"):
        rotated.checkpoint()
    rotated = replace(rotated, former=[signer(ORIGIN).verifier])
    assert SignedNote.parse(rotated.checkpoint()).lines[0].key_id == fresh.verifier.key_id


def test_no_checkpoint_is_signed_inside_a_transaction_that_may_be_rolled_back(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    world.connection.execute("BEGIN IMMEDIATE")
    world.record(fact(1, "declared"))
    with pytest.raises(UnsafeToSignError, match="inside another transaction"):
        world.publisher.checkpoint()
    assert not world.publisher.outside.exists()


def test_two_processes_sign_one_view(tmp_path: Path) -> None:
    world = World(tmp_path)
    notes: list[str] = []

    def run(first: int) -> None:
        own = World(tmp_path, at=float(first))
        for number in range(5):
            with own.log.transaction():
                own.record(fact(1, "declared", stream=f"W-{first}-{number}"))
            notes.append(own.publisher.checkpoint())
        own.connection.close()

    threads = [threading.Thread(target=run, args=(first,)) for first in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(notes) == 10
    roots = {Checkpoint.parse(SignedNote.parse(note).text) for note in notes}
    assert all(world.log.root(checkpoint.size) == checkpoint.root for checkpoint in roots)
    assert world.log.signed.size == max(checkpoint.size for checkpoint in roots)


def test_file_is_replaced_whole_or_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "state"
    write_durably(path, "one\n")
    with pytest.raises(UnicodeEncodeError):
        write_durably(path, "two\n\ud800")
    assert path.read_text() == "one\n"
    assert [file.name for file in tmp_path.iterdir()] == ["state"]


# ── audits ──────────────────────────────────────────────────────────────────
def found(world: World, facts: list[Fact] | None = None) -> list[LogFault]:
    stored = world.facts if facts is None else facts
    return list(audit.faults(world.log, numbered(stored), SECRET))


def test_honest_log_has_no_faults(tmp_path: Path) -> None:
    assert found(custody_world(tmp_path)) == []


def test_edited_event_row_is_found(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    edited = [*world.facts]
    at = edited.index(fact(3, "deposited_in_trust", 1.5, fields=edited[4].fields))
    edited[at] = replace(edited[at], fields={**edited[at].fields, "trustee": "PARTY-X"})
    (fault,) = found(world, edited)
    event = fault.stream_id, fault.version, fault.notification_id, fault.index
    assert (fault.kind, *event) == (FaultKind.ALTERED, "W-000417-K", 3, 5, 4)
    assert fault.text.startswith("differs from its entry 4 in the log: what is stored hashes to ")


@pytest.mark.parametrize(
    ("statement", "kind", "index"),
    [
        ("UPDATE log_body SET body = replace(body, 'stored', 'missing')", FaultKind.BODY, 10),
        ("UPDATE log_entry SET entry = zeroblob(65) WHERE idx = 3", FaultKind.ALTERED, 3),
        ("UPDATE log_node SET hash = zeroblob(32) WHERE level = 1 AND idx = 0", FaultKind.NODE, 1),
        ("DELETE FROM log_node WHERE level = 2", FaultKind.NODE, 3),
        ("UPDATE checkpoint SET root = zeroblob(32)", FaultKind.ROOT, None),
        ("DELETE FROM log_label WHERE idx = 2", FaultKind.LABEL, 2),
        ("DELETE FROM log_body WHERE idx = 4", FaultKind.BODY, 4),
        ("DELETE FROM log_entry WHERE idx = 6", FaultKind.UNLOGGED, None),
        ("INSERT INTO log_body VALUES (99, 'x')", FaultKind.STRAY, None),
        ("UPDATE log_state SET root = zeroblob(32)", FaultKind.MAP, None),
    ],
)
def test_edited_table_is_found(
    statement: str, kind: FaultKind, index: int | None, tmp_path: Path
) -> None:
    world = custody_world(tmp_path)
    world.connection.execute(statement)
    assert (kind, index) in {(fault.kind, fault.index) for fault in found(world)}


def test_deleted_and_added_events_are_found(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    stored = numbered(world.facts)
    (lost,) = audit.faults(world.log, stored[:-1], SECRET)
    assert (lost.kind, lost.index, lost.stream_id) == (FaultKind.LOST, 12, "")
    assert lost.text == "entry 12 stands for an event that is not in the ledger"
    world.connection.execute("UPDATE log_state SET position = 99")
    more = [*stored, (50, fact(8, "stored"))]
    (passed,) = audit.faults(world.log, more, SECRET)
    assert (passed.kind, passed.stream_id, passed.version) == (FaultKind.UNLOGGED, "W-000417-K", 8)


def test_log_is_derived_again_bit_by_bit(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    world.log.append_other(entries.key_entry("k"))
    world.checkpoint(22)
    before = list(world.connection.iterdump())
    for table in ("log_node", "log_label", "log_body"):
        world.connection.execute(f"DELETE FROM {table}")
    world.connection.commit()
    rebuild(world.log, numbered(world.facts), SECRET)
    assert list(world.connection.iterdump()) == before


def test_log_that_does_not_give_the_signed_roots_is_not_derived_again(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    before = list(world.connection.iterdump())
    with pytest.raises(MismatchError, match="the events do not give the root signed at size"):
        rebuild(world.log, numbered(world.facts), b"another secret".ljust(32))
    assert list(world.connection.iterdump()) == before


def test_log_that_was_never_created_says_so(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "empty")
    log = Log(connection, ORIGIN)
    log.create()
    connection.execute("DELETE FROM log_state")
    with pytest.raises(MismatchError, match="create the log first"):
        _ = log.position
    with pytest.raises(MismatchError, match="node 0/0 is missing"):
        log.root(1)
    connection.close()


# ── making bundles ──────────────────────────────────────────────────────────
def test_bundle_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    assert str(world.bundle(CLAIM)) == str(world.bundle(CLAIM))


def test_no_bundle_is_made_of_an_edited_ledger(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    facts = world.stream()
    facts[3] = replace(facts[3], fields={"intact": False})
    with pytest.raises(MismatchError, match="W-000417-K:4 in the ledger differs from its entry"):
        make(world.log, SECRET, facts, CLAIM)


def test_no_bundle_is_made_before_a_checkpoint(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.record(fact(1, "declared"))
    with pytest.raises(MismatchError, match="sign one first"):
        make(world.log, SECRET, world.facts, CLAIM)
    world.checkpoint(1)
    with pytest.raises(MismatchError, match="no checkpoint has an event of W-2"):
        make(world.log, SECRET, [fact(1, "declared", stream="W-2")], CLAIM)


def test_bundle_stands_on_witnessed_checkpoints_where_there_are_any(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    world.record(fact(8, "seal_checked", 21, fields={"intact": True}))
    world.checkpoint(22, witnessed=False)
    with_policy = world.bundle(CLAIM)
    assert len(with_policy.events) == 7
    assert verify(str(with_policy).encode(), world.policy()).state == "proven"
    assert make(world.log, SECRET, world.stream(), CLAIM) == with_policy
    world.connection.execute("DELETE FROM cosignature")
    assert len(make(world.log, SECRET, world.stream(), CLAIM).events) == 8


def test_personal_values_stay_hidden_unless_they_are_handed_in(tmp_path: Path) -> None:
    world = World(tmp_path)
    holder = disclose(b"v" * 16, "holder", "a name")
    one = replace(fact(1, "received_from_holder"), personal={"holder": digest(holder)})
    world.record(one)
    world.checkpoint(1)
    hidden = make(world.log, SECRET, [one], CLAIM)
    assert "a name" not in str(hidden.events[0].fields)
    erased = verify(str(hidden).encode(), world.policy())
    assert erased["fields"].text == "0 of 1 committed fields are shown"
    assert {erased[name].state for name in ("events", "completeness", "fields")} == {"proven"}
    shown = make(world.log, SECRET, [one], CLAIM, personal={1: [holder]})
    report = verify(str(shown).encode(), world.policy())
    assert report.events[0].fields == {"holder": "a name"}
    assert report["fields"].text == "1 of 1 committed fields are shown"


def test_unpacked_files_are_for_anybodys_tools(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    bundle = world.bundle(CLAIM)
    files = bundle.unpack()
    for version in range(1, 8):
        proof = TlogProof.parse(files[f"event-{version:04d}.tlog-proof"].decode())
        proof.check(tree.leaf_hash(files[f"event-{version:04d}.entry"]))
    assert "event-0000.body" not in files
    TlogProof.parse(files["map.tlog-proof"].decode()).check(tree.leaf_hash(files["map.entry"]))
    first, *_ = bundle.sizes
    step = files[f"history-{first}.add-checkpoint"].decode()
    assert step == f"old 0\n\n{bundle.checkpoints[first]}"


def test_receipt_pins_the_subject(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    report = verify(str(world.bundle(CLAIM)).encode(), world.policy(), receipt=commitment(T))
    assert report.commitment == commitment(T)
    assert report["receipt"].state == "proven"


def test_file_of_entries_that_ends_in_the_middle_is_refused(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    whole = b"".join(world.log.entries())
    assert cut(whole) == list(world.log.entries())
    with pytest.raises(MalformedError):
        cut(whole[:-1])


@pytest.mark.parametrize("room", [logs, bodies])
def test_examples_in_the_docstrings_hold(room: ModuleType) -> None:
    result = doctest.testmod(room)
    assert result.attempted
    assert not result.failed


def test_publisher_keeps_no_clock_of_its_own(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.record(fact(1, "declared"))
    later = Publisher(world.log, world.signers, tmp_path / "n", lambda: START + DAY)
    note = later.checkpoint()
    checkpoint = Checkpoint.parse(SignedNote.parse(note).text)
    assert (
        str(SignedNote(checkpoint.text, (sign(world.signers[0], checkpoint, START + DAY),))) == note
    )

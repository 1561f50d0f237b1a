"""Proofs, measured: append, checkpoint, make, verify, audit, beside the SHA-256 floor and pymerkle.

    python -m bench.proof                       20,000 entries
    python -m bench.proof --entries 1000000     another size
    python -m bench.proof --write               into docs/benchmarks.md

Weapons have fourteen events each. The floor hashes the same entries and nodes with SHA-256 and does
nothing else. pymerkle is run in a process of its own where it is installed (it is GPL and no
dependency), and left out with a line where it is not. The bundle is verified with one witness and both
kinds of log keys before it is timed, and must be proven.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from application.store.sqlite_file import connect
from bench.machine import Measured, in_turn, machine, report, seconds, write
from transparency import audit
from transparency.body import Fact
from transparency.bundle import Claim
from transparency.log import Log
from transparency.make import make
from transparency.policy import Policy
from transparency.publish import Publisher
from transparency.signed_note import KeyKind, Signer
from transparency.tree import Tree, leaf_hash
from transparency.verify import verify
from transparency.witness import Witness

COMMAND = "python -m bench.proof"
ORIGIN = "bench.example/log"
START = 1_733_500_000  # 6 Dec 2024
LIFE = (
    "received_from_holder", "inventoried", "deposited_in_trust", "stored", "seal_checked",
    "seal_checked", "seal_checked", "condition_assessed", "stored", "seal_checked", "seal_checked",
    "condition_assessed", "seal_checked", "seal_checked",
)  # fmt: skip
SECRET = bytes(32)
RUNS = 9
PYMERKLE = """
import sys, time
from pymerkle import InmemoryTree
tree, entry, count = InmemoryTree(algorithm="sha256"), bytes(65), int(sys.argv[1])
began = time.perf_counter()
for _ in range(count):
    tree.append_entry(entry)
print(count / (time.perf_counter() - began))
"""


def facts(count: int) -> Iterator[tuple[int, Fact]]:
    """Yield the events of weapons with fourteen events each, one round after the other."""
    weapons = -(-count // len(LIFE))
    number = 0
    for version, verb in enumerate(LIFE, 1):
        for weapon in range(weapons):
            number += 1
            if number > count:
                return
            yield number, fact(weapon, version, verb)


def fact(weapon: int, version: int, verb: str) -> Fact:
    """Return one event as the sequencer would derive it."""
    seed = hashlib.sha256(f"{weapon}/{version - 1}".encode()).digest()
    fields = {
        "occurred": {"occurred_at": "2024-12-06T12:00:00Z", "precision": "EXACT"},
        "place": {"site": "DEPOT-M1", "place": "07/13", "container": "C-022"},
        "recorded_at": "2024-12-06T12:00:00Z",
        "recorded_by": "OFF-012",
        "intact": True,
        "seal": "88213",
    }
    occurred = START + (version - 1) * 86_400
    del fields["recorded_at"]  # the bench's witness keeps no December hours
    return Fact("weapon", f"W-{weapon:07d}", version, f"weapon.{verb}", occurred, fields, {}, seed)


def life(weapon: int) -> list[Fact]:
    """Return every event of one weapon."""
    return [fact(weapon, version, verb) for version, verb in enumerate(LIFE, 1)]


def floor(count: int) -> None:
    """Hash so many entries and the nodes above them, and nothing else."""
    nodes, entry = Tree(), bytes(65)
    for _ in range(count):
        nodes.append(leaf_hash(entry))


def pymerkle(count: int) -> float | None:
    """Return pymerkle's appends a second, in memory, where it is installed."""
    done = subprocess.run(
        [sys.executable, "-c", PYMERKLE, str(count)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print("pymerkle is not installed: left out", file=sys.stderr)
        return None
    return float(done.stdout)


def measure(folder: Path, count: int) -> Iterator[Measured]:
    """Measure one log of so many entries."""
    with closing(connect(folder / "log", create=True)) as connection:
        log = Log(connection, ORIGIN)
        log.create()
        yield from _appending(log, count)
        signers = [
            Signer.generate(ORIGIN, k) for k in (KeyKind.ED25519, KeyKind.ML_DSA_44_COSIGNATURE)
        ]
        last = START + len(LIFE) * 86_400
        publisher = Publisher(log, signers, folder / "note", lambda: last)
        name = f"of {count:,} entries"
        yield Measured(
            f"checkpoint {name}, signed with both keys", "seconds", seconds(publisher.checkpoint)
        )
        policy = _witnessed(log, signers, folder, last)
        yield from _proving(log, policy, last, name)
        found = time.perf_counter()
        assert not list(audit.findings(log, facts(count), SECRET))
        yield Measured(
            f"audit {name}",
            "seconds",
            time.perf_counter() - found,
            aim=10.0 if count <= 41_000 else None,
        )


def _appending(log: Log, count: int) -> Iterator[Measured]:
    def append() -> None:
        batch: list[tuple[int, Fact]] = []
        for one in facts(count):
            batch.append(one)
            if len(batch) == 2_000:
                log.record(batch, SECRET)
                batch.clear()
        log.record(batch, SECRET)

    took = seconds(append)
    base = count / seconds(lambda: floor(count))
    peer = pymerkle(min(count, 100_000))
    yield Measured("append: derive, hash, commit", "entries a second", count / took, peer, base)


def _witnessed(log: Log, signers: list[Signer], folder: Path, last: int) -> Policy:
    key = Signer.generate("north.example", KeyKind.ED25519_COSIGNATURE)
    keys = [signer.verifier for signer in signers]
    witness = Witness([key], keys, folder / "north")
    answer = witness.add_checkpoint(log.submission(0), last)
    log.add_cosignatures(log.signed.size, answer, [key.verifier])
    lines = [f"log {one}" for one in keys]
    lines += [f"witness north {key.verifier}", "quorum north"]
    return Policy.parse("".join(f"{line}\n" for line in lines))


def _proving(log: Log, policy: Policy, last: int, name: str) -> Iterator[Measured]:
    claim, stream = Claim(START + 3 * 86_400, last, 31 * 86_400), life(0)
    made = make(log, SECRET, stream, claim, policy=policy)
    data = str(made).encode()
    report_ = verify(data, policy)
    assert report_["custody"].state == "proven", report_["custody"]
    times = in_turn(
        RUNS,
        make=lambda: str(make(log, SECRET, stream, claim, policy=policy)) and None,
        verify=lambda: verify(data, policy) and None,
    )
    yield Measured("a bundle of 14 events", "kB", len(data) / 1_000, aim=80.0)
    yield Measured(f"make it, {name}", "ms", times["make"] * 1_000, aim=20.0)
    yield Measured("verify it", "ms", times["verify"] * 1_000, aim=60.0)


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Proofs beside the floor.")
    parser.add_argument("--entries", type=int, nargs="*", default=[20_000], help="how many")
    parser.add_argument("--dir", type=Path, default=Path(), help="on which disk (default: here)")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options = parser.parse_args()
    where, lines = machine(), list[Measured]()
    for count in options.entries:
        with tempfile.TemporaryDirectory(prefix=".bench-", dir=options.dir) as folder:
            for line in measure(Path(folder), count):
                lines.append(line)
                print(*line.cells(), sep="  ", file=sys.stderr, flush=True)
    text = report(COMMAND, where, lines)
    print(text)
    if options.write:
        write("proof", text)


if __name__ == "__main__":
    main()

"""A small log with witnesses to try things on: real keys, real tables, fixed times and seeds."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from transparency.body import Fact
from transparency.bundle import Bundle, Claim
from transparency.encoding import JSON, b64
from transparency.entries import handover_message
from transparency.log import Log
from transparency.make import make
from transparency.policy import Policy
from transparency.publish import Publisher
from transparency.signed_note import KeyKind, Signer
from transparency.witness import Witness

ORIGIN = "amana.example/log"
SECRET = hashlib.sha256(b"the log's secret").digest()
DAY = 86_400
START = 1_734_000_000  # 12 Dec 2024 10:40 UTC


def signer(name: str, kind: KeyKind = KeyKind.ED25519) -> Signer:
    """Return a key that is the same in every run."""
    return Signer(name, kind, hashlib.sha256(f"{name}/{kind}".encode()).digest())


OFFICIAL = signer("official-7.example")


def fact(
    version: int,
    verb: str,
    day: float = 0.0,
    stream: str = "W-000417-K",
    fields: Mapping[str, JSON] | None = None,
) -> Fact:
    """Return an event of a weapon that occurred so many days after the start; versions from 1."""
    seed = hashlib.sha256(f"{stream}/{version - 1}".encode()).digest()
    name = f"weapon.{verb}"
    occurred = START + int(day * DAY)
    return Fact("weapon", stream, version, name, occurred, fields or {}, {}, seed)


@dataclass
class World:
    """One log with a publisher and two witnesses; `at` is the clock, in days from the start."""

    folder: Path
    kinds: tuple[KeyKind, ...] = (KeyKind.ED25519,)
    cosigning: KeyKind = KeyKind.ED25519_COSIGNATURE
    at: float = 0.0
    facts: list[Fact] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection = sqlite3.connect(self.folder / "log.sqlite", check_same_thread=False)
        self.log = Log(self.connection, ORIGIN)
        self.log.create()
        self.signers = [signer(ORIGIN, kind) for kind in self.kinds]
        keys = [s.verifier for s in self.signers]
        self.publisher = Publisher(self.log, self.signers, self.folder / "last-note", self.now)
        self.witnesses = [
            Witness([signer(f"{name}.example", self.cosigning)], keys, self.folder / name)
            for name in ("north", "south")
        ]

    def __del__(self) -> None:
        self.connection.close()

    def now(self) -> int:
        return START + int(self.at * DAY)

    def record(self, *facts: Fact) -> None:
        at = self.log.position
        self.log.record([(at + n, one) for n, one in enumerate(facts, 1)], SECRET)
        self.facts += facts

    def checkpoint(self, at: float, *, witnessed: bool = True) -> str:
        """Sign what is there and have both witnesses cosign it, all at one time."""
        self.at = at
        note = self.publisher.checkpoint()
        for witness in self.witnesses if witnessed else ():
            self.cosign(witness)
        return note

    def cosign(self, witness: Witness) -> None:
        body = self.log.submission(witness.known(ORIGIN).size)
        answer = witness.add_checkpoint(body, self.now(), self.log.entries())
        kept = self.log.add_cosignatures(
            self.log.signed.size, answer, [s.verifier for s in witness.signers]
        )
        assert kept

    def policy(self, quorum: str = "both") -> Policy:
        return Policy.parse(self.policy_text(quorum))

    def policy_text(self, quorum: str = "both") -> str:
        logs = "".join(f"log {s.verifier}\n" for s in self.signers)
        keys = [witness.signers[0].verifier for witness in self.witnesses]
        rows = "".join(
            f"witness {name} {key}\n" for name, key in zip(("north", "south"), keys, strict=True)
        )
        return (
            f"{logs}{rows}group both all north south\ngroup one any north south\nquorum {quorum}\n"
        )

    def stream(self, stream_id: str = "W-000417-K") -> list[Fact]:
        return [one for one in self.facts if one.stream_id == stream_id]

    def bundle(self, claim: Claim, stream_id: str = "W-000417-K", quorum: str = "both") -> Bundle:
        return make(self.log, SECRET, self.stream(stream_id), claim, policy=self.policy(quorum))

    def acceptance(self, version: int, stream_id: str = "W-000417-K") -> dict[str, JSON]:
        """Return the receiving official's signature for the version to come."""
        previous = self.log.leaf(SECRET, stream_id, version - 1)
        assert previous is not None
        signature = OFFICIAL.raw(handover_message(previous))
        return {"key": str(OFFICIAL.verifier), "signature": b64(signature)}


CLAIM = Claim(START + 2 * DAY, START + 20 * DAY, 8 * DAY)


def custody_world(folder: Path, **settings: object) -> World:
    """Return a world in which W-000417-K was in trust, seen weekly and handed over once."""
    world = World(folder, **settings)  # type: ignore[arg-type]  # the tests name them
    other = "W-000002-3"
    world.record(fact(1, "declared", 0, fields={"as_described": "rifle, wooden stock"}))
    world.record(fact(1, "declared", 0, other), fact(2, "inventoried", 1, other))
    world.record(fact(2, "inventoried", 1, fields={"category": "RIFLE", "serial": "ق 417"}))
    deposit = {"trustee": "PARTY-MOD", "recorded_at": "2024-12-14T09:00:00+03:00"}
    world.record(fact(3, "deposited_in_trust", 1.5, fields=deposit))
    world.checkpoint(2)
    world.record(fact(4, "seal_checked", 7, fields={"seal": "S-11", "intact": True}))
    world.checkpoint(7.5)
    world.record(fact(5, "released", 12, fields={"transfer": "T-000001-5"}))
    accepted = {"acceptance": world.acceptance(6), "site": "DEPOT-2"}
    world.record(fact(6, "accepted", 12.25, fields=accepted), fact(3, "stored", 12, other))
    world.checkpoint(13)
    world.record(fact(7, "seal_checked", 18, fields={"seal": "S-11", "intact": True}))
    world.checkpoint(20.5)
    return world

"""The story's proof: checkpoints of December 2024, two witnesses, a proof of one weapon, a forged row.

The story's days are over when the demo is made, so its checkpoints are signed here one after the
other, each at the hour at which it would have been. Everything is SYNTHETIC; what is signed and verified
is real: two witness folders, a policy, a proof, all left for the reader to try.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from application.answers.feed.follow import Views
from application.decisions.custody import Custody
from application.decisions.signing import new_key_file, read_key_file
from application.proofs import audit
from application.proofs.proof_log import ProofLog, worded
from application.store.files import write_whole
from domain import times
from domain.weapon import Accepted, DepositedInTrust, Destroyed, Missing, Returned
from projections import index
from scenario import forged
from scenario.forged import Forged
from transparency.bundle import Bundle, Claim
from transparency.policy import Policy
from transparency.report import Report
from transparency.signed_note import KeyKind, Signer
from transparency.verify import verify
from transparency.witness import Witness

EVERY = 7 * times.DAY
WITNESSES = ("north", "south")
GAP_SECONDS = 31 * 86_400
MOVED_ON = frozenset(cls.TOPIC for cls in (Accepted, Missing, Returned, Destroyed))


class Proven(NamedTuple):
    """The proof of one weapon, as it lies in a file, and how its own policy judges it."""

    weapon: str
    file: Path
    data: bytes
    bundle: Bundle
    report: Report
    policy: Policy


class Caught(NamedTuple):
    """A forged row, and what the audit said of it before it was put back."""

    forged: Forged
    findings: tuple[audit.LogFinding, ...]


class StoryLog:
    """The log of a story's ledger, signed week by week by the clock of the story."""

    def __init__(self, custody: Custody, views: Views, folder: Path) -> None:
        self.custody, self.views, self.folder = custody, views, folder
        self.hour = custody.clock()  # at which the log signs, microseconds UTC
        self.proofs = ProofLog(custody, clock=lambda: self.hour)

    def sign(self, advance: Callable[[int], None]) -> None:
        """Sign a checkpoint each week, have both witnesses cosign it, and write the policy."""
        witnesses = [self._witness(name) for name in WITNESSES]
        for hour, position in self._weeks():
            self.hour = hour
            self.proofs.catch_up(advance, to=position)
            self._signed(witnesses, hour // times.SECOND)
        write_whole(self.folder / "policy.txt", self.proofs.policy())

    def _witness(self, name: str) -> Witness:
        home = self.folder / name
        home.mkdir(exist_ok=True)
        signer = Signer.generate(f"{name}.invalid", KeyKind.ED25519_COSIGNATURE)
        new_key_file(home / "witness.key", [signer])
        logs = [signer.verifier for signer in self.proofs.signers()]
        write_whole(home / "logs", "".join(f"{key}\n" for key in logs))
        self.proofs.add_witness(name, str(signer.verifier))
        return Witness(read_key_file(home / "witness.key"), logs, home / "state")

    def _weeks(self) -> Iterator[tuple[int, int]]:
        """Yield the hour of each checkpoint, microseconds UTC, and the last event known by then."""
        connection = self.views.connection
        last = index.position_at(connection, times.INF)
        began, ended = (index.recorded_at(connection, at) or 0 for at in (1, last))
        for hour in range(began - began % times.DAY + EVERY, ended, EVERY):
            yield hour, index.position_at(connection, hour - 1)
        yield ended + times.HOUR, last

    def _signed(self, witnesses: list[Witness], second: int) -> None:
        """Sign a checkpoint and have every witness cosign it, as they would that day."""
        self.proofs.checkpoint_at()
        size = self.proofs.log.signed.size
        with worded():
            for witness in witnesses:
                body = self.proofs.log.submission(witness.known(self.proofs.origin).size)
                self.proofs.collect(size, witness.add_checkpoint(body, second))

    def prove(self) -> Proven:
        """Make a proof of one weapon in trust, from its deposit to the newest witness."""
        policy = Policy.parse(self.proofs.policy())
        weapon, since = self._one_in_trust()
        witnessed = self.proofs.witnessed(self.proofs.progress().witnessed)
        until = witnessed.since if witnessed else since
        bundle = self.proofs.make(weapon, Claim(since, until, GAP_SECONDS), policy=policy)
        data = str(bundle).encode()
        path = self.folder / f"{weapon}.custody-proof"
        write_whole(path, data)
        return Proven(weapon, path, data, bundle, verify(data, policy), policy)

    def _one_in_trust(self) -> tuple[str, int]:
        """Return the weapon deposited first of those that stayed, and the second of its deposit."""
        deposits = [
            (any(event.TOPIC in MOVED_ON for event in known.events), self._position(event), event)
            for known in self.custody.streams.every("W-")
            for event in known.events
            if event.TOPIC == DepositedInTrust.TOPIC
        ]
        _, _, first = min(deposits, key=lambda deposit: deposit[:2])
        return first.originator_id, -(-first.occurred_at // times.SECOND)

    def _position(self, event: Any) -> int:
        return index.positions(self.views.connection, event.originator_id)[event.originator_version]

    def forge_and_catch(self) -> Caught:
        """Forge a row, let the audit find it, and put it back: nothing of it stays."""
        with forged.undone(self.proofs.ledger) as row:
            return Caught(row, tuple(audit.audit(self.proofs).findings))

"""The end of the demo: checkpoints, two witnesses, a proof and its verification, a forged row.

The story's days are over when the demo is made, so its checkpoints are signed here one after the
other, each at the hour of December 2024 at which it would have been. Everything is SYNTHETIC; what is
signed and verified is real: two witness folders, a policy, a proof, all left for the reader to try.
"""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from application.store.files import write_whole
from commands.terminal.session import Session
from domain import times
from domain.errors import BadInputError, UnknownError

if TYPE_CHECKING:
    from application.proofs.proof_log import ProofLog
    from application.store.interface import Store
    from transparency.bundle import Bundle
    from transparency.report import Report
    from transparency.witness import Witness

EVERY = 7 * times.DAY
WITNESSES = ("north", "south")
GAP = 31 * 86_400
FORGED = ("place", "container", "site", "seal", "serial", "receipt", "reason", "recorded_by")
"""Facts a forger would touch, the likeliest first."""


class Forged(NamedTuple):
    """One stored row as it was altered outside the program."""

    position: int
    event: str
    topic: str
    field: str
    before: str
    after: str


def show(session: Session) -> None:
    """Tell the story's proof: sign, cosign, prove, verify, forge, catch."""
    from application.proofs.proof_log import ProofLog

    now = _Hour(session.custody.clock())
    proofs = ProofLog(session.custody, clock=now)
    folder = session.ledger_path.parent
    out = session.out
    with session.out.progress("reading events into the log", quiet=session.quiet) as advance:
        witnesses = [_witness(proofs, folder / name, name) for name in WITNESSES]
        for hour, position in _weeks(proofs.ledger):
            now.at = hour
            proofs.catch_up(advance, to=position)
            _signed(proofs, witnesses, hour // times.SECOND)
    found = proofs.standing()
    policy = proofs.policy()
    write_whole(folder / "policy.txt", policy)
    out.line("Proof:", bold=True)
    out.line(
        f"  {found.size:>6,}  entries signed by the log and cosigned by {' and '.join(WITNESSES)},"
        f" {len(proofs.log.sizes())} checkpoints"
    )
    _proven(session, proofs, policy, folder)
    _caught(session, proofs)
    proofs.close()


class _PutBackError(Exception):
    """Not a fault: the way out of a forgery of which nothing may stay."""


class _Hour:
    """The hour at which the log signs, microseconds UTC."""

    def __init__(self, at: int) -> None:
        self.at = at

    def __call__(self) -> int:
        return self.at


def _witness(proofs: ProofLog, place: Path, name: str) -> Witness:
    from application.decisions.signing import new_key_file, read_key_file
    from transparency.signed_note import Kind, Signer
    from transparency.witness import Witness

    place.mkdir(exist_ok=True)
    signer = Signer.generate(f"{name}.invalid", Kind.ED25519_COSIGNATURE)
    new_key_file(place / "witness.key", [signer])
    logs = [signer.verifier for signer in proofs.signers()]
    write_whole(place / "logs", "".join(f"{key}\n" for key in logs))
    proofs.add_witness(name, str(signer.verifier))
    return Witness(read_key_file(place / "witness.key"), logs, place / "state")


def _weeks(ledger: Store) -> Iterator[tuple[int, int]]:
    """Yield the hour of each checkpoint, microseconds UTC, and the last event known by then."""
    stored = ledger.fetch("SELECT position, state FROM stored_events ORDER BY position")
    rows = [(position, json.loads(state)["recorded_at"]) for position, state in stored]
    first, last = rows[0][1], rows[-1][1]
    hours = [*range(first - first % times.DAY + EVERY, last, EVERY), last + times.HOUR]
    for hour, (_, group) in zip(
        hours,
        itertools.groupby(rows, key=lambda r: sum(r[1] >= h for h in hours[:-1])),
        strict=False,
    ):
        yield hour, list(group)[-1][0]


def _signed(proofs: ProofLog, witnesses: list[Witness], second: int) -> None:
    """Sign a checkpoint and have every witness cosign it, as they would that day."""
    from application.proofs.proof_log import worded

    proofs.checkpoint_at()
    size = proofs.log.signed.size
    with worded():
        for witness in witnesses:
            body = proofs.log.submission(witness.known(proofs.origin).size)
            proofs.collect(size, witness.add_checkpoint(body, second))


def _proven(session: Session, proofs: ProofLog, policy: str, folder: Path) -> None:
    """Make a proof of one weapon and tell how it is judged, question by question."""
    from transparency.bundle import Claim
    from transparency.policy import Policy
    from transparency.verify import verify

    weapon, since = _one_in_trust(proofs.ledger)
    witnessed = proofs.witnessed(proofs.standing().witnessed)
    until = witnessed.since if witnessed else since
    bundle = proofs.make(weapon, Claim(since, until, GAP), policy=Policy.parse(policy))
    data = str(bundle).encode()
    path = folder / f"{weapon}.custody-proof"
    write_whole(path, data)
    session.out.line(
        f"  {len(data):>6,}  bytes prove {weapon}: {path.name}, verified with policy.txt"
    )
    report = verify(data, Policy.parse(policy))
    for verdict in report.verdicts:
        session.out.line(f"          {verdict.state:<10}  {verdict.name:<12}  {verdict.text}")
    keys = [f"{key.name}+{key.key_id.hex()}" for key in Policy.parse(policy).verifiers]
    _printed(session, folder / f"{weapon}.pdf", data, bundle, report, keys)


def _printed(
    session: Session, path: Path, data: bytes, bundle: Bundle, report: Report, keys: list[str]
) -> None:
    """Print the certificate where the packages that print are installed."""
    from commands.proof.words import words_of
    from paper.certificate import certificate
    from paper.typeset import MissingToolError

    try:
        made = certificate(
            path.stem,
            data,
            bundle,
            report,
            words=lambda n: words_of(bundle.events[n - 1]),
            keys=keys,
            synthetic=True,
        )
    except MissingToolError as error:
        session.out.line(f"          no certificate: {error}")
        return
    write_whole(path, made)
    session.out.line(f"  {len(made):>6,}  bytes of certificate, the proof in it: {path.name}")


def _one_in_trust(ledger: Store) -> tuple[str, int]:
    """Return a weapon in trust that was never handed over, and the second of its deposit."""
    query = """SELECT originator_id, state
        FROM stored_events AS one WHERE topic = 'weapon.deposited_in_trust'
        ORDER BY EXISTS (SELECT 1 FROM stored_events AS two WHERE one.originator_id =
            two.originator_id AND two.topic IN ('weapon.accepted', 'weapon.missing',
            'weapon.returned', 'weapon.destroyed')), position LIMIT 1"""
    ((weapon, state),) = ledger.fetch(query)
    return weapon, -(-json.loads(state)["occurred_at"] // times.SECOND)


def _caught(session: Session, proofs: ProofLog) -> None:
    """Forge a row, let the audit find it, and put it back: nothing of it stays."""
    from application.proofs.audit import audit

    with contextlib.suppress(_PutBackError), proofs.ledger.writing():
        forged = forge(proofs.ledger, None)
        findings = audit(proofs).findings
        raise _PutBackError
    session.out.line(
        f"  forged   {forged.event} {forged.topic}: {forged.field} {forged.before} → {forged.after}"
    )
    for found in findings:
        session.out.line(f"  found    {found.event} {found.text}")
    session.out.line("  Try it:  amana demo tamper, then amana audit verify")


# ── amana demo tamper ───────────────────────────────────────────────────────


def tamper(session: Session, folder: Path, position: int | None) -> None:
    """Alter one stored row of a demo's ledger, as somebody with access to the file would.

    Raises:
        BadInputError: the folder holds no demo. UnknownError: it has no such event.
    """
    from application.decisions.open import open_ledger

    settings = folder / "amana.toml"
    if not settings.exists() or not settings.read_text("utf-8").startswith("# SYNTHETIC"):
        msg = f"{folder} holds no demo, and only a demo is tampered with: name it with --dir"
        raise BadInputError(msg)
    with closing(open_ledger(folder / "ledger.amana")) as custody, custody.store.writing():
        forged = forge(custody.store, position)
    if session.out.mode == "json":
        session.out.document(forged._asdict())
        return
    session.out.line(
        f"event {forged.position:,} altered outside the program: {forged.event} {forged.topic},"
        f" {forged.field} {forged.before} → {forged.after}"
    )
    session.out.line(f"What catches it:  cd {folder} && {_command()} audit verify")


def _command() -> str:
    path = click.get_current_context().command_path
    return path.split()[0]


def forge(ledger: Store, position: int | None) -> Forged:
    """Alter one stored row, by default one in the middle of the ledger.

    Raises:
        UnknownError: there is no such event, or it has no fact to alter.
    """
    if position is None:
        query = (
            "SELECT min(position) FROM stored_events"
            " WHERE position >= ? AND topic = 'weapon.stored'"
        )
        ((position,),) = ledger.fetch(query, (ledger.position() // 2,))
    row = ledger.one(
        "SELECT originator_id, originator_version, topic, state FROM stored_events"
        " WHERE position = ?",
        (position,),
    )
    facts: dict[str, Any] = json.loads(row[3]) if row else {}
    field = next((name for name in FORGED if facts.get(name)), None)
    if position is None or row is None or field is None:
        msg = f"the demo's ledger has no event {position} to alter"
        raise UnknownError(msg)
    before = facts[field]
    facts[field] = after = before[:-1] + chr(ord(before[-1]) ^ 1)
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    update = "UPDATE stored_events SET state = ? WHERE position = ?"
    ledger.execute(update, (text.encode(), position))
    return Forged(position, f"{row[0]}:{row[1]}", row[2], field, before, after)

"""`amana print …`: papers to sign, to hand over and to keep, in Arabic and English."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
from pathlib import Path
from typing import TYPE_CHECKING

import click

from application.store.files import write_new
from commands.log import opened
from commands.proof.files import read_bundle
from commands.terminal.guarded import Guarded
from commands.terminal.session import Session
from domain import times
from domain.errors import DisprovedError
from words.cells import cell

if TYPE_CHECKING:
    from application.answers.weapons import Receipt


@click.group("print", cls=Guarded)
def print_() -> None:
    """Receipts and certificates as PDF/A-3; nobody's name unless it is asked for."""


@print_.command("receipt", epilog="Example: amana print receipt W-000418-Y -o W-000418-Y.pdf")
@click.argument("weapon", metavar="WEAPON")
@click.option(
    "--copies",
    type=click.IntRange(1, 9),
    default=3,
    show_default=True,
    help="How many, one a page.",
)
@click.option(
    "--with-depositor",
    metavar="REASON",
    help="Print who handed it in, and say why: that values were opened is recorded.",
)
@click.option("-o", "--output", metavar="FILE", help="Where to; a new file.")
@click.pass_obj
def receipt(
    session: Session, /, weapon: str, copies: int, with_depositor: str | None, output: str | None
) -> None:
    """Print a weapon's deposit receipt, with the value that pins its one book in the log."""
    from application.answers import weapons
    from paper.receipt import receipt as printed
    from transparency.encoding import b64

    stream = session.stream(weapon, "weapon")
    found = weapons.receipt(session.custody, stream)
    facts = _facts(session, found)
    if with_depositor is not None and found.weapon.holder:
        facts["depositor"] = _depositor(session, found.weapon.holder, with_depositor)
    data = printed(
        facts,
        b64(opened(session).commitment(stream)),
        copies=copies,
        made_at=max(0, found.weapon.since // times.SECOND),
        provisional=found.provisional,
        synthetic=session.about["synthetic"] == "yes",
    )
    _written(session, Path(output or f"{stream}-receipt.pdf"), data)


def _facts(session: Session, found: Receipt) -> dict[str, str]:
    known = found.weapon
    item = (known.category, known.make, known.model, known.calibre)
    facts = {
        "receipt": known.receipt,
        "weapon": known.id,
        "date": times.iso(found.since, session.zone),
        "item": " ".join(part for part in item if part) or known.described,
        "serial": f"{known.serial} ({known.serial_status})"
        if known.serial
        else known.serial_status,
        "condition": known.condition,
        "place": " ".join(filter(None, (known.site, known.place))),
        "seal": known.seal,
        "trustee": known.trustee,
        "beneficiary": known.beneficiary,
        "terms": found.terms,
    }
    return {name: cell(value) for name, value in facts.items() if cell(value)}


def _depositor(session: Session, person: str, reason: str) -> str:
    from application.decisions.access import open_values

    values = open_values(session.custody, session.official, person, reason).values
    return " ".join(filter(None, (person, values.get("declared_name"))))


@print_.command(
    "certificate",
    epilog="Example: amana print certificate W-000418-Y --proof W-000418-Y.custody-proof -o W.pdf",
)
@click.argument("weapon", metavar="WEAPON")
@click.option("--proof", "file", required=True, metavar="FILE", help="The weapon's proof.")
@click.option("-o", "--output", metavar="FILE", help="Where to; a new file.")
@click.pass_obj
def certificate(session: Session, /, weapon: str, file: str, output: str | None) -> None:
    """Print a proof as a certificate, with the proof attached and its digest in the QR code."""
    from application.proofs.proof_log import worded
    from paper.certificate import certificate as printed
    from transparency.bundle import Bundle
    from transparency.entries import commitment
    from transparency.policy import Policy
    from transparency.verify import verify

    stream = session.stream(weapon, "weapon")
    proofs, data = opened(session), read_bundle(file)
    with worded():
        bundle = Bundle.parse(data)
        policy = Policy.parse(proofs.policy())
    if commitment(bundle.subject) != proofs.commitment(stream):
        msg = f"{file} is not a proof of {stream}"
        raise DisprovedError(msg)
    made = printed(
        stream,
        data,
        bundle,
        verify(data, policy),
        keys=[f"{key.name}+{key.key_id.hex()}" for key in policy.verifiers],
        synthetic=session.about["synthetic"] == "yes",
    )
    _written(session, Path(output or f"{stream}.pdf"), made)


def _written(session: Session, path: Path, data: bytes) -> None:
    write_new(path, data)
    session.out.line(f"{path}: {len(data):,} bytes")

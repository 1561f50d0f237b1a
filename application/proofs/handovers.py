"""What an official signs with a key of their own at release and at acceptance of a transfer.

At release, and at acceptance, over the manifest digest. At acceptance each weapon's newest entry in the
log of proofs is signed, too: a proof of that weapon then shows who took it over.
"""

from __future__ import annotations

from typing import NamedTuple

from application.decisions.ledger import Ledger
from application.decisions.signing import Handover, sign_handover, sign_manifest
from application.proofs.proof_log import ProofLog
from domain.errors import BadInputError
from transparency.signed_note import Signer


class Acceptance(NamedTuple):
    """The accepting official's signatures: over the manifest, base64, and over each weapon's entry."""

    signature: str
    handovers: dict[str, Handover]


def release(custody: Ledger, transfer: str, signer: Signer) -> str:
    """Return the releasing official's signature over the manifest digest, base64.

    Raises:
        BadInputError: the transfer is not frozen. UnknownError: there is no such transfer.
    """
    with custody.reading() as unit:
        digest = unit.state(transfer).digest
    if not digest:
        msg = f"{transfer} is not frozen: freeze it first, its digest is what is signed"
        raise BadInputError(msg)
    return sign_manifest(signer, digest)


def acceptance(proofs: ProofLog, transfer: str, signer: Signer) -> Acceptance:
    """Return the accepting official's signatures over a transfer and its weapons not yet accepted.

    Raises:
        BadInputError: the transfer is not frozen. UnknownError: there is no such transfer.
    """
    custody = proofs.custody
    signature = release(custody, transfer, signer)
    proofs.catch_up()
    with custody.reading() as unit:
        known = unit.state(transfer)
        open_lines = [line for line in known.unresolved if line.startswith("W-")]
        unit.load(open_lines)
        versions = {line: seen.version for line in open_lines if (seen := unit.history(line))}
    handovers = {
        line: sign_handover(signer, version, proofs.leaf(line, version))
        for line, version in versions.items()
    }
    return Acceptance(signature, handovers)

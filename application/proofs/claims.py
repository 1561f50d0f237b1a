"""What a proof of a weapon claims: where no times are named, from its deposit to the newest witness."""

from __future__ import annotations

from application.decisions.ledger import Ledger
from application.proofs.proof_log import ProofLog, worded
from domain import times
from domain.errors import CannotTellError
from transparency.bundle import Claim


def claim(
    proofs: ProofLog, stream: str, since: int | None, until: int | None, max_gap: int
) -> Claim:
    """Return what is claimed of a weapon.

    Args:
        proofs: the log, caught up. stream: the weapon.
        since, until: microseconds UTC; None for its deposit, and for the newest witness.
        max_gap: the longest it may go unseen, seconds.

    Raises:
        CannotTellError: it was never deposited, or no witness has seen the log since.
        DisprovedError: the span cannot be claimed.
    """
    first = (_deposited(proofs.custody, stream) if since is None else since) // times.SECOND
    last = _witnessed(proofs) if until is None else until // times.SECOND
    if until is None and last < first:
        msg = f"no witness has seen the log since {stream} was deposited: its events {missing(proofs)}"
        raise CannotTellError(msg)
    with worded():
        return Claim(first, last, max_gap)


def missing(proofs: ProofLog) -> str:
    """Return what the newest events of a proof wait for, and the command that helps."""
    progress = proofs.progress()
    if progress.signed < progress.size or not progress.signed:
        return "are in no checkpoint yet: amana log checkpoint"
    if not proofs.witnesses:
        return "are signed and seen by no witness: amana log add-witness"
    return (
        "are signed and not cosigned yet: have a witness cosign the newest checkpoint "
        "(amana log checkpoint --to DIR, then amana log collect DIR)"
    )


def versions(custody: Ledger, stream: str) -> int:
    """Return how many events a stream has; 0 where there is no such stream."""
    with custody.reading() as unit:
        known = unit.history(stream)
    return known.version if known else 0


def _deposited(custody: Ledger, stream: str) -> int:
    with custody.reading() as unit:
        at = unit.state(stream).in_trust_since
    if at is None:
        msg = f"{stream} was never deposited in trust: say --from and --until"
        raise CannotTellError(msg)
    return int(at)


def _witnessed(proofs: ProofLog) -> int:
    """Return the second of the newest witness; without one, now."""
    size = proofs.progress().witnessed
    found = proofs.witnessed(size) if size else None
    return found.since if found else proofs.clock() // times.SECOND

"""Making a bundle from the log and the stored events of one stream.

Which checkpoints go in: for each event the first witnessed one that has its entry and the last
one that had it not (the window in which it was recorded), and the head. Every body is derived
again on the way, so a ledger that was edited cannot make a proof.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from transparency.body import Fact
from transparency.bundle import Bundle, BundleEvent, Claim
from transparency.entries import label, subject
from transparency.errors import MismatchError
from transparency.log_reader import LogReader
from transparency.policy import Policy
from transparency.signed_note import SignedNote


def make(
    log: LogReader,
    secret: bytes,
    facts: Sequence[Fact],
    claim: Claim,
    *,
    policy: Policy | None = None,
    hidden: Collection[str] = (),
    personal: Mapping[int, Sequence[str]] | None = None,
) -> Bundle:
    """Return the bundle of one stream at the newest witnessed checkpoint.

    Args:
        log: the log, caught up and with a signed checkpoint.
        secret: the log's 32 bytes.
        facts: all stored events of the stream, versions 1, 2, 3 …
        claim: what the bundle is to show.
        policy: the reader's policy, where known; without it any cosignature counts.
        hidden: names of fields that are not shown.
        personal: disclosures of personal values to show, by version, out of the vault.

    Raises:
        MismatchError: no checkpoint has the stream's events, or an event in the ledger
            differs from its entry in the log.
    """
    stream_id = facts[0].stream_id if facts else "the stream"
    sizes = _sizes(log, policy)
    if not sizes:
        raise MismatchError("the log has no signed checkpoint: sign one first")
    head = sizes[-1]
    events = list(_events(log, secret, facts, sizes, hidden, personal or {}))
    if not events:
        raise MismatchError(f"no checkpoint has an event of {stream_id}: sign one first")
    used = {head} | {event.size for event in events}
    used |= {sizes[at - 1] for event in events if (at := bisect_right(sizes, event.index))}
    stream, chosen = subject(secret, stream_id), sorted(used)
    labels = [label(stream, version) for version in range(1, len(events) + 2)]
    return Bundle(
        log.origin,
        stream,
        claim,
        {size: SignedNote.parse(log.note(size)) for size in chosen},
        tuple(log.submission_head(old, new) for old, new in pairwise([0, *chosen])),
        tuple(events),
        log.entry(head - 1),
        tuple(log.inclusion(head - 1, head)),
        tuple(log.map_proofs(head - 1, labels)),
    )


def _events(
    log: LogReader,
    secret: bytes,
    facts: Sequence[Fact],
    sizes: Sequence[int],
    hidden: Collection[str],
    personal: Mapping[int, Sequence[str]],
) -> Iterator[BundleEvent]:
    for fact in facts:
        index = log.find(label(subject(secret, fact.stream_id), fact.version))
        if index is None or index >= sizes[-1]:
            return
        if log.derived(fact, secret).body != log.body(index):
            raise MismatchError(f"{fact.name} in the ledger differs from its entry in the log")
        size = sizes[bisect_right(sizes, index)]
        shown = [text for name, text in fact.disclosures().items() if name not in hidden]
        shown += personal.get(fact.version, ())
        path = tuple(log.inclusion(index, size))
        yield BundleEvent(log.body(index), tuple(shown), index, path, size)


def _sizes(log: LogReader, policy: Policy | None) -> list[int]:
    """Return the checkpoints worth showing: those a quorum witnessed, else all that are signed."""
    sizes = log.sizes()
    if policy is None:
        query = "SELECT DISTINCT size FROM cosignature ORDER BY size"
        witnessed = [size for (size,) in log.connection.execute(query)]
    else:
        witnessed = [s for s in sizes if policy.judge(SignedNote.parse(log.note(s))).witnessed]
    return witnessed or sizes

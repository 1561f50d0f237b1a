"""Verification offline: a bundle, the reader's policy, and separate verdicts.

In this order: the file, the log's signatures, the quorum, the history from the first checkpoint
to the head, each body with its entry, the label map, the fields, the times, the handovers, the
claim. Nothing raises on a bad file: whatever is damaged, cut, oversized, foreign or of a later
version is one sentence. Sizes are capped before anything is computed.

    report = verify(Path("W-000417-K.custody-proof").read_bytes(), Policy.parse(text))
    for verdict in report.verdicts:
        print(verdict.name, verdict.state, verdict.text)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from transparency import custody, event_checks, labelmap
from transparency.bundle import Bundle, BundleEvent, Claim
from transparency.entries import commitment, label, split
from transparency.errors import ProofError
from transparency.policy import NONE, Policy, Witnessed
from transparency.replay import replay
from transparency.report import ALONE, NAMES, Reason, Report, Shown, State, Verdict, capped
from transparency.tree import EMPTY_ROOT, check_inclusion, leaf_hash

ASKED = ("receipt", "replay")


def verify(
    data: bytes,
    policy: Policy,
    *,
    claim: Claim | None = None,
    delay_seconds: int | None = None,
    receipt: bytes | None = None,
    entries: Iterable[bytes] | None = None,
) -> Report:
    """Return every verdict on a bundle; never raises because of the bundle.

    Args:
        data: the file.
        policy: the reader's own.
        claim: the reader's own question instead of the one in the file.
        delay_seconds: how long after its own time an event may be witnessed and still count;
            by default the claim's maximum gap.
        receipt: the 32-byte commitment on the paper receipt of intake.
        entries: all entries of the log, 65 bytes each, to replay.
    """
    try:
        bundle = Bundle.parse(data)
    except ProofError as error:
        return _unreadable(str(error), receipt is not None, entries is not None)
    return _Reading(bundle, policy, claim or bundle.claim).report(delay_seconds, receipt, entries)


def conflicts(one: Bundle, two: Bundle, policy: Policy) -> list[str]:
    """Return evidence that a log signed two views: equal size, two roots, both signed.

    Keep both files: together they convince anybody who has the log's key.
    """
    if one.origin != two.origin:
        return []
    found = []
    for size in sorted(one.checkpoints.keys() & two.checkpoints.keys()):
        try:
            roots = {policy.check_log(bundle.checkpoints[size]).root for bundle in (one, two)}
        except ProofError:
            continue
        if len(roots) > 1:
            found.append(f"{one.origin} signed two roots at size {size}")
    return found


def _unreadable(why: str, receipt: bool, replayed: bool) -> Report:
    wanted = [n for n in NAMES[1:] if n not in ASKED or (receipt if n == "receipt" else replayed)]
    rest = [Verdict(name, State.NOT_PROVEN, "the file could not be read") for name in wanted]
    return Report((Verdict("format", State.FAILED, why), *rest))


@dataclass
class _Reading:
    """One bundle under one policy; what is about the log has a method of its name."""

    bundle: Bundle
    policy: Policy
    claim: Claim
    witnessed: dict[int, Witnessed | None] = field(default_factory=dict)
    shown: list[Shown] = field(default_factory=list)

    def report(
        self, delay: int | None, receipt: bytes | None, entries: Iterable[bytes] | None
    ) -> Report:
        late = self.claim.max_gap if delay is None else delay
        verdicts = [
            Verdict("format", State.PROVEN, "the file is a custody-proof of version 1"),
            self.log(),
            self.witnesses(),
            self.history(),
            self.events(),
            self.completeness(),
            event_checks.fields(self.bundle.events),
        ]
        self.shown = [self._shown(event) for event in self.bundle.events]
        head = self.witnessed.get(self.bundle.sizes[-1])
        verdicts += [
            event_checks.times(self.shown, late),
            event_checks.handovers(self.bundle.events, self.shown),
            custody.judge(self.claim, self.shown, head.since if head else None, late),
        ]
        if receipt is not None:
            verdicts.append(self.receipt(receipt))
        if entries is not None:
            verdicts.append(self.replay(entries))
        pinned = commitment(self.bundle.subject)
        return Report(capped(verdicts), self.claim, pinned, tuple(self.shown))

    def log(self) -> Verdict:
        reasons: list[Reason] = []
        for size in self.bundle.sizes:
            try:
                judged = self.policy.judge(self.bundle.checkpoints[size])
            except ProofError as error:
                reasons.append(Reason(State.FAILED, f"checkpoint {size}: {error}"))
                continue
            self.witnessed[size] = judged.witnessed
            if not judged.logged:
                text = f"checkpoint {size} is not signed by a log of the policy"
                reasons.append(Reason(State.NOT_PROVEN, text))
        count = len(self.bundle.checkpoints)
        return Verdict.of("log", reasons, f"{count} checkpoints are signed by {self.bundle.origin}")

    def witnesses(self) -> Verdict:
        if self.policy.quorum == NONE:
            text = f"the policy asks for no witness: {ALONE}"
            return Verdict("witnesses", State.NOT_PROVEN, text)
        reasons: list[Reason] = [
            Reason(State.NOT_PROVEN, f"checkpoint {size} has no quorum of witnesses: {ALONE}")
            for size in self.bundle.sizes
            if not self.witnessed.get(size)
        ]
        count = len(self.bundle.checkpoints)
        text = f"{count} checkpoints are signed by the quorum {self.policy.quorum}"
        return Verdict.of("witnesses", reasons, text)

    def history(self) -> Verdict:
        reasons: list[Reason] = []
        before, root = 0, EMPTY_ROOT
        for step, size in zip(self.bundle.steps(), self.bundle.sizes, strict=True):
            if step.old != before:
                reasons.append(
                    Reason(State.FAILED, f"the step to size {size} begins at {step.old}")
                )
            else:
                reasons += _refusal(step.check, root)
            before, root = size, self.bundle.checkpoint(size).root
        sizes = self.bundle.sizes
        text = f"one history from size {sizes[0]} to size {sizes[-1]}"
        return Verdict.of("history", reasons, text)

    def events(self) -> Verdict:
        reasons: list[Reason] = []
        previous, index = None, -1
        for version, event in enumerate(self.bundle.events, 1):
            body, first = event.body, self.bundle.events[0].body
            leaf = leaf_hash(event.entry(self.bundle.subject))
            if body.version != version or body.stream_kind != first.stream_kind:
                text = f"event {version} is of another version or stream"
                reasons.append(Reason(State.FAILED, text))
            if body.previous != previous or event.index <= index:
                text = f"version {version} is not linked to the version before"
                reasons.append(Reason(State.FAILED, text))
            reasons += _refusal(self._included, event, leaf)
            previous, index = leaf, event.index
        count = len(self.bundle.events)
        return Verdict.of("events", reasons, f"{count} versions are in the log, each linked")

    def completeness(self) -> Verdict:
        bundle = self.bundle
        head = bundle.checkpoint(bundle.sizes[-1])
        _, root, own_index = split(bundle.map_entry)
        reasons: list[Reason] = []
        if int.from_bytes(own_index, "big") != head.size - 1:
            text = "the map entry is not the head's last entry"
            reasons.append(Reason(State.FAILED, text))
        where = bundle.map_leaf, head.size - 1, head.size, bundle.map_path, head.root
        reasons += _refusal(check_inclusion, *where)
        leaves = [leaf_hash(event.entry(bundle.subject)) for event in bundle.events]
        for version, (leaf, proof) in enumerate(
            zip([*leaves, None], bundle.versions, strict=True), 1
        ):
            mark = label(bundle.subject, version)
            wrong = _refusal(labelmap.check, root, mark, leaf, proof)
            reasons += [Reason(one.state, f"version {version}: {one.text}") for one in wrong]
        text = f"the map holds versions 1 to {len(leaves)} and no version {len(leaves) + 1}"
        return Verdict.of("completeness", reasons, text)

    def receipt(self, expected: bytes) -> Verdict:
        if commitment(self.bundle.subject) == expected:
            return Verdict("receipt", State.PROVEN, "the subject is the one on the paper receipt")
        text = "the subject is not the one on the paper receipt"
        return Verdict("receipt", State.FAILED, text)

    def replay(self, entries: Iterable[bytes]) -> Verdict:
        head = self.bundle.checkpoint(self.bundle.sizes[-1])
        reasons = _refusal(replay, entries, head)
        text = f"all {head.size} entries were read again, no event is left out of the map"
        return Verdict.of("replay", reasons, text)

    def _included(self, event: BundleEvent, leaf: bytes) -> None:
        root = self.bundle.checkpoint(event.size).root
        check_inclusion(leaf, event.index, event.size, event.path, root)

    def _shown(self, event: BundleEvent) -> Shown:
        own = self.witnessed.get(event.size)
        earlier = [size for size in self.bundle.sizes if size <= event.index]
        before = self.witnessed.get(earlier[-1]) if earlier else None
        return Shown(
            event.body.version,
            event.body.event_type,
            event.body.occurred,
            before.since if before else None,
            own.by if own else None,
            dict(event.fields),
        )


def _refusal(check: Callable[..., object], *args: object) -> list[Reason]:
    try:
        check(*args)
    except ProofError as error:
        return [Reason(State.FAILED, str(error))]
    return []

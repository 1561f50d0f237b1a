"""The custody predicate: what "in custody from A to B" means, and nothing more.

    1  a deposit in trust occurred at or before A, and was witnessed by A + delay
    2  no event ended custody before B
    3  the head was still the newest checkpoint to a quorum at or after B
    4  from A to B, never more than max_gap between two events with eyes on the weapon

An event counts as *eyes on* only where it was witnessed within `delay` of its own time: a row
written months later about a check last winter proves nothing. A seal check counts only where it
is shown that the seal was intact. An event that was retracted, or replaced by a correction, never
counts; where it was an *end*, the claim is unproven. So it is with an event type unknown here: it
might be an end.

What no cryptography shows is an event that was never recorded; that is what the gap is for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from transparency.bundle import Claim
from transparency.encoding import JSON
from transparency.entries import WRITTEN_LOWER
from transparency.report import ALONE, Reason, Shown, State, Verdict, instant, span

KIND = "weapon"
DEPOSIT = "weapon.deposited_in_trust"
RETRACTED = "weapon.retracted"
SEAL_CHECKED = "weapon.seal_checked"
CORRECTION = ".correction"
ENDS = frozenset(f"weapon.{verb}" for verb in ("returned", "destroyed", "missing", "loss_declared"))
EYES_ON = frozenset(
    f"weapon.{verb}"
    for verb in (
        "inventoried",
        "deposited_in_trust",
        "stored",
        "seal_checked",
        "condition_assessed",
        "damage_recorded",
        "released",
        "accepted",
        "located",
        "returned",
    )
)
OTHERS = frozenset(
    f"weapon.{verb}"
    for verb in (
        "declared",
        "received_from_holder",
        "description_corrected",
        "duplicate_serial_flagged",
        "duplicate_serial_resolved",
        "ownership_asserted",
        "seal_broken",
        "hold_placed",
        "hold_lifted",
        "restitution_authorised",
        "retracted",
        "erased",
        "made_safe",
        "proposed",
        "approved",
        "declined",
        "irregularity_closed",
    )
)
HANDOVERS = frozenset({"weapon.accepted", "weapon.returned"})


def plain(event_type: str) -> str:
    """Return what happened: `weapon.stored.v2` and `weapon.stored.correction` are a storing."""
    return re.sub(r"(\.v[0-9]+)?(\.correction)?$", "", event_type)


def replaces(event_type: str) -> bool:
    """Say whether an event takes an earlier one back: a retraction or a correction."""
    return plain(event_type) == RETRACTED or event_type.endswith(CORRECTION)


def taken_back(fields: Mapping[str, JSON]) -> int | None:
    """Return the version, counted from 1, that a retraction or correction shows it replaces."""
    number = fields.get("version")  # written from 0, as in a body
    return number + WRITTEN_LOWER if type(number) is int and number >= 0 else None


def judge(claim: Claim, events: Sequence[Shown], head: int | None, delay: int) -> Verdict:
    """Return the verdict on a claim of custody.

    Args:
        claim: from A to B with a maximum gap.
        events: all versions in order, with the second they were witnessed by.
        head: second at which the head was still the newest to a quorum; None without one.
        delay: seconds that may pass until an event is witnessed.
    """
    if not all(event.event_type.startswith(f"{KIND}.") for event in events):
        text = "custody is defined for weapons only"
        return Verdict("custody", State.NOT_PROVEN, text)
    dropped, reasons = _retracted(events)
    reasons += _unknown(events)
    reasons += _ends(claim, events, dropped)
    seen = [e for e in events if e.version not in dropped and _counts(e, delay)]
    reasons += _deposit(claim, seen)
    reasons += _gaps(claim, sorted(event.occurred for event in seen))
    if head is not None and head < claim.until:
        reasons.append(
            Reason(
                State.NOT_PROVEN,
                f"the newest checkpoint was last witnessed at {instant(head)}, before the end"
                f" of the claim at {instant(claim.until)}",
            )
        )
    if head is None and not reasons:
        reasons.append(Reason(State.NOT_PROVEN, f"the events fit the claim, but {ALONE}"))
    return Verdict.of(
        "custody",
        reasons,
        f"in custody from {instant(claim.since)} to {instant(claim.until)}, seen at least every"
        f" {span(claim.max_gap)}",
    )


def _retracted(events: Sequence[Shown]) -> tuple[set[int], list[Reason]]:
    """Return the versions that do not stand, from the latest retraction to the earliest."""
    by_version = {event.version: event for event in events}
    dropped: set[int] = set()
    reasons: list[Reason] = []
    for event in reversed(events):
        if event.version in dropped:
            continue
        one: Shown | None = event
        while one is not None and replaces(one.event_type):
            taken = taken_back(one.fields)
            if not taken or taken >= one.version:
                text = f"version {one.version} retracts an event and does not show which"
                reasons.append(Reason(State.NOT_PROVEN, text))
                break
            dropped.add(taken)
            one = by_version.get(taken) if one.event_type.endswith(CORRECTION) else None
            if one is not None and not one.event_type.endswith(CORRECTION):
                break  # a correction of a correction keeps what that one replaced dropped, too
    return dropped, reasons


def _unknown(events: Sequence[Shown]) -> list[Reason]:
    known = ENDS | EYES_ON | OTHERS
    return [
        Reason(State.NOT_PROVEN, f"version {e.version} is of a type unknown here: {e.event_type}")
        for e in events
        if plain(e.event_type) not in known
    ]


def _ends(claim: Claim, events: Sequence[Shown], dropped: set[int]) -> list[Reason]:
    reasons = []
    for event in events:
        if plain(event.event_type) in ENDS and event.occurred < claim.until:
            what = f"version {event.version} ({event.event_type}) of {instant(event.occurred)}"
            if event.version in dropped:
                reasons.append(
                    Reason(State.NOT_PROVEN, f"{what} would end custody and was retracted")
                )
            else:
                reasons.append(
                    Reason(State.FAILED, f"{what} ends custody before the end of the claim")
                )
    return reasons


def _counts(event: Shown, delay: int) -> bool:
    """Say whether an event is one with eyes on the weapon, witnessed soon enough to count."""
    kind = plain(event.event_type)
    if kind not in EYES_ON or (kind == SEAL_CHECKED and event.fields.get("intact") is not True):
        return False
    return event.by is None or event.by <= event.occurred + delay


def _deposit(claim: Claim, seen: Sequence[Shown]) -> list[Reason]:
    if any(plain(e.event_type) == DEPOSIT and e.occurred <= claim.since for e in seen):
        return []
    text = f"no deposit in trust by {instant(claim.since)} was witnessed in time"
    return [Reason(State.NOT_PROVEN, text)]


def _gaps(claim: Claim, times: Sequence[int]) -> list[Reason]:
    before = [time for time in times if time <= claim.since]
    within = [time for time in times if claim.since < time < claim.until]
    points = [before[-1] if before else claim.since, *within, claim.until]
    return [
        Reason(
            State.NOT_PROVEN,
            f"nobody is shown to have seen it from {instant(one)} to {instant(two)},"
            f" {span(two - one)}; {span(claim.max_gap)} are allowed",
        )
        for one, two in pairwise(points)
        if two - one > claim.max_gap
    ]

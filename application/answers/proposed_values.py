"""Personal values that a proposal would change: opened for who may read them, after it was noted.

The list of what waits and the look before an approval both ask here, so both open the same and note the
same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from application.answers.reader import Reader
from application.decisions import review
from application.decisions.unit import Unit
from domain.errors import CannotTellError
from domain.event import Event
from domain.person import IdentityCorrected
from domain.record import Proposed

NOT_SHOWN = "(not shown to this official)"
NO_KEY = "(its key is erased or not here)"


class Difference(NamedTuple):
    """One fact as it reads and as it would.

    Attributes:
        stream: whose. fact: its name. old, new: its values; instant: they are microseconds UTC.
    """

    stream: str
    fact: str
    old: object
    new: object
    instant: bool = False


def changed_values(
    unit: Unit, proposal: Proposed, target: Event | None, who: Reader
) -> tuple[Difference, ...]:
    """Return the personal values that would read otherwise; a line of the access log says so first.

    Args:
        target: what the proposal replaces; None where it replaces nothing.
    """
    stream = proposal.originator_id
    before, after = _commitments(unit, proposal, target)
    names = [n for n in dict.fromkeys([*before, *after]) if before.get(n) != after.get(n)]
    if not names:
        return ()
    if not who.may("personal values") or who.official is None:
        return tuple(Difference(stream, n, NOT_SHOWN, NOT_SHOWN) for n in names)
    number = f"{stream}:{proposal.originator_version}"
    unit.note_access(who.official, stream, " ".join(sorted(names)), f"before approving {number}")
    try:
        old = unit.vault.opened(stream, {n: before[n] for n in names if n in before})
        new = unit.vault.opened(stream, {n: after[n] for n in names if n in after})
    except CannotTellError:
        return tuple(Difference(stream, n, NO_KEY, NO_KEY) for n in names)
    return tuple(Difference(stream, n, old.get(n), new.get(n)) for n in names)


def _commitments(
    unit: Unit, proposal: Proposed, target: Event | None
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return which commitments each personal field has, and would have."""
    facts: Mapping[str, Any] = proposal.facts
    old = {} if target is None else review.payload(target)
    if proposal.topic != IdentityCorrected.TOPIC:
        identity = old.get("identity")
        return dict(identity) if isinstance(identity, Mapping) else {}, facts.get("identity") or {}
    name = str(facts["field"])
    fields: Mapping[str, str] = unit.state(proposal.originator_id).identity_fields
    return {n: d for n, d in fields.items() if n == name}, {name: str(facts["value"])}

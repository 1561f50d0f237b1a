"""The proposals that wait for a second official, with the personal values that they would change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from application.answers.proposed_values import Difference, changed_values
from application.answers.reader import Reader
from application.answers.subjects import Asker
from application.decisions.ledger import Ledger
from application.decisions.unit import Unit
from domain.directory import Official
from domain.event import EVENTS, as_a
from domain.person import IdentityCorrected
from domain.record import Approved, Proposed
from domain.times import When


class Proposal(NamedTuple):
    """One event that waits.

    Attributes:
        stream, version: the proposal's own name. what: the stored name of the proposed event.
        target: the version it would replace; None where it replaces none.
        facts: what it would say. withheld: whether this reader may not know.
        when: when it would have happened; None for when it is approved.
        values: personal values that would read otherwise; only where they were asked for.
        for_me: whether who asks with `mine` proposed it, or may answer it; "" else.
    """

    stream: str
    version: int
    what: str
    target: int | None
    by: str
    batch: str
    reason: str
    facts: Mapping[str, object]
    withheld: bool
    when: When | None
    values: tuple[Difference, ...] = ()
    for_me: str = ""


def pending(
    custody: Ledger,
    ask: Asker,
    batch: str | None = None,
    *,
    mine: str | None = None,
    values: bool = False,
) -> tuple[Proposal, ...]:
    """Return every proposal that waits, or those of one operation, in order of their names.

    Args:
        mine: only what this official proposed, or may answer as the second.
        ask: who asks. What is proposed is as protected as what is said: its facts are withheld.
        values: open the personal values that would change for who may read them, and note it.

    Raises:
        UnknownError: with `mine`, who asks is not in the directory.
    """
    if mine is not None:
        ask()
    with custody.reading() as unit:
        refs = [ref.rpartition(":") for ref in sorted(unit.register.find("pending", ""))]
        unit.load([stream for stream, _, _ in refs])
        known = [(unit.history(stream), int(version)) for stream, _, version in refs]
        events = [past.events[version - 1] for past, version in known if past]
    proposed = [e for event in events if (e := as_a(Proposed, event))]
    found = [e for e in proposed if batch in {None, e.batch}]
    told = [_proposal(event, withheld=_withheld(event, ask)) for event in found]
    if mine is not None:
        with custody.reading() as unit:
            marked = [one._replace(for_me=_for(unit, one, mine)) for one in told]
        told = [one for one in marked if one.for_me]
    if not values or not any(map(_about_values, found)):
        return tuple(told)
    return _with_values(custody, ask(), told)


def _about_values(event: Proposed) -> bool:
    return event.topic == IdentityCorrected.TOPIC or "identity" in event.facts


def _with_values(custody: Ledger, who: Reader, told: list[Proposal]) -> tuple[Proposal, ...]:
    """Open what each proposal would change of personal values, each noted in the access log."""
    opened = []
    with custody.unit() as unit:
        for one in told:
            known = unit.history(one.stream)
            event = as_a(Proposed, known.events[one.version - 1]) if known else None
            if known is None or event is None or one.withheld or not _about_values(event):
                opened.append(one)
                continue
            target = None if one.target is None else known.events[one.target - 1]
            opened.append(one._replace(values=changed_values(unit, event, target, who)))
    return tuple(opened)


def _for(unit: Unit, proposal: Proposal, official: str) -> str:
    """Say what a proposal is to an official: theirs, or one they may answer."""
    if proposal.by == official:
        return "proposed by me"
    return "waits for me" if may_answer(unit, proposal.stream, proposal.target, official) else ""


def may_answer(unit: Unit, stream: str, target: int | None, official: str) -> bool:
    """Return whether an official may approve what another proposed (rule 20)."""
    known = unit.look(official, Official)
    if known is None or not known.holds(Approved.ROLES, unit.now):
        return False
    past = unit.history(stream)
    return target is None or past is None or past.events[target - 1].recorded_by != official


def _withheld(event: Proposed, ask: Asker) -> bool:
    return EVENTS[event.topic].PROTECTED is not None and not ask().sees_event(event.topic)


def _proposal(event: Proposed, *, withheld: bool) -> Proposal:
    when = None
    if event.true_at is not None:
        when = When(event.true_at, event.true_until, event.true_precision)
    return Proposal(
        event.originator_id,
        event.originator_version,
        event.topic,
        event.target,
        event.recorded_by,
        event.batch,
        event.reason,
        {} if withheld else event.facts,
        withheld,
        when,
    )

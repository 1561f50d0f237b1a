"""What approving one proposal changes: told to the second official before, and recorded nowhere.

foreseen(custody, "OFF-003", ("P-000873-X", 12))    old and new of each fact, what it raises and clears
"""

from __future__ import annotations

from typing import NamedTuple

from application.answers.pending import may_answer
from application.answers.proposed_values import NOT_SHOWN, Difference, changed_values
from application.answers.reader import Reader, reader
from application.decisions import review
from application.decisions.foresight import Consequences
from application.decisions.ledger import Ledger
from application.decisions.unit import Unit
from domain.directory import Official
from domain.errors import CustodyError, UnknownError
from domain.event import Event, State, as_a
from domain.record import Proposed, Retracted
from domain.weapon import DescriptionCorrected

LEFT_OUT = frozenset({"id", "since", "pending", "irregular", "identity_fields", "operators"})
"""Facts of a state that say nothing by themselves, or are told apart."""


class Foreseen(NamedTuple):
    """What approving a proposal changes.

    Attributes:
        what: the stored name of the event proposed. by: who proposed it. target: what it replaces.
        facts: of the event itself. changes: of every stream it touches.
        raised, cleared: irregularities, as `stream:version rule 16`.
        transfers, counts: those that the subject is or was on.
        refused: why it cannot be approved now, "" where it can. who: the officials who may approve.
    """

    what: str
    by: str
    reason: str
    target: str
    facts: tuple[Difference, ...]
    changes: tuple[Difference, ...]
    raised: tuple[str, ...]
    cleared: tuple[str, ...]
    transfers: tuple[str, ...]
    counts: tuple[str, ...]
    refused: str
    who: tuple[str, ...]


def foreseen(custody: Ledger, asking: str | None, ref: tuple[str, int]) -> Foreseen:
    """Return what approving a proposal changes.

    Personal values are opened for who may read them, after a line in the access log says so.

    Raises:
        UnknownError: there is no such proposal, or it waits no longer.
    """
    who = reader(custody, asking)
    with custody.unit() as unit:
        stream, version = ref
        known = unit.history(stream)
        waits = known is not None and version in known.state.pending
        proposal = as_a(Proposed, known.events[version - 1]) if known and waits else None
        if known is None or proposal is None:
            raise UnknownError(f"{stream}:{version} is not a proposal that waits for approval")
        target = None if proposal.target is None else known.events[proposal.target - 1]
        hidden = not who.sees_event(target.TOPIC if target is not None else proposal.topic)
        refused, seen = "", Consequences((), frozenset(), frozenset())
        try:
            seen = review.foreseen(unit, [ref])
        except CustodyError as error:
            refused = NOT_SHOWN if hidden else str(error)
        facts: tuple[Difference, ...] = (Difference(stream, "facts", NOT_SHOWN, NOT_SHOWN),)
        if not hidden:
            facts = tuple(_differences(unit, proposal, target, who))
        return Foreseen(
            proposal.topic,
            proposal.recorded_by,
            proposal.reason,
            "" if target is None else f"{stream}:{proposal.target}",
            facts,
            tuple(d for c in seen.changes for d in _changed(c.stream, c.before, c.after, who)),
            _named(seen.breaks, who),
            _named(seen.mends, who),
            _transfers(unit, stream, known.events),
            tuple(
                k.id
                for k in unit.streams.every("S-")
                if stream in k.state.expected or stream in k.state.found
            ),
            refused,
            _approvers(unit, stream, proposal),
        )


def _differences(
    unit: Unit, proposal: Proposed, target: Event | None, who: Reader
) -> list[Difference]:
    """Return the facts of the event: as it reads, and as proposed."""
    stream = proposal.originator_id
    if proposal.topic == Retracted.TOPIC and target is not None:
        facts = {n: v for n, v in review.payload(target).items() if v not in (None, "", (), {})}
        found = [Difference(stream, n, v, None) for n, v in facts.items() if n != "identity"]
        return [Difference(stream, "event", target.TOPIC, "did not count"), *found]
    new = dict(proposal.facts)
    old: dict[str, object] = {} if target is None else dict(review.payload(target))
    if proposal.topic == DescriptionCorrected.TOPIC:
        old = {name: getattr(unit.state(stream), name, None) for name in new}
    found = list(changed_values(unit, proposal, target, who))
    for name in dict.fromkeys([*old, *new]):
        if name not in {"identity", "field", "value"} and _plain(old.get(name)) != _plain(
            new.get(name)
        ):
            found.append(Difference(stream, name, old.get(name), new.get(name)))
    if (
        target is not None
        and proposal.true_at is not None
        and proposal.true_at != target.occurred_at
    ):
        found.append(Difference(stream, "when", target.occurred_at, proposal.true_at, instant=True))
    return found


def _changed(stream: str, before: State, after: State, who: Reader) -> list[Difference]:
    was, now = before._asdict(), after._asdict()
    return [
        Difference(stream, name, was[name], now[name], instant=name == "in_trust_since")
        for name in was
        if name not in LEFT_OUT and was[name] != now.get(name) and who.sees(name)
    ]


def _named(breaches: frozenset[tuple[str, int, int]], who: Reader) -> tuple[str, ...]:
    return tuple(
        f"{stream}:{version} rule {rule}"
        for stream, version, rule in sorted(breaches)
        if who.sees_rule(rule)
    )


def _transfers(unit: Unit, stream: str, events: tuple[Event, ...]) -> tuple[str, ...]:
    named = {getattr(e, "transfer", None) for e in events} | unit.register.find("line", stream)
    return tuple(sorted(n for n in named if isinstance(n, str)))


def _approvers(unit: Unit, stream: str, proposal: Proposed) -> tuple[str, ...]:
    """Return the officials in office who may approve it."""
    return tuple(
        known.id
        for known in unit.streams.every("OFF-")
        if isinstance(known.state, Official)
        and known.id != proposal.recorded_by
        and may_answer(unit, stream, proposal.target, known.id)
    )


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value

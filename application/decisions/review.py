"""Two officials: corrections, retractions and the decisions that need a second one.

    correct, retract, authorise_restitution, destroy, merge, …   propose: nothing changes yet
    approve                                                      the proposed event is recorded
    decline                                                      the proposal is closed

Rule 20: who approves is neither the one who proposed nor the one who recorded the event that is
corrected. Rule 21: an event that others depend on is retracted only together with them: those which a
rule would refuse without it, and those recorded in the same operation about the same subject in the
other stream of a transfer. A retraction may name a retraction: then the event counts again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from application.decisions import foresight, merging, serials, slips
from application.decisions.judged import still_open
from application.decisions.note import Facts
from application.decisions.unit import Note, Recorded, Unit
from application.decisions.verb import command
from domain import history, person, record, rules, weapon
from domain.errors import BadInputError, RefusedError, UnknownError
from domain.event import ENVELOPE, EVENTS, CorrectionReason, Event, PartyCode, PersonId, as_a

Ref = tuple[str, int]
"""One event: its stream and its version."""


def since(unit: Unit, stream: str, note: Note, cls: type[Event]) -> Note:
    """Return the note with the time of the latest event of a class, where none was given."""
    known = unit.history(stream)
    if note.at is not None or known is None:
        return note
    times = [e.occurred_at for e in history.in_order(known.events) if cls.TOPIC == e.TOPIC]
    return note._replace(at=times[-1]) if times else note


def propose(
    unit: Unit, stream: str, note: Note, cls: type[Event], facts: Facts, target: int | None = None
) -> Recorded:
    """Record that an event waits for a second official, after judging it as if it were recorded.

    Raises:
        RefusedError: the rules would refuse the event itself.
    """
    unit.state(stream)
    unit.allow(note.by, cls)
    if target is not None:
        _counting(unit, stream, target)
    trial = note if note.reason or target is None else note._replace(reason="proposed")
    _rehearse(unit, cls, stream, trial, target, facts)
    return unit.record(
        record.Proposed,
        stream,
        note._replace(at=None, until=None, precision="EXACT"),
        topic=cls.TOPIC,
        facts=dict(facts),
        target=target,
        true_at=note.at,
        true_until=note.until,
        true_precision=note.precision,
        follows=True,
    )


def _rehearse(
    unit: Unit, cls: type[Event], stream: str, note: Note, target: int | None, facts: Facts
) -> None:
    mark = unit.mark()
    try:
        unit.record(cls, stream, note, corrects=target, **facts)
    finally:
        unit.undo(mark)


@command(record.Proposed)
def correct(
    unit: Unit, subject: str, note: Note, *, version: int, changes: Facts, alone: bool = False
) -> Recorded:
    """Propose that an event read otherwise; what the note leaves open stays, its time among it.

    Args:
        alone: it is one's own slip, corrected at once without a second official, see `slips.py`.
    """
    target = _counting(unit, subject, version)
    cls = EVENTS[target.TOPIC]
    if cls.TOPIC.startswith("record."):
        msg = f"{subject}:{version} speaks about the record: retract it instead"
        raise BadInputError(msg)
    facts = {k: v for k, v in payload(target).items() if v is not None}
    for name, value in changes.items():
        if name not in cls.model_fields or name in ENVELOPE:
            msg = f"{subject}:{version} ({cls.TOPIC}) has no fact '{name}'"
            raise BadInputError(msg)
        facts[name] = value
    if cls.TOPIC.startswith("weapon."):
        serials.check(f"{subject}:{version}", changes)
    if note.at is None:
        note = note._replace(
            at=target.occurred_at, until=target.occurred_until, precision=target.precision
        )
    note = note._replace(
        authority=note.authority or target.authority,
        evidence=note.evidence or target.evidence,
        on_behalf_of=note.on_behalf_of or target.on_behalf_of,
    )
    if alone:
        return slips.record(unit, subject, note, target, facts)
    return propose(unit, subject, note, cls, facts, version)


@command(record.Proposed)
def retract(
    unit: Unit,
    subject: str,
    note: Note,
    *,
    version: int,
    why: CorrectionReason,
    together_with: Sequence[Ref] = (),
) -> Recorded:
    """Propose that an event never counted, together with those that depend on it."""
    note = note if note.batch else note._replace(batch=unit.batch())
    refs = [(subject, version), *together_with]
    unit.allow(
        note.by, record.Retracted
    )  # first: who may not learns nothing from what depends on it
    for stream, number in refs:
        _not_alone(_event(unit, stream, number))
    independent(unit, refs)
    first, *_ = [
        propose(unit, stream, note, record.Retracted, {"why": why}, number)
        for stream, number in refs
    ]
    return first


@command(record.Approved)
def approve(
    unit: Unit, subject: str, note: Note, *, proposal: int, together_with: Sequence[Ref] = ()
) -> Recorded:
    """Approve proposals as the second official: the proposed events are recorded now."""
    refs = [(subject, proposal), *together_with]
    proposals = {ref: _pending(unit, *ref) for ref in refs}
    retracted = [
        (stream, p.target)
        for (stream, _), p in proposals.items()
        if p.topic == record.Retracted.TOPIC and p.target is not None
    ]
    independent(unit, retracted)

    def carried_out(also: tuple[int, ...] = ()) -> Recorded:
        flags = {ref: also if n == 0 else () for n, ref in enumerate(proposals)}
        first, *_ = [
            _approve(unit, stream, note, p, flags[stream, v])
            for (stream, v), p in proposals.items()
        ]
        return first

    if all(p.target is None for p in proposals.values()):
        return carried_out()
    streams = [stream for stream, _ in proposals]
    return carried_out(foresight.consequences(unit, streams, carried_out).rules)


def foreseen(unit: Unit, refs: Sequence[Ref]) -> foresight.Consequences:
    """Return what approving proposals would change and break, without the approval itself.

    Raises:
        CustodyError: they would be refused, and why.
    """
    proposals = {ref: _pending(unit, *ref) for ref in refs}

    def carried_out() -> None:
        for (stream, _), proposal in proposals.items():
            note = Note(proposal.recorded_by)
            _carry_out(unit, stream, note, proposal, ())

    independent(
        unit,
        [
            (s, p.target)
            for (s, _), p in proposals.items()
            if p.topic == record.Retracted.TOPIC and p.target is not None
        ],
    )
    return foresight.consequences(unit, [stream for stream, _ in refs], carried_out)


def _approve(
    unit: Unit, stream: str, note: Note, proposal: record.Proposed, also: tuple[int, ...] = ()
) -> Recorded:
    _after(proposal, note)
    unit.record(record.Approved, stream, note, proposal=proposal.originator_version)
    if note.by == proposal.recorded_by:
        msg = f"{stream}:{proposal.originator_version} was proposed by {note.by}: another must approve"
        raise RefusedError(20, msg)
    if proposal.target is not None:
        target = _counting(unit, stream, proposal.target)
        if note.by == target.recorded_by:
            msg = f"{stream}:{proposal.target} was recorded by {note.by}: another official must approve"
            raise RefusedError(20, msg)
    return _carry_out(unit, stream, note, proposal, also)


def _carry_out(
    unit: Unit, stream: str, note: Note, proposal: record.Proposed, also: tuple[int, ...]
) -> Recorded:
    """Record what was proposed, with what follows from it."""
    theirs = _note_of(proposal, note)
    into = _merged_into(unit, stream)
    if proposal.topic == person.SameAs.TOPIC:
        _mergeable(unit, stream, proposal)
    done = unit.record(
        EVENTS[proposal.topic],
        stream,
        theirs,
        corrects=proposal.target,
        approved_by=note.by,
        also=also,
        **proposal.facts,
    )
    now_into = _merged_into(unit, stream)
    if into is not None and into != now_into:
        merging.give_back(unit, stream, into, theirs, note.by)
    if now_into is not None and into != now_into:
        merging.take_over(unit, stream, theirs, note.by)
    return done


def _merged_into(unit: Unit, stream: str) -> str | None:
    known = unit.look(stream, person.Person)
    return known.same_as if known else None


def _mergeable(unit: Unit, stream: str, proposal: record.Proposed) -> None:
    survivor = proposal.facts.get("survivor")
    if proposal.target is None:
        merging.check(unit, stream, str(survivor))
    elif survivor == stream or _merged_into(unit, str(survivor)) is not None:
        msg = f"{survivor} is merged into {_merged_into(unit, str(survivor)) or stream} already"
        raise RefusedError(1, msg)


def _note_of(proposal: record.Proposed, note: Note) -> Note:
    """Return the proposer's note: the event is theirs, the approval the other's."""
    return Note(
        proposal.recorded_by,
        proposal.true_at if proposal.true_at is not None else note.at,
        proposal.true_until,
        proposal.true_precision,
        proposal.on_behalf_of,
        proposal.authority,
        tuple(proposal.evidence),
        proposal.batch,
        proposal.reason,
        proposal.happened,
    )


@command(record.Declined)
def decline(unit: Unit, subject: str, note: Note, *, proposal: int) -> Recorded:
    """Say no to a proposal; the reason is required."""
    _after(_pending(unit, subject, proposal), note)
    return unit.record(record.Declined, subject, note, proposal=proposal)


@command(record.IrregularityClosed)
def close_irregularity(unit: Unit, subject: str, note: Note, *, event: int, rule: int) -> Recorded:
    """Close an irregularity that was looked into; the reason is required."""
    unit.allow(
        note.by, record.IrregularityClosed
    )  # first: who may not learns nothing from the rest
    unit.state(subject)  # or say that there is none
    known = unit.history(subject)
    if known is None or (event, rule) not in still_open(unit, known):
        raise UnknownError(f"{subject}:{event} has no open irregularity by rule {rule}")
    return unit.record(record.IrregularityClosed, subject, note, event=event, rule=rule)


@command(weapon.RestitutionAuthorised)
def authorise_restitution(
    unit: Unit, subject: str, note: Note, *, recipient: PartyCode, basis: str
) -> Recorded:
    """Propose that a weapon be returned to a recognised recipient."""
    facts = {"recipient": recipient, "basis": basis}
    return propose(unit, subject, note, weapon.RestitutionAuthorised, facts)


@command(weapon.Destroyed)
def destroy(
    unit: Unit, subject: str, note: Note, *, method: str, witnesses: Sequence[str]
) -> Recorded:
    """Propose that a weapon be destroyed before witnesses, on an authority."""
    facts = {"method": method, "witnesses": tuple(witnesses)}
    return propose(unit, subject, note, weapon.Destroyed, facts)


@command(person.SameAs)
def merge(unit: Unit, subject: str, note: Note, *, survivor: PersonId) -> Recorded:
    """Propose that two records are one person; reversible by a retraction."""
    if survivor == subject:
        msg = f"{subject} cannot be merged with itself"
        raise BadInputError(msg)
    unit.allow(note.by, person.SameAs)
    merging.check(unit, subject, survivor)
    return propose(unit, subject, note, person.SameAs, {"survivor": survivor})


# ── which events others depend on ───────────────────────────────────────────


def independent(unit: Unit, refs: Iterable[Ref]) -> None:
    """Check that nothing outside a group of events depends on one inside it.

    Raises:
        RefusedError: rule 21, with the events that would have to go too.
    """
    group = set(refs)
    for stream, version in sorted(group):
        needed = [r for r in dependents(unit, stream, version, group) if r not in group]
        if needed:
            named = ", ".join(f"{s}:{v}" for s, v in needed[:5])
            more = f" and {len(needed) - 5} more" if len(needed) > 5 else ""  # noqa: PLR2004
            msg = f"{stream}:{version} is needed by {named}{more}: retract them together (--with)"
            raise RefusedError(21, msg)


def dependents(unit: Unit, stream: str, version: int, group: set[Ref]) -> list[Ref]:
    """Return the events that stand only as long as this one does."""
    known = unit.history(stream)
    target = _event(unit, stream, version)
    if known is None or target.TOPIC == record.Retracted.TOPIC:
        return []
    gone = {v for s, v in group if s == stream} | {version}
    counted = history.in_order(known.events)
    rest = [e for e in counted if e.originator_version not in gone]
    facts = [e for e in rest if not e.TOPIC.startswith("record.")]
    if version == 1:
        return [(stream, e.originator_version) for e in facts]
    before = _refused(unit, stream, counted)
    after = _refused(unit, stream, rest)
    return [(stream, v) for v in sorted(after - before)] + _twins(unit, stream, target)


def _refused(unit: Unit, stream: str, events: Sequence[Event]) -> set[int]:
    """Return the versions that the rules would refuse, each judged after those before it."""
    found, so_far = set(), history.of(stream, ())
    for event in events:
        case = rules.Case(
            event,
            unit.now,
            so_far.state,
            so_far.state,
            so_far,
            unit.look,
            unit.at(event.occurred_at),
            lambda *_: (),
            unit.zone,
        )
        try:
            rules.judge(case)
        except RefusedError:
            found.add(event.originator_version)
        so_far = so_far.then(event)
    return found


def _twins(unit: Unit, stream: str, target: Event) -> list[Ref]:
    """Return the counterparts in the other stream of a transfer: same operation, same subject."""
    facts = payload(target)
    other = facts.get("transfer") or facts.get("subject")
    known = unit.history(other) if other and target.batch else None
    if known is None:
        return []
    return [
        (known.id, e.originator_version)
        for e in history.in_order(known.events)
        if e.batch == target.batch
        and stream in {payload(e).get("transfer"), payload(e).get("subject")}
    ]


def payload(event: Event) -> Facts:
    """Return an event's own facts, without the envelope."""
    cls = EVENTS[event.TOPIC]
    return {n: getattr(event, n) for n in cls.model_fields if n not in ENVELOPE}


def _not_alone(target: Event) -> None:
    """Refuse to take back what a merge brought over: with the merge it goes, alone it would be lost."""
    if target.TOPIC in merging.FOLLOWS:
        other = payload(target)["other"]
        msg = f"{target.originator_id}:{target.originator_version} came with the merge of {other}"
        raise RefusedError(21, f"{msg}: retract that merge, and it goes with it")


def _event(unit: Unit, stream: str, version: int) -> Event:
    unit.state(stream)
    known = unit.history(stream)
    if known is None or not 1 <= version <= known.version:
        raise UnknownError(f"{stream} has no event {version}")
    return known.events[version - 1]


def _counting(unit: Unit, stream: str, version: int) -> Event:
    """Return an event that still counts: one already replaced is not replaced a second time."""
    event = _event(unit, stream, version)
    known = unit.history(stream)
    by = history.dropped(known.events).get(version) if known else None
    if by is not None:
        msg = f"{stream}:{version} no longer counts, {stream}:{by} took its place: name that one"
        raise BadInputError(msg)
    return event


def _after(proposal: record.Proposed, note: Note) -> None:
    """Refuse an answer dated before its question: the proposal would wait for ever."""
    if note.at is not None and note.at < proposal.occurred_at:
        msg = f"{proposal.originator_id}:{proposal.originator_version} was proposed after that time"
        raise BadInputError(msg)


def _pending(unit: Unit, stream: str, version: int) -> record.Proposed:
    proposal = as_a(record.Proposed, _event(unit, stream, version))
    if proposal is None or version not in unit.state(stream).pending:
        raise UnknownError(f"{stream}:{version} is not a proposal that waits for approval")
    return proposal

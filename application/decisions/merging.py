"""What a merge takes over: the record that stays is judged by what is known of both.

    take_over(unit, "P-000874-V", note, approver)    after `person.same_as`: writes on the survivor
    give_back(unit, "P-000874-V", survivor, …)       after it was taken back: takes those events back

The survivor's own stream says what came from the other, so every answer of it at any two instants
follows without looking elsewhere. A wish against going stays, whoever's record it was under; without
one, nobody is cleared until they are asked again. Un-merging takes exactly these events back.
"""

from __future__ import annotations

from application.decisions.note import Note
from application.decisions.unit import Unit
from domain import history, person, transfer
from domain.errors import RefusedError
from domain.event import Event, as_a
from domain.record import Retracted

ON_THE_LIST = frozenset({"PLANNED", "FROZEN"})
FOLLOWS = frozenset({person.TookOver.TOPIC, person.WishTakenOver.TOPIC})
"""What a merge writes on the survivor: taken back with the merge, never alone."""


def check(unit: Unit, subject: str, survivor: str) -> None:
    """Refuse a merge that would leave somebody counted nowhere, or on a bus under a closed record.

    Raises:
        RefusedError: one of the two is merged already (1), or on a transfer that has left (12).
    """
    for number in (subject, survivor):
        into = unit.state(number, person.Person).same_as
        if into is not None:
            msg = (
                f"{number} is merged into {into} already: name {into}, or retract that merge first"
            )
            raise RefusedError(1, msg)
    for number in sorted(unit.register.find("line", subject)):
        if unit.state(number, transfer.Transfer).status not in ON_THE_LIST:
            msg = (
                f"{subject} is on {number}, which has left: accept or refuse that line first, "
                "then merge"
            )
            raise RefusedError(12, msg)


def take_over(unit: Unit, subject: str, note: Note, approver: str | None) -> None:
    """Record on the survivor what it takes over, now; both come off manifests that have not left."""
    note = note._replace(at=None, until=None, precision="EXACT", key="", expects=None)
    note = note if note.batch else note._replace(batch=unit.batch())
    other = unit.state(subject, person.Person)
    survivor = str(other.same_as)
    _off_every_list(unit, subject, note)
    known = unit.state(survivor, person.Person)
    custody = other.custody if _newer(other, known) else None
    unit.record(
        person.TookOver,
        survivor,
        note,
        approved_by=approver,
        follows=True,
        other=subject,
        effects=tuple(r for r in other.effects if r not in known.effects),
        assurances=other.assurances,
        custody=custody,
        site=other.site if custody else None,
        place=other.place if custody else "",
    )
    take_wish(unit, subject, survivor, note, approver)
    if known.same_as is not None:  # merged on since: what it was judged by goes with it
        _renew(unit, survivor, note, approver)


def take_wish(unit: Unit, subject: str, survivor: str, note: Note, approver: str | None) -> None:
    """Record what the other record's wish means for the survivor, who comes off the way out."""
    other = unit.state(subject, person.Person)
    unit.record(
        person.WishTakenOver,
        survivor,
        note._replace(reason=""),
        approved_by=approver,
        follows=True,
        other=subject,
        intent=other.intent if other.intent in person.KEPT_OFF else None,
        pledges=other.pledges,
    )
    _off_every_list(unit, survivor, note, purpose="RETURN")


def told_later(unit: Unit, subject: str, note: Note) -> None:
    """Pass on a wish that was learned under a record merged before."""
    known = unit.look(subject, person.Person)
    while known is not None and known.same_as is not None:
        note = note._replace(at=None, until=None, precision="EXACT", key="", expects=None)
        take_wish(unit, known.id, known.same_as, note, None)
        known = unit.look(known.same_as, person.Person)


CARRIED_ON = frozenset(
    {person.EffectsDeposited.TOPIC, person.EffectsReturned.TOPIC, person.AssuranceRecorded.TOPIC}
)
"""What may be told of a record merged before: a late fact, or effects given back under its number."""


def carry_on(unit: Unit, subject: str, note: Note) -> None:
    """Let the survivor have what a record merged before has of effects and assurances by now.

    What was taken over is corrected in its place: a wish that was stated since stands.
    """
    other = unit.look(subject, person.Person)
    survivor = other.same_as if other is not None else None
    if other is None or survivor is None:
        return
    known = unit.state(survivor, person.Person)
    taken = [as_a(person.TookOver, e) for e in _taken_from(unit, survivor, subject)]
    for event in (e for e in taken if e is not None):
        effects = tuple(r for r in other.effects if r in event.effects or r not in known.effects)
        if effects == tuple(event.effects) and other.assurances == tuple(event.assurances):
            continue
        facts = {name: getattr(event, name) for name in ("other", "custody", "site", "place")}
        unit.record(
            person.TookOver,
            survivor,
            Note(
                note.by,
                event.occurred_at,
                batch=note.batch,
                reason="told later of the other record",
            ),
            corrects=event.originator_version,
            follows=True,
            effects=effects,
            assurances=other.assurances,
            **facts,
        )
        carry_on(unit, survivor, note)


def give_back(unit: Unit, subject: str, survivor: str, note: Note, approver: str | None) -> None:
    """Take back on the survivor what came from a record that is no longer merged into it."""
    note = note._replace(at=None, until=None, precision="EXACT", key="", expects=None)
    for event in _taken_from(unit, survivor, subject):
        unit.record(
            Retracted,
            survivor,
            note,
            corrects=event.originator_version,
            approved_by=approver,
            follows=True,
            why="did_not_occur",
        )
    if unit.state(survivor, person.Person).same_as is not None:
        _renew(unit, survivor, note, approver)


def _renew(unit: Unit, middle: str, note: Note, approver: str | None) -> None:
    """Give back and take over anew what a record between two has passed on."""
    onwards = str(unit.state(middle, person.Person).same_as)
    give_back(unit, middle, onwards, note, approver)
    take_over(unit, middle, note, approver)


def _taken_from(unit: Unit, survivor: str, other: str) -> list[Event]:
    known = unit.history(survivor)
    events = history.in_order(known.events) if known else []
    taken = [as_a(person.TookOver, e) or as_a(person.WishTakenOver, e) for e in events]
    return [e for e in taken if e is not None and e.other == other]


def _newer(other: person.Person, known: person.Person) -> bool:
    """Return whether the other record says later than the survivor's where the person is."""
    movable: set[person.PersonCustody] = {"EXPECTED", "ADMITTED", "SHELTERED", "IN_CARE", "ABSENT"}
    both = other.custody in movable and known.custody in movable
    return both and other.custody != known.custody and other.since > known.since


def _off_every_list(unit: Unit, subject: str, note: Note, purpose: str | None = None) -> None:
    """Take a person off the manifests (of a purpose) that have not left."""
    for number in sorted(unit.register.find("line", subject)):
        planned = unit.state(number, transfer.Transfer)
        if planned.status not in ON_THE_LIST or purpose not in {None, planned.purpose}:
            continue
        unit.record(transfer.LineRemoved, number, note, subject=subject, follows=True)
        unit.record(person.RemovedFromManifest, subject, note, transfer=number, follows=True)

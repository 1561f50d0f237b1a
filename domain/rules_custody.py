"""Rules about custody: between parties 11 to 15, of weapons 16 to 23."""

from __future__ import annotations

from typing import TypeAlias

from domain import directory, effects, person, record, transfer, weapon
from domain.book import Case, rule
from domain.directory import Party, Site
from domain.event import Event, State, as_a
from domain.history import dropped
from domain.ids import serial_key
from domain.person import Person
from domain.transfer import Transfer
from domain.weapon import Weapon

Passing: TypeAlias = person.HandedOver | weapon.Released | weapon.Accepted | weapon.Returned
"""What passes a person or a weapon from one party to another."""

PutDown: TypeAlias = weapon.Stored | weapon.Located | weapon.CrateMoved
"""What says where a weapon lies, without anybody's signature."""

# ── custody between parties ─────────────────────────────────────────────────


@rule(11, "R", person.HandedOver, weapon.Released, weapon.Accepted, weapon.Returned)
def _only_through_a_transfer(case: Case[Person | Weapon, Passing]) -> str | None:
    number = case.event.transfer
    found = case.look(number, Transfer)
    if found is None:
        return (
            f"{case.known.id} passes to another party only through a transfer: plan one, add a line"
        )
    if case.known.id in found.lines or case.known.id in found.unlisted:
        return None
    return f"{case.known.id} is not on {number}: add the line, or record it as unlisted"


@rule(11, "F", effect="PASSES_PERSON")
def _passed_on_without_a_transfer(case: Case[Person, Event]) -> str | None:
    if case.event.TOPIC in _OWN_WAY or getattr(case.event, "transfer", None):
        return None
    passed = effects.passes_person(case)
    return "passed to another party without a transfer" if passed else None


_OWN_WAY = frozenset({person.HandedOver.TOPIC, person.ReleasedOtherwise.TOPIC, person.SameAs.TOPIC})
"""What is refused without a transfer, or leads to nobody, or says that two records are one."""


@rule(11, "F", record.Retracted, person.Admitted)
def _no_longer_received(case: Case[State, Event]) -> str | None:
    """Who received a person is what "another party" is measured by: it does not change unseen."""
    was = as_a(person.Admitted, case.replaced) if case.replaced else None
    if was is None or not isinstance(case.state, Person):
        return None
    now = as_a(person.Admitted, case.event)
    if now is None:  # taken back: it leaves nobody to answer for one who is kept since then
        kept = case.state.party is None and case.state.custody in _KEPT_SINCE
        return "kept, and no party has received them any more" if kept else None
    other = now.receiving_party != was.receiving_party
    return f"received by {now.receiving_party} in place of {was.receiving_party}" if other else None


_KEPT_SINCE = frozenset({"SHELTERED", "IN_CARE", "ABSENT", "IN_TRANSIT"})


@rule(11, "F", weapon.Stored, weapon.Located, weapon.CrateMoved)
def _kept_elsewhere_without_a_transfer(case: Case[Weapon, PutDown]) -> str | None:
    return (
        "kept at another party's site without a transfer" if effects.leaves_trustee(case) else None
    )


@rule(11, "R", weapon.DepositedInTrust)
def _trustee_changes_by_transfer(case: Case[Weapon, weapon.DepositedInTrust]) -> str | None:
    if case.known.trustee in {None, case.event.trustee}:
        return None
    return (
        f"{case.known.id} is in trust with {case.known.trustee}: another trustee needs a transfer"
    )


@rule(11, "R", directory.OperatorNamed)
def _nobody_changes_hands_with_a_site(case: Case[Site, directory.OperatorNamed]) -> str | None:
    operator, known = case.event.operator, case.known
    if operator == known.operator:
        return None
    site = known.id.removeprefix("SITE-")
    stay = []
    for one in sorted({s for name in effects.STANDS for s in case.find(name, site)}):
        someone, item = case.look(one, Person), case.look(one, Weapon)
        if someone is not None and (known.operator or someone.party) != operator:
            stay.append(one)
        if item is not None and item.trustee not in {None, operator}:
            stay.append(one)
    if not stay:
        return None
    return (
        f"{len(stay)} of those at {site} would pass to {operator} without a transfer, first {stay[0]}: "
        "transfer them first"
    )


@rule(12, "R", transfer.LineAdded)
def _one_open_transfer(case: Case[Transfer, transfer.LineAdded]) -> str | None:
    subject, known = case.event.subject, case.known
    others = {t for t in case.find("line", subject) if t != known.id or subject in known.lines}
    return f"{subject} is already on the open transfer {min(others)}" if others else None


@rule(13, "R", transfer.LineAccepted, transfer.LineRefused, transfer.LineMissing, transfer.Accepted)
def _acceptance_after_release(
    case: Case[Transfer, transfer.LineEvent | transfer.Accepted],
) -> str | None:
    known = case.known
    if known.released_at is None:
        return f"{known.id} is {known.status}: nothing is accepted before it is released"
    if case.event.occurred_at < known.released_at:
        return f"{known.id} was released at {case.said(known.released_at)}, after that acceptance"
    return None


@rule(13, "R", transfer.Accepted)
def _two_signatures(case: Case[Transfer, transfer.Accepted]) -> str | None:
    event, releaser = case.event, case.known.released_by
    if releaser is None or releaser not in {event.official, event.recorded_by}:
        return None
    if event.signature and releaser != event.official:  # theirs, whoever types it in
        return None
    return f"{case.known.id} was released by {releaser}: another official must accept"


@rule(13, "F", transfer.Accepted, transfer.Released)
def _in_their_own_name(case: Case[Transfer, transfer.Accepted | transfer.Released]) -> str | None:
    event = case.event
    if event.official == event.recorded_by or event.signature:
        return None
    return f"signed in the name of {event.official}, without their signature"


@rule(14, "F", transfer.Accepted)
def _identified_party(case: Case[Transfer, transfer.Accepted]) -> str | None:
    return "accepted by an unidentified party" if case.event.party == "UNIDENTIFIED" else None


@rule(14, "F", person.HandedOver)
def _identified_receiver(case: Case[Person, person.HandedOver]) -> str | None:
    unknown = case.event.receiving_party == "UNIDENTIFIED"
    return "handed over to an unidentified party" if unknown else None


@rule(15, "R", transfer.Closed)
def _every_line_resolved(case: Case[Transfer, transfer.Closed]) -> str | None:
    open_lines = case.known.unresolved
    if open_lines:
        return f"{case.known.id} has {len(open_lines)} unresolved lines, first {open_lines[0]}"
    for subject in case.known.unlisted:
        if subject not in case.known.lines and _arrived_apart(case, subject):
            return f"{case.known.id} has an unlisted line, {subject}: accept it, or say where it belongs"
    return None


def _arrived_apart(case: Case[Transfer, transfer.Closed], subject: str) -> bool:
    """Return whether the books still have somewhere else what arrived unlisted."""
    found = case.look(subject, Person) or case.look(subject, Weapon)
    return found is not None and not found.ended and found.site != case.known.to_site


# ── weapons ─────────────────────────────────────────────────────────────────


@rule(16, "R", weapon.DepositedInTrust)
def _safe_and_inventoried(case: Case[Weapon, weapon.DepositedInTrust]) -> str | None:
    lacking = [
        word
        for word, done in (
            ("made safe", case.known.made_safe),
            ("inventoried", case.known.inventoried),
        )
        if not done
    ]
    return f"{case.known.id} is not {' nor '.join(lacking)}" if lacking else None


@rule(16, "F", weapon.DepositedInTrust)
def _jointly_counted(case: Case[Weapon, weapon.DepositedInTrust]) -> str | None:
    return None if case.known.counted_with else "no joint signature"


def _recognised(case: Case[State, Event], party: str | None) -> bool:
    found = case.look(party, Party)
    return found is not None and found.recognised != ""


@rule(17, "R", weapon.RestitutionAuthorised)
def _recipient_recognised(case: Case[Weapon, weapon.RestitutionAuthorised]) -> str | None:
    if _recognised(case, case.event.recipient):
        return None
    return f"{case.event.recipient} is not a recognised recipient: record its recognition first"


@rule(17, "R", weapon.Accepted)
def _leaves_by_acceptance(case: Case[Weapon, weapon.Accepted]) -> str | None:
    if not effects.leaves_trustee(case):
        return None
    return _only_returned(case.state, f"be kept by {case.event.party} at {case.event.site}")


@rule(17, "C", weapon.Stored, weapon.Located, weapon.CrateMoved)
def _leaves_by_being_put_elsewhere(case: Case[Weapon, PutDown]) -> str | None:
    if not effects.leaves_trustee(case):
        return None
    return _only_returned(case.state, f"stand at {case.event.site}")


def _only_returned(item: Weapon, where: str) -> str:
    held = f" and has an open hold ({', '.join(item.holds)})" if item.holds else ""
    return (
        f"{item.id} is in trust with {item.trustee}{held} and would {where}: it leaves its trustee only "
        "by an authorised return (`amana restitution`)"
    )


@rule(17, "R", record.Retracted, weapon.DepositedInTrust)
def _a_held_trust_is_not_taken_back(case: Case[State, Event]) -> str | None:
    holds = getattr(case.history.state, "holds", ())
    if not holds or not _ends_a_trust(case):
        return None
    return f"{case.known.id} has an open hold: {', '.join(holds)}"


@rule(17, "C", record.Retracted, weapon.DepositedInTrust)
def _a_trust_is_taken_back(case: Case[State, Event]) -> str | None:
    return "its trustee no longer answers for it" if _ends_a_trust(case) else None


def _ends_a_trust(case: Case[State, Event]) -> bool:
    """Return whether a correction or retraction leaves a weapon without the trustee it had."""
    was = as_a(weapon.DepositedInTrust, case.replaced) if case.replaced else None
    now = as_a(weapon.DepositedInTrust, case.event)
    if was is None:
        return False
    if now is None or now.trustee != was.trustee:
        return True
    return any(  # it was in trust then, and by this reading it was not
        was.occurred_at <= e.occurred_at < now.occurred_at and "LEAVES_TRUSTEE" in e.EFFECTS
        for e in case.history.events
    )


@rule(17, "R", transfer.Frozen, transfer.Released)
def _nothing_held_leaves(case: Case[Transfer, transfer.Frozen | transfer.Released]) -> str | None:
    planned = case.known
    if planned.kind != "ITEMS":
        return None
    for subject in planned.lines:
        item = case.look(subject, Weapon)
        if item is not None and (refused := _way_refused(case, planned, item)):
            return refused
    return None


def _way_refused(case: Case[Transfer, Event], planned: Transfer, item: Weapon) -> str | None:
    """Say why a weapon may not go where a transfer leads; None where it may."""
    if planned.purpose == "RESTITUTION":
        return _restitution_refused(case, item, planned.to_party)
    if not effects.way_out_of_weapon(case, planned, item):
        return None
    return _only_returned(item, f"go to {planned.to_party} at {planned.to_site}")


@rule(17, "R", weapon.Returned)
def _authorised_return(case: Case[Weapon, weapon.Returned]) -> str | None:
    return _restitution_refused(case, case.known, case.event.recipient)


@rule(17, "R", transfer.LineAdded)
def _authorised_line(case: Case[Transfer, transfer.LineAdded]) -> str | None:
    planned, item = case.known, case.look(case.event.subject, Weapon)
    if item is None:
        wrong = f"{case.event.subject} is not a weapon: {planned.id} gives weapons back"
        return wrong if planned.purpose == "RESTITUTION" else None
    return _way_refused(case, planned, item) if planned.kind == "ITEMS" else None


def _restitution_refused(
    case: Case[State, Event], item: Weapon, recipient: str | None
) -> str | None:
    if item.restitution is None:
        return f"{item.id}: its return is not authorised"
    if item.restitution != recipient:
        return f"{item.id}: its return is authorised to {item.restitution}, not to {recipient}"
    if not _recognised(case, recipient):
        return f"{recipient} is not a recognised recipient"
    return f"{item.id} has an open hold: {', '.join(item.holds)}" if item.holds else None


@rule(18, "R", weapon.LossDeclared)
def _loss_after_count(case: Case[Weapon, weapon.LossDeclared]) -> str | None:
    if case.known.custody != "MISSING" or case.known.stock_take is None:
        return f"{case.known.id} is {case.known.custody}: a stock-take must have missed it first"
    return None if case.event.authority else f"{case.known.id}: a loss needs an authority"


@rule(19, "R", weapon.Destroyed)
def _destruction(case: Case[Weapon, weapon.Destroyed]) -> str | None:
    event, known = case.event, case.known
    if not event.authority:
        return f"{known.id}: destruction needs an authority"
    if len(set(event.witnesses)) < 2:  # noqa: PLR2004 -- the rule says two
        return f"{known.id}: destruction needs two witnesses, got {len(set(event.witnesses))}"
    return f"{known.id} has an open hold: {', '.join(known.holds)}" if known.holds else None


@rule(22, "F", weapon.SealBroken)
def _seal_authority(case: Case[Weapon, weapon.SealBroken]) -> str | None:
    return None if case.event.authorised else "seal broken without authority"


@rule(
    23,
    "R",
    person.RefugeSought,
    person.Admitted,
    person.Registered,
    weapon.Declared,
    weapon.ReceivedFromHolder,
)
def _number_not_in_use(case: Case[State, Event]) -> str | None:
    event, events = case.event, case.history.events
    if not events or event.corrects is not None:
        return None
    same = [e for e in events if e.TOPIC == event.TOPIC]
    gone = dropped(events) if same else {}
    same = [e for e in same if e.originator_version not in gone]
    if not same:
        return None
    name, first = case.known.id, same[0]
    event_name = f"{name}:{first.originator_version}"
    when = f"at {case.said(first.occurred_at)} by {first.recorded_by} ({event_name})"
    if isinstance(event, person.Registered):
        return (
            f"{name} was registered already, {when}: to change a value, amana person correct {name}; "
            "for another person, leave the number out"
        )
    return (
        f"{name} is in use: a control number is never used twice; it was given {when}: "
        "leave the number out for a new one"
    )


@rule(23, "F", weapon.Inventoried)
def _serial_seen_before(case: Case[Weapon, weapon.Inventoried]) -> str | None:
    key = serial_key(case.event.serial)
    others = [w for w in case.find("serial", key) if w != case.known.id] if key else []
    return f"the serial is also on {others[0]}" if others else None

"""The rule book: 24 agreed rules and two that the steps of transfers and counts need.

R  a decision is refused          F  a fact is accepted and flagged
C  accepted and flagged critical

A decision can be refused; a fact never: it happened. What breaks an F or C rule is recorded with the
rule's number as an irregularity and shows in reports until an official closes it. A fact is judged
against the state at the instant it occurred, a decision against what is known now.

Each rule is one function that returns the sentence of the breach, or None. `judge` is the only way in.
Rules 20 and 21 speak about records and stand in `application/review.py`; rule 24 is the type `Text`
itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Literal, NamedTuple

from domain import person, stocktake, times, transfer, weapon
from domain.directory import Party
from domain.errors import RefusedError
from domain.event import EVENTS, Event
from domain.history import History, dropped

Severity = Literal["R", "F", "C"]

BOOK: dict[int, tuple[str, str]] = {
    1: ("R", "the stream exists and is not closed by an end state"),
    2: ("R", "a fact is not dated more than five minutes ahead of the ledger's clock"),
    3: ("F", "a fact does not occur before the episode's first event"),
    4: ("F", "nobody is admitted without an entry authorisation"),
    5: ("R", "nobody has two housing places at one instant"),
    6: ("F", "a site is not filled over its capacity"),
    7: ("R", "a person joins a return manifest only with intent RETURN, a pledge in force, "
             "and neither in care nor absent"),
    8: ("R, C", "nobody who wants to stay or seeks protection is added to, frozen on or handed over "
                "by a return manifest"),
    9: ("C", "a pledge withdrawn before handover takes the person off the manifest"),
    10: ("F", "nobody is handed over without a pledge or an assurance"),
    11: ("R", "custody passes between parties only through a transfer"),
    12: ("R", "one subject is on one open transfer at a time"),
    13: ("R", "acceptance follows release and is signed by another official"),
    14: ("F", "the accepting party is identified"),
    15: ("R", "a transfer with unresolved lines is not closed"),
    16: ("R, F", "a weapon goes into trust only made safe and inventoried, jointly counted"),
    17: ("R", "a weapon is returned only when authorised, to a recognised party, with no open hold"),
    18: ("R", "a loss is declared only after a stock-take missed the weapon, on an authority"),
    19: ("R", "destruction needs an authority, two witnesses and no open hold"),
    20: ("R", "a correction or retraction is approved by another official"),
    21: ("R", "an event that others depend on is retracted only together with them"),
    22: ("F", "a seal is broken only with authority; otherwise its items are due for a recount"),
    23: ("R, F", "a control number is never used twice; equal serials are flagged"),
    24: ("R", "a text has at most 2,000 characters and no control or direction-turning ones"),
    25: ("R", "the steps of transfers and counts follow their order"),
    26: ("R, F", "a count is counter-signed by another official before it is closed"),
}  # fmt: skip


class Case(NamedTuple):
    """What a rule may look at. Never a read model, never a clock.

    Attributes:
        event: the candidate. now: the ledger's clock, microseconds UTC.
        state: the stream at the instant the candidate occurred, as known now.
        known: the stream as known now. history: its events.
        look: another stream's state as known now, or None where there is none.
        find: subjects under a name and key of the register, e.g. ("housed", "CAMP-R1").
    """

    event: Any
    now: int
    state: Any
    known: Any
    history: History
    look: Callable[[str], Any]
    find: Callable[[str, str], Collection[str]]


Check = Callable[[Case], str | None]


class Rule(NamedTuple):
    """One rule as it applies to some events."""

    number: int
    severity: Severity
    check: Check


_RULES: dict[str, list[Rule]] = {}


def rule(number: int, severity: Severity, *on: type[Event]) -> Callable[[Check], Check]:
    """Enter a check in the book for some event classes, or for all of them."""

    def enter(check: Check) -> Check:
        for topic in [cls.TOPIC for cls in on] or list(EVENTS):
            _RULES.setdefault(topic, []).append(Rule(number, severity, check))
        return check

    return enter


def judge(case: Case) -> tuple[int, ...]:
    """Return the numbers of the rules a fact breaks.

    Raises:
        RefusedError: an R rule refuses; the lowest number speaks.
    """
    flagged = []
    for number, severity, check in _RULES[case.event.TOPIC]:
        sentence = check(case)
        if sentence is None:
            continue
        if severity == "R":
            raise RefusedError(number, sentence)
        flagged.append(number)
    return tuple(flagged)


# ── every event ─────────────────────────────────────────────────────────────


@rule(1, "R")
def _not_closed(case: Case) -> str | None:
    if case.event.AFTER_END or not case.state.ended:
        return None
    word = getattr(case.state, "custody", None) or getattr(case.state, "status", None) or "closed"
    return f"{case.known.id} is {word} since {times.iso(case.state.since)}: nothing follows an end state"


@rule(2, "R")
def _not_in_the_future(case: Case) -> str | None:
    ahead = case.event.occurred_at - case.now
    if ahead <= times.SKEW:
        return None
    at, now = times.iso(case.event.occurred_at), times.iso(case.now)
    return f"{case.known.id}: {at} lies in the future, the ledger's clock shows {now}"


@rule(3, "F")
def _not_before_the_episode(case: Case) -> str | None:
    if case.event.DECISION or not case.history.events:
        return None
    first = case.history.events[0]
    moved = case.event.corrects == first.originator_version
    before = case.event.occurred_at < first.occurred_at and not moved
    return "occurs before the episode's first event" if before else None


# ── persons ─────────────────────────────────────────────────────────────────


@rule(4, "F", person.Admitted)
def _entry_authorised(case: Case) -> str | None:
    return None if case.state.entry_authority else "admitted without an entry authorisation"


@rule(5, "R", person.Housed, person.MovedTo)
def _one_place_at_a_time(case: Case) -> str | None:
    event, state = case.event, case.state
    here = (event.site, event.place)
    if state.custody != "SHELTERED" or (state.site, state.place) == here:
        return None
    if event.TOPIC == person.Housed.TOPIC or state.since == event.occurred_at:
        return (
            f"{state.id} is housed at {state.site} {state.place or '(no place)'} at that instant: "
            "record a move, or correct the earlier event"
        )
    return None


@rule(6, "F", person.Housed, person.MovedTo)
def _within_capacity(case: Case) -> str | None:
    site = case.look(f"SITE-{case.event.site}")
    if site is None or site.capacity is None:
        return None
    housed = case.find("housed", case.event.site)
    others = len(housed) - (case.known.id in housed)
    return f"{site.id} holds {site.capacity}" if others >= site.capacity else None


def _return_of(case: Case) -> Any:
    """Return the transfer a person is put on when it is a return, else None."""
    found = case.look(case.event.transfer)
    return found if found is not None and found.purpose == "RETURN" else None


@rule(7, "R", person.AddedToManifest)
def _ready_to_return(case: Case) -> str | None:
    known = case.known
    if _return_of(case) is None or known.intent in person.KEPT_OFF:
        return None
    if known.intent != "RETURN":
        return f"{known.id} has not stated the intent RETURN (stated: {known.intent or 'nothing'})"
    if not known.pledged:
        return f"{known.id} has no pledge in force"
    if known.custody in {"IN_CARE", "ABSENT"}:
        return f"{known.id} is {known.custody}"
    return None


@rule(8, "R", person.AddedToManifest)
def _kept_off_the_manifest(case: Case) -> str | None:
    if _return_of(case) is None or case.known.intent not in person.KEPT_OFF:
        return None
    return f"{case.known.id} states {case.known.intent}: kept off every return manifest"


@rule(8, "R", transfer.Frozen)
def _nobody_unwilling_is_frozen(case: Case) -> str | None:
    if case.known.kind != "PERSONS" or case.known.purpose != "RETURN":
        return None
    for subject in case.known.lines:
        someone = case.look(subject)
        if someone.intent in person.KEPT_OFF:
            return f"{subject} states {someone.intent}: take them off {case.known.id} first"
    return None


@rule(8, "C", person.HandedOver)
def _unwilling_handed_over(case: Case) -> str | None:
    return f"handed over while stating {i}" if (i := case.state.intent) in person.KEPT_OFF else None


@rule(8, "C", person.IntentStated)
def _unwilling_learned_later(case: Case) -> str | None:
    unwilling = case.event.intent in person.KEPT_OFF
    return "was handed over later" if unwilling and _handed_over_after(case) else None


@rule(9, "C", person.PledgeWithdrawn)
def _withdrawal_learned_later(case: Case) -> str | None:
    return "withdrawn before a handover that took place" if _handed_over_after(case) else None


@rule(9, "C", person.HandedOver)
def _handed_over_after_withdrawal(case: Case) -> str | None:
    withdrawn = case.state.pledges.get("SELF") == "WITHDRAWN"
    return "handed over after withdrawing the pledge" if withdrawn else None


def _handed_over_after(case: Case) -> bool:
    known: person.Person = case.known
    return known.custody == "HANDED_OVER" and bool(case.event.occurred_at < known.since)


@rule(10, "F", person.HandedOver)
def _pledge_or_assurance(case: Case) -> str | None:
    if case.state.pledged or case.state.assurances:
        return None
    return "handed over without a pledge or an assurance"


# ── custody between parties ─────────────────────────────────────────────────


@rule(11, "R", person.HandedOver, weapon.Released, weapon.Accepted, weapon.Returned)
def _only_through_a_transfer(case: Case) -> str | None:
    number = case.event.transfer
    found = case.look(number) if number else None
    if found is None:
        return (
            f"{case.known.id} passes to another party only through a transfer: plan one, add a line"
        )
    if case.known.id in found.lines or case.known.id in found.unlisted:
        return None
    return f"{case.known.id} is not on {number}: add the line, or record it as unlisted"


@rule(11, "R", weapon.DepositedInTrust)
def _trustee_changes_by_transfer(case: Case) -> str | None:
    if case.known.trustee in {None, case.event.trustee}:
        return None
    return (
        f"{case.known.id} is in trust with {case.known.trustee}: another trustee needs a transfer"
    )


@rule(12, "R", transfer.LineAdded)
def _one_open_transfer(case: Case) -> str | None:
    subject, known = case.event.subject, case.known
    others = {t for t in case.find("line", subject) if t != known.id or subject in known.lines}
    return f"{subject} is already on the open transfer {min(others)}" if others else None


@rule(13, "R", transfer.LineAccepted, transfer.LineRefused, transfer.LineMissing, transfer.Accepted)
def _acceptance_after_release(case: Case) -> str | None:
    known = case.known
    if known.released_at is None:
        return f"{known.id} is {known.status}: nothing is accepted before it is released"
    if case.event.occurred_at < known.released_at:
        return f"{known.id} was released at {times.iso(known.released_at)}, after that acceptance"
    return None


@rule(13, "R", transfer.Accepted)
def _two_signatures(case: Case) -> str | None:
    if case.event.official != case.known.released_by:
        return None
    return f"{case.known.id} was released by {case.event.official}: another official must accept"


@rule(14, "F", transfer.Accepted)
def _identified_party(case: Case) -> str | None:
    return "accepted by an unidentified party" if case.event.party == "UNIDENTIFIED" else None


@rule(14, "F", person.HandedOver)
def _identified_receiver(case: Case) -> str | None:
    unknown = case.event.receiving_party == "UNIDENTIFIED"
    return "handed over to an unidentified party" if unknown else None


@rule(15, "R", transfer.Closed)
def _every_line_resolved(case: Case) -> str | None:
    open_lines = case.known.unresolved
    if not open_lines:
        return None
    return f"{case.known.id} has {len(open_lines)} unresolved lines, first {open_lines[0]}"


# ── weapons ─────────────────────────────────────────────────────────────────


@rule(16, "R", weapon.DepositedInTrust)
def _safe_and_inventoried(case: Case) -> str | None:
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
def _jointly_counted(case: Case) -> str | None:
    return None if case.known.counted_with else "no joint signature"


def _recognised(case: Case, party: str) -> bool:
    found: Party | None = case.look(party)
    return found is not None and found.recognised != ""


@rule(17, "R", weapon.RestitutionAuthorised)
def _recipient_recognised(case: Case) -> str | None:
    if _recognised(case, case.event.recipient):
        return None
    return f"{case.event.recipient} is not a recognised recipient: record its recognition first"


@rule(17, "R", weapon.Returned)
def _authorised_return(case: Case) -> str | None:
    return _restitution_refused(case, case.known, case.event.recipient)


@rule(17, "R", transfer.LineAdded)
def _authorised_line(case: Case) -> str | None:
    if case.known.purpose != "RESTITUTION":
        return None
    return _restitution_refused(case, case.look(case.event.subject), case.known.to_party)


def _restitution_refused(case: Case, item: Any, recipient: str) -> str | None:
    if item.restitution is None:
        return f"{item.id}: its return is not authorised"
    if item.restitution != recipient:
        return f"{item.id}: its return is authorised to {item.restitution}, not to {recipient}"
    if not _recognised(case, recipient):
        return f"{recipient} is not a recognised recipient"
    return f"{item.id} has an open hold: {', '.join(item.holds)}" if item.holds else None


@rule(18, "R", weapon.LossDeclared)
def _loss_after_count(case: Case) -> str | None:
    if case.known.custody != "MISSING" or case.known.stock_take is None:
        return f"{case.known.id} is {case.known.custody}: a stock-take must have missed it first"
    return None if case.event.authority else f"{case.known.id}: a loss needs an authority"


@rule(19, "R", weapon.Destroyed)
def _destruction(case: Case) -> str | None:
    event, known = case.event, case.known
    if not event.authority:
        return f"{known.id}: destruction needs an authority"
    if len(set(event.witnesses)) < 2:  # noqa: PLR2004 -- the rule says two
        return f"{known.id}: destruction needs two witnesses, got {len(set(event.witnesses))}"
    return f"{known.id} has an open hold: {', '.join(known.holds)}" if known.holds else None


@rule(22, "F", weapon.SealBroken)
def _seal_authority(case: Case) -> str | None:
    return None if case.event.authorised else "seal broken without authority"


@rule(23, "R", person.RefugeSought, person.Admitted, weapon.Declared, weapon.ReceivedFromHolder)
def _number_not_in_use(case: Case) -> str | None:
    event, events = case.event, case.history.events
    same = [e.originator_version for e in events if e.TOPIC == event.TOPIC]
    if not same or event.corrects is not None or set(same) <= dropped(events).keys():
        return None
    return f"{case.known.id} is in use: a control number is never used twice"


@rule(23, "F", weapon.Inventoried)
def _serial_seen_before(case: Case) -> str | None:
    key = serial_key(case.event.serial)
    others = [w for w in case.find("serial", key) if w != case.known.id] if key else []
    return f"the serial is also on {others[0]}" if others else None


def serial_key(serial: str) -> str:
    """Return what two serials are compared by: letters and digits only, one case."""
    return "".join(filter(str.isalnum, serial.casefold()))


# ── the order of steps ──────────────────────────────────────────────────────

_STEPS: dict[type[Event], frozenset[str | None]] = {
    transfer.Planned: frozenset({None}),
    transfer.LineAdded: frozenset({"PLANNED", "FROZEN"}),
    transfer.LineRemoved: frozenset({"PLANNED", "FROZEN"}),
    transfer.Frozen: frozenset({"PLANNED"}),
    transfer.Released: frozenset({"FROZEN"}),
    transfer.Departed: frozenset({"RELEASED"}),
    transfer.Arrived: frozenset({"RELEASED", "DEPARTED"}),
    transfer.Voided: frozenset({"PLANNED", "FROZEN"}),
    transfer.Closed: frozenset({"ACCEPTED"}),
    stocktake.Opened: frozenset({None}),
    stocktake.Scanned: frozenset({"OPEN"}),
    stocktake.UnexpectedFound: frozenset({"OPEN"}),
    stocktake.CounterSigned: frozenset({"OPEN"}),
    stocktake.Closed: frozenset({"OPEN"}),
    stocktake.Reopened: frozenset({"CLOSED"}),
}


@rule(25, "R", *_STEPS)
def _in_order(case: Case) -> str | None:
    allowed = _STEPS[EVENTS[case.event.TOPIC]]
    wanted = " or ".join(sorted(s or "new" for s in allowed))
    if case.known.status not in allowed:
        return f"{case.known.id} is {case.known.status or 'new'}, and this step needs {wanted}"
    if case.state.status not in allowed:
        return (
            f"{case.known.id} was {case.state.status or 'new'} then, and this step needs {wanted}"
        )
    return None


@rule(25, "R", transfer.LineAdded)
def _line_of_its_kind(case: Case) -> str | None:
    subject, known = case.event.subject, case.known
    if subject.startswith("P-") != (known.kind == "PERSONS"):
        return f"{subject} does not belong on {known.id}, a transfer of {known.kind}"
    found = case.look(subject)
    if found is None or found.ended:
        word = "unknown" if found is None else found.custody
        return f"{subject} is {word} and cannot be put on {known.id}"
    if known.kind == "ITEMS" and found.custody not in {"INVENTORIED", "IN_TRUST"}:
        return f"{subject} is {found.custody}: only what is inventoried and kept is transferred"
    return None


@rule(25, "R", transfer.LineAccepted, transfer.LineRefused, transfer.LineMissing)
def _line_is_released(case: Case) -> str | None:
    status = case.known.lines.get(case.event.subject)
    if status in {"RELEASED", "MISSING"}:
        return None
    return f"{case.event.subject} is {status or 'not listed'} on {case.known.id}, not released"


@rule(26, "R", stocktake.CounterSigned)
def _another_counts(case: Case) -> str | None:
    if case.event.official != case.known.opened_by:
        return None
    return f"{case.known.id} was opened by {case.event.official}: another official counter-signs"


@rule(26, "F", stocktake.Closed)
def _counter_signed(case: Case) -> str | None:
    return None if case.known.countersigned_by else "closed without a counter-signature"


for _rules in _RULES.values():
    _rules.sort(key=lambda r: r.number)

"""Rules about every event, and about persons: 1 to 10."""

from __future__ import annotations

from domain import effects, ids, person, times, transfer
from domain.book import Case, rule
from domain.directory import Site
from domain.event import Event, State
from domain.history import opening
from domain.person import Person
from domain.transfer import Transfer

# ── every event ─────────────────────────────────────────────────────────────


@rule(1, "R")
def _not_closed(case: Case[State, Event]) -> str | None:
    if case.event.AFTER_END or not case.state.ended:
        return None
    name, survivor = case.known.id, getattr(case.state, "same_as", None)
    if survivor is not None:
        merged = [e for e in case.history.events if e.TOPIC == person.SameAs.TOPIC]
        undo = f"take {name}:{merged[-1].originator_version} back" if merged else "take that back"
        return (
            f"{name} was merged into {survivor}: record it there (amana history {survivor}); "
            f"if they are two persons, {undo} (amana retract)"
        )
    word = getattr(case.state, "custody", None) or getattr(case.state, "status", None)
    word = word or ("dismissed" if hasattr(case.state, "dismissed") else "closed")
    said = f"{name} is {word} since {case.said(case.state.since)}: nothing follows an end state"
    return f"{said}; {_way_on(name)}"


def _way_on(name: str) -> str:
    """Say what a clerk does about something that is over."""
    kind = ids.kind_of(name)
    code = name.removeprefix("SITE-")
    return {
        "site": f"open it again (amana directory open-site {code})",
        "official": f"appoint them again (amana directory appoint {name})",
        "transfer": "plan another one (amana transfer plan)",
        "stocktake": f"open it again (amana stocktake reopen {name})",
    }.get(kind, f"if the end is wrong, correct or retract its event (amana history {name})")


@rule(2, "R")
def _not_in_the_future(case: Case[State, Event]) -> str | None:
    ahead = case.event.occurred_at - case.now
    if ahead <= times.SKEW:
        return None
    at, now = case.said(case.event.occurred_at), case.said(case.now)
    return f"{case.known.id}: {at} lies in the future, the ledger's clock shows {now}"


@rule(3, "F")
def _not_before_the_episode(case: Case[State, Event]) -> str | None:
    events, at = case.history.events, case.event.occurred_at
    if case.event.DECISION or not events or at >= case.history.latest:
        return None
    first = opening(events) or events[0]
    moved = case.event.corrects == first.originator_version
    before = case.event.occurred_at < first.occurred_at and not moved
    return "occurs before the episode's first event" if before else None


# ── persons ─────────────────────────────────────────────────────────────────


@rule(4, "F", person.Admitted)
def _entry_authorised(case: Case[Person, person.Admitted]) -> str | None:
    return None if case.state.entry_authority else "admitted without an entry authorisation"


@rule(
    4,
    "F",
    person.Housed,
    person.MovedTo,
    person.ReferredToCare,
    person.ReturnedFromCare,
    person.Found,
    person.HandedOver,
)
def _admitted_first(case: Case[Person, Event]) -> str | None:
    never = case.state.custody == "EXPECTED" and case.state.party is None
    return "kept or handed over without having been admitted" if never else None


@rule(5, "R", person.Housed, person.MovedTo)
def _one_place_at_a_time(case: Case[Person, person.Housed | person.MovedTo]) -> str | None:
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
def _within_capacity(case: Case[Person, person.Housed | person.MovedTo]) -> str | None:
    site = case.look(f"SITE-{case.event.site}", Site)
    if site is None or site.capacity is None:
        return None
    housed = case.find("housed", case.event.site)
    others = len(housed) - (case.known.id in housed)
    return f"{site.id} holds {site.capacity}" if others >= site.capacity else None


# Rules 7 and 8 refuse under one number and in one sentence: by what is lacking, or by a number of its
# own, whoever types a manifest would learn what somebody said in private (`access.py`, intent).


@rule(7, "R", person.AddedToManifest)
def _ready_to_return(case: Case[Person, person.AddedToManifest]) -> str | None:
    known, planned = case.known, case.look(case.event.transfer, Transfer)
    if planned is None or _may_return(known) or not effects.way_out_of_person(case, planned, known):
        return None
    return f"{known.id} may not be put on {planned.id}: ask welfare"


def _may_return(known: Person) -> bool:
    here = known.custody not in {"IN_CARE", "ABSENT"}
    return known.intent == "RETURN" and known.pledged and here


@rule(7, "R", transfer.Frozen, transfer.Released)
def _nobody_unwilling_leaves(
    case: Case[Transfer, transfer.Frozen | transfer.Released],
) -> str | None:
    if case.known.kind != "PERSONS":
        return None
    for subject in case.known.lines:
        someone = case.look(subject, Person)
        if someone is None or someone.intent not in person.KEPT_OFF:
            continue
        if effects.way_out_of_person(case, case.known, someone):
            return f"somebody on {case.known.id} may not go on this transport: ask welfare"
    return None


@rule(8, "C", effect="PASSES_PERSON")
def _unwilling_passed_on(case: Case[Person, Event]) -> str | None:
    if case.state.intent not in person.KEPT_OFF or not effects.passes_person(case):
        return None
    return "passed on although kept off every way out"


@rule(8, "C", person.IntentStated)
def _unwilling_learned_later(case: Case[Person, person.IntentStated]) -> str | None:
    unwilling = case.event.intent in person.KEPT_OFF
    return "was handed over later" if unwilling and _handed_over_after(case) else None


@rule(8, "C", person.WishTakenOver)
def _unwilling_under_another_record(case: Case[Person, person.WishTakenOver]) -> str | None:
    gone = case.known.custody == "HANDED_OVER"
    unwilling = case.event.intent in person.KEPT_OFF
    return "was handed over under another record" if gone and unwilling else None


@rule(9, "C", person.PledgeWithdrawn)
def _withdrawal_learned_later(case: Case[Person, person.PledgeWithdrawn]) -> str | None:
    return "withdrawn before a handover that took place" if _handed_over_after(case) else None


@rule(9, "C", effect="PASSES_PERSON")
def _passed_on_after_withdrawal(case: Case[Person, Event]) -> str | None:
    withdrawn = case.state.pledges.get("SELF") == "WITHDRAWN"
    passed = withdrawn and effects.passes_person(case)
    return "passed on after withdrawing the pledge" if passed else None


def _handed_over_after(case: Case[Person, Event]) -> bool:
    return case.known.custody == "HANDED_OVER" and case.event.occurred_at < case.known.since


@rule(10, "F", effect="PASSES_PERSON")
def _pledge_or_assurance(case: Case[Person, Event]) -> str | None:
    if case.state.pledged or case.state.assurances or case.event.TOPIC in _NO_HANDOVER:
        return None
    return "passed on without a pledge or an assurance" if effects.passes_person(case) else None


_NO_HANDOVER = frozenset({person.SameAs.TOPIC, person.ReleasedOtherwise.TOPIC})
"""Two records of one person become one, or somebody goes where they want: nothing is pledged for."""

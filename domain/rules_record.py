"""Rules about what a record says of the world, 27 to 31, and about the clock it is written by: 32."""

from __future__ import annotations

from domain import person, weapon
from domain.book import Case, rule
from domain.directory import Official, Party, Site
from domain.event import EVENTS, NOT_TRUSTED, Event, State, references
from domain.history import dropped
from domain.person import Person
from domain.transfer import Transfer
from domain.weapon import KEPT, Weapon

# ── 27: seen where the books do not have it ─────────────────────────────────

AWAY = frozenset({"MISSING", "IN_TRANSIT"})
"""Custody in which nothing is seen by its keeper: it is lost from sight, or on the way."""


@rule(27, "F", effect="SEES")
def _seen_elsewhere(case: Case[State, Event]) -> str | None:
    event, state = case.event, case.state
    if event.TOPIC in _SAYS_WHERE or not isinstance(state, Person | Weapon) or state.site is None:
        return None
    number = getattr(event, "transfer", None)  # the way somebody or something is on
    if state.custody in AWAY and (number is None or number != state.transfer):
        return f"seen while {state.custody}"
    if isinstance(state, Person):
        return None
    site = getattr(event, "site", None)
    return (
        f"seen at {site}, the books have it at {state.site}"
        if site not in {None, state.site}
        else None
    )


@rule(27, "F", weapon.Sighted, person.Sighted)
def _sighted_elsewhere(case: Case[Person | Weapon, weapon.Sighted | person.Sighted]) -> str | None:
    state, site = case.state, case.event.site
    where = f"seen at {site}, the books have it"
    if state.custody not in {*KEPT, "SHELTERED"}:
        return f"{where} {state.custody}"
    return None if state.site == site else f"{where} at {state.site}"


@rule(27, "F", weapon.Released)
def _leaves_from_where_it_is(case: Case[Weapon, weapon.Released]) -> str | None:
    way, site = case.look(case.event.transfer, Transfer), case.state.site
    if way is None or site in {None, way.from_site}:
        return None
    return f"leaves from {way.from_site}, the books have it at {site}"


_SAYS_WHERE = frozenset(
    {"weapon.located", "weapon.accepted", "weapon.received_from_holder", "person.found",
     "weapon.sighted", "person.sighted",
     "stocktake.scanned", "stocktake.unexpected_found", "transfer.unlisted_received"}
)  # fmt: skip
"""What ends a search, begins an episode, or is judged where the count or the transfer is."""


# ── 28: in office, open, recognised ─────────────────────────────────────────

_ABOUT_ITSELF = frozenset({"site", "party", "official", "record"})
"""Streams whose events may name what has ended: they say so themselves."""
_NAMING = tuple(
    cls
    for cls in EVENTS.values()
    if references(cls) and cls.TOPIC.partition(".")[0] not in _ABOUT_ITSELF
)
_NAMES = {cls.TOPIC: references(cls) for cls in _NAMING}
_DECIDING = tuple(cls for cls in _NAMING if cls.DECISION)
_TELLING = tuple(cls for cls in _NAMING if not cls.DECISION)


@rule(28, "F", *_TELLING)
@rule(28, "R", *_DECIDING)
def _in_office(case: Case[State, Event]) -> str | None:
    event, then = case.event, case.others_then
    for field, prefix in _NAMES[event.TOPIC]:
        value = getattr(event, field)
        if not value or value == "UNIDENTIFIED":
            continue
        for code in (value,) if isinstance(value, str) else value:
            entry = then(prefix + code)
            if isinstance(entry, Site):
                if entry.closed:
                    return f"{code} (named as {field}) is closed since {case.said(entry.since)}"
            elif isinstance(entry, Official):
                if entry.dismissed:
                    return f"{code} (named as {field}) is dismissed since {case.said(entry.since)}"
                roles = EVENTS[event.TOPIC].ROLES
                if field == "official" and not entry.holds(roles, event.occurred_at):
                    return f"{code} (named as {field}) held no role for it then"
    return None


# ── 31: said once ───────────────────────────────────────────────────────────


def _stands(case: Case[State, Event]) -> str | None:
    """Say which event of the same kind stands already, by whom, and how it is corrected."""
    event, events = case.event, case.history.events
    if event.corrects is not None:
        return None
    same = [e for e in events if e.TOPIC == event.TOPIC]
    if not same:
        return None
    gone, known = dropped(events), case.known
    same = [e for e in same if e.originator_version not in gone]
    if isinstance(known, Site) and known.closed:
        return None  # a site that was closed may open again
    if isinstance(known, Party) and not known.recognised:
        return None  # what was withdrawn may be said again
    if not same:
        return None
    first = same[-1] if event.TOPIC == "site.opened" else same[0]
    name = event.TOPIC.partition(".")[2].replace("_", " ")
    number = f"{case.known.id}:{first.originator_version}"
    return (
        f"{case.known.id} was {name} already, at {case.said(first.occurred_at)} by {first.recorded_by} "
        f"({number}): to change what was said, amana correct {number}"
    )


@rule(31, "R", effect="SAYS_ONCE")
def _decided_once(case: Case[State, Event]) -> str | None:
    return _stands(case) if case.event.DECISION else None


@rule(31, "F", effect="SAYS_ONCE")
def _said_once(case: Case[State, Event]) -> str | None:
    return None if case.event.DECISION else _stands(case)


# ── 32: the machine's clock ─────────────────────────────────────────────────

CLOCK_SET = "record.clock_set"
"""The one decision that does not wait for the clock: it says which clock is right."""


@rule(32, "R", *(cls for cls in EVENTS.values() if cls.DECISION and cls.TOPIC != CLOCK_SET))
def _decided_by_a_clock(case: Case[State, Event]) -> str | None:
    return f"{case.known.id}: {case.doubt}" if case.doubt else None


@rule(32, "F", *(cls for cls in EVENTS.values() if not cls.DECISION))
def _told_by_a_clock(case: Case[State, Event]) -> str | None:
    doubted = case.doubt or NOT_TRUSTED in case.event.irregularities  # what was seen is judged once
    return "recorded while the clock was not trusted" if doubted else None

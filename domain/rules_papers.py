"""Rules about numbers of paper and metal: seals and crates 29, receipts 30.

A crate is what its items say of it: its seal is the one applied to any of them last. Facts are judged
as at their own time, and nothing here is refused: what was done with a crate has happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from domain import person, times, weapon
from domain.book import Case, rule
from domain.crates import Seal, paper_key, seal_of
from domain.event import Event, State
from domain.event import evolve as evolved
from domain.person import Person
from domain.transfer import Transfer
from domain.weapon import KEPT, Receipt, Weapon

Placing: TypeAlias = weapon.Stored | weapon.Located | weapon.Accepted
ONE_ACT = times.HOUR
"""What is done under one number within this is one act, microseconds: packing a crate, one counter."""


# ── 29: seals and crates ────────────────────────────────────────────────────


def _others(case: Case[Weapon, Event], crate: str) -> list[Weapon]:
    """Return what else lay in a crate at the event's own time."""
    key = paper_key(crate)
    return case.once(f"crate {key}", lambda: _lay_in(case, key))


def _lay_in(case: Case[Weapon, Event], key: str) -> list[Weapon]:
    mine, then = case.known.id, case.others_then
    return [
        found
        for one in sorted(case.find("container", key))
        if one != mine
        and isinstance(found := then(one), Weapon)
        and paper_key(found.container) == key
    ]


def _under_seal(items: Iterable[Weapon]) -> Seal | None:
    bears = seal_of(items)
    return bears if bears is not None and bears.intact else None


def _same(one: str, other: str) -> bool:
    return one == other or paper_key(one) == paper_key(other)


@rule(29, "F", weapon.SealChecked, weapon.SealBroken)
def _number_applied(case: Case[Weapon, weapon.SealChecked | weapon.SealBroken]) -> str | None:
    state = case.state
    crate = [state, *_others(case, state.container)] if state.container else [state]
    last = seal_of(crate)
    if last is None:
        return f"seal {case.event.seal} was read, and none was applied"
    if not _same(last.number, case.event.seal):
        return f"seal {case.event.seal} was read, {last.number} was applied"
    if getattr(case.event, "intact", False) and not last.intact:
        return f"seal {last.number} is said to be intact, and was broken before"
    return None


@rule(29, "F", weapon.Stored)
def _number_used_once(case: Case[Weapon, weapon.Stored]) -> str | None:
    event = case.event
    if not event.seal:
        return None
    mine, then, put = case.known.id, case.others_then, (event.seal, event.container)
    for one in sorted({mine, *case.find("seal", paper_key(event.seal))}):
        now = case.others(one)
        if (
            isinstance(now, Weapon)
            and now.seals == (put,)
            and now.seal_intact
            and _sealed_by(now, event)
        ):
            continue  # packed with it, and nothing else is known of it: the usual case
        found = case.state if one == mine else then(one)
        if not isinstance(found, Weapon):
            continue
        for used in found.seals:
            if used == put:
                continue  # packed into this very crate: the usual case
            if _same(used[0], event.seal) and not _same(used[1], event.container):
                return f"seal {event.seal} was used on {used[1] or one} before"
        if found.seal_intact is False and _same(found.seal, event.seal):
            return f"seal {event.seal} was broken before"
    return None


def _sealed_by(item: Weapon, event: Event) -> bool:
    return item.sealed_at is not None and item.sealed_at <= event.occurred_at


@rule(29, "F", weapon.Stored)
def _not_taken_out(case: Case[Weapon, weapon.Stored]) -> str | None:
    crate = case.state.container
    if not crate or _same(crate, case.event.container):
        return None
    sealed = _under_seal([case.state, *_others(case, crate)])
    return f"taken out of the sealed crate {crate} without breaking its seal" if sealed else None


@rule(29, "F", weapon.Stored)
def _not_put_in(case: Case[Weapon, weapon.Stored]) -> str | None:
    event, state = case.event, case.state
    if not event.container:
        return None
    others = _others(case, event.container)
    lay_in_it = _same(state.container, event.container)
    bears = _under_seal([state, *others] if lay_in_it else others)
    if bears is None or (
        lay_in_it and _same(state.seal, event.seal) and _same(bears.number, state.seal)
    ):
        return None
    if not _same(bears.number, event.seal):
        return f"the crate {event.container} is sealed with {bears.number}, which was not broken"
    together = _one_act(event, [one.sealed_at for one in others if _same(one.seal, event.seal)])
    return (
        None
        if together
        else f"put into the sealed crate {event.container} without breaking its seal"
    )


def _one_act(event: Event, moments: list[int | None]) -> bool:
    return any(at is not None and abs(event.occurred_at - at) <= ONE_ACT for at in moments)


@rule(29, "F", weapon.Stored, weapon.Located, weapon.Accepted)
def _crate_at_one_site(case: Case[Weapon, Placing]) -> str | None:
    after: Weapon = case.after
    if not after.container or after.custody not in KEPT:
        return None
    for other in _others(case, after.container):
        if other.custody in KEPT and other.site != after.site:
            return f"the crate {after.container} is at {other.site} and at {after.site}"
    return None


@rule(29, "F", weapon.Released)
def _travels_with_its_crate(case: Case[Weapon, weapon.Released]) -> str | None:
    crate, transfer = case.state.container, case.look(case.event.transfer, Transfer)
    if not crate or transfer is None:
        return None
    for other in _others(case, crate):
        if other.id not in transfer.lines and other.custody in KEPT:
            return f"it leaves without the crate {crate} that it lies in: {other.id} stays"
    return None


@rule(29, "F", weapon.Accepted)
def _accepted_by_its_seal(case: Case[Weapon, weapon.Accepted]) -> str | None:
    event, state = case.event, case.state
    if event.left:
        under = _under_seal([state, *_others(case, event.left)])
        word = "taken out of the sealed crate {} without breaking its seal"
        return word.format(event.left) if under else None
    if not event.sealed:
        return None
    last = seal_of([state, *_others(case, state.container)])
    if last is None:
        return f"accepted under the seal {event.sealed}, and none was applied"
    if not _same(last.number, event.sealed):
        return f"accepted under the seal {event.sealed}, {last.number} was applied"
    return None if last.intact else f"accepted under the seal {last.number}, which was broken"


# ── 30: receipts ────────────────────────────────────────────────────────────


def _receipts(case: Case[State, Event], number: str) -> Iterator[tuple[State, Receipt]]:
    """Yield each use of a receipt's number at the event's own time, with whom or what it is for."""
    for one in sorted({case.known.id, *case.find("receipt", paper_key(number))}):
        found = case.state if one == case.known.id else case.others_then(one)
        if not isinstance(found, Person | Weapon):
            continue
        yield from ((found, used) for used in found.receipts if _same(used.number, number))


def depositor(state: State) -> str:
    """Return who handed in what a receipt is for: a person, a unit, or "" where nobody is known."""
    if isinstance(state, Person):
        return state.same_as or state.id
    return (state.holder or state.unit or "") if isinstance(state, Weapon) else ""


@rule(30, "F", weapon.ReceivedFromHolder, weapon.DepositedInTrust, person.EffectsDeposited)
def _one_act_of_one_depositor(
    case: Case[
        Person | Weapon,
        weapon.ReceivedFromHolder | weapon.DepositedInTrust | person.EffectsDeposited,
    ],
) -> str | None:
    event = case.event
    after = evolved(case.state, event)
    if len(after.receipts) == len(case.state.receipts):
        return None
    mine, whose = after.receipts[-1], depositor(after)
    for state, used in _receipts(case, mine.number):
        if depositor(state) != whose:
            return f"receipt {mine.number} was given to another depositor, for {state.id}"
        slip = {used.act, mine.act} == {
            "SLIP",
            "DEPOSIT",
        }  # the slip was made good under its number
        together = used.batch != "" and used.batch == mine.batch
        if not slip and not together and abs(used.at - mine.at) > ONE_ACT:
            return (
                f"receipt {mine.number} was given before, at {times.iso(used.at)}, for {state.id}"
            )
    return None


@rule(30, "F", person.EffectsReturned)
def _returned_on_our_paper(case: Case[Person, person.EffectsReturned]) -> str | None:
    number, whose = case.event.receipt, depositor(case.state)
    written = [state for state, used in _receipts(case, number) if used.act == "EFFECTS"]
    if not written:
        return f"effects returned on receipt {number}, which was never written"
    if all(depositor(state) != whose for state in written):
        return f"effects returned on receipt {number}, which was given to {written[0].id}"
    held = (state.effects for state in written if isinstance(state, Person))
    if any(_same(number, one) for effects in held for one in effects):
        return None
    return f"effects returned on receipt {number}, which was returned before"

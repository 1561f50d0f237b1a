"""Commands about transfers: each moves the transfer and its lines' own streams together.

    plan → add_line … → freeze → release → (depart → arrive) → accept, line by line → close

What acceptance means for a line follows from the purpose: RELOCATION moves it, RETURN hands a person
over, RESTITUTION gives a weapon back. A refused line goes back to the releaser. A missing line stays
open until it is accepted or refused later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from application.decisions import signing
from application.decisions.crates import packed
from application.decisions.sightings import sighted
from application.decisions.unit import Note, Recorded, Unit
from application.decisions.verb import command
from domain import crates, directory, person, transfer, weapon
from domain.errors import BadInputError, BusyError, RefusedError, UnknownError
from domain.event import OfficialCode, PartyCode, SubjectId

MISSING = "MISSING"
"""The exception that says a released line was not there at acceptance."""


@command(transfer.LineAdded)
def add_line(unit: Unit, subject: str, note: Note, *, line: SubjectId) -> Recorded:
    """Put a person or weapon on a manifest; a frozen manifest thaws."""
    note = _batched(unit, note)
    unit.state(line)
    done = unit.record(transfer.LineAdded, subject, note, subject=line)
    if line.startswith("P-"):
        unit.record(person.AddedToManifest, line, note, transfer=subject, follows=True)
    return done


@command(transfer.LineAdded)
def add_crate(unit: Unit, subject: str, note: Note, *, crate: str) -> Recorded:
    """Put every weapon of a crate on a manifest."""
    note = _batched(unit, note)
    items = packed(unit, crate)
    unit.load(items)
    return [
        unit.record(transfer.LineAdded, subject, note._replace(key=""), subject=one)
        for one in items
    ][-1]


@command(transfer.UnlistedReceived)
def record_unlisted(unit: Unit, subject: str, note: Note, /, **facts: Any) -> Recorded:
    """Record: one arrived who or that was not on this list."""
    note = _batched(unit, note)
    done = unit.record(transfer.UnlistedReceived, subject, note, **facts)
    site = unit.state(subject, transfer.Transfer).to_site
    if site is not None:
        seen = sighted(unit, facts["subject"], note, site, transfer=subject)
        done = done._replace(irregularities=tuple(sorted({*done.irregularities, *seen})))
    return done


@command(transfer.LineRemoved)
def remove_line(unit: Unit, subject: str, note: Note, *, line: SubjectId) -> Recorded:
    """Take a person or weapon off a manifest; a frozen manifest thaws."""
    if line not in unit.state(subject, transfer.Transfer).lines:
        raise UnknownError(f"{line} is not on {subject}")
    note = _batched(unit, note)
    done = unit.record(transfer.LineRemoved, subject, note, subject=line)
    if line.startswith("P-"):
        unit.record(person.RemovedFromManifest, line, note, transfer=subject, follows=True)
    return done


def off_the_manifest(unit: Unit, subject: str, note: Note, why: str) -> None:
    """Take a person off an open return manifest that is not released yet."""
    number = unit.state(subject, person.Person).transfer
    planned = unit.look(number, transfer.Transfer) if number else None
    if planned is None or planned.purpose != "RETURN" or subject not in planned.lines:
        return
    if planned.status in {"PLANNED", "FROZEN"}:
        note = _batched(unit, note._replace(reason=why, at=None, until=None, key="", expects=None))
        unit.record(transfer.LineRemoved, planned.id, note, subject=subject, follows=True)
        unit.record(person.RemovedFromManifest, subject, note, transfer=planned.id, follows=True)


@command(transfer.Frozen)
def freeze(unit: Unit, subject: str, note: Note) -> Recorded:
    """Fix the list: its count and digest are what both officials sign."""
    lines = unit.state(subject, transfer.Transfer).lines
    unit.load(list(lines))
    digest = transfer.manifest_digest(subject, lines)
    return unit.record(transfer.Frozen, subject, note, count=len(lines), digest=digest)


@command(transfer.Released)
def release(
    unit: Unit,
    subject: str,
    note: Note,
    *,
    official: OfficialCode | None = None,
    signature: str = "",
) -> Recorded:
    """Let the frozen list go; the releaser stays accountable until each line is accepted."""
    note = _batched(unit, note)
    official = official or note.by
    _check_signature(unit, subject, official, signature)
    unit.load(list(unit.state(subject, transfer.Transfer).lines))
    done = unit.record(transfer.Released, subject, note, official=official, signature=signature)
    for line in unit.state(subject, transfer.Transfer).unresolved:
        if line.startswith("P-"):
            unit.record(person.Departed, line, note, transfer=subject, follows=True)
        else:
            unit.record(
                weapon.Released, line, note, transfer=subject, official=official, follows=True
            )
    return done


@command(transfer.Accepted)
def accept(
    unit: Unit,
    subject: str,
    note: Note,
    *,
    party: PartyCode,
    official: OfficialCode | None = None,
    lines: Sequence[SubjectId] = (),
    exceptions: Mapping[str, str] | None = None,
    place: str = "",
    condition: weapon.Condition = "UNKNOWN",
    signature: str = "",
    handovers: Mapping[str, signing.Handover] | None = None,
    sealed: Mapping[str, str] | None = None,
) -> Recorded:
    """Sign for what came: every open line, or only those named, but for the exceptions.

    Args:
        lines: accept only these; needed for lines that were missing at the first acceptance, and
            for what arrived unlisted and is on no other transfer.
        exceptions: line to the reason it is refused, or to MISSING.
        signature: the accepting official's, over the manifest digest, base64.
        handovers: weapon to the same official's signature over its entry before in the log.
        sealed: crate to the seal read on it, "" for the one applied: its lines are accepted without
            being opened or seen, and a count of them is owed. Only these, and the lines named.
    """
    note = _batched(unit, note)
    official = official or note.by
    known = unit.state(subject, transfer.Transfer)
    excepted = exceptions or {}
    unseen = _under_seal(unit, known, sealed or {})
    lines = [*lines, *(one for one in unseen if one not in {*lines, *excepted})]
    _must_be_on(unit, known, lines, excepted)
    _check_signature(unit, subject, official, signature)
    first = known.accepted_by is None
    if not first:
        _still_accepting(unit, known, note, official)
    taken = [line for line in lines or known.unresolved if line not in excepted]
    unit.load([*taken, *excepted])
    if first:
        unit.record(
            transfer.Accepted,
            subject,
            note,
            official=official,
            party=party,
            count=len(taken),
            signature=signature,
        )
    for line in taken:
        if line in known.lines:
            unit.record(transfer.LineAccepted, subject, note, subject=line, follows=True)
        taken_over = _taken_over(unit, line, official, (handovers or {}).get(line))
        _received(
            unit,
            known,
            line,
            note,
            party,
            official,
            place,
            condition,
            taken_over,
            unseen.get(line, ""),
        )
    staying = _stays_behind(unit, known, excepted)
    for line, reason in excepted.items():
        _excepted(unit, known, line, note, reason, staying.get(line, ""))
    last = unit.history(subject)
    return Recorded(subject, last.version if last else 0)


def _check_signature(unit: Unit, subject: str, official: str, signature: str) -> None:
    """Refuse a signature over the manifest digest that the official's registered key does not verify."""
    if signature:
        digest = unit.state(subject, transfer.Transfer).digest
        signing.check_manifest(official, _key(unit, official), digest, signature)


def _key(unit: Unit, official: str) -> str:
    return unit.state(official, directory.Official).key


def _taken_over(
    unit: Unit, line: str, official: str, signed: signing.Handover | None
) -> dict[str, str] | None:
    """Return what the weapon's event carries of the official's signature, once it holds."""
    if signed is None:
        return None
    known = unit.history(line)
    signing.check_handover(official, _key(unit, official), signed)
    if known is None or known.version != signed.version:
        msg = f"{line} has changed since its handover was signed: sign again, then retry"
        raise BusyError(msg)
    return {"key": signed.key, "signature": signed.signature}


def _must_be_on(
    unit: Unit, known: transfer.Transfer, lines: Iterable[str], excepted: Iterable[str]
) -> None:
    """Check that each is on the list, or arrived unlisted and is on no other."""
    for line in (*lines, *excepted):
        if line in known.lines:
            continue
        if line not in known.unlisted or line in excepted:
            raise UnknownError(f"{line} is not on {known.id}")
        for other in sorted(unit.register.find("line", line)):
            msg = f"{line} is on the open transfer {other}: accept it there"
            raise RefusedError(12, msg)


def _still_accepting(unit: Unit, known: transfer.Transfer, note: Note, official: str) -> None:
    """Hold later acceptances of lines to what the first one was held to (rule 13)."""
    unit.allow(note.by, transfer.LineAccepted)
    if official == known.released_by:
        msg = f"{known.id} was released by {official}: another official must accept"
        raise RefusedError(13, msg)


def _received(
    unit: Unit,
    known: transfer.Transfer,
    line: str,
    note: Note,
    party: str,
    official: str,
    place: str,
    condition: str,
    acceptance: dict[str, str] | None,
    sealed: str = "",
) -> None:
    record = partial(unit.record, follows=True, transfer=known.id, site=known.to_site)
    if known.purpose == "RETURN":
        record(person.HandedOver, line, note, receiving_party=party)
    elif known.purpose == "RESTITUTION":
        record(
            weapon.Returned,
            line,
            note,
            recipient=party,
            official=official,
            condition=condition,
            acceptance=acceptance,
        )
    elif known.kind == "PERSONS":
        record(person.MovedTo, line, note, place=place)
    else:
        record(
            weapon.Accepted,
            line,
            note,
            party=party,
            official=official,
            acceptance=acceptance,
            sealed=sealed,
        )
        if place and sealed:
            crate = unit.state(line, weapon.Weapon).container
            record = partial(unit.record, follows=True, site=known.to_site, place=place)
            record(weapon.CrateMoved, line, note, container=crate)
        elif place:
            _placed(unit, line, note, known.to_site, place)


def _placed(unit: Unit, line: str, note: Note, site: str | None, place: str) -> None:
    """Put an accepted weapon in its place, in the crate it came in."""
    packed = unit.state(line, weapon.Weapon)
    unit.record(
        weapon.Stored,
        line,
        note,
        site=site,
        place=place,
        container=packed.container,
        seal=packed.seal,
        follows=True,
    )


def _under_seal(unit: Unit, known: transfer.Transfer, sealed: Mapping[str, str]) -> dict[str, str]:
    """Return the open lines inside crates that are accepted by their seals, each with the seal read.

    Raises:
        BadInputError: a crate bears no seal, or is not of weapons that are moved.
        UnknownError: nothing of it is open on the transfer.
    """
    found: dict[str, str] = {}
    for crate, read in sealed.items():
        if known.kind != "ITEMS" or known.purpose != "RELOCATION":
            msg = f"{known.id} is a {known.purpose} of {known.kind}: accept it line by line"
            raise BadInputError(msg)
        items = packed(unit, crate)
        inside = [one for one in items if one in known.unresolved]
        if not inside:
            msg = f"no open line of {known.id} lies in the crate {crate}"
            raise UnknownError(msg)
        bears = crates.seal_of(unit.state(one, weapon.Weapon) for one in items)
        if bears is None or not bears.intact:
            why = "bears no seal" if bears is None else f"has the broken seal {bears.number}"
            msg = f"the crate {crate} {why}: count it, and accept it line by line"
            raise BadInputError(msg)
        found |= dict.fromkeys(inside, read or bears.number)
    return found


def _stays_behind(
    unit: Unit, known: transfer.Transfer, excepted: Mapping[str, str]
) -> dict[str, str]:
    """Return the refused lines that go back without the crate they lay in, each with its label.

    Where all of a crate is refused together, the crate goes back with it.
    """
    refused = {line for line, reason in excepted.items() if reason != MISSING}
    found = {}
    for line in refused if known.kind == "ITEMS" else ():
        crate = unit.state(line, weapon.Weapon).container
        if crate and not refused.issuperset(packed(unit, crate)):
            found[line] = crate
    return found


def _excepted(
    unit: Unit, known: transfer.Transfer, line: str, note: Note, reason: str, left: str
) -> None:
    if reason == MISSING:
        unit.record(transfer.LineMissing, known.id, note, subject=line, follows=True)
        return
    note = note._replace(reason=reason)
    unit.record(transfer.LineRefused, known.id, note, subject=line, follows=True)
    back = partial(unit.record, follows=True, transfer=known.id, site=known.from_site)
    if known.kind == "ITEMS":
        back(
            weapon.Accepted,
            line,
            note,
            party=known.from_party,
            official=known.released_by,
            left=left,
        )
    else:
        back(person.MovedTo, line, note)


@command(transfer.Voided)
def void(unit: Unit, subject: str, note: Note) -> Recorded:
    """Call a transfer off before release; its lines are free again."""
    note = _batched(unit, note)
    lines = list(unit.state(subject, transfer.Transfer).lines)
    unit.load(lines)
    done = unit.record(transfer.Voided, subject, note)
    for line in lines:
        if line.startswith("P-"):
            unit.record(person.RemovedFromManifest, line, note, transfer=subject, follows=True)
    return done


def _batched(unit: Unit, note: Note) -> Note:
    return note if note.batch else note._replace(batch=unit.batch())

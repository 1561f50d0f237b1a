"""Weapons as a desk asks about them: by serial, and what a receipt of deposit says."""

from __future__ import annotations

from typing import NamedTuple

from application.decisions.ledger import Ledger
from domain.errors import BadInputError
from domain.event import as_a
from domain.rules import serial_key
from domain.weapon import DepositedInTrust, Weapon


class Receipt(NamedTuple):
    """What a receipt of deposit says of a weapon.

    Attributes:
        weapon: as known now. terms: of its newest deposit, "" where there was none.
        since: of its deposit in trust; where there was none, of its present state. Microseconds UTC.
        provisional: whether it has not been deposited in trust yet.
    """

    weapon: Weapon
    terms: str
    since: int
    provisional: bool


def with_serial(custody: Ledger, serial: str) -> tuple[Weapon, ...]:
    """Return the weapons that bear a serial; letters and digits count, spaces and case do not.

    Raises:
        BadInputError: it holds no letter or digit.
    """
    key = serial_key(serial)
    if not key:
        msg = f"'{serial}' holds no letter or digit of a serial"
        raise BadInputError(msg)
    with custody.reading() as unit:
        return tuple(unit.state(one) for one in sorted(unit.register.find("serial", key)))


def alike(custody: Ledger, number: str) -> tuple[str, ...]:
    """Return the other weapons of the same serial, those of the same model first."""
    with custody.reading() as unit:
        weapon = unit.state(number, Weapon)
        key = serial_key(weapon.serial)
        others = unit.register.find("serial", key) - {number} if key else set()
        found = [unit.state(one, Weapon) for one in sorted(others)]
    return tuple(
        w.id for w in sorted(found, key=lambda w: serial_key(w.model) != serial_key(weapon.model))
    )


def receipt(custody: Ledger, number: str) -> Receipt:
    """Return what a weapon's receipt of deposit says.

    Raises:
        UnknownError: there is no such weapon.
    """
    with custody.reading() as unit:
        weapon = unit.state(number, Weapon)
        if weapon.holder:  # merged since, it is the person whose record stays
            weapon = weapon._replace(holder=unit.survivor(weapon.holder))
        past = unit.history(number)
    events = past.events if past else ()
    terms = [deposit.terms for e in events if (deposit := as_a(DepositedInTrust, e))]
    deposited = weapon.in_trust_since
    return Receipt(
        weapon,
        terms[-1] if terms else "",
        weapon.since if deposited is None else deposited,
        deposited is None,
    )

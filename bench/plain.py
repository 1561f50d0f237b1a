"""The peer: the plain eventsourcing library doing the bare minimum, and the life both sides record.

An aggregate as the library's users write one, loaded and saved by `Application` at its defaults; no
rule, no role, no idempotency, one clock.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate

CONDITIONS = ("SERVICEABLE", "WORN", "DAMAGED", "UNSERVICEABLE")
INTAKE, EVENTS = 4, 12  # events of one weapon: as it comes in, and later
STREAMS = 500  # a transaction

Step = tuple[str, dict[str, Any]]


def life(number: int, events: int) -> list[Step]:
    """Return one weapon's life as (command, facts), the same for both sides."""
    begin: list[Step] = [
        (
            "receive",
            {"unit": "PARTY-K17", "site": "DEPOT-M1", "receiver": "OFF-002", "made_safe": True},
        ),
        (
            "inventory",
            {
                "category": "RIFLE",
                "model": "AKM",
                "serial": f"SYN {number:06}",
                "serial_status": "READ",
                "counted_with": "OFF-002",
            },
        ),
        (
            "deposit",
            {
                "receipt": f"R-{number:06}",
                "trustee": "PARTY-MOD",
                "beneficiary": "the Syrian government",
                "terms": "return on request",
            },
        ),
        (
            "store_weapon",
            {
                "site": "DEPOT-M1",
                "container": f"CRATE-{number // 40:02}",
                "seal": f"SEAL-{number // 40:04}",
            },
        ),
    ]
    return begin + [
        ("assess_condition", {"condition": CONDITIONS[(number + n) % len(CONDITIONS)]})
        for n in range(events - len(begin))
    ]


class Weapon(Aggregate):
    """A weapon as the library's users write one, with explicit events: its fastest form."""

    class Received(Aggregate.Created):
        """Taken over."""

        unit: str
        site: str
        receiver: str
        made_safe: bool

    class Inventoried(Aggregate.Event):
        """Described."""

        category: str
        model: str
        serial: str
        serial_status: str
        counted_with: str

        def apply(self, aggregate: Any) -> None:
            """Set what was seen."""
            aggregate.category, aggregate.model = self.category, self.model
            aggregate.serial, aggregate.serial_status = self.serial, self.serial_status
            aggregate.counted_with, aggregate.custody = self.counted_with, "INVENTORIED"

    class Deposited(Aggregate.Event):
        """Held in trust."""

        receipt: str
        trustee: str
        beneficiary: str
        terms: str

        def apply(self, aggregate: Any) -> None:
            """Set who holds it for whom."""
            aggregate.receipt, aggregate.trustee = self.receipt, self.trustee
            aggregate.beneficiary, aggregate.custody = self.beneficiary, "IN_TRUST"

    class Stored(Aggregate.Event):
        """Put in its place."""

        site: str
        container: str
        seal: str

        def apply(self, aggregate: Any) -> None:
            """Set where it lies."""
            aggregate.site, aggregate.container, aggregate.seal = (
                self.site,
                self.container,
                self.seal,
            )

    class Assessed(Aggregate.Event):
        """Its condition."""

        condition: str

        def apply(self, aggregate: Any) -> None:
            """Set the condition."""
            aggregate.condition = self.condition

    def __init__(self, unit: str, site: str, receiver: str, made_safe: bool) -> None:
        self.unit, self.site, self.receiver, self.made_safe = unit, site, receiver, made_safe
        self.custody, self.condition = "RECEIVED", "UNKNOWN"

    @classmethod
    def receive(cls, **facts: Any) -> Weapon:
        """Take a weapon over."""
        return cls._create(cls.Received, **facts)

    def inventory(self, **facts: Any) -> None:
        """Describe it."""
        self.trigger_event(self.Inventoried, **facts)

    def deposit(self, **facts: Any) -> None:
        """Take it into trust."""
        self.trigger_event(self.Deposited, **facts)

    def store_weapon(self, **facts: Any) -> None:
        """Put it in its place."""
        self.trigger_event(self.Stored, **facts)

    def assess_condition(self, condition: str) -> None:
        """Assess its condition."""
        self.trigger_event(self.Assessed, condition=condition)


def peer_application(folder: Path) -> Application[UUID]:
    """Open the library's own application on a file beside ours, everything at its defaults."""
    return Application(
        {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(folder / "peer.sqlite")}
    )


def peer_lives(app: Application[UUID], lives: range, events: int = EVENTS) -> list[UUID]:
    """Record lives without any rule, 500 aggregates a save."""
    made = []
    for start in range(lives.start, lives.stop, STREAMS):
        batch = []
        for number in range(start, min(start + STREAMS, lives.stop)):
            (first, facts), *rest = life(number, events)
            weapon = getattr(Weapon, first)(**facts)
            for verb, more in rest:
                getattr(weapon, verb)(**more)
            batch.append(weapon)
        app.save(*batch)
        made += [weapon.id for weapon in batch]
    return made


def peer_commands(app: Application[UUID], weapons: list[UUID], run: int) -> None:
    """Send one command to each weapon: load, one method, save."""
    for weapon_id in weapons:
        weapon: Weapon = app.repository.get(weapon_id)
        weapon.assess_condition(CONDITIONS[run % len(CONDITIONS)])
        app.save(weapon)


def peer_round(app: Application[UUID], weapons: list[UUID], run: int) -> None:
    """Assess every weapon again: load each, one method, 500 aggregates a save."""
    for start in range(0, len(weapons), STREAMS):
        batch: list[Weapon] = [app.repository.get(w) for w in weapons[start : start + STREAMS]]
        for weapon in batch:
            weapon.assess_condition(CONDITIONS[run % len(CONDITIONS)])
        app.save(*batch)

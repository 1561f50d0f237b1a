"""Weapon: one physical item in trust, from being declared to being returned or destroyed.

    custody   DECLARED → RECEIVED → INVENTORIED → IN_TRUST ⇄ IN_TRANSIT
              IN_TRUST → MISSING → IN_TRUST | LOST;  IN_TRUST → RETURNED | DESTROYED

Beside it stand the condition, the state of the serial, the seal, the holds, and whether its return
is authorised. Who keeps it (`party`, `keeper`) follows from transfers; whose it is (`owner`) is an
assertion with a basis. Between release and acceptance the releaser stays the keeper.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from domain.event import (
    Event,
    OfficialCode,
    PartyCode,
    PersonId,
    SiteCode,
    StockTakeId,
    Text,
    TransferId,
    WeaponId,
    register,
    replaces,
)

SerialStatus = Literal["READ", "PARTIAL", "ILLEGIBLE", "ABSENT", "UNTRANSLATABLE"]
Condition = Literal["SERVICEABLE", "WORN", "DAMAGED", "INCOMPLETE", "UNSERVICEABLE", "UNKNOWN"]
Hold = Literal["DISPUTE", "COURT", "SAFETY"]
Category = Literal[
    "RIFLE", "PISTOL", "MACHINE_GUN", "SNIPER_RIFLE", "LAUNCHER", "MORTAR", "RECOILLESS_GUN",
    "UNIDENTIFIED", "OTHER",
]  # fmt: skip
WeaponCustody = Literal[
    "DECLARED", "RECEIVED", "INVENTORIED", "IN_TRUST", "IN_TRANSIT", "MISSING", "LOST", "RETURNED",
    "DESTROYED",
]  # fmt: skip
"""What custody can be, in the order of a weapon's way."""
END: frozenset[WeaponCustody] = frozenset({"LOST", "RETURNED", "DESTROYED"})
KEPT: frozenset[WeaponCustody] = frozenset({"RECEIVED", "INVENTORIED", "IN_TRUST"})
"""The custody of what lies in a store: a count expects to find it."""
SEEN_ELSEWHERE = 27
"""The rule that a sighting breaks, and that `located` or a line's return answers."""
HELD_IN_TRUST: frozenset[WeaponCustody] = frozenset({"IN_TRUST"})
OWED: frozenset[WeaponCustody] = HELD_IN_TRUST | {"IN_TRANSIT", "MISSING"}
"""The custody of what the trust answers for: held, on the way, or missing but not yet declared lost."""


class Receipt(NamedTuple):
    """One use of a receipt's number, in the act of one depositor."""

    number: str
    act: str  # SLIP | DEPOSIT | EFFECTS
    at: int  # microseconds UTC
    batch: str


@replaces
class Weapon(NamedTuple):
    """The aggregate of one weapon: what is known of its custody."""

    id: str
    custody: WeaponCustody | None = None
    since: int = 0  # microseconds UTC: when the custody facet last changed
    described: str = ""
    category: str | None = None
    make: str = ""
    model: str = ""
    calibre: str = ""
    serial: str = ""
    serial_status: str | None = None
    condition: str | None = None
    holder: str | None = None  # last possessor: a person, or
    unit: str | None = None  # a unit
    receiver: str | None = None
    made_safe: bool | None = None  # None: nobody has said
    counted_with: str | None = None
    receipt: str = ""
    trustee: str | None = None
    beneficiary: str | None = None
    in_trust_since: int | None = None
    owner: str = ""
    owner_basis: str = ""
    party: str | None = None  # the custodian
    keeper: str | None = None  # the accountable official
    site: str | None = None
    place: str = ""
    container: str = ""
    seal: str = ""  # the number that was applied
    seal_intact: bool | None = None
    seal_read: str = ""  # another number that was read instead
    sealed_at: int | None = None  # microseconds UTC
    seals: tuple[tuple[str, str], ...] = ()  # each ever applied: number and crate
    recount_due: bool = False
    transfer: str | None = None
    stock_take: str | None = None  # the count that missed it
    missed_by: str | None = None  # the official who said so
    seen_at: str | None = None  # a site where it was seen and the books do not have it
    sightings: tuple[int, ...] = ()  # the versions that say so
    receipts: tuple[Receipt, ...] = ()  # each given for it
    same_serial: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    restitution: str | None = None  # the authorised recipient
    recipient: str | None = None
    erased: bool = False
    irregular: tuple[tuple[int, int], ...] = ()
    pending: tuple[int, ...] = ()

    @property
    def ended(self) -> bool:
        """True once the weapon is lost, returned or destroyed."""
        return self.custody in END

    @property
    def kept_as(self) -> WeaponCustody:
        """What custody it is in while it is kept: in trust once deposited."""
        return "IN_TRUST" if self.in_trust_since is not None else "INVENTORIED"

    @property
    def inventoried(self) -> bool:
        """True once the weapon was described and counted."""
        return self.category is not None


def given(
    receipts: tuple[Receipt, ...], number: str, act: str, event: Event
) -> tuple[Receipt, ...]:
    """Return the receipts with one more, where it has a number."""
    if not number:
        return receipts
    return (*receipts, Receipt(number, act, event.occurred_at, event.batch))


def placed(
    irregular: tuple[tuple[int, int], ...], sightings: tuple[int, ...]
) -> tuple[tuple[int, int], ...]:
    """Return what is irregular still once somebody said where it is: its sightings are answered.

    Args:
        irregular: (version, rule) still open. sightings: the versions that said it was seen elsewhere.
    """
    if not sightings:
        return irregular
    return tuple(one for one in irregular if one[0] not in sightings or one[1] != SEEN_ELSEWHERE)


class WeaponEvent(Event):
    """An event of a weapon."""

    originator_id: WeaponId


class Declared(WeaponEvent):
    """Somebody said there is such a weapon; nobody of ours has seen it."""

    TOPIC: ClassVar[str] = "weapon.declared"
    THING = "weapon"
    OPENS = True
    as_described: Text

    def evolve(self, s: Weapon) -> Weapon:
        if s.custody is not None:  # its time was corrected: what came after it stands
            return s._replace(described=self.as_described)
        return s._replace(custody="DECLARED", described=self.as_described, since=self.occurred_at)


class ReceivedFromHolder(WeaponEvent):
    """Taken over from a person or a unit, against a provisional receipt."""

    TOPIC: ClassVar[str] = "weapon.received_from_holder"
    EFFECTS = frozenset({"SEES", "USES_NUMBER"})
    THING = "depositor"
    OPENS = True
    person: PersonId | None = None
    unit: PartyCode | None = None
    site: SiteCode
    receiver: OfficialCode
    made_safe: bool | None = None
    provisional_receipt: Text = ""

    def evolve(self, s: Weapon) -> Weapon:
        if s.custody not in {None, "DECLARED"}:  # its time was corrected: what came after it stands
            return s._replace(
                holder=self.person,
                unit=self.unit,
                receiver=self.receiver,
                keeper=s.keeper or self.receiver,
                site=s.site or self.site,
                made_safe=s.made_safe or self.made_safe,
            )
        return s._replace(
            custody="RECEIVED",
            holder=self.person,
            unit=self.unit,
            site=self.site,
            receiver=self.receiver,
            keeper=self.receiver,
            made_safe=self.made_safe,
            receipt=self.provisional_receipt,
            receipts=given(s.receipts, self.provisional_receipt, "SLIP", self),
            since=self.occurred_at,
        )


class MadeSafe(WeaponEvent):
    """Unloaded and checked."""

    TOPIC: ClassVar[str] = "weapon.made_safe"
    THING = "store"

    def evolve(self, s: Weapon) -> Weapon:
        return s._replace(made_safe=True)


class Inventoried(WeaponEvent):
    """Described, its marks read, counted; jointly when `counted_with` names the liaison."""

    TOPIC: ClassVar[str] = "weapon.inventoried"
    EFFECTS = frozenset({"SAYS_ONCE"})
    THING = "weapon"
    OPENS = True
    category: Category
    make: Text = ""
    model: Text
    calibre: Text = ""
    country: Text = ""
    year: Annotated[int, Field(ge=1800, le=2100)] | None = None
    serial_raw: Text = ""
    serial: Text = ""
    serial_status: SerialStatus
    marks: tuple[Text, ...] = ()
    condition: Condition = "UNKNOWN"
    accessories: Text = ""
    counted_with: OfficialCode | None = None

    def evolve(self, s: Weapon) -> Weapon:
        if s.inventoried:
            return s  # said once; what stands is changed by a correction (rule 31)
        early = s.custody in {None, "DECLARED", "RECEIVED"}
        return s._replace(
            custody="INVENTORIED" if early else s.custody,
            since=self.occurred_at if early else s.since,
            category=self.category,
            make=self.make,
            model=self.model,
            calibre=self.calibre,
            serial=self.serial,
            serial_status=self.serial_status,
            condition=self.condition,
            counted_with=self.counted_with,
        )


class DescriptionCorrected(WeaponEvent):
    """The description was wrong and now reads otherwise; only what changes is given."""

    TOPIC: ClassVar[str] = "weapon.description_corrected"
    THING = "weapon"
    DECISION = True
    SECOND = True
    AFTER_END = True
    category: Category | None = None
    make: Text | None = None
    model: Text | None = None
    calibre: Text | None = None
    country: Text | None = None
    year: Annotated[int, Field(ge=1800, le=2100)] | None = None
    serial: Text | None = None
    serial_status: SerialStatus | None = None

    def evolve(self, s: Weapon) -> Weapon:
        given = {
            name: value
            for name in ("category", "make", "model", "calibre", "serial", "serial_status")
            if (value := getattr(self, name)) is not None
        }
        return s._replace(**given)


class DuplicateSerialFlagged(WeaponEvent):
    """Other weapons bear the same serial. Never a refusal: serials repeat across makers."""

    TOPIC: ClassVar[str] = "weapon.duplicate_serial_flagged"
    THING = "weapon"
    AFTER_END = True
    others: tuple[WeaponId, ...]

    def evolve(self, s: Weapon) -> Weapon:
        return s._replace(same_serial=tuple(self.others))


class DuplicateSerialResolved(WeaponEvent):
    """A person looked at weapons of one serial: distinct, the same, or unknown."""

    TOPIC: ClassVar[str] = "weapon.duplicate_serial_resolved"
    THING = "weapon"
    AFTER_END = True
    outcome: Literal["DISTINCT", "SAME", "UNKNOWN"]

    def evolve(self, s: Weapon) -> Weapon:
        return s if self.outcome == "UNKNOWN" else s._replace(same_serial=())


class OwnershipAsserted(WeaponEvent):
    """Somebody says whose it is; an assertion with a basis, not a finding."""

    TOPIC: ClassVar[str] = "weapon.ownership_asserted"
    THING = "weapon"
    AFTER_END = True
    owner: Text
    basis: Text

    def evolve(self, s: Weapon) -> Weapon:
        return s._replace(owner=self.owner, owner_basis=self.basis)


class DepositedInTrust(WeaponEvent):
    """Held in trust by the trustee for the beneficiary, on the receipt's terms."""

    TOPIC: ClassVar[str] = "weapon.deposited_in_trust"
    EFFECTS = frozenset({"SAYS_ONCE", "USES_NUMBER"})
    THING = "weapon"
    DECISION = True
    receipt: Text
    trustee: PartyCode
    beneficiary: Text
    terms: Text

    def evolve(self, s: Weapon) -> Weapon:
        if s.trustee is not None:
            return s  # said once; what stands is changed by a correction (rule 31)
        return s._replace(
            custody="IN_TRUST",
            receipt=self.receipt,
            receipts=given(s.receipts, self.receipt, "DEPOSIT", self),
            trustee=self.trustee,
            party=self.trustee,
            beneficiary=self.beneficiary,
            since=self.occurred_at,
            in_trust_since=self.occurred_at,
        )


class Stored(WeaponEvent):
    """Put in its place, perhaps in a sealed crate."""

    TOPIC: ClassVar[str] = "weapon.stored"
    EFFECTS = frozenset({"LEAVES_TRUSTEE", "SEES", "USES_NUMBER"})
    THING = "store"
    site: SiteCode
    place: Text = ""
    container: Text = ""
    seal: Text = ""

    def evolve(self, s: Weapon) -> Weapon:
        same = self.container == s.container and self.seal == s.seal and s.seal_intact is True
        return s._replace(
            site=self.site,
            place=self.place,
            container=self.container,
            seal=self.seal,
            seal_intact=True if self.seal else None,
            seal_read="",
            sealed_at=s.sealed_at if same else self.occurred_at if self.seal else None,
            seals=(*s.seals, (self.seal, self.container)) if self.seal and not same else s.seals,
            recount_due=False,
            seen_at=None,
        )


class CrateMoved(WeaponEvent):
    """The crate it lies in was put elsewhere as a whole; what is inside was not seen."""

    TOPIC: ClassVar[str] = "weapon.crate_moved"
    EFFECTS = frozenset({"LEAVES_TRUSTEE", "USES_NUMBER"})
    THING = "store"
    container: Annotated[Text, Field(min_length=1)]
    site: SiteCode
    place: Text = ""

    def evolve(self, s: Weapon) -> Weapon:
        return s._replace(site=self.site, place=self.place)


class SealChecked(WeaponEvent):
    """The crate's seal was looked at."""

    TOPIC: ClassVar[str] = "weapon.seal_checked"
    EFFECTS = frozenset({"SEES", "USES_NUMBER"})
    THING = "store"
    seal: Text
    intact: bool

    def evolve(self, s: Weapon) -> Weapon:
        other = "" if self.seal == s.seal else self.seal
        return s._replace(seal_read=other, seal_intact=self.intact)


class SealBroken(WeaponEvent):
    """The crate's seal was broken; without authority, its items are due for a recount."""

    TOPIC: ClassVar[str] = "weapon.seal_broken"
    EFFECTS = frozenset({"SEES", "USES_NUMBER"})
    THING = "store"
    seal: Text
    authorised: bool
    witness: OfficialCode | None = None

    def evolve(self, s: Weapon) -> Weapon:
        return s._replace(
            seal_read="" if self.seal == s.seal else self.seal,
            seal_intact=False,
            recount_due=s.recount_due or not self.authorised,
        )


class ConditionAssessed(WeaponEvent):
    """The condition was assessed."""

    TOPIC: ClassVar[str] = "weapon.condition_assessed"
    EFFECTS = frozenset({"SEES"})
    THING = "store"
    condition: Condition

    def evolve(self, s: Weapon) -> Weapon:
        return s._replace(condition=self.condition)


class DamageRecorded(WeaponEvent):
    """Damage was seen."""

    TOPIC: ClassVar[str] = "weapon.damage_recorded"
    EFFECTS = frozenset({"SEES"})
    THING = "store"
    damage: Text
    condition: Condition = "UNKNOWN"

    def evolve(self, s: Weapon) -> Weapon:
        return s._replace(condition=self.condition)


class Released(WeaponEvent):
    """Released by an official under a transfer; the releaser stays accountable."""

    TOPIC: ClassVar[str] = "weapon.released"
    EFFECTS = frozenset({"WAY_OUT"})
    THING = "release"
    transfer: TransferId
    official: OfficialCode

    def evolve(self, s: Weapon) -> Weapon:
        return s._replace(
            custody="IN_TRANSIT",
            transfer=self.transfer,
            keeper=self.official,
            place="",
            since=self.occurred_at,
        )


class Acceptance(TypedDict):
    """The receiving official's signature over the weapon's entry before, out of the log of proofs.

    `key` is a verifier key (C2SP signed-note), `signature` Ed25519 in base64; see docs/proof-format.md.
    """

    key: Text
    signature: Text


class Accepted(WeaponEvent):
    """Accepted by an official of a party at a site: custody moves here, line by line.

    Attributes:
        sealed: the seal read on its crate, which was not opened: it was not seen, a count is owed.
        left: the crate that it no longer lies in: refused, it went back without it.
    """

    TOPIC: ClassVar[str] = "weapon.accepted"
    EFFECTS = frozenset({"LEAVES_TRUSTEE", "SEES"})
    THING = "acceptance"
    transfer: TransferId
    party: PartyCode
    site: SiteCode
    official: OfficialCode
    acceptance: Acceptance | None = None
    sealed: Text = ""
    left: Text = ""

    def evolve(self, s: Weapon) -> Weapon:
        after = s._replace(
            custody=s.kept_as,
            transfer=None,
            party=self.party,
            site=self.site,
            keeper=self.official,
            recount_due=s.recount_due or self.sealed != "",
            since=self.occurred_at,
            seen_at=None,
            irregular=placed(s.irregular, s.sightings),
        )
        if self.sealed and self.sealed != s.seal:
            after = after._replace(seal_read=self.sealed)
        if self.left:
            after = after._replace(container="", seal="", seal_intact=None, sealed_at=None)
        return after


class Sighted(WeaponEvent):
    """Seen at a site by a count, or off a transfer that does not list it.

    Where the books have it elsewhere, it stays irregular until somebody says what is so; where they
    have it there, a count that was due is done.
    """

    TOPIC: ClassVar[str] = "weapon.sighted"
    EFFECTS = frozenset({"SEES"})
    THING = "count"
    AFTER_END = True
    stock_take: StockTakeId | None = None
    transfer: TransferId | None = None
    site: SiteCode
    place: Text = ""

    def evolve(self, s: Weapon) -> Weapon:
        if s.custody in KEPT and s.site == self.site:
            return s._replace(seen_at=None, recount_due=False)
        sightings = (*s.sightings, self.originator_version)
        return s._replace(seen_at=self.site, sightings=sightings)


class Missing(WeaponEvent):
    """Not found by a stock-take that expected it."""

    TOPIC: ClassVar[str] = "weapon.missing"
    THING = "store"
    stock_take: StockTakeId

    def evolve(self, s: Weapon) -> Weapon:
        return s._replace(
            custody="MISSING",
            stock_take=self.stock_take,
            missed_by=self.recorded_by,
            since=self.occurred_at,
        )


class Located(WeaponEvent):
    """Found again."""

    TOPIC: ClassVar[str] = "weapon.located"
    EFFECTS = frozenset({"LEAVES_TRUSTEE", "SEES"})
    THING = "store"
    stock_take: StockTakeId | None = None
    site: SiteCode
    place: Text = ""

    def evolve(self, s: Weapon) -> Weapon:
        return s._replace(
            custody=s.kept_as,
            site=self.site,
            place=self.place,
            stock_take=None,
            missed_by=None,
            recount_due=False,
            since=self.occurred_at,
            seen_at=None,
            irregular=placed(s.irregular, s.sightings),
        )


class LossDeclared(WeaponEvent):
    """Declared lost by an authority, after a stock-take missed it."""

    TOPIC: ClassVar[str] = "weapon.loss_declared"
    EFFECTS = frozenset({"LEAVES_TRUSTEE"})
    THING = "weapon decision"
    DECISION = True

    def evolve(self, s: Weapon) -> Weapon:
        return s._replace(custody="LOST", since=self.occurred_at)


class HoldPlaced(WeaponEvent):
    """Not to be returned or destroyed while the hold stands."""

    TOPIC: ClassVar[str] = "weapon.hold_placed"
    THING = "weapon decision"
    DECISION = True
    hold: Hold

    def evolve(self, s: Weapon) -> Weapon:
        return s._replace(holds=tuple(sorted({*s.holds, self.hold})))


class HoldLifted(WeaponEvent):
    """The hold no longer stands."""

    TOPIC: ClassVar[str] = "weapon.hold_lifted"
    THING = "weapon decision"
    DECISION = True
    hold: Hold

    def evolve(self, s: Weapon) -> Weapon:
        return s._replace(holds=tuple(h for h in s.holds if h != self.hold))


class RestitutionAuthorised(WeaponEvent):
    """Its return to a recognised recipient was authorised by two officials."""

    TOPIC: ClassVar[str] = "weapon.restitution_authorised"
    THING = "weapon decision"
    DECISION = True
    SECOND = True
    recipient: PartyCode
    basis: Text
    authority: Annotated[Text, Field(min_length=1)]

    def evolve(self, s: Weapon) -> Weapon:
        return s._replace(restitution=self.recipient)


class Returned(WeaponEvent):
    """Returned to its authorised recipient: the trust ends."""

    TOPIC: ClassVar[str] = "weapon.returned"
    EFFECTS = frozenset({"LEAVES_TRUSTEE"})
    THING = "acceptance"
    DECISION = True
    transfer: TransferId
    recipient: PartyCode
    site: SiteCode
    official: OfficialCode
    condition: Condition = "UNKNOWN"
    acceptance: Acceptance | None = None

    def evolve(self, s: Weapon) -> Weapon:
        return s._replace(
            custody="RETURNED",
            recipient=self.recipient,
            party=self.recipient,
            site=self.site,
            keeper=self.official,
            transfer=None,
            container="",
            place="",
            since=self.occurred_at,
            seen_at=None,
            irregular=placed(s.irregular, s.sightings),
        )


class Destroyed(WeaponEvent):
    """Destroyed before witnesses, on an authority."""

    TOPIC: ClassVar[str] = "weapon.destroyed"
    EFFECTS = frozenset({"LEAVES_TRUSTEE"})
    THING = "weapon decision"
    DECISION = True
    SECOND = True
    method: Text
    witnesses: tuple[OfficialCode, ...] = ()

    def evolve(self, s: Weapon) -> Weapon:
        return s._replace(custody="DESTROYED", container="", since=self.occurred_at)


register(
    Declared,
    ReceivedFromHolder,
    MadeSafe,
    Inventoried,
    DescriptionCorrected,
    DuplicateSerialFlagged,
    DuplicateSerialResolved,
    OwnershipAsserted,
    DepositedInTrust,
    Stored,
    CrateMoved,
    SealChecked,
    SealBroken,
    ConditionAssessed,
    DamageRecorded,
    Released,
    Accepted,
    Sighted,
    Missing,
    Located,
    LossDeclared,
    HoldPlaced,
    HoldLifted,
    RestitutionAuthorised,
    Returned,
    Destroyed,
)

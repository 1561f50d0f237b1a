"""Person: one sheltered person's custody episode, from seeking refuge to its end.

Four facets, independent of each other, not one status:

    custody   EXPECTED → ADMITTED → SHELTERED ⇄ (IN_TRANSIT | IN_CARE | ABSENT)
              → HANDED_OVER | RELEASED_OTHERWISE | DECEASED
    identity  DECLARED → CONFIRMED ⇄ DISPUTED
    intent    RETURN | STAY | SEEKS_PROTECTION | UNDECIDED, changeable
    pledges   SIGNED ⇄ WITHDRAWN, per pledgor

Events hold commitments to personal values, never the values: `identity` maps a field's name to the
digest of its disclosure (RFC 9901), the value lives in the vault.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, NamedTuple, get_args

from pydantic import Field

from domain.crates import paper_key
from domain.event import (
    Digest,
    Event,
    OfficialCode,
    PartyCode,
    PersonId,
    SiteCode,
    StockTakeId,
    Text,
    TransferId,
    register,
    replaces,
)
from domain.weapon import Receipt, given, placed

Category = Literal["MILITARY", "CROSSING_STAFF", "OTHER"]
PersonalField = Literal[
    "declared_name", "name_latin", "father_name", "birth_date", "service_number", "rank", "unit"
]
Intent = Literal["RETURN", "STAY", "SEEKS_PROTECTION", "UNDECIDED"]
Pledgor = Literal["SELF", "FAMILY", "AUTHORITY"]
PERSONAL: tuple[PersonalField, ...] = (
    "declared_name", "name_latin", "father_name", "birth_date", "service_number", "rank", "unit"
)  # fmt: skip
PersonCustody = Literal[
    "EXPECTED", "ADMITTED", "SHELTERED", "IN_TRANSIT", "IN_CARE", "ABSENT", "HANDED_OVER",
    "RELEASED_OTHERWISE", "DECEASED",
]  # fmt: skip
"""What custody can be, in the order of an episode."""
CUSTODIES: tuple[PersonCustody, ...] = get_args(PersonCustody)
END: frozenset[PersonCustody] = frozenset({"HANDED_OVER", "RELEASED_OTHERWISE", "DECEASED"})
KEPT_OFF = frozenset({"STAY", "SEEKS_PROTECTION"})


@replaces
class Person(NamedTuple):
    """The aggregate of one person: what is known of their custody; no name, rank or date of birth."""

    id: str
    custody: PersonCustody = "EXPECTED"
    since: int = 0  # microseconds UTC: when the custody facet last changed
    entry: str | None = None  # where they came in
    party: str | None = None  # that received them
    site: str | None = None
    place: str = ""
    group: str = ""
    entry_authority: str = ""
    category: str | None = None
    identity: str | None = None  # DECLARED | CONFIRMED | DISPUTED
    identity_fields: dict[str, str] = {}  # noqa: RUF012 -- never mutated; a field's name to its digest
    liaison: str | None = None
    intent: str | None = None
    intent_private: bool | None = None  # whether it was asked in private
    pledges: dict[str, str] = {}  # noqa: RUF012 -- never mutated; pledgor to SIGNED or WITHDRAWN
    assurances: tuple[str, ...] = ()  # statuses: REQUESTED | ISSUED
    transfer: str | None = None
    receiving_party: str | None = None
    effects: tuple[str, ...] = ()  # receipts of effects not yet returned
    receipts: tuple[Receipt, ...] = ()  # each ever given
    stock_take: str | None = None  # the roll call that missed them
    missed_by: str | None = None  # the official who said so
    seen_at: str | None = None  # a site where they were seen and the books do not have them
    sightings: tuple[int, ...] = ()  # the versions that say so
    look_alikes: tuple[str, ...] = ()
    same_as: str | None = None
    erased: bool = False
    irregular: tuple[tuple[int, int], ...] = ()  # (version, rule) not yet closed
    pending: tuple[int, ...] = ()  # versions of proposals waiting for a second official

    @property
    def ended(self) -> bool:
        """True once the episode is over."""
        return self.custody in END or self.same_as is not None

    @property
    def pledged(self) -> bool:
        """True when a pledge is in force: one is signed and the person has not withdrawn theirs."""
        return in_force(self.pledges)


def in_force(pledges: Mapping[str, str]) -> bool:
    """Return whether a pledge is in force, from what each pledgor did last."""
    return "SIGNED" in pledges.values() and pledges.get("SELF") != "WITHDRAWN"


class PersonEvent(Event):
    """An event of a person."""

    originator_id: PersonId


class RefugeSought(PersonEvent):
    """Asked for refuge at a crossing."""

    TOPIC: ClassVar[str] = "person.refuge_sought"
    THING = "arrival"
    OPENS = True
    site: SiteCode
    group: Text = ""

    def evolve(self, s: Person) -> Person:
        after = s._replace(entry=self.site, group=self.group)
        if s.custody != "EXPECTED" or s.party is not None:
            return after  # its time was corrected: what came after it stands
        return after._replace(site=self.site, since=self.occurred_at)


class EntryAuthorised(PersonEvent):
    """An authority allowed the entry; the envelope's `authority` names the document."""

    TOPIC: ClassVar[str] = "person.entry_authorised"
    EFFECTS = frozenset({"SAYS_ONCE"})
    THING = "entry"
    DECISION = True
    authority: Annotated[Text, Field(min_length=1)]

    def evolve(self, s: Person) -> Person:
        if s.entry_authority:
            return s  # said once; what stands is changed by a correction (rule 31)
        return s._replace(entry_authority=self.authority)


class Admitted(PersonEvent):
    """Let in and received by a party."""

    TOPIC: ClassVar[str] = "person.admitted"
    THING = "arrival"
    OPENS = True
    site: SiteCode
    receiving_party: PartyCode

    def evolve(self, s: Person) -> Person:
        if s.custody != "EXPECTED":  # its time was corrected: what came after it stands
            return s._replace(entry=s.entry or self.site, party=self.receiving_party)
        return s._replace(
            custody="ADMITTED",
            site=self.site,
            entry=s.entry or self.site,
            party=self.receiving_party,
            since=self.occurred_at,
        )


class Registered(PersonEvent):
    """Identity declared to a registrar, together with a liaison of the person's own side."""

    TOPIC: ClassVar[str] = "person.registered"
    EFFECTS = frozenset({"SAYS_ONCE"})
    THING = "identity"
    OPENS = True
    category: Category
    identity: dict[str, Digest]
    liaison: OfficialCode | None = None

    def evolve(self, s: Person) -> Person:
        if s.identity is not None:
            return s  # said once; what stands is changed by a correction (rule 31)
        return s._replace(
            category=self.category,
            identity="DECLARED",
            liaison=self.liaison,
            identity_fields={**s.identity_fields, **self.identity},
        )


class IdentityConfirmed(PersonEvent):
    """A document bore out the declared identity."""

    TOPIC: ClassVar[str] = "person.identity_confirmed"
    THING = "identity"
    document: Text

    def evolve(self, s: Person) -> Person:
        return s._replace(identity="CONFIRMED")


class IdentityDisputed(PersonEvent):
    """Somebody with standing said the declared identity is wrong."""

    TOPIC: ClassVar[str] = "person.identity_disputed"
    THING = "identity"
    by_whom: Text

    def evolve(self, s: Person) -> Person:
        return s._replace(identity="DISPUTED")


class IdentityCorrected(PersonEvent):
    """One identity field was declared wrongly and now reads otherwise."""

    TOPIC: ClassVar[str] = "person.identity_corrected"
    THING = "identity"
    DECISION = True
    SECOND = True
    AFTER_END = True
    field: PersonalField
    value: Digest

    def evolve(self, s: Person) -> Person:
        return s._replace(identity_fields={**s.identity_fields, self.field: self.value})


class DuplicateFlagged(PersonEvent):
    """Looks like another registered person."""

    TOPIC: ClassVar[str] = "person.duplicate_flagged"
    THING = "identity"
    AFTER_END = True
    other: PersonId
    score: Annotated[int, Field(ge=0, le=100)]

    def evolve(self, s: Person) -> Person:
        return s._replace(look_alikes=(*s.look_alikes, self.other))


class DuplicateDismissed(PersonEvent):
    """A person decided: these are different people."""

    TOPIC: ClassVar[str] = "person.duplicate_dismissed"
    THING = "identity"
    AFTER_END = True
    other: PersonId

    def evolve(self, s: Person) -> Person:
        return s._replace(look_alikes=tuple(o for o in s.look_alikes if o != self.other))


class SameAs(PersonEvent):
    """This record and the survivor's are one person; from here on only the survivor counts."""

    TOPIC: ClassVar[str] = "person.same_as"
    EFFECTS = frozenset({"PASSES_PERSON"})
    THING = "identity"
    DECISION = True
    SECOND = True
    AFTER_END = True
    survivor: PersonId

    def evolve(self, s: Person) -> Person:
        return s._replace(same_as=self.survivor)


class TookOver(PersonEvent):
    """A record merged into this one: what it had of effects, assurances and a later whereabouts."""

    TOPIC: ClassVar[str] = "person.took_over"
    EFFECTS = frozenset({"PASSES_PERSON"})
    THING = "identity"
    AFTER_END = True
    other: PersonId
    effects: tuple[Text, ...] = ()
    assurances: tuple[Text, ...] = ()
    custody: Literal["ADMITTED", "SHELTERED", "IN_CARE", "ABSENT"] | None = None
    site: SiteCode | None = None
    place: Text = ""

    def evolve(self, s: Person) -> Person:
        s = s._replace(
            effects=(*s.effects, *(r for r in self.effects if r not in s.effects)),
            assurances=(*s.assurances, *self.assurances),
        )
        if self.custody is None:
            return s
        return s._replace(
            custody=self.custody, site=self.site or s.site, place=self.place, since=self.occurred_at
        )


class WishTakenOver(PersonEvent):
    """A record merged into this one: a wish against going stays; any other has to be asked anew."""

    TOPIC: ClassVar[str] = "person.wish_taken_over"
    THING = "intent"
    FACETS = ("intent", "pledges")
    AFTER_END = True
    other: PersonId
    intent: Intent | None = None
    pledges: dict[Pledgor, Literal["SIGNED", "WITHDRAWN"]] = Field(default={})

    def evolve(self, s: Person) -> Person:
        against = next((i for i in (s.intent, self.intent) if i in KEPT_OFF), None)
        pledges: dict[str, str] = {
            who: "WITHDRAWN" if "WITHDRAWN" in {said, s.pledges.get(who)} else said
            for who, said in self.pledges.items()
        }
        return s._replace(intent=against, pledges={**s.pledges, **pledges})


class Housed(PersonEvent):
    """Given a place to sleep."""

    TOPIC: ClassVar[str] = "person.housed"
    EFFECTS = frozenset({"PASSES_PERSON", "SEES"})
    THING = "shelter"
    site: SiteCode
    place: Text = ""

    def evolve(self, s: Person) -> Person:
        return s._replace(
            custody="SHELTERED",
            site=self.site,
            place=self.place,
            since=self.occurred_at,
            seen_at=None,
        )


class MovedTo(PersonEvent):
    """Moved to another place or site, with a transfer or without one."""

    TOPIC: ClassVar[str] = "person.moved_to"
    EFFECTS = frozenset({"PASSES_PERSON", "SEES"})
    THING = "shelter"
    site: SiteCode
    place: Text = ""
    transfer: TransferId | None = None

    def evolve(self, s: Person) -> Person:
        return s._replace(
            custody="SHELTERED",
            site=self.site,
            place=self.place,
            since=self.occurred_at,
            seen_at=None,
            irregular=placed(s.irregular, s.sightings) if self.transfer else s.irregular,
            transfer=None if self.transfer in {s.transfer, None} else s.transfer,
        )


class ReferredToCare(PersonEvent):
    """Referred to a place of care; never a diagnosis."""

    TOPIC: ClassVar[str] = "person.referred_to_care"
    EFFECTS = frozenset({"PASSES_PERSON", "SEES"})
    THING = "care"
    site: SiteCode

    def evolve(self, s: Person) -> Person:
        return s._replace(
            custody="IN_CARE", site=self.site, place="", since=self.occurred_at, seen_at=None
        )


class ReturnedFromCare(PersonEvent):
    """Back from care at a site."""

    TOPIC: ClassVar[str] = "person.returned_from_care"
    EFFECTS = frozenset({"PASSES_PERSON", "SEES"})
    THING = "care"
    site: SiteCode
    place: Text = ""

    def evolve(self, s: Person) -> Person:
        return s._replace(
            custody="SHELTERED",
            site=self.site,
            place=self.place,
            since=self.occurred_at,
            seen_at=None,
        )


class EffectsDeposited(PersonEvent):
    """Personal effects taken into keeping against a receipt: a ledger apart from weapons."""

    TOPIC: ClassVar[str] = "person.effects_deposited"
    EFFECTS = frozenset({"USES_NUMBER"})
    THING = "effects"
    receipt: Text
    items: Annotated[int, Field(ge=1)]

    def evolve(self, s: Person) -> Person:
        return s._replace(
            effects=(*s.effects, self.receipt),
            receipts=given(s.receipts, self.receipt, "EFFECTS", self),
        )


class EffectsReturned(PersonEvent):
    """Personal effects given back against their receipt."""

    TOPIC: ClassVar[str] = "person.effects_returned"
    EFFECTS = frozenset({"USES_NUMBER"})
    THING = "effects"
    AFTER_END = True
    receipt: Text

    def evolve(self, s: Person) -> Person:
        back = paper_key(self.receipt)
        return s._replace(effects=tuple(r for r in s.effects if paper_key(r) != back))


class IntentStated(PersonEvent):
    """What the person said they want, asked in private or not."""

    TOPIC: ClassVar[str] = "person.intent_stated"
    THING = "intent"
    FACETS = ("intent", "intent_private")
    intent: Intent
    interviewer: OfficialCode
    private: bool = True

    def evolve(self, s: Person) -> Person:
        return s._replace(intent=self.intent, intent_private=self.private)


class PledgeSigned(PersonEvent):
    """A written pledge was signed."""

    TOPIC: ClassVar[str] = "person.pledge_signed"
    THING = "pledge"
    FACETS = ("pledges",)
    pledgor: Pledgor
    kind: Text = "RETURN"
    document: Text
    witness: OfficialCode | None = None

    def evolve(self, s: Person) -> Person:
        return s._replace(pledges={**s.pledges, self.pledgor: "SIGNED"})


class PledgeWithdrawn(PersonEvent):
    """A pledge was taken back."""

    TOPIC: ClassVar[str] = "person.pledge_withdrawn"
    THING = "pledge"
    FACETS = ("pledges",)
    pledgor: Pledgor

    def evolve(self, s: Person) -> Person:
        return s._replace(pledges={**s.pledges, self.pledgor: "WITHDRAWN"})


class AssuranceRecorded(PersonEvent):
    """An assurance for the person was requested or issued."""

    TOPIC: ClassVar[str] = "person.assurance_recorded"
    THING = "assurance"
    giver: PartyCode
    kind: Text
    status: Literal["REQUESTED", "ISSUED"]
    document: Text = ""

    def evolve(self, s: Person) -> Person:
        return s._replace(assurances=(*s.assurances, self.status))


class AddedToManifest(PersonEvent):
    """Put on the manifest of a transfer."""

    TOPIC: ClassVar[str] = "person.added_to_manifest"
    EFFECTS = frozenset({"WAY_OUT"})
    THING = "manifest"
    DECISION = True
    transfer: TransferId

    def evolve(self, s: Person) -> Person:
        return s._replace(transfer=self.transfer)


class RemovedFromManifest(PersonEvent):
    """Taken off the manifest of a transfer."""

    TOPIC: ClassVar[str] = "person.removed_from_manifest"
    THING = "manifest removal"
    AFTER_END = True
    transfer: TransferId

    def evolve(self, s: Person) -> Person:
        return s._replace(transfer=None if self.transfer == s.transfer else s.transfer)


class Departed(PersonEvent):
    """Left with a released transfer: between two places, the releaser accountable."""

    TOPIC: ClassVar[str] = "person.departed"
    EFFECTS = frozenset({"WAY_OUT"})
    THING = "manifest"
    transfer: TransferId

    def evolve(self, s: Person) -> Person:
        return s._replace(custody="IN_TRANSIT", place="", since=self.occurred_at)


class HandedOver(PersonEvent):
    """Handed over to a receiving party at a crossing: the episode ends."""

    TOPIC: ClassVar[str] = "person.handed_over"
    EFFECTS = frozenset({"PASSES_PERSON"})
    THING = "handover"
    transfer: TransferId | None = None
    receiving_party: PartyCode
    site: SiteCode

    def evolve(self, s: Person) -> Person:
        return s._replace(
            custody="HANDED_OVER",
            site=self.site,
            place="",
            transfer=None,
            receiving_party=self.receiving_party,
            since=self.occurred_at,
        )


class AbsenceReported(PersonEvent):
    """Not where they should be."""

    TOPIC: ClassVar[str] = "person.absence_reported"
    THING = "care"
    stock_take: Text = ""

    def evolve(self, s: Person) -> Person:
        return s._replace(
            custody="ABSENT",
            stock_take=self.stock_take or None,
            missed_by=self.recorded_by if self.stock_take else None,
            since=s.since if s.custody == "ABSENT" else self.occurred_at,  # said again, it goes on
        )


class Sighted(PersonEvent):
    """Seen at a site by a roll call, or off a transfer that does not list them, and housed elsewhere."""

    TOPIC: ClassVar[str] = "person.sighted"
    EFFECTS = frozenset({"SEES"})
    THING = "count"
    AFTER_END = True
    stock_take: StockTakeId | None = None
    transfer: TransferId | None = None
    site: SiteCode
    place: Text = ""

    def evolve(self, s: Person) -> Person:
        there = s.custody == "SHELTERED" and s.site == self.site
        sightings = (*s.sightings, self.originator_version)
        return s._replace(seen_at=None if there else self.site, sightings=sightings)


class Found(PersonEvent):
    """Seen again at a site."""

    TOPIC: ClassVar[str] = "person.found"
    EFFECTS = frozenset({"PASSES_PERSON", "SEES"})
    THING = "care"
    site: SiteCode
    place: Text = ""

    def evolve(self, s: Person) -> Person:
        return s._replace(
            custody="SHELTERED",
            site=self.site,
            place=self.place,
            since=self.occurred_at,
            seen_at=None,
            stock_take=None,
            missed_by=None,
            irregular=placed(s.irregular, s.sightings),
        )


class Died(PersonEvent):
    """Died; the certificate is named, never the cause."""

    TOPIC: ClassVar[str] = "person.died"
    THING = "shelter"
    site: SiteCode
    certificate: Text

    def evolve(self, s: Person) -> Person:
        return s._replace(custody="DECEASED", site=self.site, place="", since=self.occurred_at)


class ReleasedOtherwise(PersonEvent):
    """Left custody on another basis than a handover."""

    TOPIC: ClassVar[str] = "person.released_otherwise"
    EFFECTS = frozenset({"PASSES_PERSON"})
    THING = "other release"
    DECISION = True
    basis: Text
    destination: Text

    def evolve(self, s: Person) -> Person:
        return s._replace(custody="RELEASED_OTHERWISE", site=None, place="", since=self.occurred_at)


register(
    RefugeSought,
    EntryAuthorised,
    Admitted,
    Registered,
    IdentityConfirmed,
    IdentityDisputed,
    IdentityCorrected,
    DuplicateFlagged,
    DuplicateDismissed,
    SameAs,
    TookOver,
    WishTakenOver,
    Housed,
    MovedTo,
    ReferredToCare,
    ReturnedFromCare,
    EffectsDeposited,
    EffectsReturned,
    IntentStated,
    PledgeSigned,
    PledgeWithdrawn,
    AssuranceRecorded,
    AddedToManifest,
    RemovedFromManifest,
    Departed,
    HandedOver,
    AbsenceReported,
    Sighted,
    Found,
    Died,
    ReleasedOtherwise,
)

"""Written by `make stub` from the event classes: what each command of `custody.py` takes."""

from collections.abc import Callable
from typing import Concatenate, Literal, ParamSpec, TypeVar

from application.decisions import crates, persons, review, stocktakes, transfers
from application.decisions.ledger import Ledger
from application.decisions.note import Note, Recorded
from application.decisions.verb import Verb
from domain import access, directory, person, transfer, weapon

_S = TypeVar("_S")
_F = ParamSpec("_F")

def _verb(takes: Callable[Concatenate[_S, Note, _F], Recorded]) -> Verb[_S, _F]: ...

class Custody(Ledger):
    @_verb
    @staticmethod
    def seek_refuge(stream: str | None, note: Note, /, *, site: str, group: str = ...) -> Recorded:
        """Asked for refuge at a crossing."""
    @_verb
    @staticmethod
    def authorise_entry(stream: str, note: Note, /) -> Recorded:
        """An authority allowed the entry; the envelope's `authority` names the document."""
    @_verb
    @staticmethod
    def admit(stream: str | None, note: Note, /, *, site: str, receiving_party: str) -> Recorded:
        """Let in and received by a party."""
    @_verb
    @staticmethod
    def confirm_identity(stream: str, note: Note, /, *, document: str) -> Recorded:
        """A document bore out the declared identity."""
    @_verb
    @staticmethod
    def dispute_identity(stream: str, note: Note, /, *, by_whom: str) -> Recorded:
        """Somebody with standing said the declared identity is wrong."""
    @_verb
    @staticmethod
    def flag_duplicate(stream: str, note: Note, /, *, other: str, score: int) -> Recorded:
        """Looks like another registered person."""
    @_verb
    @staticmethod
    def dismiss_duplicate(stream: str, note: Note, /, *, other: str) -> Recorded:
        """A person decided: these are different people."""
    @_verb
    @staticmethod
    def house(stream: str, note: Note, /, *, site: str, place: str = ...) -> Recorded:
        """Given a place to sleep."""
    @_verb
    @staticmethod
    def move(
        stream: str, note: Note, /, *, site: str, place: str = ..., transfer: str | None = ...
    ) -> Recorded:
        """Moved to another place or site, with a transfer or without one."""
    @_verb
    @staticmethod
    def refer_to_care(stream: str, note: Note, /, *, site: str) -> Recorded:
        """Referred to a place of care; never a diagnosis."""
    @_verb
    @staticmethod
    def return_from_care(stream: str, note: Note, /, *, site: str, place: str = ...) -> Recorded:
        """Back from care at a site."""
    @_verb
    @staticmethod
    def deposit_effects(stream: str, note: Note, /, *, receipt: str, items: int) -> Recorded:
        """Personal effects taken into keeping against a receipt: a ledger apart from weapons."""
    @_verb
    @staticmethod
    def return_effects(stream: str, note: Note, /, *, receipt: str) -> Recorded:
        """Personal effects given back against their receipt."""
    @_verb
    @staticmethod
    def sign_pledge(
        stream: str,
        note: Note,
        /,
        *,
        pledgor: person.Pledgor,
        kind: str = ...,
        document: str,
        witness: str | None = ...,
    ) -> Recorded:
        """A written pledge was signed."""
    @_verb
    @staticmethod
    def record_assurance(
        stream: str,
        note: Note,
        /,
        *,
        giver: str,
        kind: str,
        status: Literal["REQUESTED", "ISSUED"],
        document: str = ...,
    ) -> Recorded:
        """An assurance for the person was requested or issued."""
    @_verb
    @staticmethod
    def report_absence(stream: str, note: Note, /, *, stock_take: str = ...) -> Recorded:
        """Not where they should be."""
    @_verb
    @staticmethod
    def find_again(stream: str, note: Note, /, *, site: str, place: str = ...) -> Recorded:
        """Seen again at a site."""
    @_verb
    @staticmethod
    def record_death(stream: str, note: Note, /, *, site: str, certificate: str) -> Recorded:
        """Died; the certificate is named, never the cause."""
    @_verb
    @staticmethod
    def release_otherwise(stream: str, note: Note, /, *, basis: str, destination: str) -> Recorded:
        """Left custody on another basis than a handover."""
    @_verb
    @staticmethod
    def hand_over(
        stream: str, note: Note, /, *, transfer: str | None = ..., receiving_party: str, site: str
    ) -> Recorded:
        """Handed over to a receiving party at a crossing: the episode ends."""
    register = persons.register
    correct_identity = persons.correct_identity
    merge = review.merge
    state_intent = persons.state_intent
    withdraw_pledge = persons.withdraw_pledge
    erase = persons.erase
    @_verb
    @staticmethod
    def declare(stream: str | None, note: Note, /, *, as_described: str) -> Recorded:
        """Somebody said there is such a weapon; nobody of ours has seen it."""
    @_verb
    @staticmethod
    def receive(
        stream: str | None,
        note: Note,
        /,
        *,
        person: str | None = ...,
        unit: str | None = ...,
        site: str,
        receiver: str,
        made_safe: bool | None = ...,
        provisional_receipt: str = ...,
    ) -> Recorded:
        """Taken over from a person or a unit, against a provisional receipt."""
    @_verb
    @staticmethod
    def make_safe(stream: str, note: Note, /) -> Recorded:
        """Unloaded and checked."""
    @_verb
    @staticmethod
    def resolve_serial(
        stream: str, note: Note, /, *, outcome: Literal["DISTINCT", "SAME", "UNKNOWN"]
    ) -> Recorded:
        """A person looked at weapons of one serial: distinct, the same, or unknown."""
    @_verb
    @staticmethod
    def assert_ownership(stream: str, note: Note, /, *, owner: str, basis: str) -> Recorded:
        """Somebody says whose it is; an assertion with a basis, not a finding."""
    @_verb
    @staticmethod
    def deposit(
        stream: str, note: Note, /, *, receipt: str, trustee: str, beneficiary: str, terms: str
    ) -> Recorded:
        """Held in trust by the trustee for the beneficiary, on the receipt's terms."""
    @_verb
    @staticmethod
    def store_weapon(
        stream: str,
        note: Note,
        /,
        *,
        site: str,
        place: str = ...,
        container: str = ...,
        seal: str = ...,
    ) -> Recorded:
        """Put in its place, perhaps in a sealed crate."""
    @_verb
    @staticmethod
    def assess_condition(stream: str, note: Note, /, *, condition: weapon.Condition) -> Recorded:
        """The condition was assessed."""
    @_verb
    @staticmethod
    def record_damage(
        stream: str, note: Note, /, *, damage: str, condition: weapon.Condition = ...
    ) -> Recorded:
        """Damage was seen."""
    @_verb
    @staticmethod
    def declare_loss(stream: str, note: Note, /) -> Recorded:
        """Declared lost by an authority, after a stock-take missed it."""
    @_verb
    @staticmethod
    def locate(
        stream: str, note: Note, /, *, stock_take: str | None = ..., site: str, place: str = ...
    ) -> Recorded:
        """Found again."""
    @_verb
    @staticmethod
    def place_hold(stream: str, note: Note, /, *, hold: weapon.Hold) -> Recorded:
        """Not to be returned or destroyed while the hold stands."""
    @_verb
    @staticmethod
    def lift_hold(stream: str, note: Note, /, *, hold: weapon.Hold) -> Recorded:
        """The hold no longer stands."""
    @_verb
    @staticmethod
    def inventory(
        stream: str | None,
        note: Note,
        /,
        *,
        category: weapon.Category,
        make: str = ...,
        model: str,
        calibre: str = ...,
        country: str = ...,
        year: int | None = ...,
        serial_raw: str = ...,
        serial: str = ...,
        serial_status: weapon.SerialStatus,
        marks: tuple[str, ...] = ...,
        condition: weapon.Condition = ...,
        accessories: str = ...,
        counted_with: str | None = ...,
    ) -> Recorded:
        """Describe and count a weapon; an equal serial elsewhere is flagged on it, never refused."""
    @_verb
    @staticmethod
    def correct_description(
        stream: str,
        note: Note,
        /,
        *,
        category: weapon.Category | None = ...,
        make: str | None = ...,
        model: str | None = ...,
        calibre: str | None = ...,
        country: str | None = ...,
        year: int | None = ...,
        serial: str | None = ...,
        serial_status: weapon.SerialStatus | None = ...,
    ) -> Recorded:
        """Propose another description; true from the inventory on."""
    check_seal = crates.check_seal
    break_seal = crates.break_seal
    move_crate = crates.move_crate
    authorise_restitution = review.authorise_restitution
    destroy = review.destroy
    @_verb
    @staticmethod
    def plan(
        stream: str | None,
        note: Note,
        /,
        *,
        kind: transfer.Kind,
        purpose: transfer.Purpose = ...,
        from_party: str,
        to_party: str,
        from_site: str,
        to_site: str,
    ) -> Recorded:
        """A transfer was planned between two parties and sites."""
    @_verb
    @staticmethod
    def depart(stream: str, note: Note, /, *, transport: str) -> Recorded:
        """The transport left."""
    @_verb
    @staticmethod
    def arrive(stream: str, note: Note, /) -> Recorded:
        """The transport arrived."""
    @_verb
    @staticmethod
    def close_transfer(stream: str, note: Note, /) -> Recorded:
        """Every line is resolved and the transfer is over."""
    @_verb
    @staticmethod
    def record_unlisted(stream: str, note: Note, /, *, subject: str) -> Recorded:
        """Record: one arrived who or that was not on this list."""
    add_line = transfers.add_line
    add_crate = transfers.add_crate
    remove_line = transfers.remove_line
    freeze = transfers.freeze
    release = transfers.release
    accept = transfers.accept
    void = transfers.void
    open_stocktake = stocktakes.open_stocktake
    scan = stocktakes.scan
    countersign = stocktakes.countersign
    close_stocktake = stocktakes.close_stocktake
    @_verb
    @staticmethod
    def reopen_stocktake(stream: str, note: Note, /) -> Recorded:
        """The count goes on; the reason is required."""
    @_verb
    @staticmethod
    def open_site(
        stream: str,
        note: Note,
        /,
        *,
        kind: directory.SiteKind,
        name: str,
        name_ar: str = ...,
        capacity: int | None = ...,
        crossing: str | None = ...,
        operator: str | None = ...,
    ) -> Recorded:
        """A site begins to serve."""
    @_verb
    @staticmethod
    def set_capacity(stream: str, note: Note, /, *, capacity: int) -> Recorded:
        """A site holds so many places from now on."""
    @_verb
    @staticmethod
    def name_operator(stream: str, note: Note, /, *, operator: str) -> Recorded:
        """A party runs the site from now on."""
    @_verb
    @staticmethod
    def close_site(stream: str, note: Note, /) -> Recorded:
        """A site no longer serves."""
    @_verb
    @staticmethod
    def name_party(
        stream: str,
        note: Note,
        /,
        *,
        kind: directory.PartyKind,
        name: str,
        name_ar: str = ...,
        security: bool = ...,
    ) -> Recorded:
        """A party becomes known, or is named anew."""
    @_verb
    @staticmethod
    def recognise(stream: str, note: Note, /) -> Recorded:
        """An authority recognises the party as one that weapons may be returned to."""
    @_verb
    @staticmethod
    def withdraw_recognition(stream: str, note: Note, /) -> Recorded:
        """The party is no longer a recognised recipient."""
    @_verb
    @staticmethod
    def appoint(
        stream: str,
        note: Note,
        /,
        *,
        party: str,
        post: str = ...,
        roles: tuple[access.Role, ...] = ...,
    ) -> Recorded:
        """An official of a party becomes known, perhaps with first roles."""
    @_verb
    @staticmethod
    def grant_role(
        stream: str, note: Note, /, *, role: access.Role, valid_until: int | None = ...
    ) -> Recorded:
        """The official may do what the role may, until an instant or for good."""
    @_verb
    @staticmethod
    def end_role(stream: str, note: Note, /, *, role: access.Role) -> Recorded:
        """The official no longer holds the role."""
    @_verb
    @staticmethod
    def register_key(stream: str, note: Note, /, *, public_key: str) -> Recorded:
        """The official signs with this key from now on."""
    @_verb
    @staticmethod
    def revoke_key(stream: str, note: Note, /) -> Recorded:
        """The official's key is no longer good."""
    @_verb
    @staticmethod
    def dismiss(stream: str, note: Note, /) -> Recorded:
        """The official no longer serves."""
    correct = review.correct
    retract = review.retract
    approve = review.approve
    decline = review.decline
    close_irregularity = review.close_irregularity
    @_verb
    @staticmethod
    def set_clock(
        stream: str,
        note: Note,
        /,
        *,
        first: int | None = ...,
        last: int | None = ...,
        ahead: int | None = ...,
    ) -> Recorded:
        """The machine's clock is right now; where in the log it was wrong, and by how much."""

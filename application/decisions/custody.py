"""Custody: every command of the house, one imperative each. Reads no read model.

    custody.deposit("W-000417-…", Note(by="OFF-012"), receipt="R-000391", trustee="PARTY-MOD", …)

A command has one shape: the stream (None where the ledger gives the number), the note (who, when, on
which authority) and the facts; it answers with `Recorded`. One event per command is the rule, written
as a line of the table below. Commands that touch several streams stand in `transfers.py`,
`stocktakes.py`, `persons.py`, `weapons.py`, `crates.py` and `review.py`.

Each call is one durable transaction; inside `with custody.batch():` calls share them.
"""

from __future__ import annotations

from application.decisions import crates, persons, review, stocktakes, transfers, weapons
from application.decisions.ledger import Ledger
from application.decisions.verb import Verb
from domain import directory, person, record, stocktake, transfer, weapon


class Custody(Ledger):
    """Every command, by the stream it is about."""

    # persons
    seek_refuge = Verb(person.RefugeSought)
    authorise_entry = Verb(person.EntryAuthorised)
    admit = Verb(person.Admitted)
    confirm_identity = Verb(person.IdentityConfirmed)
    dispute_identity = Verb(person.IdentityDisputed)
    flag_duplicate = Verb(person.DuplicateFlagged)
    dismiss_duplicate = Verb(person.DuplicateDismissed)
    house = Verb(person.Housed)
    move = Verb(person.MovedTo)
    refer_to_care = Verb(person.ReferredToCare)
    return_from_care = Verb(person.ReturnedFromCare)
    deposit_effects = Verb(person.EffectsDeposited)
    return_effects = Verb(person.EffectsReturned)
    sign_pledge = Verb(person.PledgeSigned)
    record_assurance = Verb(person.AssuranceRecorded)
    report_absence = Verb(person.AbsenceReported)
    find_again = Verb(person.Found)
    record_death = Verb(person.Died)
    release_otherwise = Verb(person.ReleasedOtherwise)
    hand_over = Verb(person.HandedOver)
    register = persons.register
    correct_identity = persons.correct_identity
    merge = review.merge
    state_intent = persons.state_intent
    withdraw_pledge = persons.withdraw_pledge
    erase = persons.erase

    # weapons
    declare = Verb(weapon.Declared)
    receive = Verb(weapon.ReceivedFromHolder)
    make_safe = Verb(weapon.MadeSafe)
    resolve_serial = Verb(weapon.DuplicateSerialResolved)
    assert_ownership = Verb(weapon.OwnershipAsserted)
    deposit = Verb(weapon.DepositedInTrust)
    store_weapon = Verb(weapon.Stored)
    assess_condition = Verb(weapon.ConditionAssessed)
    record_damage = Verb(weapon.DamageRecorded)
    declare_loss = Verb(weapon.LossDeclared)
    locate = Verb(weapon.Located)
    place_hold = Verb(weapon.HoldPlaced)
    lift_hold = Verb(weapon.HoldLifted)
    inventory = weapons.inventory
    correct_description = weapons.correct_description
    check_seal = crates.check_seal
    break_seal = crates.break_seal
    move_crate = crates.move_crate
    authorise_restitution = review.authorise_restitution
    destroy = review.destroy

    # transfers and counts
    plan = Verb(transfer.Planned)
    depart = Verb(transfer.Departed)
    arrive = Verb(transfer.Arrived)
    close_transfer = Verb(transfer.Closed)
    record_unlisted = transfers.record_unlisted
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
    reopen_stocktake = Verb(stocktake.Reopened)

    # the directory
    open_site = Verb(directory.SiteOpened)
    set_capacity = Verb(directory.CapacitySet)
    name_operator = Verb(directory.OperatorNamed)
    close_site = Verb(directory.SiteClosed)
    name_party = Verb(directory.PartyNamed)
    recognise = Verb(directory.PartyRecognised)
    withdraw_recognition = Verb(directory.RecognitionWithdrawn)
    appoint = Verb(directory.OfficialAppointed)
    grant_role = Verb(directory.RoleGranted)
    end_role = Verb(directory.RoleEnded)
    register_key = Verb(directory.KeyRegistered)
    revoke_key = Verb(directory.KeyRevoked)
    dismiss = Verb(directory.OfficialDismissed)

    # the record itself
    correct = review.correct
    retract = review.retract
    approve = review.approve
    decline = review.decline
    close_irregularity = review.close_irregularity
    set_clock = Verb(record.ClockSet)

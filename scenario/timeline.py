"""What happened when: the story as commands, in the order in which they were recorded.

    7 Dec    nine entry groups, the injured to hospital, weapons against provisional receipts
    8–11     registration, housing; weapons inventoried, sealed in crates, sent to the depots
    12–13    stock-take 1: 3 missing, 2 unexpected, 1 broken seal; 2 located on the 13th
    14       the late batch: registered and housed 8–11 Dec, recorded now
    16       housing corrected for 12 Dec, by two officials
    15–17    intent interviews, pledges, manifests
    18       36 crossing staff handed over        19   the convoys, one count mismatch
    20       stock-take 2                          epilogue   restitution, when asked for

Each day is a list of steps: when it was recorded, and the command. The clock goes there, the command
runs. Nothing here writes events: everything goes through `Custody`, as a user's commands do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from application.decisions.custody import Custody
from application.decisions.unit import Note
from domain.event import Evidence
from domain.times import micros
from scenario.people import Person
from scenario.places import CHAIR, CROSSING_IN, RECEIVING, SECOND_APPROVER, TRUSTEE
from scenario.population import Population
from scenario.story import Story, at, later
from scenario.weapons import Weapon

Step = tuple[datetime, Callable[[], object]]
ENTRY_ORDER = "SYNTHETIC entry order JOC-41"
TERMS = "return to a recognised government; no use, no disposal (SYNTHETIC)"
IN_TRANSIT = timedelta(minutes=130)


class Timeline(Story):
    """The days of the story, one method each."""

    def days(self) -> Iterator[tuple[str, list[Step]]]:
        """Yield each day's title and steps, in the order they were recorded."""
        for title, day in (
            ("6 Dec  directory", self.directory),
            ("7 Dec  entry", self.entry),
            (
                "8–11 Dec  registration, housing, inventory, weapons to the depots",
                self.registration,
            ),
            ("12–13 Dec  stock-take 1", self.first_count),
            ("14 Dec  the late batch", self.late_batch),
            ("15–17 Dec  intent, pledges, corrections", self.intent),
            ("18 Dec  crossing staff handed over", self.staff_return),
            ("19 Dec  the convoys", self.convoys),
            ("20 Dec  stock-take 2", self.second_count),
        ):
            yield title, sorted(day(), key=lambda step: step[0])

    # ── 7 December ───────────────────────────────────────────────────────

    def entry(self) -> Iterator[Step]:
        """Nine groups seek refuge; the last one is let in before its authorisation is written."""
        for person in self.people.persons:
            yield from self._enters(person)
        for weapon in self.people.weapons:
            # after the holder's own row: a clerk writes the person first
            written = later(weapon.received_at, weapon.n) + timedelta(minutes=20)
            yield written, self._receive(weapon)

    def _enters(self, person: Person) -> Iterator[Step]:
        came, seen = person.entered_at, later(person.entered_at, person.n)
        clerk = person.registrar
        order = timedelta(minutes=40 if person.group == 9 else -1)  # noqa: PLR2004 -- the last group
        yield seen, partial(self._seek_refuge, person, clerk, came)
        yield (
            seen + timedelta(minutes=2) + order,
            self.about(
                person,
                "authorise_entry",
                CHAIR,
                came + timedelta(minutes=1) + order,
                authority=ENTRY_ORDER,
            ),
        )
        yield (
            seen + timedelta(minutes=3),
            self.about(
                person,
                "admit",
                clerk,
                came + timedelta(minutes=2),
                site=CROSSING_IN,
                receiving_party="PARTY-JOC",
            ),
        )
        if person.hospital:
            yield (
                seen + timedelta(minutes=50),
                self.about(
                    person,
                    "refer_to_care",
                    "OFF-027",
                    came + timedelta(minutes=45),
                    site=person.hospital,
                ),
            )

    def _seek_refuge(self, person: Person, clerk: str, came: datetime) -> None:
        note = Note(clerk, micros(came), precision="MINUTE")
        done = self.custody.seek_refuge(None, note, site=CROSSING_IN, group=f"G{person.group}")
        self.persons[person.n] = done.subject

    def _receive(self, weapon: Weapon) -> Callable[[], object]:
        def receive() -> None:
            who = (
                {"person": self.persons[weapon.holder]} if weapon.holder else {"unit": weapon.unit}
            )
            note = Note(
                weapon.received_by,
                micros(weapon.received_at),
                precision="MINUTE",
                evidence=page("intake sheet", weapon.n),
            )
            done = self.custody.receive(
                None,
                note,
                site=CROSSING_IN,
                receiver=weapon.received_by,
                made_safe=True,
                provisional_receipt=weapon.provisional_receipt,
                **who,
            )
            self.weapons[weapon.n] = done.subject

        return receive

    # ── 8 to 11 December ─────────────────────────────────────────────────

    def registration(self) -> Iterator[Step]:
        """Identities declared with a liaison, places given, weapons counted and sealed."""
        for person in self.people.persons:
            if not person.late:
                yield from self._registered(person, later(person.registered_at, person.n))
                yield from self._housed(person, later(person.housed_at, person.n))
        for weapon in self.people.weapons:
            yield from self._inventoried(weapon)
        yield from self.to_the_depots()

    def _registered(self, person: Person, recorded: datetime) -> Iterator[Step]:
        personal = {
            "declared_name": person.declared_name,
            "name_latin": person.name_latin,
            "father_name": person.father_name,
            "birth_date": person.birth_date,
            "service_number": person.service_number,
            "rank": person.rank,
            "unit": person.unit,
        }
        yield (
            recorded,
            self.about(
                person,
                "register",
                person.registrar,
                person.registered_at,
                evidence=page("registration sheet", person.n),
                category=person.category,
                personal=personal,
                liaison=person.liaison,
            ),
        )
        if person.effects:
            yield (
                recorded + timedelta(minutes=4),
                self.about(
                    person,
                    "deposit_effects",
                    person.registrar,
                    person.registered_at,
                    receipt=f"E-{person.n:06d}",
                    items=1 + person.n % 4,
                ),
            )

    def _housed(self, person: Person, recorded: datetime) -> Iterator[Step]:
        verb = "return_from_care" if person.injured else "house"
        yield (
            recorded,
            self.about(
                person,
                verb,
                self.welfare(person.camp),
                person.housed_at,
                site=person.camp,
                place=person.place,
            ),
        )

    def _inventoried(self, weapon: Weapon) -> Iterator[Step]:
        recorded = later(weapon.inventoried_at, weapon.n)
        counted = weapon.inventoried_at
        liaison = f"OFF-{50 + weapon.team:03d}" if weapon.joint else None
        yield (
            recorded,
            self.of(
                weapon,
                "inventory",
                weapon.inventoried_by,
                counted,
                evidence=page("inventory sheet", weapon.n),
                category=weapon.category,
                make=weapon.make,
                model=weapon.model,
                calibre=weapon.calibre,
                country=weapon.country,
                year=weapon.year,
                serial_raw=weapon.serial_raw,
                serial=weapon.serial or "",
                serial_status=weapon.serial_status,
                marks=weapon.marks,
                condition=weapon.condition,
                accessories=", ".join(weapon.accessories),
                counted_with=liaison,
            ),
        )
        yield (
            recorded + timedelta(seconds=20),
            self.of(
                weapon,
                "deposit",
                weapon.inventoried_by,
                counted + timedelta(minutes=1),
                receipt=weapon.receipt,
                trustee=TRUSTEE,
                beneficiary="new Syrian government",
                terms=TERMS,
            ),
        )
        yield (
            recorded + timedelta(seconds=40),
            self.of(
                weapon,
                "store_weapon",
                weapon.inventoried_by,
                counted + timedelta(minutes=2),
                site=CROSSING_IN,
                place="hall",
                container=weapon.crate,
                seal=weapon.seals[0],
            ),
        )

    # ── 11 December: transfers to the depots ─────────────────────────────

    def to_the_depots(self) -> Iterator[Step]:
        """Trucks of a few crates: planned, frozen, released, accepted, put in their places."""
        for number, load in enumerate(self.trucks()):
            leaves = at(11, 13, 0) + timedelta(minutes=12 * number)
            yield leaves - timedelta(minutes=30), partial(self._load, load)
            yield leaves, partial(self._truck_leaves, load, leaves)
            arrives = leaves + IN_TRANSIT
            yield arrives, partial(self._truck_arrives, load, arrives)

    def _load(self, load: tuple[Weapon, ...]) -> None:
        note = Note("OFF-034", batch=f"LOAD-{load[0].crate}", authority="SYNTHETIC order 7")
        planned = self.custody.plan(
            None,
            note,
            kind="ITEMS",
            from_party="PARTY-COMMITTEE-WEAPONS",
            to_party=TRUSTEE,
            from_site=CROSSING_IN,
            to_site=load[0].depot,
        )
        self.trucks_by_crate[load[0].crate] = planned.subject
        for weapon in load:
            self.custody.add_line(planned.subject, note, line=self.weapons[weapon.n])
        self.custody.freeze(planned.subject, note)

    def _truck_leaves(self, load: tuple[Weapon, ...], leaves: datetime) -> None:
        number = self.trucks_by_crate[load[0].crate]
        self.custody.release(number, Note("OFF-034", micros(leaves)))
        self.custody.depart(number, Note("OFF-034", micros(leaves)), transport="SYNTHETIC truck")

    def _truck_arrives(self, load: tuple[Weapon, ...], arrives: datetime) -> None:
        number = self.trucks_by_crate[load[0].crate]
        keeper = self.keeper(load[0].depot)
        note = Note(keeper, micros(arrives))
        self.custody.arrive(number, note)
        self.custody.accept(number, note, party=TRUSTEE)
        for weapon in load:
            self.custody.store_weapon(
                self.weapons[weapon.n],
                Note(keeper, micros(arrives) + 1),
                site=weapon.depot,
                place=weapon.place,
                container=weapon.crate,
                seal=weapon.seals[0],
            )
        self.custody.close_transfer(number, Note(keeper))

    # ── 12 to 14 December ────────────────────────────────────────────────

    def first_count(self) -> Iterator[Step]:
        """Depot M1 on the 12th, M2 on the 13th; two of the missing are found again."""
        yield at(12, 14, 30), self.break_seal
        yield from self.count("DEPOT-M1", at(12, 13, 30), first=True)
        yield from self.count("DEPOT-M2", at(13, 8, 0), first=True)
        for weapon in self.people.weapons:
            if weapon.located:
                yield (
                    at(13, 15, weapon.n % 60),
                    self.of(
                        weapon,
                        "locate",
                        self.keeper(weapon.depot),
                        at(13, 15, 0),
                        site=weapon.depot,
                        place=weapon.place,
                    ),
                )
            if weapon.seal_broken:
                yield (
                    at(13, 16, weapon.n % 60),
                    self.of(
                        weapon,
                        "store_weapon",
                        self.keeper(weapon.depot),
                        at(13, 16, 0),
                        site=weapon.depot,
                        place=weapon.place,
                        container=weapon.crate,
                        seal=weapon.seals[1],
                    ),
                )

    def late_batch(self) -> Iterator[Step]:
        """Rows of 8 to 11 December that reached the ledger only on the 14th."""
        for person in self.people.persons:
            if person.late:
                yield from self._registered(person, at(14, 9, person.n % 60))
                yield from self._housed(person, at(14, 10, person.n % 60))

    # ── 15 to 17 December ────────────────────────────────────────────────

    def intent(self) -> Iterator[Step]:
        """Interviews, then pledges, then reconfirmation; on the 16th, 23 corrections."""
        for person in self.people.persons:
            yield from self._interviewed(person)
            if person.housing_corrected:
                yield at(16, 9, person.n % 60), partial(self.propose_housing, person)
                yield at(16, 11, person.n % 60), partial(self.approve_housing, person)
        yield from self.exceptions()
        yield at(17, 18, 0), self.plan_convoys
        yield at(15, 12, 0), partial(self.assurance, "REQUESTED")
        yield at(17, 12, 0), partial(self.assurance, "ISSUED")

    def _interviewed(self, person: Person) -> Iterator[Step]:
        interviewer = "OFF-041" if person.n % 2 else "OFF-042"
        asked = at(15, 7, 0) + timedelta(seconds=40 * (person.n % 1900))
        yield (
            later(asked, person.n),
            self.about(
                person,
                "state_intent",
                interviewer,
                asked,
                intent=person.intent_stated,
                interviewer=interviewer,
            ),
        )
        if person.intent_changed:
            again = at(17, 9, 0) + timedelta(seconds=person.n % 600)
            yield (
                again,
                self.about(
                    person,
                    "state_intent",
                    interviewer,
                    again,
                    intent=person.intent,
                    interviewer=interviewer,
                ),
            )
        pledgors = {"BOTH": ("SELF", "FAMILY"), "NONE": ()}.get(person.pledge, (person.pledge,))
        for number, pledgor in enumerate(pledgors):
            signed = at(16, 13, 0) + timedelta(seconds=12 * (person.n % 1900) + number)
            yield (
                later(signed, person.n),
                self.about(
                    person,
                    "sign_pledge",
                    self.welfare(person.camp),
                    signed,
                    pledgor=pledgor,
                    document=f"PL-{person.n:06d}{'F' if number else ''}",
                ),
            )

    # ── 18 to 20 December ────────────────────────────────────────────────

    def staff_return(self) -> Iterator[Step]:
        """The crossing staff, at ten; whoever withdrew a pledge is off the manifest by evening."""
        yield at(18, 8, 0), partial(self.release_convoy, 0, at(18, 8, 0))
        yield at(18, 10, 5), partial(self.hand_over, 0, at(18, 10, 0))
        for person in self.people.persons:
            if person.pledge_withdrawn:
                yield (
                    at(18, 20, person.n % 60),
                    self.about(
                        person,
                        "withdraw_pledge",
                        self.welfare(person.camp),
                        at(18, 20, 0),
                        pledgor="SELF",
                    ),
                )
            if person.effects and person.convoy and person.handed_over_at:
                back = person.handed_over_at - timedelta(hours=12)
                yield later(back, person.n), self._effects_back(person, back)

    def convoys(self) -> Iterator[Step]:
        """Each convoy is released, crosses, and is accepted; one count does not agree."""
        for person in self.people.persons:
            if person.category == "CROSSING_STAFF" and person.effects and person.handed_over_at:
                yield at(19, 5, 0), self._effects_back(person, person.handed_over_at)
        for convoy, crosses in self.departures():
            leaves = crosses - timedelta(minutes=50)
            yield leaves, partial(self.release_convoy, convoy, leaves)
            returned = crosses + timedelta(minutes=2, seconds=convoy % 60)
            yield returned, partial(self.hand_over, convoy, crosses)

    def _effects_back(self, person: Person, moment: datetime) -> Callable[[], object]:
        return self.about(
            person, "return_effects", self.welfare(person.camp), moment, receipt=f"E-{person.n:06d}"
        )

    def second_count(self) -> Iterator[Step]:
        """Both depots once more."""
        yield from self.count("DEPOT-M1", at(20, 8, 0), first=False)
        yield from self.count("DEPOT-M2", at(20, 13, 0), first=False)


def page(document: str, number: int) -> tuple[Evidence, ...]:
    """Return the evidence of one sheet: its digest is made up and says so in its label."""
    label = f"SYNTHETIC {document} p.{1 + number // 40}"
    digest = hashlib.sha256(label.encode()).hexdigest()
    return (Evidence(sha256=digest, media_type="application/pdf", label=label),)


def restitution(custody: Custody, story: Story, people: Population) -> None:
    """The fictional epilogue: a recipient recognised, weapons authorised and given back."""
    note = Note(CHAIR, authority="SYNTHETIC decision 77")
    custody.recognise(RECEIVING, note)
    chosen = [story.weapons[w.n] for w in people.weapons if w.restituted]
    proposed = [
        custody.authorise_restitution(
            one,
            note._replace(batch="RESTITUTION-1"),
            recipient=RECEIVING,
            basis="SYNTHETIC agreement",
        )
        for one in chosen
    ]
    (first, *others) = [(done.subject, done.version) for done in proposed]
    custody.approve(first[0], Note(SECOND_APPROVER), proposal=first[1], together_with=others)
    planned = custody.plan(
        None,
        note,
        kind="ITEMS",
        purpose="RESTITUTION",
        from_party=TRUSTEE,
        to_party=RECEIVING,
        from_site="DEPOT-M1",
        to_site="ARMOURY-R",
    ).subject
    for one in chosen:
        custody.add_line(planned, note, line=one)
    custody.freeze(planned, note)
    custody.release(planned, Note("OFF-034"))
    custody.accept(planned, Note("OFF-036"), party=RECEIVING)
    custody.close_transfer(planned, Note("OFF-036"))

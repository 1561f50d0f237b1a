"""The pieces the days of the story are made of: who acts where, convoys, counts, corrections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from application.decisions.custody import Custody
from application.decisions.unit import Note
from domain.event import Evidence
from domain.person import Housed, ReturnedFromCare
from domain.times import micros
from scenario.clock import Clock
from scenario.people import ZONE, Person, convoy_leaves
from scenario.places import (
    CHAIR,
    COMMAND,
    CROSSING_IN,
    CROSSING_OUT,
    HOSPITAL,
    RECEIVING,
    SECOND_APPROVER,
    WELFARE,
)
from scenario.population import Population
from scenario.weapons import Weapon

Step = tuple[datetime, Callable[[], object]]
ROLES = {
    "committee_chair": "CHAIR", "intake_clerk": "INTAKE_CLERK", "weapons_clerk": "WEAPONS_CLERK",
    "welfare": "WELFARE", "storekeeper": "STOREKEEPER", "releasing_official": "RELEASING",
    "accepting_official": "ACCEPTING", "protection_interviewer": "PROTECTION_INTERVIEWER",
    "analyst": "ANALYST", "auditor": "AUDITOR", "key_custodian": "KEY_CUSTODIAN",
}  # fmt: skip
KEEPERS = {"DEPOT-M1": "OFF-031", "DEPOT-M2": "OFF-032"}
WELFARE_DESKS = {"CAMP-R1": "OFF-024", "CAMP-R2": "OFF-025", "CAMP-R3": "OFF-026"}
RETURN_CHAIR, RELEASER, ACCEPTER = "OFF-043", "OFF-035", "OFF-036"
CRATES_A_TRUCK = 8


def at(day: int, hour: int, minute: int) -> datetime:
    """Return an instant of December 2024 in the site's zone."""
    return datetime(2024, 12, day, hour, minute, tzinfo=ZONE)


def later(moment: datetime, number: int) -> datetime:
    """Return when a fact was recorded: a few minutes after it occurred, the same on each run."""
    return moment + timedelta(minutes=3 + number * 7 % 13, seconds=number * 11 % 60)


class Story:
    """The state of the telling: which control numbers everybody and everything got."""

    def __init__(self, custody: Custody, clock: Clock, people: Population) -> None:
        self.custody, self.clock, self.people = custody, clock, people
        self.persons: dict[int, str] = {}
        self.weapons: dict[int, str] = {}
        self.trucks_by_crate: dict[str, str] = {}
        self.convoys_by_number: dict[int, str] = {}
        self.proposals: dict[int, int] = {}
        self.aboard: dict[int, list[Person]] = {}
        for person in people.persons:
            if person.handed_over_at is not None:
                self.aboard.setdefault(person.convoy or 0, []).append(person)

    # ── one command about one subject ────────────────────────────────────

    def about(
        self,
        person: Person,
        verb: str,
        by: str,
        occurred: datetime,
        authority: str = "",
        evidence: tuple[Evidence, ...] = (),
        **facts: Any,
    ) -> Callable[[], object]:
        """Return a command about a person, to be run when its time has come."""
        note = Note(
            by, micros(occurred), precision="MINUTE", authority=authority, evidence=evidence
        )
        return lambda: getattr(self.custody, verb)(self.persons[person.n], note, **facts)

    def of(
        self,
        weapon: Weapon,
        verb: str,
        by: str,
        occurred: datetime,
        evidence: tuple[Evidence, ...] = (),
        **facts: Any,
    ) -> Callable[[], object]:
        """Return a command about a weapon, to be run when its time has come."""
        note = Note(by, micros(occurred), precision="MINUTE", evidence=evidence)
        return lambda: getattr(self.custody, verb)(self.weapons[weapon.n], note, **facts)

    def keeper(self, depot: str) -> str:
        """Return the depot's storekeeper."""
        return KEEPERS[depot]

    def welfare(self, camp: str) -> str:
        """Return the camp's welfare official."""
        return WELFARE_DESKS[camp]

    # ── the directory ────────────────────────────────────────────────────

    def directory(self) -> Iterator[Step]:
        """Sites, parties and officials, on the evening before."""
        note = Note(CHAIR)
        evening = at(6, 20, 0)
        for party in self.people.parties:
            facts: dict[str, Any] = {
                "kind": party.kind,
                "name": f"{party.name_en} (SYNTHETIC)",
                "name_ar": party.name_ar,
                "security": party.security,
            }
            yield evening, partial(self.custody.name_party, party.code, note, **facts)
        opened_sites: set[str] = set()
        for site in self.people.sites:
            facts = {
                "kind": site.kind,
                "name": f"{site.name_en} (SYNTHETIC)",
                "name_ar": site.name_ar,
                "capacity": site.capacity,
                "crossing": site.other_side if site.other_side in opened_sites else None,
            }
            opened_sites.add(site.code)
            opened = evening + timedelta(minutes=5)
            yield opened, partial(self.custody.open_site, f"SITE-{site.code}", note, **facts)
        for official in self.people.officials:
            roles = tuple(ROLES[role] for role in official.roles if role in ROLES)
            if official.code != CHAIR:
                facts = {"party": official.party, "post": " ".join(official.roles), "roles": roles}
                appointed = evening + timedelta(minutes=10)
                yield appointed, partial(self.custody.appoint, official.code, note, **facts)

    # ── weapons ──────────────────────────────────────────────────────────

    def trucks(self) -> list[tuple[Weapon, ...]]:
        """Return the loads: some crates each, all for one depot."""
        crates: dict[tuple[str, str], list[Weapon]] = {}
        for weapon in self.people.weapons:
            crates.setdefault((weapon.depot, weapon.crate), []).append(weapon)
        loads: list[tuple[Weapon, ...]] = []
        for depot in KEEPERS:
            packed = [crates[key] for key in sorted(crates) if key[0] == depot]
            loads += [
                tuple(weapon for crate in packed[i : i + CRATES_A_TRUCK] for weapon in crate)
                for i in range(0, len(packed), CRATES_A_TRUCK)
            ]
        return loads

    def break_seal(self) -> None:
        """Record the seal found broken, with nobody's authority."""
        broken = next((w for w in self.people.weapons if w.seal_broken), None)
        if broken is not None:
            note = Note(self.keeper(broken.depot), micros(at(12, 14, 20)), precision="MINUTE")
            self.custody.break_seal(
                broken.crate, note, seal=broken.seals[0], authorised=False, witness="OFF-033"
            )

    def count(self, depot: str, begins: datetime, *, first: bool) -> Iterator[Step]:
        """Count a depot: open, scan everything that is there, counter-sign, close."""
        opened: list[str] = []
        yield (
            begins,
            lambda: opened.append(
                self.custody.open_stocktake(
                    None, Note(self.keeper(depot)), kind="ITEMS", site=depot
                ).subject
            ),
        )
        scanned = [
            weapon for weapon in self.people.weapons if self._seen(weapon, depot, first=first)
        ]
        for number, weapon in enumerate(scanned):
            seen = begins + timedelta(minutes=5, seconds=10 * number % 9_000)
            yield seen, partial(self._scan, opened, weapon, depot)
        end = begins + timedelta(minutes=170)
        yield end, lambda: self.custody.countersign(opened[0], Note("OFF-033"))
        yield end, lambda: self.custody.close_stocktake(opened[0], Note(self.keeper(depot)))

    def _seen(self, weapon: Weapon, depot: str, *, first: bool) -> bool:
        """Return whether a count finds a weapon: at home, or lent to the other depot unrecorded."""
        if first and weapon.missing:
            return False
        away = first and weapon.unexpected_in == depot
        lost = weapon.missing and not weapon.located
        return away or (weapon.depot == depot and not lost)

    def _scan(self, opened: list[str], weapon: Weapon, depot: str) -> None:
        code = self.weapons[weapon.n]
        self.custody.scan(opened[0], Note(self.keeper(depot)), code=code, place=weapon.place)

    # ── corrections of 16 December ───────────────────────────────────────

    def propose_housing(self, person: Person) -> None:
        """Propose where a person really was on 12 December."""
        stream = self.persons[person.n]
        with self.custody.reading() as unit:
            known = unit.history(stream)
            places = {Housed.TOPIC, ReturnedFromCare.TOPIC}
            housed = [e for e in known.events if e.TOPIC in places] if known else []
        note = Note(self.welfare(person.camp), reason="SYNTHETIC roll call list, bed swapped")
        done = self.custody.correct(
            stream,
            note,
            version=housed[-1].originator_version,
            changes={"site": person.corrected_camp, "place": person.corrected_place},
        )
        self.proposals[person.n] = done.version

    def approve_housing(self, person: Person) -> None:
        """Approve the correction as the second official."""
        self.custody.approve(
            self.persons[person.n], Note(SECOND_APPROVER), proposal=self.proposals[person.n]
        )

    # ── the return ───────────────────────────────────────────────────────

    def exceptions(self) -> Iterator[Step]:
        """What happened to those who did not return (the variant `stress`)."""
        for person in self.people.persons:
            desk = self.welfare(person.camp)
            if person.outcome == "DECEASED":
                yield (
                    at(17, 3, 0),
                    self.about(
                        person,
                        "record_death",
                        desk,
                        at(17, 2, 0),
                        site=HOSPITAL,
                        certificate="SYNTHETIC DC-1",
                    ),
                )
            elif person.outcome == "IN_CARE":
                moment = at(17, 8, person.n % 60)
                yield moment, self.about(person, "refer_to_care", desk, moment, site=HOSPITAL)
            elif person.outcome == "ABSENT":
                yield at(17, 7, 0), self.about(person, "report_absence", desk, at(17, 6, 0))

    def assurance(self, status: Literal["REQUESTED", "ISSUED"]) -> None:
        """Record, for the crossing staff, the assurance that was requested, then issued."""
        note = Note(RETURN_CHAIR, authority="SYNTHETIC amnesty notice")
        for person in self.aboard.get(0, ()):
            self.custody.record_assurance(
                self.persons[person.n], note, giver=RECEIVING, kind="amnesty", status=status
            )

    def plan_convoys(self) -> None:
        """Plan the staff's return and every convoy; freeze each list."""
        note = Note(RETURN_CHAIR, on_behalf_of=COMMAND, authority="SYNTHETIC return order")
        withdrawing = [p for p in self.people.persons if p.pledge_withdrawn]
        for convoy, aboard in sorted(self.aboard.items()):
            planned = self.custody.plan(
                None,
                note,
                kind="PERSONS",
                purpose="RETURN",
                from_party=WELFARE,
                to_party=RECEIVING,
                from_site=CROSSING_IN,
                to_site=CROSSING_OUT,
            ).subject
            self.convoys_by_number[convoy] = planned
            listed = aboard + (withdrawing if convoy == max(self.aboard) else [])
            for person in listed:
                self.custody.add_line(planned, note, line=self.persons[person.n])
            self.custody.freeze(planned, note)

    def departures(self) -> Iterator[tuple[int, datetime]]:
        """Yield the convoys of 19 December and when each is handed over."""
        count = max(self.aboard)
        for convoy in range(1, count + 1):
            yield convoy, convoy_leaves(convoy, count)

    def release_convoy(self, convoy: int, leaves: datetime) -> None:
        """Release a convoy: a list that lost a line is frozen anew first."""
        number = self.convoys_by_number[convoy]
        note = Note(RELEASER, micros(leaves))
        with self.custody.reading() as unit:
            thawed = unit.state(number).status == "PLANNED"
        if thawed:
            self.custody.freeze(number, Note(RETURN_CHAIR))
        self.custody.release(number, note)
        self.custody.depart(number, note, transport=f"SYNTHETIC bus {convoy}")

    def hand_over(self, convoy: int, crosses: datetime) -> None:
        """Accept a convoy on the other side; once, one is missing and comes with the next bus."""
        number = self.convoys_by_number[convoy]
        note = Note(ACCEPTER, micros(crosses))
        mismatch = self.people.mismatch
        one = self.persons[mismatch.person]
        missing = {one: "MISSING"} if convoy == mismatch.convoy else {}
        self.custody.accept(number, note, party=RECEIVING, exceptions=missing)
        if convoy == mismatch.next_convoy:
            earlier = self.convoys_by_number[mismatch.convoy]
            self.custody.record_unlisted(number, note, subject=one)
            self.custody.accept(earlier, note, party=RECEIVING, lines=[one])
            self.custody.close_transfer(earlier, Note(ACCEPTER))
        if not missing:
            self.custody.close_transfer(number, Note(ACCEPTER))

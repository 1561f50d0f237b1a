"""A machine that tries at random to get somebody over the crossing, or a weapon away, unseen.

It sends whatever commands move custody, in any order, in the name of officials who may: also late, told
as having happened, corrected and taken back by two officials, merged and un-merged, with sites that
change their operator. After each step: who said STAY stands with nobody else unless that is flagged, a
weapon under a hold is with its trustee unless that is flagged, and no official signed or recorded both
sides of a transfer unless that is flagged. `AMANA_RUNS` says how many runs, `AMANA_SEED` which.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from application.decisions.judged import still_open
from domain import history
from domain.errors import CustodyError

RUNS = int(os.environ.get("AMANA_RUNS", "25"))
SEED = int(os.environ.get("AMANA_SEED", "0"))
PLACES = ("CAMP-R1", "CAMP-R2", "CLINIC", "GATE", "OVER", "THEIRS")
STORES = ("DEPOT-1", "DEPOT-2", "OVER", "THEIR-DEPOT")
PARTIES = ("PARTY-MOD", "PARTY-SYR")
STEPS = ("add_person", "add_item", "add_crate", "unlisted", "unlisted_item", "freeze", "release",
         "accept", "accept_sealed", "accept_unlisted", "refuse", "close", "void")  # fmt: skip
SIGNERS = ("OFF-012", "OFF-013", "OFF-014")
NAMED = {"site": PLACES + STORES, "to_site": PLACES + STORES, "from_site": PLACES + STORES,
         "party": PARTIES, "to_party": PARTIES, "from_party": PARTIES, "trustee": PARTIES,
         "receiving_party": PARTIES, "operator": PARTIES, "official": SIGNERS,
         "crossing": ("GATE", "CAMP-R1", "DEPOT-1"), "purpose": ("RELOCATION", "RETURN", "RESTITUTION"),
         "container": ("", "CRATE-1", "CRATE-2")}  # fmt: skip
"""What a correction may change, and to what."""
SAID = frozenset({"person.intent_stated", "weapon.hold_placed"})
"""What makes the machine's person and weapon what they are: taken back, there is nothing to guard."""
CAME_IN = frozenset({"person.refuge_sought", "person.admitted", "weapon.received_from_holder"})
"""What says which side of a crossing is ours, who received somebody, and where a trust began."""
AT = (None, None, None, 9, 12, 16, 19)
TOLD = ("", "", "", "seen by OFF-015")


def machine_of(new_house: Any) -> type[RuleBasedStateMachine]:
    """Return the machine over houses that a fixture makes."""

    class Machine(RuleBasedStateMachine):
        @initialize()
        def furnish(self) -> None:
            self.house = house = new_house()
            note = {"at": house.dec(7)}
            house.do(
                "open_site", "SITE-OVER", kind="CROSSING", name="over", crossing="GATE", **note
            )
            theirs = {"operator": "PARTY-SYR", "name": "theirs", **note}
            house.do("open_site", "SITE-THEIRS", kind="CAMP", **theirs)
            house.do("open_site", "SITE-THEIR-DEPOT", kind="DEPOT", **theirs)
            for official in SIGNERS:
                for role in ("RELEASING", "ACCEPTING", "STOREKEEPER"):
                    house.do("grant_role", official, role=role)
            self.person, self.item = house.willing(), house.in_trust()
            self.other, self.beside = house.sheltered(), house.in_trust()
            early = {"at": house.dec(8, 14)}
            house.do("state_intent", self.person, intent="STAY", interviewer="OFF-016", **early)
            house.do("place_hold", self.item, hold="COURT", **early)
            self.transfers: list[str] = []
            self.counts: list[str] = []

        def _try(self, verb: str, subject: str | None, /, **facts: Any) -> Any:
            if facts.get("at", "") is None:
                del facts["at"]
            try:
                return self.house.do(verb, subject, **facts)
            except CustodyError:
                return None

        def _noted(self, day: int | None, told: str) -> dict[str, Any]:
            return {"at": self.house.dec(day) if day else None, "happened": told}

        # ── put somewhere ─────────────────────────────────────────────────

        @rule(verb=st.sampled_from(["house", "move", "refer_to_care", "return_from_care", "find_again"]),
              site=st.sampled_from(PLACES), day=st.sampled_from(AT), told=st.sampled_from(TOLD),
              other=st.booleans())  # fmt: skip
        def put(self, verb: str, site: str, day: int | None, told: str, other: bool) -> None:
            who = self.other if other else self.person
            self._try(verb, who, site=site, **self._noted(day, told))

        @rule(day=st.sampled_from(AT))
        def absent(self, day: int | None) -> None:
            self._try("report_absence", self.person, **self._noted(day, ""))

        @rule(site=st.sampled_from(STORES), verb=st.sampled_from(["store_weapon", "locate"]),
              day=st.sampled_from(AT), told=st.sampled_from(TOLD),
              container=st.sampled_from(NAMED["container"]))  # fmt: skip
        def keep(self, site: str, verb: str, day: int | None, told: str, container: str) -> None:
            facts = {"container": container} if verb == "store_weapon" else {}
            self._try(verb, self.item, site=site, **facts, **self._noted(day, told))

        @rule(site=st.sampled_from(STORES), crate=st.sampled_from(["CRATE-1", "CRATE-2"]),
              day=st.sampled_from(AT))  # fmt: skip
        def carry(self, site: str, crate: str, day: int | None) -> None:
            self._try("move_crate", crate, site=site, **self._noted(day, ""))

        @rule(data=st.data(), day=st.sampled_from(AT), site=st.sampled_from(PLACES + STORES),
              what=st.sampled_from(["open", "scan", "close"]))  # fmt: skip
        def count(self, data: Any, what: str, day: int | None, site: str) -> None:
            persons = site in PLACES and site != "OVER"
            if what == "open":
                kind = "PERSONS" if persons else "ITEMS"
                facts = self._noted(day, "")
                done = self._try("open_stocktake", None, kind=kind, site=site, **facts)
                if done is not None:
                    self.counts.append(done.subject)
            elif self.counts:
                number = data.draw(st.sampled_from(self.counts))
                if what == "close":
                    self._try("close_stocktake", number)
                else:
                    code = data.draw(st.sampled_from([self.person, self.item]))
                    self._try("scan", number, code=code)

        # ── on a transfer ─────────────────────────────────────────────────

        @rule(persons=st.booleans(), to=st.sampled_from(PLACES + STORES), party=st.sampled_from(PARTIES),
              purpose=st.sampled_from(["RELOCATION", "RETURN", "RESTITUTION"]))  # fmt: skip
        def plan(self, persons: bool, to: str, party: str, purpose: str) -> None:
            sites = {"from_site": "CAMP-R1" if persons else "DEPOT-1", "to_site": to}
            kind = "PERSONS" if persons else "ITEMS"
            facts = {"from_party": "PARTY-MOD", "to_party": party, "purpose": purpose, **sites}
            done = self._try("plan", None, kind=kind, **facts)
            if done is not None:
                self.transfers.append(done.subject)

        @rule(
            data=st.data(),
            by=st.sampled_from(SIGNERS),
            of=st.sampled_from((None, None, *SIGNERS)),
            party=st.sampled_from(PARTIES),
            step=st.sampled_from(STEPS),
            told=st.sampled_from(TOLD),
        )
        def step(
            self, data: Any, by: str, of: str | None, party: str, step: str, told: str
        ) -> None:
            if not self.transfers:
                return
            number = data.draw(st.sampled_from(self.transfers))
            note = {"by": by, "happened": told}
            signed = {**note, **({"official": of} if of else {})}
            one = self.person if self.house.state(number).kind == "PERSONS" else self.item
            match step:
                case "add_person" | "add_item":
                    line = self.person if step == "add_person" else self.item
                    self._try("add_line", number, line=line, happened=told)
                case "add_crate":
                    self._try("add_crate", number, crate="CRATE-1", happened=told)
                case "unlisted" | "unlisted_item":
                    line = self.person if step == "unlisted" else self.item
                    self._try("record_unlisted", number, subject=line, **note)
                case "freeze" | "void":
                    reason = {"reason": "r"} if step == "void" else {}
                    self._try(step, number, happened=told, **reason)
                case "release":
                    self._try("release", number, **signed)
                case "accept":
                    self._try("accept", number, party=party, **signed)
                case "accept_sealed":
                    self._try("accept", number, party=party, sealed={"CRATE-1": ""}, **signed)
                case "accept_unlisted":
                    self._try("accept", number, party=party, lines=[one], **signed)
                case "refuse":
                    self._try("accept", number, party=party, exceptions={one: "no"}, **signed)
                case _:
                    self._try("close_transfer", number)

        @rule(verb=st.sampled_from(["hand_over", "release_otherwise"]), data=st.data(),
              told=st.sampled_from(TOLD), day=st.sampled_from(AT))  # fmt: skip
        def let_go(self, verb: str, data: Any, told: str, day: int | None) -> None:
            facts: dict[str, Any] = {"basis": "order", "destination": "there"}
            if verb == "hand_over":
                transfer = data.draw(st.sampled_from([None, *self.transfers]))
                facts = {"receiving_party": "PARTY-SYR", "site": "OVER", "transfer": transfer}
            facts = {k: v for k, v in facts.items() if v is not None}
            self._try(verb, self.person, **facts, **self._noted(day, told))

        @rule(verb=st.sampled_from(["authorise_restitution", "destroy", "recognise"]))
        def decide(self, verb: str) -> None:
            if verb == "recognise":
                self._try(verb, "PARTY-SYR", authority="LAW-1")
                return
            facts: dict[str, Any] = {"recipient": "PARTY-SYR", "basis": "request"}
            if verb == "destroy":
                facts = {"method": "cut", "witnesses": ["OFF-015", "OFF-016"]}
            if self._try(verb, self.item, authority="ORDER-1", **facts) is not None:
                self._approve(self.item)

        def teardown(self) -> None:
            if hasattr(self, "house"):  # thousands of runs would leave thousands of files open
                self.house.custody.close()

        # ── the record mended ─────────────────────────────────────────────

        def _approve(self, stream: str) -> None:
            for proposal in self.house.state(stream).pending:
                if self._try("approve", stream, by="OFF-020", proposal=proposal) is None:
                    self._try("decline", stream, by="OFF-020", proposal=proposal, reason="no")

        def _event(self, data: Any) -> Any:
            sites = ["SITE-CAMP-R2", "SITE-DEPOT-2", "SITE-OVER", "SITE-THEIRS", "SITE-THEIR-DEPOT"]
            mine = [self.person, self.person, self.other, self.item, self.item]
            stream = data.draw(st.sampled_from([*mine, *self.transfers, *sites]))
            counted = history.in_order(self.house.read(stream).events)
            found = [e for e in counted if e.TOPIC not in SAID]
            return data.draw(st.sampled_from(found)) if found else None

        @rule(data=st.data(), day=st.sampled_from(AT))
        def correct(self, data: Any, day: int | None) -> None:
            event = self._event(data)
            if event is None or event.TOPIC.startswith("record."):
                return
            names = [n for n in NAMED if n in event.CLASS.model_fields]
            changes = {}
            if names:
                name = data.draw(st.sampled_from(names))
                changes = {name: data.draw(st.sampled_from(NAMED[name]))}
                if event.TOPIC in CAME_IN and name in {"site", "receiving_party"}:
                    return
            elif day is None:
                return
            stream, version = event.originator_id, event.originator_version
            facts = {"version": version, "changes": changes, "reason": "misread"}
            if self._try("correct", stream, **facts, **self._noted(day, "")) is not None:
                self._approve(stream)

        @rule(data=st.data())
        def take_back(self, data: Any) -> None:
            event = self._event(data)
            if event is None:
                return
            stream, version = event.originator_id, event.originator_version
            facts = {"version": version, "why": "did_not_occur", "reason": "never"}
            if self._try("retract", stream, by="OFF-001", **facts) is not None:
                self._approve(stream)

        @rule(into=st.booleans())
        def merge(self, into: bool) -> None:
            one, survivor = (self.person, self.other) if into else (self.other, self.person)
            if self._try("merge", one, survivor=survivor, reason="same card") is not None:
                self._approve(one)

        @rule(site=st.sampled_from(["CAMP-R1", "CAMP-R2", "CLINIC", "DEPOT-1", "DEPOT-2"]),
              party=st.sampled_from(PARTIES), day=st.sampled_from(AT),
              told=st.sampled_from(TOLD))  # fmt: skip
        def run_by(self, site: str, party: str, day: int | None, told: str) -> None:
            self._try("name_operator", f"SITE-{site}", operator=party, **self._noted(day, told))

        # ── what must hold ────────────────────────────────────────────────

        def _flags(self, *streams: str) -> set[int]:
            """The rules open on some streams, said when recorded or judged as known now."""
            with self.house.custody.reading() as unit:
                known = [unit.history(one) for one in streams]
                return {number for k in known if k for _, number in still_open(unit, k)}

        def _sites(self, *streams: str) -> set[str]:
            """The sites that events of some streams name: one of them may have passed to others."""
            told = [e for one in streams for e in self.house.read(one).events]
            return {f"SITE-{site}" for e in told if (site := getattr(e, "site", None))}

        def _ours(self, site: str | None) -> bool:
            if site is None:
                return False
            there = self.house.state(f"SITE-{site}")
            return there.operator in {None, "PARTY-MOD"} and there.crossing is None

        @invariant()
        def nobody_goes_unseen(self) -> None:
            if not hasattr(self, "counts"):
                return
            someone, item = self.house.state(self.person), self.house.state(self.item)
            if someone.same_as:
                someone = self.house.state(someone.same_as)
            gone = someone.custody in {"HANDED_OVER", "RELEASED_OTHERWISE"}
            stands = someone.custody not in {"ABSENT", "IN_TRANSIT"}
            if gone or (stands and not self._ours(someone.site)):
                both = {self.person, someone.id}
                assert self._flags(*both, *self._sites(*both)) & {8, 11}
            ended = item.custody in {"RETURNED", "DESTROYED"}
            stands = item.custody not in {"MISSING", "IN_TRANSIT"}
            if ended or item.party != "PARTY-MOD" or (stands and not self._ours(item.site)):
                assert self._flags(self.item, *self._sites(self.item)) & {11, 17, 19}

        @invariant()
        def two_sign(self) -> None:
            for number in getattr(self, "transfers", []):
                known = self.house.state(number)
                if known.accepted_by is None or known.released_by is None:
                    continue
                counted = history.in_order(self.house.read(number).events)
                sides: dict[str, set[str]] = {
                    "transfer.released": set(),
                    "transfer.accepted": set(),
                }
                for event in counted:
                    if event.TOPIC in sides:
                        sides[event.TOPIC] |= {event.official, event.recorded_by}
                if set.intersection(*sides.values()):
                    assert 13 in self._flags(number)

    return Machine


def test_no_path_is_neither_refused_nor_flagged(new_house) -> None:
    machine = machine_of(new_house)
    run_state_machine_as_test(
        seed(SEED)(machine) if SEED else machine,
        settings=settings(
            max_examples=RUNS,
            phases=[Phase.generate] if SEED else list(Phase),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

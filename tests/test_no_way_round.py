"""A machine that tries at random to get somebody over the crossing, or a weapon away, unseen.

It sends whatever commands move custody, in any order, in the name of officials who may. After each step:
who said STAY stands with nobody else unless it is flagged, a weapon under a hold is with its trustee
unless it is flagged, and no transfer was signed on both sides by one official. `AMANA_RUNS` says how
many runs.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from domain.errors import CustodyError

RUNS = int(os.environ.get("AMANA_RUNS", "25"))
PLACES = ("CAMP-R1", "CAMP-R2", "CLINIC", "GATE", "OVER", "THEIRS")
STORES = ("DEPOT-1", "DEPOT-2", "OVER", "THEIR-DEPOT")
PARTIES = ("PARTY-MOD", "PARTY-SYR")
STEPS = ("add_person", "add_item", "unlisted", "freeze", "release", "accept", "close")
OURS = frozenset({"CAMP-R1", "CAMP-R2", "CLINIC", "GATE", "DEPOT-1", "DEPOT-2"})
SIGNERS = ("OFF-012", "OFF-013", "OFF-014")


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
            house.do("state_intent", self.person, intent="STAY", interviewer="OFF-016")
            house.do("place_hold", self.item, hold="COURT")
            self.transfers: list[str] = []

        def _try(self, verb: str, subject: str | None, /, **facts: Any) -> Any:
            try:
                return self.house.do(verb, subject, **facts)
            except CustodyError:
                return None

        @rule(verb=st.sampled_from(["house", "move", "refer_to_care", "return_from_care", "find_again"]),
              site=st.sampled_from(PLACES))  # fmt: skip
        def put(self, verb: str, site: str) -> None:
            self._try(verb, self.person, site=site)

        @rule()
        def absent(self) -> None:
            self._try("report_absence", self.person)

        @rule(site=st.sampled_from(STORES), verb=st.sampled_from(["store_weapon", "locate"]))
        def keep(self, site: str, verb: str) -> None:
            self._try(verb, self.item, site=site)

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
            of=st.sampled_from((None, *SIGNERS)),
            party=st.sampled_from(PARTIES),
            step=st.sampled_from(STEPS),
        )
        def step(self, data: Any, by: str, of: str | None, party: str, step: str) -> None:
            if not self.transfers:
                return
            number = data.draw(st.sampled_from(self.transfers))
            official = {"official": of} if of else {}
            match step:
                case "add_person":
                    self._try("add_line", number, line=self.person)
                case "add_item":
                    self._try("add_line", number, line=self.item)
                case "unlisted":
                    self._try("record_unlisted", number, by=by, subject=self.person)
                case "freeze":
                    self._try("freeze", number)
                case "release":
                    self._try("release", number, by=by, **official)
                case "accept":
                    self._try("accept", number, by=by, party=party, **official)
                case _:
                    self._try("close_transfer", number)

        @rule(verb=st.sampled_from(["hand_over", "release_otherwise"]), data=st.data())
        def let_go(self, verb: str, data: Any) -> None:
            facts: dict[str, Any] = {"basis": "order", "destination": "there"}
            if verb == "hand_over":
                transfer = data.draw(st.sampled_from([None, *self.transfers]))
                facts = {"receiving_party": "PARTY-SYR", "site": "OVER", "transfer": transfer}
            self._try(verb, self.person, **{k: v for k, v in facts.items() if v is not None})

        @invariant()
        def nobody_goes_unseen(self) -> None:
            if not hasattr(self, "person"):
                return
            someone, item = self.house.state(self.person), self.house.state(self.item)
            gone = (
                someone.custody in {"HANDED_OVER", "RELEASED_OTHERWISE"} or someone.site not in OURS
            )
            assert not gone or 8 in {number for _, number in someone.irregular}
            away = item.party != "PARTY-MOD" or item.site not in OURS or item.custody == "RETURNED"
            assert not away or 17 in {number for _, number in item.irregular}

        @invariant()
        def two_sign(self) -> None:
            for number in getattr(self, "transfers", []):
                known = self.house.state(number)
                if known.accepted_by is None:
                    continue
                recorded = next(
                    e for e in self.house.read(number).events if e.TOPIC == "transfer.accepted"
                )
                assert known.released_by not in {known.accepted_by, recorded.recorded_by}

    return Machine


def test_no_path_is_neither_refused_nor_flagged(new_house) -> None:
    run_state_machine_as_test(
        machine_of(new_house),
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

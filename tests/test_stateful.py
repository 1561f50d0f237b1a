"""Random commands on a real ledger file, and what must hold afterwards whatever they were.

replay of the stored bytes on every path == the state the commands decided on
recorded times strictly increase along the log          the register follows from the events
the views answer what the fold says                     a refused command leaves no row
"""

from __future__ import annotations

import contextlib
import itertools
import json
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from application.answers.feed.follow import Views
from application.store.register import difference
from domain import event as events
from domain import history, times
from domain.errors import CustodyError
from domain.times import INF
from projections import population, row_codes
from projections.belief import begins
from projections.facets import values
from projections.irregular import irregular as irregular_now

PLACES = st.sampled_from(["T-1", "T-2", ""])
CAMPS = st.sampled_from(["CAMP-R1", "CAMP-R2"])
SINCE = 1_733_500_000_000_000  # 6 December 2024, microseconds UTC
WHEN = st.none() | st.integers(0, 240).map(lambda hours: SINCE + hours * times.HOUR)
LIFE: list[tuple[str, dict[str, Any]]] = [
    ("authorise_entry", {"authority": "D-1"}),
    ("admit", {"site": "GATE", "receiving_party": "PARTY-MOD"}),
    ("register", {"category": "OTHER", "personal": {"declared_name": "X", "unit": "Y"}}),
    ("house", {"site": "CAMP-R1", "place": "T-1"}),
    ("move", {"site": "CAMP-R2", "place": "T-2"}),
    ("refer_to_care", {"site": "CLINIC"}),
    ("return_from_care", {"site": "CAMP-R1", "place": "T-1"}),
    ("report_absence", {}),
    ("find_again", {"site": "CAMP-R2"}),
    ("state_intent", {"intent": "RETURN", "interviewer": "OFF-016"}),
    ("state_intent", {"intent": "STAY", "interviewer": "OFF-016"}),
    ("sign_pledge", {"pledgor": "SELF", "document": "PL"}),
    ("withdraw_pledge", {"pledgor": "SELF"}),
    ("deposit_effects", {"receipt": "E", "items": 1}),
    ("record_death", {"site": "CLINIC", "certificate": ""}),
]
ITEM: list[tuple[str, dict[str, Any]]] = [
    ("make_safe", {}),
    ("inventory", {"category": "RIFLE", "model": "AKM", "serial": "AB1", "serial_status": "READ"}),
    ("inventory", {"category": "OTHER", "model": "?", "serial": "", "serial_status": "ABSENT"}),
    ("deposit", {"receipt": "R", "trustee": "PARTY-MOD", "beneficiary": "", "terms": ""}),
    ("store_weapon", {"site": "DEPOT-1", "container": "CRATE-1", "seal": "S-1"}),
    ("store_weapon", {"site": "DEPOT-2"}),
    ("place_hold", {"hold": "COURT"}),
    ("lift_hold", {"hold": "COURT"}),
    ("record_damage", {"damage": "bent"}),
]
STEPS: list[tuple[str, dict[str, Any]]] = [
    ("freeze", {}),
    ("release", {"by": "OFF-013"}),
    ("depart", {"transport": "bus"}),
    ("arrive", {}),
    ("accept", {"by": "OFF-014", "party": "PARTY-SYR"}),
    ("void", {"reason": "off"}),
    ("close_transfer", {}),
]
STAGES = ("freeze", "release", "accept", "close_transfer")


class Lives(RuleBasedStateMachine):
    """Clerks at work; `new_house` is set by the test."""

    new_house: Any
    persons, weapons, transfers = Bundle("persons"), Bundle("weapons"), Bundle("transfers")

    def __init__(self) -> None:
        super().__init__()
        self.house = self.new_house()
        self.house.clock.now = SINCE + 240 * times.HOUR
        self.views = self._views()
        self.keys = 0

    def _views(self) -> tuple[Views, Views]:
        """Return one views file as two processes hold it."""
        path, log = self.house.path.with_suffix(".views"), self.house.custody.streams
        return Views(log, path, "a ledger"), Views(log, path, "a ledger")

    def try_to(self, verb: str, subject: str | None, **facts: Any) -> str | None:
        """Send a command; refused, it must leave every table as it was."""
        before = self.live()
        try:
            return self.house.do(verb, subject, **facts).subject
        except CustodyError as error:
            sentence = str(error)
        assert "\n" not in sentence
        assert self.live() == before
        return None

    def live(self) -> dict[str, int]:
        counted = ("stored_events", "register", "vault", "vault_index", "idempotency")
        count = self.house.custody.store.one
        return {t: count(f"SELECT count(*) FROM {t}")[0] for t in counted}

    # ── what clerks do ───────────────────────────────────────────────────

    @initialize(target=persons)
    def somebody(self) -> Any:
        return multiple(self.house.sheltered(), self.house.willing())

    @initialize(target=weapons)
    def something(self) -> Any:
        return multiple(self.house.received(), self.house.in_trust(), self.house.in_trust())

    @rule(target=persons, when=WHEN)
    def seek_refuge(self, when: int | None) -> Any:
        return self.house.do("seek_refuge", at=when, site="GATE").subject

    @rule(person=persons, act=st.sampled_from(LIFE), when=WHEN)
    def live_on(self, person: str, act: Any, when: int | None) -> None:
        verb, facts = act
        self.try_to(verb, person, at=when, **facts)

    @rule(item=weapons, act=st.sampled_from(ITEM), when=WHEN)
    def handle(self, item: str, act: Any, when: int | None) -> None:
        verb, facts = act
        self.try_to(verb, item, at=when, **facts)

    @rule(
        target=transfers,
        purpose=st.sampled_from(["RETURN", "RELOCATION"]),
        lines=st.lists(persons, max_size=3, unique=True),
    )
    def plan(self, purpose: str, lines: list[str]) -> Any:
        number = self.house.planned(purpose, kind="PERSONS")
        for line in lines:
            self.try_to("add_line", number, line=line)
        return number

    @rule(target=transfers, lines=st.lists(weapons, max_size=3, unique=True))
    def plan_items(self, lines: list[str]) -> Any:
        number = self.house.planned("RELOCATION", kind="ITEMS")
        for line in lines:
            self.try_to("add_line", number, line=line)
        return number

    @rule(number=transfers, act=st.sampled_from(STEPS), when=st.none() | WHEN)
    def step(self, number: str, act: Any, when: int | None) -> None:
        verb, facts = act
        self.try_to(verb, number, at=when, **facts)

    @rule(number=consumes(transfers), stages=st.integers(1, 4), missing=st.booleans())
    def carry_through(self, number: str, stages: int, missing: bool) -> None:
        steps = dict(STEPS)
        for verb in STAGES[:stages]:
            facts = dict(steps[verb])
            lines = list(self.house.state(number).lines)
            if verb == "accept" and missing and lines:
                facts["exceptions"] = {lines[0]: "MISSING", lines[-1]: "refused"}
            self.try_to(verb, number, **facts)

    @rule(number=transfers, person=persons)
    def take_off(self, number: str, person: str) -> None:
        self.try_to("remove_line", number, line=person)

    @rule(
        subject=st.one_of(persons, weapons, transfers),
        pick=st.integers(0, 99),
        when=WHEN,
        how=st.sampled_from(["retract", "correct"]),
    )
    def propose(self, subject: str, pick: int, when: int | None, how: str) -> None:
        version = 1 + pick % self.house.read(subject).version
        if how == "retract":
            facts: dict[str, Any] = {"why": "did_not_occur", "by": "OFF-001"}
            self.try_to("retract", subject, version=version, **facts)
        else:
            facts = {"changes": {}, "reason": "misread", "at": when}
            self.try_to("correct", subject, version=version, **facts)

    @rule(subject=st.one_of(persons, weapons, transfers), yes=st.booleans())
    def answer(self, subject: str, yes: bool) -> None:
        if pending := self.house.state(subject).pending:
            verb = "approve" if yes else "decline"
            self.try_to(verb, subject, by="OFF-020", proposal=pending[0], reason="looked")

    @rule(
        acts=st.lists(st.tuples(persons, st.sampled_from(LIFE), WHEN), min_size=1, max_size=6),
        streams_at_once=st.sampled_from([1, 2, 500]),
        fails=st.booleans(),
    )
    def batch(self, acts: list[Any], streams_at_once: int, fails: bool) -> None:
        """Commands that share transactions; some are refused in the middle, some batches fail."""
        with contextlib.suppress(ZeroDivisionError), self.house.custody.batch(streams_at_once):
            for person, (verb, facts), when in acts:
                with contextlib.suppress(CustodyError):
                    self.house.do(verb, person, at=when, **facts)
            if fails:
                raise ZeroDivisionError

    @rule(person=persons, act=st.sampled_from(LIFE), again=st.booleans())
    def send_twice(self, person: str, act: Any, again: bool) -> None:
        verb, facts = act
        self.keys += 1
        key = f"K-{self.keys}"
        if self.try_to(verb, person, key=key, **facts) is None:
            return
        if again:
            self._close_views()
            self.house.reopen()
            self.views = self._views()
        count = self.live()
        assert self.house.do(verb, person, key=key, **facts).again
        assert self.live() == count

    @rule(kind=st.sampled_from(["PERSONS", "ITEMS"]), found=st.lists(weapons, max_size=2))
    def count(self, kind: str, found: list[str]) -> None:
        site = "CAMP-R1" if kind == "PERSONS" else "DEPOT-1"
        number = self.house.do("open_stocktake", by="OFF-012", kind=kind, site=site).subject
        for code in found:
            self.try_to("scan", number, by="OFF-012", code=code)
        self.try_to("close_stocktake", number, by="OFF-012")

    @rule(which=st.sampled_from([0, 1]))
    def ask(self, which: int) -> None:
        self.views[which].catch_up()

    def _close_views(self) -> None:
        for views in self.views:
            views.close()

    # ── what must hold ───────────────────────────────────────────────────

    @invariant()
    def the_register_follows_from_the_events(self) -> None:
        custody = self.house.custody
        assert difference(custody.store, (h.state for h in custody.streams.every())) == 0

    def teardown(self) -> None:
        house = self.house
        rows = list(
            house.custody.store.fetch(
                "SELECT originator_id, originator_version, state FROM stored_events ORDER BY position"
            )
        )
        recorded = [json.loads(state)["recorded_at"] for _, _, state in rows]
        assert all(a < b for a, b in itertools.pairwise(recorded))
        assert all(
            json.loads(state)["occurred_at"] <= json.loads(state)["recorded_at"]
            for _, _, state in rows
        )
        subjects = sorted({row[0] for row in rows})
        light = house.custody.streams.histories(subjects)
        self.views[0].catch_up()
        views = self.views[1].connection
        irregular = {(one.event, one.rule) for one in irregular_now(views, None)}
        again = {s for (s,) in views.execute("SELECT DISTINCT subject FROM judging")}
        with house.custody.unit() as unit:
            for subject in subjects:
                live = unit.look(subject)
                validated = list(house.custody.events.get(subject))
                assert [e.originator_version for e in validated] == [*range(1, len(validated) + 1)]
                assert plain(history.of(subject, validated).state) == plain(live)
                assert plain(oracle(subject, validated)) == plain(live)
                assert plain(light[subject].state) == plain(live)
                standing = population.standing(views, subject, INF - 1, INF - 1)
                said = tuple(facet and facet.value for facet in standing)
                counted = [e for e in history.in_order(validated) if begins(e)]
                assert said == (values(live) if counted else (None, None, None))
                if row_codes.code_of(subject) in again:
                    continue  # judged again by what was learned later: `test_judged_oracle`
                for version, number in live.irregular:
                    if number != SIGHTING:
                        irregular.remove((f"{subject}:{version}", number))
        assert not {
            (event, number)
            for event, number in irregular
            if number != SIGHTING and row_codes.code_of(event.rpartition(":")[0]) not in again
        }
        self._close_views()
        house.custody.close()


SIGHTING = 27
"""Answered by what says where one is, in the read model alone."""


def plain(state: Any) -> Any:
    """Return a state as JSON has it: tuples and lists alike."""
    return json.loads(json.dumps(state._asdict(), default=dict))


def oracle(subject: str, recorded: list[Any]) -> Any:
    """Fold by the definition, written a second time and as plainly as possible."""
    counts = dict.fromkeys((e.originator_version for e in recorded), True)
    for event in sorted(recorded, key=lambda e: -e.originator_version):
        if counts[event.originator_version] and event.corrects is not None:
            counts[event.corrects] = False
    state = history.initial(subject)
    for event in sorted(recorded, key=lambda e: (e.occurred_at, e.originator_version)):
        if counts[event.originator_version]:
            state = events.evolve(state, event)
    return state


def test_whatever_clerks_do_replay_equals_the_live_state(new_house) -> None:
    class Machine(Lives):
        pass

    Machine.new_house = staticmethod(new_house)
    run_state_machine_as_test(
        Machine, settings=settings(max_examples=40, stateful_step_count=25, deadline=None)
    )

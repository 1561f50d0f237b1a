"""The thirty questions, each answer recomputed from the stored events by a fold that shares `evolve`.

Asked of the small story with what it lacks (`disturbed.py`), as known before and after that was
learned. Of 15, 16 and 28 to 30 what follows from events alone is compared.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bench.questions import QUESTIONS
from domain import times
from domain.event import Event
from domain.times import DAY, HOUR, INF, MINUTE, SECOND
from tests.disturbed import disturbed
from tests.recomputed import CALENDAR, Desk, day, instant, iso, plain, told
from tests.two_clocks import ZONE, facets, fold

EARLY, THEN = "15 Dec 2024 18:00", "27 Dec 2024 18:00"
CLOCKS = [("12 Dec 2024 12:00", EARLY), ("12 Dec 2024 18:00", THEN), ("16 Dec 2024 14:00", THEN),
          ("18 Dec 2024 20:00", "21 Dec 2024 18:00"), ("27 Dec 2024 18:00", THEN)]  # fmt: skip
ENDS = {"HANDED_OVER", "RELEASED_OTHERWISE", "DECEASED"}
HERE = {"ADMITTED", "SHELTERED", "IN_CARE", "IN_TRANSIT", "ABSENT"}
DECLINE = {"STAY", "SEEKS_PROTECTION"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Given: the disturbed ledger, and somebody who asks."""
    folder = tmp_path_factory.mktemp("recomputed")
    disturbed(folder)
    return Desk(folder)


@pytest.fixture(params=CLOCKS, ids=lambda p: f"{p[0][:6]} known {p[1][:6]}")
def both(request: pytest.FixtureRequest) -> tuple[int, int, list[str]]:
    """Both clocks, microseconds UTC, and as they are typed."""
    as_of, known_at = request.param
    at, known = instant(as_of), instant(known_at, MINUTE)
    return min(at, known), known, ["--as-of", as_of, "--known-at", known_at]


def position(desk: Desk, known_at: int) -> int:
    return len(desk.facts.known(known_at))


def everybody(desk: Desk, at: int, known: int) -> dict[str, Any]:
    return desk.facts.states("P", at, known) | desk.facts.states("W", at, known)


def persons(desk: Desk, at: int, known: int) -> dict[str, Any]:
    """Return every person at an instant; of doubles only the one record."""
    return {p: s for p, s in desk.facts.states("P", at, known).items() if not s.same_as}


# ── 1 to 7: one place, one subject ───────────────────────────────────────────


@pytest.mark.parametrize("site", ["CAMP-R1", "CP-AK", "DEPOT-M1", "DEPOT-M2"])
def test_1_and_7_who_and_what_was_at_a_site(desk, both, site):
    at, known, words = both
    found = desk.ask("status", "--depot" if "DEPOT" in site else "--site", site, *words)
    wanted = []
    for one, state in sorted(everybody(desk, at, known).items()):
        main = facets(state)[0]
        if main and main[1] == site:
            began = desk.facts.since_when(one, at, known, lambda s, m=main: facets(s)[0] == m)
            custody, _, place, container, party, _ = main
            wanted.append(
                {
                    "id": one,
                    "custody": custody,
                    "site": site,
                    "place": place,
                    "container": container,
                    "party": party,
                    "unchanged_since": iso(began and began.occurred_at),
                }
            )
    assert found["there"] == wanted
    assert found["position"] == position(desk, known)
    assert wanted or at < instant("18 Dec 2024 00:00")


FIELDS = ("custody", "site", "place", "container", "party", "in_trust_since")


def test_2_what_changed_between_two_answers_made_by_which_event(desk):
    at, first, second = instant(CLOCKS[0][0]), instant(EARLY, MINUTE), instant(THEN, MINUTE)
    for words, sites in ((("--site", "CAMP-R1"), {"CAMP-R1"}), (("--everybody",), None)):
        found = desk.ask("diff", *words, "--as-of", CLOCKS[0][0], "--known-at", EARLY, THEN)
        wanted = {}
        for one in desk.facts.own:
            ends = [said(desk, one, at, k) for k in (first, second)]
            if ends[0] != ends[1] and (not sites or sites & {end.get("site") for end in ends}):
                wanted[one] = {
                    name: {
                        "before": ends[0].get(name),
                        "after": ends[1].get(name),
                        "events": list(steps(desk, one, name, at, first, second)),
                    }
                    for name in {**ends[0], **ends[1]}
                    if ends[0].get(name) != ends[1].get(name)
                }
        assert {
            one["id"]: {
                change["fact"]: {
                    "before": change["before"],
                    "after": change["after"],
                    "events": [(e["version"], e["before"], e["after"]) for e in change["events"]],
                }
                for change in one["changes"]
            }
            for one in found["subjects"]
        } == wanted
        assert found["position"] == [position(desk, first), position(desk, second)]
        assert len(wanted) > 5


def said(desk: Desk, one: str, at: int, known: int) -> dict[str, Any]:
    """Return what the facets of a subject say, by the name of each fact."""
    main, intent, pledge = facets(desk.facts.state(one, min(at, known), known))
    names = FIELDS if one[:2] in {"P-", "W-"} else ("status", *FIELDS[1:])
    found = dict(zip(names, main or (), strict=False))
    found |= {"intent": intent[0]} if intent else {}
    found |= {"pledge": pledge[0]} if pledge else {}
    if found.get("in_trust_since"):
        found["in_trust_since"] = iso(found["in_trust_since"])
    return found


def steps(desk: Desk, one: str, name: str, at: int, first: int, second: int) -> Iterator[Any]:
    """Yield the versions after whose recording a fact read otherwise: from what, to what."""
    before = said(desk, one, at, first).get(name)
    for event in desk.facts.own[one]:
        if first < event.recorded_at <= second:
            after = said(desk, one, at, event.recorded_at).get(name)
            if after != before:
                yield event.originator_version, before, after
            before = after


def chosen(desk: Desk, prefix: str, number: int = 6) -> list[str]:
    """Return the subjects with most events that were corrected or came late, and some more."""

    def odd(one: str) -> tuple[int, int]:
        own = desk.facts.own[one]
        return sum(e.corrects is not None or e.recorded_at - e.occurred_at > DAY for e in own), len(
            own
        )

    return sorted(desk.facts.ids(prefix), key=odd, reverse=True)[:number]


@pytest.mark.parametrize("prefix", ["P", "W"])
def test_3_and_6_where_one_was_and_who_answered_for_it(desk, both, prefix):
    at, known, words = both
    for one in chosen(desk, prefix):
        state = desk.facts.state(one, at, known)
        if state is None:
            assert desk.terminal("status", one, *words, code=5).out == ""
            continue
        found = desk.ask("status", one, *words)
        facts = told(state)
        assert {name: found[name] for name in facts} == facts, one
        own = [e for e in desk.facts.own[one] if e.recorded_at <= known]
        assert (found["version"], found["position"]) == (len(own), position(desk, known))
        now = told(desk.facts.state(one, instant(words[1]), INF))
        skip = {"id", "irregular", "pending"}
        assert sorted(found["now"]["differs"]) == sorted(
            name for name in facts if name not in skip and facts[name] != now[name]
        )


MARKED = {"irregularities", "evidence", "authority", "reason", "approved_by", "on_behalf_of"}
ENVELOPE = {
    "occurred_at", "occurred_until", "precision", "recorded_at", "recorded_by", "corrects", "schema",
    "seed", "batch", "clock", "key", "happened", "doubt", *MARKED,
}  # fmt: skip


@pytest.mark.parametrize("known_at", [EARLY, THEN])
def test_4_and_5_the_full_history_with_every_custodian_and_gap(desk, known_at):
    known = instant(known_at, MINUTE)
    where = {(e.originator_id, e.originator_version): n for n, e in desk.facts.log}
    for one in (*chosen(desk, "P"), *chosen(desk, "W")):
        own = [e for e in desk.facts.own[one] if e.recorded_at <= known]
        if not own:
            continue
        gaps = ["--gaps"] if one.startswith("W") else []
        found = desk.ask("history", one, "--known-at", known_at, *gaps)
        counts = {e.originator_version for e in desk.facts.live(one, known)}
        assert len(found["events"]) == len(own)
        for event, raw, shown in zip(own, desk.raw(one), found["events"], strict=False):
            version = event.originator_version
            assert (shown["version"], shown["position"]) == (version, where[one, version])
            assert (shown["topic"], shown["by"]) == (event.TOPIC, event.recorded_by)
            assert shown["occurred_at"] == iso(event.occurred_at)
            assert shown["occurred_until"] == iso(event.occurred_until)
            assert shown["recorded_at"] == iso(event.recorded_at)
            assert shown["corrects"] == event.corrects
            for name in MARKED:
                assert plain(shown[name]) == raw.get(
                    name, type(shown[name])() if shown[name] is not None else None
                )
            assert ("NO LONGER COUNTS" in shown["mark"]) == (version not in counts)
            late = event.recorded_at - event.occurred_at > DAY and event.corrects is None
            assert ("LATE" in shown["mark"].split(", ")) == late
            facts = {
                n: v for n, v in raw.items() if n not in ENVELOPE and v not in (None, "", [], {})
            }
            assert shown["facts"] == plain(facts), (one, version)
        if gaps:
            assert found["holdings"] == holdings(desk, one, known)


def holdings(desk: Desk, one: str, known: int) -> list[dict[str, Any]]:
    """Look at a weapon at every instant at which anything happened to it."""
    found: list[dict[str, Any]] = []
    live = desk.facts.live(one, known)
    for at in sorted({e.occurred_at for e in live}):
        upto = [e for e in live if e.occurred_at <= at]
        state = fold(one, upto) or fold(one, live)._replace(custody=None, party=None, keeper=None)
        kind = "HELD"
        if state.custody in {"MISSING", "LOST", "DESTROYED"}:
            kind = "NOBODY"
        elif state.custody == "IN_TRANSIT":
            kind = "IN_TRANSIT"
        elif state.custody in {None, "DECLARED"} or not (state.party or state.keeper):
            kind = "NO_RECORD"
        who = {
            "kind": kind,
            "custody": state.custody or "",
            "party": state.party,
            "official": state.keeper,
            "site": state.site,
            "transfer": state.transfer,
        }
        if found and all(found[-1][name] == value for name, value in who.items()):
            continue
        if found:
            found[-1]["end"] = iso(at)
        until = upto[-1].occurred_until
        found.append(
            {
                "start": iso(at),
                "end": None,
                **who,
                "version": upto[-1].originator_version,
                "until": iso(until),
            }
        )
    return found


# ── 8 to 13: weapons with a property ─────────────────────────────────────────


def test_8_what_is_in_trust_for_how_many_days(desk, both):
    at, known, words = both
    owed = {
        one: s
        for one, s in desk.facts.states("W", at, known).items()
        if s.custody in {"IN_TRUST", "IN_TRANSIT", "MISSING"} and s.in_trust_since is not None
    }
    for more, custody in (
        ((), {"IN_TRUST"}),
        (("--transit",), {"IN_TRUST", "IN_TRANSIT", "MISSING"}),
    ):
        found = desk.ask("report", "in-trust", *more, *words)
        rows = [
            {
                "id": one,
                "days": (at - s.in_trust_since) // DAY,
                "custody": s.custody,
                "party": s.party,
                "site": s.site,
                "place": s.place or None,
                "container": s.container or None,
                "since": iso(s.in_trust_since),
            }
            for one, s in sorted(owed.items(), key=lambda item: (item[1].in_trust_since, item[0]))
            if s.custody in custody
        ]
        assert found["in_trust"] == rows
        assert (found["count"], found["owed"]) == (len(rows), len(owed))


def serial(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def serial_of(event: Event) -> str:
    return serial(getattr(event, "serial", ""))


def counts_now(desk: Desk, one: str, topic: str, at: int, known: int) -> bool:
    return any(topic == e.TOPIC for e in desk.facts.upto(one, at, known))


PROPERTIES = {
    "9": ("--serial-status", "ILLEGIBLE", "--serial-status", "PARTIAL"),
    "10": ("--same-serial",),
    "11": ("--unit", "PARTY-BRIGADE-K17"),
    "12": ("--lacking", "joint-count"),
    "12, receipts": ("--lacking", "receipt"),
    "13": ("--seal-broken",),
    "due": ("--recount-due",),
    "held": ("--held-up",),
}


@pytest.mark.parametrize("number", PROPERTIES)
def test_9_to_13_weapons_with_a_property(desk, both, number):
    at, known, words = both
    found = desk.ask("report", "weapons", *PROPERTIES[number], *words)
    states = desk.facts.states("W", at, known)
    bearing = defaultdict(list)
    for one, state in sorted(states.items()):
        bearing[serial(state.serial)].append(one)
    wanted = []
    for one, s in sorted(states.items()):
        same = [o for o in bearing[serial(s.serial)] if o != one] if serial(s.serial) else []
        has = {
            "9": s.serial_status in {"ILLEGIBLE", "PARTIAL"},
            "10": bool(same),
            "11": s.unit == "PARTY-BRIGADE-K17",
            "12": not s.counted_with,
            "12, receipts": not s.receipt,
            "13": counts_now(desk, one, "weapon.seal_broken", at, known),
            "due": s.recount_due,
            "held": bool(s.holds),
        }[number]
        if has:
            wanted.append(
                {
                    "weapon": one,
                    "custody": s.custody,
                    "site": s.site,
                    "crate": s.container,
                    "model": s.model,
                    "serial": s.serial,
                    "serial_status": s.serial_status,
                    "same_serial_as": same,
                    "receiver": s.receiver,
                    "made_safe": s.made_safe,
                    "counted_with": s.counted_with,
                    "receipt": s.receipt,
                    "recount_due": s.recount_due,
                    "holds": list(s.holds),
                }
            )
    assert found["rows"] == wanted
    assert found["count"] == len(wanted)


# ── 14 to 18: counts ─────────────────────────────────────────────────────────


def counts_closed(desk: Desk, at: int, known: int) -> list[Any]:
    states = desk.facts.states("S", at, known).values()
    return sorted((s for s in states if s.status == "CLOSED"), key=lambda s: (s.since, s.id))


def test_14_what_each_count_missed_or_found_besides(desk, both):
    at, known, words = both
    closed = counts_closed(desk, at, known)
    last = {(s.kind, s.site, s.container): s for s in closed}
    for more, shown in (((), [s for s in closed if s in last.values()]), (("--all",), closed)):
        found = desk.ask("report", "discrepancies", *more, *words)
        assert found["closed"] == len(closed)
        wanted = []
        for s in shown:
            live = desk.facts.upto(s.id, at, known)
            scanned = {e.subject for e in live if e.TOPIC == "stocktake.scanned"}
            besides = [e.code for e in live if e.TOPIC == "stocktake.unexpected_found"]
            missing = [one for one in s.expected if one not in scanned | s.elsewhere.keys()]
            now = {one: desk.facts.state(one, at, known) for one in missing}
            hits = [one for one in s.expected if one in scanned]
            wanted.append(
                {
                    "stocktake": s.id,
                    "kind": "person" if s.kind == "PERSONS" else "weapon",
                    "site": s.site,
                    "container": s.container or None,
                    "at": iso(s.since),
                    "expected": len(hits) + len(missing),
                    "found": len(hits),
                    "agrees": not missing and not besides,
                    "missing": {one: state.custody for one, state in now.items()},
                    "besides": besides,
                }
            )
        assert found["counts"] == wanted


def test_15_and_16_a_proof_and_what_was_altered(house):
    weapon = house.in_trust()
    house.do("correct_description", weapon, model="AKMS", reason="folding stock")
    house.approve(weapon)
    desk = Desk(house.path.parent, house.path.name)
    desk.terminal("log", "checkpoint", "--origin", "camp.example/log", "--by", "OFF-001")
    found = desk.ask("audit", "verify", by="OFF-019")
    assert (found["events"], found["findings"]) == (len(desk.facts.log), [])
    desk.terminal("proof", "make", weapon, "-o", "w.custody-proof")
    (desk.terminal.folder / "policy.txt").write_text(desk.terminal("log", "policy").out, "utf-8")
    words = ("proof", "verify", "w.custody-proof", "--policy", "policy.txt")
    proven = desk.ask(*words, by="OFF-019", code=None)["events"]
    assert [(e["version"], e["type"].split(".")[1], e["occurred"] * SECOND) for e in proven] == [
        (e.originator_version, e.TOPIC.split(".")[1], e.occurred_at // SECOND * SECOND)
        for e in desk.facts.own[weapon]
    ]


@pytest.mark.parametrize("known_at", [EARLY, THEN])
def test_17_who_entered_was_there_and_left_per_day_and_place(desk, known_at):
    known = instant(known_at, MINUTE)
    first, last = "2024-12-06", "2024-12-23"
    words = ("--from", first, "--until", last, "--known-at", known_at)
    rows = {(r["day"], r["site"]): r for r in desk.ask("report", "flow", *words)["flow"]}
    wanted = {}
    begins = times.parse(first, ZONE, 0).at
    for number in range(
        CALENDAR.day(begins), CALENDAR.day(min(known, instant("23 Dec 2024 12:00"))) + 1
    ):
        end = min(CALENDAR.start(number + 1) - 1, known)
        before = CALENDAR.start(number) - 1
        there, was = (Counter(sites(desk, t, known).values()) for t in (end, before))
        slept = Counter(
            s.site for s in persons(desk, end, known).values() if s.custody == "SHELTERED"
        )
        came, entered, left = walked(desk, before, end, known)
        for site in {*came, *(at for at, _ in left)}:
            out = {way: left[site, way] for way in ("moved on", *WAYS.values(), "merged")}
            wanted[times.day_name(number), site] = {
                "day": times.day_name(number),
                "site": site,
                "before": was[site],
                "came": came[site],
                "entered": entered[site],
                "left": out,
                "there": there[site],
                "sheltered": slept[site],
                "adds_up": True,
            }
    assert rows == wanted


WAYS = {"HANDED_OVER": "handed over", "RELEASED_OTHERWISE": "released", "DECEASED": "died"}


def where(state: Any) -> str:
    if state is None or state.same_as or state.custody not in HERE:
        return ""
    return state.site or ""


def sites(desk: Desk, at: int, known: int) -> dict[str, str]:
    found = {one: where(s) for one, s in desk.facts.states("P", at, known).items()}
    return {one: site for one, site in found.items() if site}


def walked(desk: Desk, before: int, end: int, known: int) -> tuple[Counter, Counter, Counter]:
    """Look at everybody at each instant at which anything happened to them on a day."""
    came, entered, left = Counter(), Counter(), Counter()
    for one in desk.facts.ids("P"):
        instants = {e.occurred_at for e in desk.facts.live(one, known)}
        moments = [before, *sorted(at for at in instants if before < at <= end)]
        states = [desk.facts.state(one, at, known) for at in moments]
        for was, now in pairwise(states):
            if where(was) == where(now):
                continue
            if where(now):
                came[where(now)] += 1
                entered[where(now)] += not where(was)
            if where(was):
                way = "merged" if now is not None and now.same_as else "moved on"
                if not where(now) and way != "merged":
                    way = WAYS[now.custody]
                left[where(was), way] += 1
    return came, entered, left


@pytest.mark.parametrize("kind", ["person", "weapon"])
@pytest.mark.parametrize("known_at", [EARLY, THEN])
def test_17_how_many_were_where_at_each_days_end(desk, known_at, kind):
    known = instant(known_at, MINUTE)
    words = (
        "--from",
        "2024-12-10",
        "--until",
        "2024-12-22",
        "--known-at",
        known_at,
        "--kind",
        kind,
    )
    rows = desk.ask("report", "occupancy", *words)["occupancy"]
    wanted = {}
    expects = {"SHELTERED"} if kind == "person" else {"RECEIVED", "INVENTORIED", "IN_TRUST"}
    tenth = CALENDAR.day(times.parse("2024-12-10", ZONE, 0).at)
    for number in range(tenth, min(CALENDAR.day(known), tenth + 12) + 1):
        end = min(CALENDAR.start(number + 1) - 1, known)
        states = desk.facts.states(kind[0].upper(), end, known).values()
        stood = Counter(
            (s.site, s.custody) for s in states if not getattr(s, "same_as", None) and s.site
        )
        held = [s for s in counts_closed(desk, end, known) if CALENDAR.day(s.since) == number]
        for (site, custody), count in stood.items():
            there = [
                s for s in held if s.site == site and (s.kind == "PERSONS") == (kind == "person")
            ]
            calls = there if custody in expects else []
            wanted[times.day_name(number), site, custody] = (
                count,
                calls[-1].id if calls else None,
                len(calls),
            )
    found = {
        (r["day"], r["site"], r["status"]): (
            r["count"],
            r["roll_call"] and r["roll_call"]["stocktake"],
            r["roll_call"]["counts_that_day"] if r["roll_call"] else 0,
        )
        for r in rows
        if r["count"]
    }
    assert found == wanted


def test_18_the_head_count(desk, both):
    at, known, words = both
    found = desk.ask("report", "headcount", *words, code=None)
    states = desk.facts.states("P", at, known)
    admitted = {one for one in states if counts_now(desk, one, "person.admitted", at, known)}
    doubles = {one for one in admitted if states[one].same_as}
    single = persons(desk, at, known)
    custody = Counter(s.custody for s in single.values())
    left = sum(custody[end] for end in ENDS)
    here = sum(custody.values()) - left - custody["EXPECTED"]
    assert (found["admitted"], found["doubles"]) == (len(admitted - doubles), len(doubles))
    assert (found["left"], found["here"], found["by_custody"]) == (left, here, dict(custody))
    assert found["agrees"] == (len(admitted - doubles) == left + here)
    calls = {
        s.site: s for s in counts_closed(desk, at, known) if s.kind == "PERSONS" and not s.container
    }
    stood = Counter(s.site for s in single.values() if s.custody in HERE and s.site)
    slept = Counter(s.site for s in single.values() if s.custody == "SHELTERED" and s.site)
    assert [(p["site"], p["here"], p["sheltered"]) for p in found["places"]] == [
        (site, stood[site], slept[site]) for site in sorted({*stood, *calls})
    ]
    assert {p["site"]: p["roll_call"]["stocktake"] for p in found["places"] if p["roll_call"]} == {
        site: s.id for site, s in calls.items()
    }


# ── 19 to 25: persons ────────────────────────────────────────────────────────


@pytest.mark.parametrize("category", ["CROSSING_STAFF", "MILITARY", None])
def test_19_how_many_returned_when_where(desk, both, category):
    at, known, words = both
    more = [] if category is None else ["--category", category]
    found = desk.ask("report", "handovers", *more, *words)
    wanted = Counter(
        (day(s.since), s.site, s.category or "", s.receiving_party)
        for s in persons(desk, at, known).values()
        if s.custody == "HANDED_OVER" and category in {None, s.category}
    )
    assert {tuple(r.values())[:4]: r["persons"] for r in found["rows"]} == wanted
    assert found["count"] == len(wanted)


ASKED = {
    "20": (("--without-pledge",), lambda s: not s.pledged),
    "21": (("--declined",), lambda s: s.intent in DECLINE),
    "24": (("--custody", "IN_CARE", "--custody", "ABSENT", "--custody", "DECEASED"),
           lambda s: s.custody in {"IN_CARE", "ABSENT", "DECEASED"}),
    "25": (("--effects",), lambda s: bool(s.effects)),
    "in a camp": (("--site", "CAMP-R1", "--category", "CROSSING_STAFF"),
                  lambda s: s.site == "CAMP-R1" and s.category == "CROSSING_STAFF"),
}  # fmt: skip


@pytest.mark.parametrize("number", ASKED)
def test_20_24_and_25_persons_with_a_property(desk, both, number):
    at, known, words = both
    options, has = ASKED[number]
    found = desk.ask("report", "persons", *options, *words, by="OFF-043", code=None)
    wanted = [
        {
            "person": one,
            "custody": s.custody,
            "site": s.site,
            "category": s.category,
            "on_manifest": s.transfer,
            "effects_kept": list(s.effects),
            "since": iso(s.since),
        }
        for one, s in sorted(persons(desk, at, known).items())
        if has(s)
    ]
    assert found["rows"] == wanted


def test_21_were_all_who_declined_kept_off_every_manifest(desk, both):
    at, known, words = both
    found = desk.ask("report", "declined", *words, by="OFF-043", code=None)
    returns = {
        one: s for one, s in desk.facts.states("T", at, known).items() if s.purpose == "RETURN"
    }
    people = persons(desk, at, known)
    assert found["persons"] == len(people)
    assert found["intent"] == Counter(s.intent or "NOTHING" for s in people.values())
    assert (found["manifests"], found["lines"]) == (
        len(returns),
        sum(len(s.lines) for s in returns.values()),
    )
    wanted = []
    for one, state in sorted(people.items()):
        ordered = desk.facts.upto(one, at, known)
        states = [fold(one, ordered[:n]) for n in range(len(ordered) + 1)]
        since = next(
            (
                e.occurred_at
                for e, s in zip(ordered, states[1:], strict=True)
                if s and s.intent in DECLINE
            ),
            None,
        )
        if since is None:
            continue
        breaches = [
            f"{one}:{e.originator_version}"
            for e, before in zip(ordered, states[:-1], strict=True)
            if before and before.intent in DECLINE and carries(e, before, returns)
        ]
        on = state.transfer or ""
        listed = on if state.intent in DECLINE and on in returns else ""
        wanted.append(
            {
                "person": one,
                "intent": state.intent or "",
                "custody": state.custody,
                "since": iso(since),
                "breaches": breaches,
                "listed": listed,
                "kept_off": not breaches and not listed,
            }
        )
    assert found["rows"] == wanted
    assert (found["declined"], found["kept_off"]) == (
        len(wanted),
        sum(row["kept_off"] for row in wanted),
    )


def carries(event: Event, before: Any, returns: Any) -> bool:
    if event.TOPIC == "person.handed_over":
        return True
    taken = event.TOPIC in {"person.added_to_manifest", "person.departed"}
    return taken and (getattr(event, "transfer", None) or before.transfer) in returns


@pytest.mark.parametrize("name", ["handed over", "admitted", "seal broken", "inventoried"])
def test_22_of_how_many_events_were_irregular(desk, both, name):
    at, known, words = both
    found = desk.ask("report", "irregularities", "--of", name, *words, by="OFF-043")
    live = {
        (one, e.originator_version): e
        for one in desk.facts.own
        for e in desk.facts.upto(one, at, known)
        if e.TOPIC.partition(".")[2].replace("_", " ") == name
    }
    assert found["looked_at"] == len(live)
    wanted = {
        (f"{one}:{version}", rule)
        for (one, version), event in live.items()
        for rule in broken(desk, one, event, known)
        if not closed(desk, one, event, rule, at, known)
    }
    assert {(e["event"], e["rule"]) for e in found["events"]} == wanted
    assert found["irregular"] == len({event for event, _ in wanted})


def broken(desk: Desk, one: str, event: Event, known: int) -> Iterator[int]:
    """Say in own words which rules an event broke where it stands in its history."""
    place = (event.occurred_at, event.originator_version)
    earlier = [
        e for e in desk.facts.live(one, known) if (e.occurred_at, e.originator_version) < place
    ]
    before = fold(one, earlier)
    if event.TOPIC == "person.admitted" and not (before and before.entry_authority):
        yield 4
    if event.TOPIC == "person.handed_over":
        if not before.pledged and not before.assurances:
            yield 10
        if event.transfer is None:
            yield 11
    if event.TOPIC == "weapon.seal_broken":
        if not event.authorised:
            yield 22
        if applied(desk, before, event, known) != event.seal:
            yield 29
    if event.TOPIC == "weapon.inventoried" and serial(event.serial):
        others = (
            desk.facts.state(o, event.occurred_at, known)
            for o in desk.facts.ids("W")
            if o != one and serial(event.serial) in map(serial_of, desk.facts.own[o])
        )
        if any(s is not None and serial(s.serial) == serial(event.serial) for s in others):
            yield 23


def applied(desk: Desk, before: Any, event: Event, known: int) -> str:
    """Return the seal applied last to the crate that a weapon lay in, or to itself."""
    crate = [before]
    if before.container:
        others = (desk.facts.state(o, event.occurred_at, known) for o in desk.facts.ids("W"))
        crate += [o for o in others if o and o.id != before.id and o.container == before.container]
    found = [(o.sealed_at, o.seal) for o in crate if o.seal and o.sealed_at is not None]
    return max(found)[1] if found else ""


def closed(desk: Desk, one: str, event: Event, rule: int, at: int, known: int) -> bool:
    return any(
        e.TOPIC == "record.irregularity_closed"
        and (e.event, e.rule) == (event.originator_version, rule)
        for e in desk.facts.upto(one, at, known)
    )


def test_23_each_transfer_line_by_line(desk, both):
    at, known, words = both
    states = desk.facts.states("T", at, known)
    for one, state in states.items():
        found = desk.ask("transfer", "show", one, *words, by="OFF-043")
        facts = told(state)
        del facts["irregular"]
        assert {name: found[name] for name in facts} == facts
        assert found["unresolved"] == [
            line for line, outcome in state.lines.items() if outcome in {"LISTED", "RELEASED"}
        ]
        assert found["position"] == position(desk, known)
        outcomes = {
            **dict(sorted(state.lines.items())),
            **dict.fromkeys(state.unlisted, "UNLISTED"),
        }
        assert [(o["line"], o["outcome"]) for o in found["outcomes"]] == [*outcomes.items()]
        for row in found["outcomes"]:
            event = desk.facts.since_when(one, at, known, stands(row["line"], row["outcome"]))
            assert event is not None
            assert (row["version"], row["by"]) == (event.originator_version, event.recorded_by)
    assert states or at < instant("14 Dec 2024 00:00")


def stands(line: str, outcome: str) -> Callable[[Any], bool]:
    """Return whether a line of a transfer has an outcome."""
    if outcome == "UNLISTED":
        return lambda state: line in state.unlisted
    return lambda state: state.lines.get(line) == outcome


# ── 26 to 30 ─────────────────────────────────────────────────────────────────


def test_26_what_the_statements_figures_are_in_the_ledger(desk):
    at = known = instant(THEN, MINUTE)
    said = {
        (claim["id"], reading["name"]): reading["found"]
        for claim in desk.ask("report", "statements", "--known-at", THEN)["claims"]
        for reading in claim["readings"]
    }
    gone = [s for s in persons(desk, at, known).values() if s.custody == "HANDED_OVER"]
    by_day = Counter(day(s.since) for s in gone)
    staff = Counter(day(s.since) for s in gone if s.category == "CROSSING_STAFF")
    eighteenth, nineteenth = by_day["2024-12-18"], by_day["2024-12-19"]
    assert said["T1", "cumulative"] == eighteenth + nineteenth
    assert said["T2", "that day only"] == nineteenth
    assert said["T3", "crossing staff, that day"] == staff["2024-12-18"]
    assert said["K1", "both days"] == eighteenth + nineteenth
    assert said["K3", "that day"] == nineteenth
    signed = [{who for who, status in s.pledges.items() if status == "SIGNED"} for s in gone]
    by_self = sum("SELF" in who for who in signed)
    two = sum({"SELF", "FAMILY"} <= who for who in signed)
    in_force = sum(
        bool(who) and s.pledges.get("SELF") != "WITHDRAWN"
        for who, s in zip(signed, gone, strict=True)
    )
    assert said["T4", "by the person"] == f"{by_self} of {len(gone)}"
    assert said["T4", "by anyone"] == f"{in_force} of {len(gone)}"
    assert said["K5", "person and family"] == f"{two} of {len(gone)}"
    live = [e for one in desk.facts.ids("P") for e in desk.facts.live(one, known)]
    days = sorted({day(e.occurred_at) for e in live if e.TOPIC == "person.admitted"})
    assert said["K4", "first admission"] == days[0]
    assert said["K4", "all admissions"] == f"{days[0]} to {days[-1]}"
    first = min(s.since for s in gone)
    assert said["T5", "before the first handover"] == sorted(
        {e.status for e in live if e.TOPIC == "person.assurance_recorded" and e.occurred_at < first}
    )
    stored = desk.facts.states("W", instant("19 Dec 2024 23:59", MINUTE), known).values()
    owed = Counter(s.custody for s in stored if s.in_trust_since is not None)
    assert said["K7", "at the end of 19 December"] == f"{owed['IN_TRUST']} of {len(stored)}"
    held_or_owed = owed["IN_TRUST"] + owed["IN_TRANSIT"] + owed["MISSING"]
    assert said["K7", "still owed, missing included"] == f"{held_or_owed} of {len(stored)}"


def test_27_what_was_recorded_late_by_whom(desk, both):
    at, known, words = both
    for over, span in (("24h", DAY), ("2h", 2 * HOUR), ("3d", 3 * DAY)):
        found = desk.ask("audit", "late", "--over", over, *words)
        wanted = [
            {
                "event": f"{e.originator_id}:{e.originator_version}",
                "what": e.TOPIC.partition(".")[2].replace("_", " "),
                "by": e.recorded_by,
                "occurred_at": iso(e.occurred_at),
                "recorded_at": iso(e.recorded_at),
                "corrects": e.corrects,
            }
            for _, e in desk.facts.known(known)
            if e.occurred_at <= at
            and e.recorded_at - max(e.occurred_at, e.occurred_until or 0) > span
        ]
        assert [{n: r[n] for n in wanted[0]} for r in found["late"]] == wanted
        assert found["count"] == len(wanted)


def test_29_the_read_models_are_what_the_log_says(desk):
    found = desk.ask("audit", "replay", "--sample", "20%")
    assert (found["position"], found["findings"]) == (len(desk.facts.log), [])


def test_30_who_looked_at_whose_record_and_why(desk):
    person = next(
        one for one in desk.facts.ids("P") if desk.facts.state(one, INF, INF).identity_fields
    )
    before = desk.ask("audit", "access")["access"]
    desk.terminal("person", "show", person, "--reason", "SYNTHETIC tracing", "--by", "OFF-043")
    *earlier, look = desk.ask("audit", "access")["access"]
    assert earlier == before
    fields = sorted(desk.facts.state(person, INF, INF).identity_fields)
    assert (look["official"], look["subject"], look["purpose"]) == (
        "OFF-043",
        person,
        "SYNTHETIC tracing",
    )
    assert look["fields"].split() == fields
    assert desk.ask("audit", "access", "--subject", person)["access"] == [look]


@pytest.mark.parametrize(
    "only", [(), ("--official", "OFF-024"), ("--kind", "weapon"), ("--what", "housed")]
)
@pytest.mark.parametrize("back_dated", [None, True, False])
def test_34_what_was_recorded_between_two_instants(desk, only, back_dated):
    first, last = instant("14 Dec 2024 09:00", MINUTE), instant("22 Dec 2024 10:00", MINUTE)
    words = ["--from", "14 Dec 2024 09:00", "--until", "22 Dec 2024 10:00", *only]
    if back_dated is not None:
        words.append("--back-dated" if back_dated else "--not-back-dated")
    found = desk.ask("audit", "recorded", *words)
    meant = {
        "--official": lambda e: e.recorded_by == "OFF-024",
        "--kind": lambda e: e.originator_id.startswith("W-"),
        "--what": lambda e: e.TOPIC == "person.housed",
    }
    wanted = []
    for number, e in desk.facts.log:
        late = e.recorded_at - max(e.occurred_at, e.occurred_until or 0) > HOUR
        if first < e.recorded_at <= last and back_dated in {None, late}:
            row = (number, f"{e.originator_id}:{e.originator_version}", e.recorded_by, late)
            wanted += [row] if not only or meant[only[0]](e) else []
    names = ("position", "event", "by", "back-dated")
    assert [tuple(row[n] for n in names) for row in found["recorded"]] == wanted
    assert found["count"] == len(wanted)


def test_35_the_answer_before_the_last_change(desk):
    for one in (*chosen(desk, "P", 3), *chosen(desk, "W", 3)):
        own = desk.facts.own[one]
        for back in (1, 2, 3):
            known = own[-back].recorded_at - 1
            at = instant("12 Dec 2024 18:00")
            words = ("--as-of", "12 Dec 2024 18:00", "--known-at", f"-{back}c")
            state = desk.facts.state(one, min(at, known), known)
            if state is None:
                assert desk.terminal("status", one, *words, code=5).out == ""
                continue
            facts, found = told(state), desk.ask("status", one, *words)
            assert {name: found[name] for name in facts} == facts
            assert found["position"] == position(desk, known)


RECOMPUTED_IN = {
    28: "test_scenario_sheets.py",
    31: "test_ever.py",
    32: "test_why.py",
    33: "test_since.py",
}
"""Questions of which the answer is held against the events, or the rows, somewhere else."""


def test_every_question_is_recomputed() -> None:
    here: set[int] = set()
    for name in globals():
        if found := re.match(r"test_((?:(?:\d+|to|and)_)+)", name):
            words = found[1].strip("_").split("_")
            here |= {int(word) for word in words if word.isdigit()}
            if "to" in words:
                here |= set(range(int(words[0]), int(words[-1]) + 1))
    assert here | RECOMPUTED_IN.keys() == set(range(1, len(QUESTIONS) + 1))
    assert all((Path(__file__).parent / name).exists() for name in RECOMPUTED_IN.values())

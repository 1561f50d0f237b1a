"""What is printed can be typed: instants, spans, positions and names give back what they were."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from application.decisions import open as opening
from application.decisions.ledger import wall_clock
from domain import times
from domain.times import When
from tests.rich_ledger import Rich
from tests.terminal import Terminal
from words import instants

ZONES = [
    ZoneInfo(name)
    for name in (
        "Asia/Baghdad", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe",
        "Europe/Amsterdam", "Africa/Monrovia", "UTC",
    )
]  # fmt: skip
"""With and without summer time, of half an hour too, and with offsets of seconds long ago."""
FIRST, LAST = -2_177_452_800 * times.SECOND, 7_226_582_400 * times.SECOND
"""The years 1901 to 2198."""
ANY = st.integers(FIRST, LAST)
CHANGES = st.sampled_from(
    [
        times.parse(typed, ZoneInfo("UTC"), 0).at
        for typed in (
            "2024-10-27T00:00Z", "2024-10-27T01:00Z", "2024-03-31T01:00Z", "2024-11-03T05:30Z",
            "2024-11-03T06:30Z", "2024-04-06T14:45Z", "1917-12-31T21:00Z", "1918-01-01T00:00Z",
            "1937-06-30T23:40Z", "1972-01-07T00:44:30Z",
        )
    ]
)  # fmt: skip
"""Around what clocks skipped or showed twice."""
NEAR = st.builds(int.__add__, CHANGES, st.integers(-3 * times.HOUR, 3 * times.HOUR))
INSTANT = st.one_of(ANY, NEAR)
UNIT = st.sampled_from([times.MINUTE, times.SECOND, 1])


@settings(max_examples=400)
@given(INSTANT, UNIT, st.sampled_from(ZONES))
def test_an_instant_a_person_reads_is_typed_back_as_itself(at: int, unit: int, zone) -> None:
    at -= at % unit
    for full in (False, True):
        typed = times.show(When(at), zone, to_the_second=full)
        assert times.parse(typed, zone, 0).at == at - at % times.SECOND, typed


@settings(max_examples=400)
@given(INSTANT, UNIT, st.sampled_from(ZONES))
def test_an_instant_a_program_reads_is_typed_back_to_the_microsecond(
    at: int, unit: int, zone
) -> None:
    at -= at % unit
    for typed in (times.iso(at, zone), times.iso(at)):
        assert times.parse(typed, ZONES[0], 0).at == at, typed
    last = at - at % times.SECOND + times.SECOND - 1
    typed = instants.to_the_second(last, zone)
    assert times.parse(typed, ZONES[0], 0).at == last - times.SECOND + 1, "a second, to its end"
    assert times.parse(instants.to_the_second(at, zone), ZONES[0], 0).at in {
        at,
        at - times.SECOND + 1,
    }


@settings(max_examples=400)
@given(
    INSTANT,
    st.one_of(st.integers(1, 40), st.integers(1, 40 * 3600)),
    st.sampled_from([times.MINUTE, times.SECOND]),
    st.sampled_from(ZONES),
)
def test_a_span_is_typed_back_as_itself(at: int, half: int, unit: int, zone) -> None:
    at -= at % unit
    span = When(at, at + 2 * half * unit, "RANGE")
    typed = times.show(span, zone)
    assert typed.startswith("~")
    assert times.parse(typed, zone, 0)[:2] == span[:2], typed


@settings(max_examples=200)
@given(INSTANT, st.sampled_from(ZONES))
def test_a_day_is_typed_back_as_itself(at: int, zone) -> None:
    day = times.moment(at, zone).date()
    typed = f"{day:%d %b %Y}"
    when = times.parse(typed, zone, 0)
    assert times.show(when, zone) == typed
    assert when.at <= at < (when.until or 0)


def test_a_span_called_a_day_that_is_none_is_shown_as_the_span_it_is() -> None:
    at = times.parse("2024-12-09T06:00+03:00", ZONES[0], 0).at
    span = When(at, at + times.DAY, "DAY")
    assert times.show(span, ZONES[0]) == "~09 Dec 2024 18:00 ±12h"


# ── answers ─────────────────────────────────────────────────────────────────

CLOCKED = (
    "status", "status {weapon}", "status {person}", "status {doubtful} --bounds --why",
    "status --site CAMP-R1", "status --crate CRATE-1", "status --party PARTY-MOD", "crate list",
    "crate show CRATE-1", "transfer show {transfer}", "irregularity list",
    "irregularity list --closed", "audit late", "report declined", "report headcount",
    "report handovers", "report in-trust --transit", "report irregularities",
    "report persons --site CAMP-R1", "report weapons --recount-due",
    "report discrepancies --all",
)  # fmt: skip
"""Questions that take both clocks."""
NOW = wall_clock() + times.HOUR
SAID = re.compile(r"true at (\S+).* · as known at (\S+) \(position ([\d,]+)\)")
WAYS = (
    (), ("--known-at", "12 Dec 2024 00:00"), ("--known-at", "20 Dec 2024 00:00"),
    ("--as-of", "9 Dec 2024 09:00"), ("--as-of", "12 Dec 2024 08:30:01", "--known-at", "@90"),
    ("--known-at", "-1c"), ("--known-at", "@61"), ("--as-of", "now", "--known-at", "now"),
    ("--as-of", "20 Dec 2024 12:00", "--known-at", "13 Dec 2024 18:00"),
)  # fmt: skip


@settings(max_examples=40)
@given(st.sampled_from(CLOCKED), st.sampled_from(WAYS), st.sampled_from(["text", "json"]))
def test_the_clocks_of_an_answer_typed_back_give_the_answer(
    rich: Rich, question: str, clocks: tuple[str, ...], form: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:  # all is asked at one instant
        patch.setattr(opening, "open_ledger", partial(opening.open_ledger, clock=lambda: NOW))
        typed_back(rich, question, clocks, form)


def typed_back(rich: Rich, question: str, clocks: tuple[str, ...], form: str) -> None:
    rich.terminal.env["AMANA_BY"] = "OFF-015"
    words = rich.words(question)
    first = rich.terminal("--json", *words, *clocks, code=None)
    if first.code == 5:
        return
    document = first.document
    true_at, known_at = document["true_at"], document["known_at"]
    if form == "text":
        said = SAID.search(rich.terminal(*words, *clocks, code=None).out)
        assert said is not None
        true_at, known_at = said[1], said[2]
    again = rich.terminal(
        "--json", *words, "--as-of", true_at, "--known-at", known_at, code=None
    ).document
    left = {"as_of", "now"}  # asked, not answered
    kept = [{n: v for n, v in one.items() if n not in left} for one in (document, again)]
    assert kept[0] == kept[1]


PRINTED = re.compile(
    r"\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d|\d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)?"
)
TELLING = (
    "history {weapon} --gaps", "history {person}", "history {spanned}", "history {count}",
    "status {weapon} --why", "audit late", "audit recorded", "audit slips", "audit access",
    "irregularity list --closed", "directory list officials", "crate show CRATE-1",
    "stocktake show {count}", "transfer show {transfer}", "report in-trust", "intake batches",
    "diff --everybody --as-of '8 Dec 2024 12:00' --as-of '13 Dec 2024 12:00'",
)  # fmt: skip
"""Answers full of instants."""


@settings(max_examples=30)
@given(st.data())
def test_every_instant_printed_is_taken_as_the_instant_it_is(
    rich: Rich, data: st.DataObject
) -> None:
    rich.terminal.env["AMANA_BY"] = "OFF-019"
    form = data.draw(st.sampled_from([(), ("--plain",), ("--json",)]))
    out = rich.terminal(*form, *rich.words(data.draw(st.sampled_from(TELLING)))).out
    typed = data.draw(st.sampled_from(sorted(set(PRINTED.findall(out)))))
    at = times.parse(typed, ZONES[0], 0).at
    assume(at <= wall_clock())  # a knowledge time that has not come is now, and said
    asked = rich.terminal.document("status", "--as-of", typed)
    assert times.parse(asked["as_of"], ZONES[0], 0).at == at
    known = rich.terminal.document("status", "--known-at", typed)
    told = times.parse(known["known_at"], ZONES[0], 0).at
    minute = times.parse(typed, ZONES[0], 0).precision == "MINUTE"
    assert told == (at + 59 * times.SECOND if minute else at)


def test_when_something_was_recorded_typed_back_knows_it_and_nothing_later(rich: Rich) -> None:
    rich.terminal.env["AMANA_BY"] = "OFF-019"
    rows = [
        line.split("\t") for line in rich.terminal("--plain", "audit", "recorded").out.splitlines()
    ]
    head, *rows = rows
    at = head.index("recorded")
    minutes = [row for row in rows if row[at].endswith(":00") or row[at].count(":") == 1]
    assert minutes, "a whole minute is printed to the second, too"
    wanted = [*minutes, *rows[::20]]
    for row in wanted:
        cells = dict(zip(head, row, strict=True))
        known = rich.terminal.document("status", "--known-at", cells["recorded"])
        beside = [r for r in rows if r[head.index("recorded")] == cells["recorded"]]
        assert known["position"] == max(int(r[head.index("position")]) for r in beside)


@settings(max_examples=25)
@given(st.data())
def test_every_position_printed_is_taken_and_is_the_one_answered(
    rich: Rich, data: st.DataObject
) -> None:
    rich.terminal.env["AMANA_BY"] = "OFF-019"
    told = rich.terminal.document("audit", "recorded")
    position = data.draw(st.sampled_from([row["position"] for row in told["recorded"]]))
    for typed in (f"@{position}", f"@{position:,}"):
        assert rich.terminal.document("status", "--known-at", typed)["position"] == position


NAMES = {
    r"\b[PWTS]-\d{6}-[A-Z0-9]\b": "status {}",
    r"\b[PWTS]-\d{6}-[A-Z0-9]\b ": "history {}",
    r"\b(?:[PWTS]-\d{6}-[A-Z0-9]|OFF-\d{3}):\d+\b": "pending {}",
    r"\bB-[0-9a-f]{12}\b": "intake show {}",
    r"\bCRATE-\d\b": "crate show {}",
    r"\bOFF-\d{3}\b": "audit recorded --official {}",
    r"\bPARTY-[A-Z]{3}\b": "status --party {}",
    r"\b(?:CAMP-R\d|DEPOT-\d|GATE)\b": "status --site {}",
    r"\bSN \d+\b": "weapon find '{}'",
}
"""How a name is printed, and a command that takes it; it may find nothing, never misread it."""


@pytest.mark.parametrize(("printed", "taken"), NAMES.items())
def test_every_name_printed_is_taken(rich: Rich, printed: str, taken: str) -> None:
    rich.terminal.env["AMANA_BY"] = "OFF-010"
    out = "\n".join(
        rich.terminal(*form, *rich.words(question)).out
        for question in (
            *TELLING,
            "pending",
            "intake batches",
            "directory list parties",
            "crate list",
        )
        if not question.startswith("audit access")
        for form in ((), ("--json",))
    )
    found = sorted({one.strip() for one in re.findall(printed, out)})
    assert found, printed
    for one in found:
        answer = rich.terminal(*rich.words(taken.replace("{}", one)), code=None)
        assert answer.code in {0, 5}, answer


# ── zones ───────────────────────────────────────────────────────────────────

DATED = {
    "Europe/Berlin": ("2024-10-27T02:30+02:00", "2024-10-27T02:30+01:00", "31 Mar 2024 03:00"),
    "America/New_York": ("2024-11-03T01:30-04:00", "2024-11-03T01:30-05:00", "1 Jul 2024 12:00:07"),
    "Asia/Kathmandu": ("1 Jan 1986 00:15", "12 Dec 2024 12:00", "~12 Dec 2024 12:00 ±15m"),
    "Asia/Baghdad": ("1 Jan 1910 12:00", "31 Dec 1917 23:59:59", "7 Dec 2024"),
    "Europe/Amsterdam": ("1 Jul 1937 00:00:30", "1 Jun 1936 12:00", "12 Dec 2024 23:59"),
}


@pytest.mark.parametrize("zone", DATED)
def test_in_every_zone_what_history_prints_is_when_it_happened(tmp_path: Path, zone: str) -> None:
    terminal = Terminal(tmp_path)
    terminal.env |= {"AMANA_LEDGER": "camp.amana", "AMANA_BY": "OFF-001"}
    terminal("init", "--tz", zone)
    for words in (
        "open-site GATE --kind CROSSING --name Gate",
        "name-party PARTY-MOD --kind MINISTRY --name Ministry",
        "appoint OFF-002 --party PARTY-MOD --role INTAKE_CLERK",
    ):
        terminal("directory", *words.split())
    terminal.env["AMANA_BY"] = "OFF-002"
    for typed in DATED[zone]:
        sought = ("person", "seek-refuge", "--site", "GATE", "--happened", "the gate book")
        person = terminal.document(*sought, "--at", typed)["recorded"][0]["subject"]
        (event,) = terminal.document("history", person)["events"]
        again = terminal.document(*sought, "--at", event["occurred"])["recorded"][0]["subject"]
        (same,) = terminal.document("history", again)["events"]
        for name in ("occurred", "occurred_at", "occurred_until"):
            assert same[name] == event[name], typed
        if event["occurred_until"] is None:
            asked = terminal.document("status", "--as-of", event["occurred"])
            assert asked["as_of"] == event["occurred_at"]

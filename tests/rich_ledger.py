"""Given: a small ledger in which something of every kind was said, "no" and "not known" included.

It holds a seal found broken, one broken without authority, weapons not made safe, a wish not stated in
private, late, corrected and retracted facts, uncertain times, withheld wishes, proposals that wait,
counts that differ, a merge, crates, a handover, and a sheet that was taken in.
"""

from __future__ import annotations

import shlex
from typing import Any, NamedTuple

from tests.report_desk import STOREKEEPER, count, desk
from tests.terminal import Terminal

SHEET = """م,الاسم الثلاثي,اسم الأب,تاريخ الولادة,الرقم العسكري / Service No.,تاريخ الدخول,طائفة
1,SYNTHETIC سامر علي زعبوط,SYNTHETIC علي,01/05/1990,S-100,07/12/2024 08:00,x
2,SYNTHETIC سامر علي زعبوط,SYNTHETIC علي,01/05/1990,S-101,07/12/2024 09:00,x
3,,,,,07/12/2024 09:00,x
"""
INSIDE = 123_456
"""Microseconds inside a second: what programs record is not always whole."""


class Rich(NamedTuple):
    """A ledger and the names of what is in it."""

    house: Any
    terminal: Terminal
    names: dict[str, str]

    def words(self, question: str) -> list[str]:
        """Return a question as typed, its names filled in."""
        return shlex.split(question.format(**self.names))


def fill(house: Any) -> Rich:
    """Record the story; each fact a little after the one before."""
    rich = Rich(house, desk(house), {})
    for part in (_weapons, _persons, _mended, _counted, _gone, _at_the_desk):
        part(rich)
    return rich


def _weapons(rich: Rich) -> None:
    house, names, dec = rich.house, rich.names, rich.house.dec
    house.clock.now = dec(9, 12)
    names["weapon"] = house.in_trust()
    names["unsafe"] = unsafe = house.received(made_safe=False)
    known = {"category": "RIFLE", "model": "AKM", "serial": "SN 1", "serial_status": "READ"}
    house.do("inventory", unsafe, at=dec(8, 14), counted_with=None, **known)
    names["declared"] = house.do("declare", at=dec(8), as_described="one more, not seen").subject
    house.do("check_seal", "CRATE-1", at=dec(9, 8), seal="SEAL-1", intact=False)
    names["second"] = house.in_trust()
    house.do("break_seal", "CRATE-1", at=dec(9, 9), seal="SEAL-1", authorised=False)
    house.do("place_hold", names["second"], at=dec(9, 10), hold="COURT")
    known = {"site": "DEPOT-2", "unit": "PARTY-SYR", "receiver": "OFF-011", "made_safe": True}
    slip = house.do("receive", at=dec(9, 10), provisional_receipt="SLIP-7", **known)
    names["slip"] = slip.subject


def _persons(rich: Rich) -> None:
    house, names, dec = rich.house, rich.names, rich.house.dec
    house.clock.now = dec(10)
    names["person"] = person = house.willing()
    wish = {"intent": "STAY", "interviewer": "OFF-016", "private": False}
    house.do("state_intent", person, at=dec(9, 9), **wish)
    house.do("deposit_effects", person, at=dec(9, 10), receipt="E-12", items=3)
    names["doubtful"], names["spanned"] = house.admitted(), house.admitted()
    span = {"until": dec(10) + 17, "precision": "RANGE"}
    house.do("house", names["doubtful"], site="CAMP-R1", at=dec(9), **span)
    house.do("house", names["spanned"], site="CAMP-R1", at=dec(9, 12) + INSIDE)
    names["unauthorised"] = house.admitted(authority="")
    house.do("house", names["unauthorised"], site="CAMP-R1", place="TENT-9", at=dec(9, 1))


def _mended(rich: Rich) -> None:
    house, names, dec = rich.house, rich.names, rich.house.dec
    house.clock.now = dec(12)
    wrong: dict[str, Any] = {"version": 4, "reason": "list misread"}
    house.do("correct", names["person"], by="OFF-010", changes={"place": "TENT-4"}, **wrong)
    house.approve(names["person"])
    house.do("correct", names["spanned"], by="OFF-010", changes={"place": "TENT-5"}, **wrong)
    names["proposal"] = f"{names['spanned']}:{len(house.read(names['spanned']).events)}"
    house.do("assess_condition", names["weapon"], at=dec(9, 15), condition="WORN")
    at = len(house.read(names["weapon"]).events)
    never = {"version": at, "why": "did_not_occur", "reason": "another rifle"}
    house.do("retract", names["weapon"], by="OFF-011", **never)
    house.approve(names["weapon"])
    names["double"], names["survivor"] = house.sheltered(), house.sheltered()
    merged = {"survivor": names["survivor"], "reason": "one card"}
    house.do("merge", names["double"], by="OFF-010", **merged)
    house.approve(names["double"])
    house.do("place_hold", names["unsafe"], at=dec(8, 9, 30), hold="COURT")  # late


def _counted(rich: Rich) -> None:
    house, names, dec = rich.house, rich.names, rich.house.dec
    house.clock.now = dec(13)
    names["count"] = count(house, "ITEMS", "DEPOT-1", names["weapon"], "W-9", at=dec(12, 8))
    names["call"] = count(house, "PERSONS", "CAMP-R1", names["person"], at=dec(12, 9))
    opened = {"kind": "ITEMS", "site": "DEPOT-2", "container": ""}
    names["open"] = house.do("open_stocktake", by=STOREKEEPER, at=dec(12, 10), **opened).subject


def _gone(rich: Rich) -> None:
    house, names, dec = rich.house, rich.names, rich.house.dec
    house.clock.now = dec(20)
    names["handed"] = house.handed_over()
    going = house.in_trust()
    names["transfer"] = house.released("RELOCATION", going)
    house.accepted(names["transfer"], lines=(going,), place="R-2")
    names["planned"] = house.planned("RELOCATION", house.in_trust())
    closing = {"event": 2, "rule": 4, "reason": "order by telephone"}
    house.do("close_irregularity", names["unauthorised"], **closing)
    house.do("grant_role", "OFF-017", at=dec(20), role="WELFARE", valid_until=dec(28, 12) + 1)
    names["misread"] = misread = house.sheltered()
    fact = {"version": 4, "changes": {"place": "TENT-77"}, "reason": "a slip", "alone": True}
    house.do("correct", misread, by="OFF-010", **fact)


def _at_the_desk(rich: Rich) -> None:
    """Record what a person at a desk does: a sheet, values that are looked at, a signed log."""
    terminal, names = rich.terminal, rich.names
    (terminal.folder / "sheet.csv").write_text(SHEET, encoding="utf-8")
    sheet = ("sheet.csv", "--kind", "persons", "--dates", "dmy", "--site", "GATE")
    taken = ("intake", "import", *sheet, "--commit", "--by", "OFF-010")
    names["batch"] = terminal("--json", *taken, code=4).document["batch"]
    values = ("--declared-name", "SYNTHETIC نور حسن", "--birth-date", "1990-05-01")
    named = ("person", "register", names["person"], *values, "--category", "OTHER", "--new")
    terminal(*named, "--by", "OFF-010")
    terminal("person", "show", names["person"], "--reason", "a look", "--by", "OFF-010")
    terminal("log", "checkpoint")

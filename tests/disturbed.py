"""Given: the small story with what it lacks: late facts, corrections, retractions, doubles, refusals.

It ends on 20 December; on the 22nd officials learn all this. `tests/test_questions_recomputed.py` asks
about it, as known before and after.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from application.decisions import open as opening
from domain import times
from scenario.replay import replay
from tests.conftest import Clock, House, dec

BY = {
    "CHAIR": "OFF-001", "SECOND": "OFF-002", "INTAKE": "OFF-015", "WELFARE": "OFF-024",
    "WEAPONS": "OFF-003", "STORE": "OFF-031", "STORE2": "OFF-033", "ASKS": "OFF-041",
    "RELEASES": "OFF-035", "ACCEPTS": "OFF-036", "LIAISON": "OFF-051",
}  # fmt: skip
SY, JOC, MOD = "PARTY-SY-AUTHORITIES", "PARTY-JOC", "PARTY-MOD-IQ"


def disturbed(folder: Path) -> Path:
    """Tell the small story of those who did not all return, then everything else; return the ledger."""
    ledger = folder / "ledger.amana"
    replay(ledger, folder / "ledger.key", "stress", "small").close()
    clock = Clock(dec(22, 10))
    house = House(ledger, clock, opening.open_ledger(ledger, folder / "ledger.key", clock=clock))
    _weapons(house)
    _persons(house)
    _counts(house)
    house.custody.close()
    settings = 'ledger = "ledger.amana"\nkey_file = "ledger.key"\nby = "OFF-062"\n'
    (folder / "amana.toml").write_text(settings, "utf-8")
    return ledger


def _do(house: House, who: str, verb: str, subject: str | None = None, **facts: Any) -> Any:
    return house.do(verb, subject, by=BY[who], **facts)


def _approved(house: House, who: str, verb: str, subject: str, **facts: Any) -> None:
    _do(house, who, verb, subject, **facts)
    house.approve(subject, by=BY["SECOND"])


def _version(house: House, subject: str, topic: str) -> int:
    return next(e.originator_version for e in house.read(subject).events if topic == e.TOPIC)


def _some(house: House, prefix: str, topic: str) -> list[str]:
    """Return the subjects of a kind with an event of a name."""
    return [
        known.id
        for known in house.custody.streams.every(prefix)
        if any(topic == e.TOPIC for e in known.events)
    ]


def _weapons(house: House) -> None:
    broken = _some(house, "W-", "weapon.seal_broken")
    version = functools.partial(_version, house)
    for one in broken[:2]:
        facts = {"version": version(one, "weapon.seal_broken"), "why": "wrong_subject"}
        _approved(house, "CHAIR", "retract", one, **facts)
    later = {"version": version(broken[2], "weapon.seal_broken"), "changes": {}, "at": dec(21, 9)}
    _approved(house, "WEAPONS", "correct", broken[2], **later, reason="another day")
    plain = [w for w in _some(house, "W-", "weapon.inventoried") if w not in broken]
    facts = {"version": version(plain[0], "weapon.inventoried"), "reason": "misread"}
    _approved(
        house, "WEAPONS", "correct", plain[0], **facts,
        changes={"serial": house.state(plain[1]).serial.lower() + " "},
    )  # fmt: skip
    _approved(
        house, "WEAPONS", "correct", plain[2], reason="nobody stood by", changes={"counted_with": None},
        version=version(plain[2], "weapon.inventoried"),
    )  # fmt: skip
    new = _do(
        house, "WEAPONS", "receive", at=dec(9, 8), until=dec(9, 12), precision="RANGE", site="DEPOT-M1",
        unit="PARTY-BRIGADE-K17", receiver="OFF-003", made_safe=False, provisional_receipt="PR-9",
    ).subject  # fmt: skip
    _do(
        house, "WEAPONS", "inventory", new, at=dec(9, 13), category="RIFLE", model="AKM",
        serial="??17", serial_status="PARTIAL",
    )  # fmt: skip
    _do(
        house,
        "STORE",
        "store_weapon",
        new,
        at=dec(10),
        site="DEPOT-M2",
        place="X/1",
        container="C-9",
    )
    _do(house, "STORE", "break_seal", "C-9", at=dec(21, 10), seal="S-9", authorised=False)
    _do(house, "CHAIR", "place_hold", plain[3], at=dec(21), hold="COURT", authority="court 7")


def _persons(house: House) -> None:
    people = [_came(house, day) for day in (8, 9, 9, 10, 11, 12)]
    stays, fears, double, dead, gone, wavers = people
    asked = {"interviewer": BY["ASKS"], "private": True}
    _do(house, "ASKS", "state_intent", stays, at=dec(12, 9), intent="STAY", **asked)
    _do(house, "ASKS", "state_intent", fears, at=dec(13, 9), intent="SEEKS_PROTECTION", **asked)
    for intent, day in (("STAY", 13), ("RETURN", 20)):
        _do(house, "ASKS", "state_intent", wavers, at=dec(day, 9), intent=intent, **asked)
    _do(house, "WELFARE", "sign_pledge", wavers, at=dec(20, 10), pledgor="SELF", document="PL-9")
    _do(house, "WELFARE", "refer_to_care", fears, at=dec(14, 9), site="HOSP-1")
    _do(house, "WELFARE", "report_absence", stays, at=dec(19, 9))
    _do(house, "WELFARE", "record_death", dead, at=dec(15), site="HOSP-1", certificate="DC-9")
    _do(house, "INTAKE", "deposit_effects", gone, at=dec(12), receipt="E-9", items=1)
    _do(
        house, "ACCEPTS", "hand_over", gone, at=dec(18, 12), happened="at the crossing, without papers",
        receiving_party=SY, site="CP-AK",
    )  # fmt: skip
    _approved(house, "INTAKE", "merge", double, survivor=stays, reason="same card")
    went = _some(house, "P-", "person.handed_over")
    version = _version(house, went[0], "person.housed")
    _approved(
        house,
        "WELFARE",
        "correct",
        went[0],
        version=version,
        changes={"site": "CAMP-R2"},
        reason="list",
    )
    version = _version(house, went[1], "person.handed_over")
    _approved(
        house,
        "ACCEPTS",
        "correct",
        went[1],
        version=version,
        changes={},
        at=dec(20, 9),
        reason="day",
    )
    flagged = next(p for p in went if 4 in {n for _, n in house.state(p).irregular})
    broken = next(v for v, n in house.state(flagged).irregular if n == 4)
    facts = {"event": broken, "rule": 4, "reason": "the order was found"}
    _do(house, "CHAIR", "close_irregularity", flagged, **facts)


def _came(house: House, day: int) -> str:
    at = dec(day, 9)
    person: str = _do(house, "INTAKE", "seek_refuge", at=at - times.HOUR, site="CP-AQ").subject
    _do(house, "INTAKE", "admit", person, at=at, site="CP-AQ", receiving_party=JOC)
    _do(
        house, "INTAKE", "register", person, at=at, category="CROSSING_STAFF", liaison=BY["LIAISON"],
        personal={"declared_name": f"SYNTHETIC سامر {day}"},
    )  # fmt: skip
    _do(
        house,
        "WELFARE",
        "house",
        person,
        at=at + times.HOUR,
        site="CAMP-R1",
        place=f"X-{day}/{person[6]}",
    )
    return person


def _counts(house: House) -> None:
    facts = {"kind": "PERSONS", "site": "CAMP-R1"}
    number = _do(house, "WELFARE", "open_stocktake", at=dec(21, 9), **facts).subject
    for code in house.state(number).expected[1:]:
        _do(house, "WELFARE", "scan", number, at=dec(21, 9), code=code)
    _do(house, "INTAKE", "countersign", number, at=dec(21, 10))
    _do(house, "WELFARE", "close_stocktake", number, at=dec(21, 10))

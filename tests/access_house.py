"""Given: a house with an official for every role, twice, and something of every thing that is recorded.

`civil("WELFARE")` is of a ministry, `secret("WELFARE")` of a security body. `commands(world)` says for
each stored name how it is recorded, so that each official can try: by the command that leads to it,
or, where it only ever follows from another command, by proposing it anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from application.decisions import open as opening
from application.decisions.custody import Custody
from domain.errors import NotAllowedError
from tests.conftest import Clock, House, _directory, dec
from tests.report_desk import count

ROLES = (
    "INTAKE_CLERK", "WEAPONS_CLERK", "STOREKEEPER", "RELEASING", "ACCEPTING", "WELFARE",
    "PROTECTION_INTERVIEWER", "CHAIR", "ANALYST", "AUDITOR", "KEY_CUSTODIAN",
)  # fmt: skip
KEY = "A" * 43 + "="


def civil(role: str) -> str:
    """The official of a ministry who holds this role alone."""
    return f"OFF-C-{role.replace('_', '-')}"


def secret(role: str) -> str:
    """The official of a security body who holds this role alone."""
    return f"OFF-S-{role.replace('_', '-')}"


class World(NamedTuple):
    """The house, and who and what stands in it, each in the state that its commands need."""

    house: House
    person: str  # sheltered, willing, registered as NAME
    twin: str
    sought: str  # not yet admitted
    irregular: str  # admitted without an entry authorisation
    leaving: str  # on the return `convoy`, released
    convoy: str
    planned: str  # a return with one on it
    frozen: str
    arriving: str  # items: one accepted, one refused, one missing
    done: str  # accepted, every line resolved
    weapon: str  # in trust, in CRATE-1
    second: str  # the same serial; may go back; proposed to be destroyed
    lost: str  # missed by the count `closed`
    handed_in: str  # received, not yet inventoried
    counted: str  # inventoried, not yet in trust
    count: str  # open
    closed: str
    found: dict[str, tuple[str, int]]  # every stored name and one event of it
    batch: str = ""  # a sheet of weapons


NAME = {"declared_name": "Salim Ahmad", "birth_date": "1990-01-01"}
DESTROYED = {"authority": "A-1", "method": "cut", "witnesses": ["OFF-012", "OFF-013"]}


def furnished(folder: Path) -> World:
    """Make the ledger; every fact in it is recorded by officials other than those who will try."""
    path, clock = folder / "ledger.amana", Clock(dec(7))
    house = House(
        path, clock, opening.create(path, folder / "ledger.key", clock=clock, synthetic=True)
    )
    with house.custody.batch():
        _directory(house)
        house.do("name_party", "PARTY-SECRET", kind="COMMAND", name="secret", security=True)
        for role in ROLES:
            house.do("appoint", civil(role), party="PARTY-MOD", roles=(role,))
            house.do("appoint", secret(role), party="PARTY-SECRET", roles=(role,))
        house.do("appoint", "OFF-C-NONE", party="PARTY-MOD")
    clock.now = dec(20)
    person, twin = house.willing(), house.sheltered()
    house.do("register", person, at=dec(8, 11), category="MILITARY", personal=NAME)
    house.do("sign_pledge", person, at=dec(8, 11), pledgor="FAMILY", document="PL-2")
    house.do("withdraw_pledge", person, at=dec(8, 12), pledgor="FAMILY")
    house.do("refer_to_care", person, at=dec(8, 13), site="CLINIC")
    house.do("return_from_care", person, at=dec(8, 14), site="CAMP-R1", place="T-1")
    double = house.willing()
    house.do("state_intent", double, intent="STAY", interviewer="OFF-016")
    house.do("merge", double, survivor=house.sheltered())
    house.approve(double)
    removed = house.willing()
    house.do("remove_line", house.planned("RETURN", removed), line=removed)
    weapon, second = house.in_trust(serial="A1"), house.in_trust(serial="A1")
    house.authorised(second, house.recognised())
    returned = house.released("RESTITUTION", house.authorised(house.in_trust()), kind="ITEMS")
    house.accepted(returned, at=None)
    house.do("destroy", second, **DESTROYED)
    refused, missing, unlisted, lost = (house.in_trust() for _ in range(4))
    arriving = house.released("RELOCATION", refused, missing, house.in_trust(), kind="ITEMS")
    house.accepted(arriving, exceptions={refused: "not ours", missing: "MISSING"})
    house.do("record_unlisted", arriving, at=dec(18, 10), subject=unlisted)
    done = house.released("RELOCATION", house.in_trust(), kind="ITEMS")
    house.accepted(done)
    closed = count(house, "ITEMS", "DEPOT-1", weapon, "no label", at=dec(19))
    count(house, "PERSONS", "CAMP-R2", house.sheltered(), at=dec(19))  # seen in another camp
    house.do("store_weapon", house.inventoried(), site="DEPOT-1", container="CRATE-9")
    frozen = house.planned("RETURN", house.willing())
    house.do("freeze", frozen, at=dec(16))
    leaving = house.willing()
    items = {"by": "OFF-012", "kind": "ITEMS", "site": "DEPOT-1"}
    named = {
        "sought": house.do("seek_refuge", at=dec(7), site="GATE").subject,
        "irregular": house.admitted(authority=""),
        "convoy": house.released("RETURN", leaving),
        "planned": house.planned("RETURN", house.willing()),
        "handed_in": house.received(),
        "counted": house.inventoried(),
        "count": house.do("open_stocktake", **items).subject,
    }
    world = World(
        house=house, person=person, twin=twin, leaving=leaving, frozen=frozen, arriving=arriving,
        done=done, weapon=weapon, second=second, lost=lost, closed=closed, found={}, **named,
    )  # fmt: skip
    for known in house.custody.streams.every():
        world.found.update({e.TOPIC: (known.id, e.originator_version) for e in known.events})
    return world


def tried(
    world: World, official: str, verb: str, subject: str | None, facts: dict[str, Any]
) -> bool:
    """Return whether an official may send a command; nothing of it is recorded.

    Raises:
        CustodyError: it is refused for another reason than the role.
    """
    with world.house.custody.batch(whole=True), world.house.custody.unit() as unit:
        before = unit.mark()
        try:
            world.house.do(verb, subject, by=official, **facts)
        except NotAllowedError:
            return False
        finally:
            unit.undo(before)
    return True


Command = tuple[str, str | None, dict[str, Any]]


def commands(world: World) -> dict[str, list[Command]]:
    """Return for each stored name the commands that record it: verb, subject and facts."""
    house, w = world.house, world
    here, crate = {"site": "CAMP-R1", "place": "T-1"}, {"seal": "SEAL-1"}
    proposals = w.house.state(w.second).pending
    plan = {"kind": "ITEMS", "from_party": "PARTY-MOD", "to_party": "PARTY-SYR"}
    sites = {"from_site": "DEPOT-1", "to_site": "DEPOT-2"}
    flagged = {"event": house.state(w.irregular).irregular[0][0], "rule": 4, "reason": "found"}
    personal = {"category": "OTHER", "personal": NAME}
    serial = {"category": "RIFLE", "model": "AKM", "serial": "Z9", "serial_status": "READ"}
    trust = {"receipt": "R", "trustee": "PARTY-MOD", "beneficiary": "B", "terms": "return"}
    handed = {"transfer": w.convoy, "receiving_party": "PARTY-SYR", "site": "GATE"}
    asked = {"intent": "STAY", "interviewer": "OFF-016"}
    taken = {"site": "DEPOT-1", "person": w.person, "receiver": "OFF-011"}
    late = {"version": house.read(w.person).version, "why": "duplicate", "reason": "twice"}
    sure = {"giver": "PARTY-SYR", "kind": "amnesty", "status": "ISSUED"}
    known: list[Command] = [
        ("seek_refuge", None, {"site": "GATE"}),
        ("authorise_entry", w.sought, {"authority": "D-1"}),
        ("admit", w.sought, {"site": "GATE", "receiving_party": "PARTY-MOD"}),
        ("register", None, personal),
        ("confirm_identity", w.person, {"document": "ID"}),
        ("dispute_identity", w.person, {"by_whom": "liaison"}),
        ("correct_identity", w.person, {"field": "declared_name", "value": "S"}),
        ("flag_duplicate", w.person, {"other": w.twin, "score": 90}),
        ("dismiss_duplicate", w.person, {"other": w.twin}),
        ("merge", w.twin, {"survivor": w.person}),
        ("house", w.irregular, here),
        ("move", w.person, {**here, "place": "T-2"}),
        ("refer_to_care", w.person, {"site": "CLINIC"}),
        ("return_from_care", w.person, here),
        ("deposit_effects", w.person, {"receipt": "E-1", "items": 1}),
        ("return_effects", w.person, {"receipt": "E-1"}),
        ("state_intent", w.person, asked),
        ("sign_pledge", w.person, {"pledgor": "SELF", "document": "PL"}),
        ("withdraw_pledge", w.person, {"pledgor": "SELF"}),
        ("record_assurance", w.person, sure),
        ("report_absence", w.person, {}),
        ("find_again", w.person, here),
        ("record_death", w.person, {"site": "CLINIC", "certificate": "C"}),
        ("release_otherwise", w.person, {"basis": "visa", "destination": "abroad"}),
        ("hand_over", w.leaving, handed),
        ("erase", w.person, {"authority": "COURT-1"}),
        ("declare", None, {"as_described": "a rifle"}),
        ("receive", None, taken),
        ("make_safe", w.handed_in, {}),
        ("inventory", w.handed_in, serial),
        ("correct_description", w.weapon, {"model": "AKMS"}),
        ("resolve_serial", w.weapon, {"outcome": "DISTINCT"}),
        ("assert_ownership", w.weapon, {"owner": "O", "basis": "marks"}),
        ("deposit", w.counted, trust),
        ("store_weapon", w.weapon, {"site": "DEPOT-1"}),
        ("assess_condition", w.weapon, {"condition": "WORN"}),
        ("record_damage", w.weapon, {"damage": "cracked"}),
        ("check_seal", "CRATE-1", {**crate, "intact": True}),
        ("move_crate", "CRATE-9", {"site": "DEPOT-2"}),
        ("break_seal", "CRATE-1", {**crate, "authorised": True}),
        ("locate", w.lost, {"site": "DEPOT-1"}),
        ("declare_loss", w.lost, {"authority": "A-1"}),
        ("place_hold", w.weapon, {"hold": "COURT"}),
        ("lift_hold", w.weapon, {"hold": "COURT"}),
        ("authorise_restitution", w.weapon, {"recipient": "PARTY-SYR", "basis": "b", "authority": "A"}),
        ("destroy", w.weapon, DESTROYED),
        ("plan", None, {**plan, **sites}),
        ("add_line", w.planned, {"line": w.person}),
        ("remove_line", w.frozen, {"line": min(house.state(w.frozen).lines)}),
        ("freeze", w.planned, {}),
        ("release", w.frozen, {}),
        ("depart", w.convoy, {"transport": "bus"}),
        ("arrive", w.convoy, {}),
        ("accept", w.convoy, {"party": "PARTY-SYR"}),
        ("record_unlisted", w.convoy, {"subject": w.person}),
        ("void", w.frozen, {"reason": "no bus"}),
        ("close_transfer", w.done, {}),
        ("open_stocktake", None, {"kind": "PERSONS", "site": "CAMP-R1"}),
        ("scan", w.count, {"code": w.weapon}),
        ("scan", w.count, {"code": "no label"}),
        ("countersign", w.count, {}),
        ("close_stocktake", w.count, {}),
        ("reopen_stocktake", w.closed, {"reason": "overlooked"}),
        ("open_site", "SITE-NEW", {"kind": "CAMP", "name": "new"}),
        ("set_capacity", "SITE-GATE", {"capacity": 5}),
        ("name_operator", "SITE-GATE", {"operator": "PARTY-MOD"}),
        ("close_site", "SITE-GATE", {}),
        ("name_party", "PARTY-X", {"kind": "UNIT", "name": "x"}),
        ("recognise", "PARTY-NEW", {"authority": "LAW"}),
        ("withdraw_recognition", "PARTY-SYR", {}),
        ("appoint", "OFF-NEW", {"party": "PARTY-MOD"}),
        ("grant_role", "OFF-017", {"role": "WELFARE"}),
        ("end_role", "OFF-017", {"role": "WELFARE"}),
        ("register_key", "OFF-017", {"public_key": KEY}),
        ("revoke_key", "OFF-017", {}),
        ("dismiss", "OFF-017", {}),
        ("close_irregularity", w.irregular, flagged),
        ("set_clock", "OFF-017", {"reason": "battery"}),
        ("retract", w.person, late),
        ("decline", w.second, {"proposal": proposals[0], "reason": "no"}),
        ("approve", w.second, {"proposal": proposals[0]}),
    ]  # fmt: skip
    found: dict[str, list[Command]] = {}
    for one in known:
        found.setdefault(getattr(Custody, one[0]).event.TOPIC, []).append(one)
    found["record.retracted"] = found["record.proposed"]  # what is proposed there
    for topic, (stream, version) in world.found.items():
        if topic not in found and not topic.startswith("record."):
            again = {"version": version, "changes": {}, "reason": "anew"}
            found[topic] = [("correct", stream, again)]
    return found

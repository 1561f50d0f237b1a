"""Where, who for, and who: the sites, parties and officials of the scenario.

CP-AQ and CP-AK are the two sides of one crossing. The weapons are held by the Ministry of
Defence of Iraq as trustee; units and officials are fictional. Members of a security body are
marked, since they never read intent, protection or family.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Site:
    """A place where people are sheltered or things are kept."""

    code: str
    kind: str  # CROSSING | HOSPITAL | CAMP | DEPOT | ARMOURY
    name_ar: str
    name_en: str
    party: str
    capacity: int | None = None  # places for people; None where nobody is housed
    other_side: str | None = None  # the other side of the same crossing


@dataclass(frozen=True, slots=True)
class Party:
    """A body that acts: a ministry, a command, a committee, a unit."""

    code: str
    kind: str  # MINISTRY | COMMAND | AUTHORITY | COMMITTEE | LIAISON | UNIT
    name_ar: str
    name_en: str
    security: bool = False  # its members never read intent, protection or family


@dataclass(frozen=True, slots=True)
class Official:
    """Someone who records, decides or signs: a code, never a name."""

    code: str
    roles: tuple[str, ...]
    party: str
    site: str | None = None
    team: int | None = None  # within the committee


TRUSTEE = "PARTY-MOD-IQ"
COMMAND = "PARTY-JOC"
RECEIVING = "PARTY-SY-AUTHORITIES"
IDENTITY = "PARTY-COMMITTEE-IDENTITY"
WEAPONS = "PARTY-COMMITTEE-WEAPONS"
WELFARE = "PARTY-COMMITTEE-WELFARE"
RETURN = "PARTY-COMMITTEE-RETURN"
LIAISON = "PARTY-LIAISON-SY"
STAFF_UNIT = "PARTY-CROSSING-AK"

CROSSING_IN, CROSSING_OUT, HOSPITAL = "CP-AQ", "CP-AK", "HOSP-1"
CAMPS = ("CAMP-R1", "CAMP-R2", "CAMP-R3")
DEPOTS = ("DEPOT-M1", "DEPOT-M2")

UNITS = (
    Party("PARTY-BRIGADE-K17", "UNIT", "اللواء ك-17", "Brigade K-17"),
    Party("PARTY-BRIGADE-K23", "UNIT", "اللواء ك-23", "Brigade K-23"),
    Party("PARTY-BRIGADE-K31", "UNIT", "اللواء ك-31", "Brigade K-31"),
    Party("PARTY-REGIMENT-K4", "UNIT", "الفوج ك-4", "Regiment K-4"),
    Party("PARTY-REGIMENT-K9", "UNIT", "الفوج ك-9", "Regiment K-9"),
    Party("PARTY-BATTALION-K52", "UNIT", "الكتيبة ك-52", "Battalion K-52"),
    Party("PARTY-BATTALION-K58", "UNIT", "الكتيبة ك-58", "Battalion K-58"),
    Party("PARTY-COMPANY-K77", "UNIT", "السرية ك-77", "Company K-77"),
)

PARTIES = (
    Party(TRUSTEE, "MINISTRY", "وزارة الدفاع العراقية", "Ministry of Defence of Iraq", True),
    Party(COMMAND, "COMMAND", "قيادة العمليات المشتركة", "Joint Operations Command", True),
    Party(RECEIVING, "AUTHORITY", "السلطات السورية", "Syrian authorities"),
    Party(IDENTITY, "COMMITTEE", "لجنة تثبيت الهوية", "Identity committee"),
    Party(WEAPONS, "COMMITTEE", "لجنة جرد الأسلحة", "Weapons committee", True),
    Party(WELFARE, "COMMITTEE", "لجنة الإيواء", "Welfare committee"),
    Party(RETURN, "COMMITTEE", "لجنة العودة", "Return committee"),
    Party(LIAISON, "LIAISON", "مجموعة الارتباط السورية", "Syrian liaison group"),
    Party(STAFF_UNIT, "UNIT", "موظفو منفذ البوكمال", "Abu Kamal crossing staff"),
    *UNITS,
)


def sites(camp_capacity: int) -> tuple[Site, ...]:
    """Return every site; the camps have the given number of places each."""
    camps = (
        Site(code, "CAMP", f"مخيم {code[-2:]}", f"Camp {code[-2:]}", WELFARE, camp_capacity)
        for code in CAMPS
    )
    return (
        Site(CROSSING_IN, "CROSSING", "منفذ القائم", "Al-Qa'im side", COMMAND, None, CROSSING_OUT),
        Site(
            CROSSING_OUT,
            "CROSSING",
            "منفذ البوكمال",
            "Abu Kamal side",
            RECEIVING,
            None,
            CROSSING_IN,
        ),
        Site(
            HOSPITAL, "HOSPITAL", "المستشفى 1", "Hospital 1", WELFARE, max(60, camp_capacity // 10)
        ),
        *camps,
        Site("DEPOT-M1", "DEPOT", "المستودع م1", "Depot M1", TRUSTEE),
        Site("DEPOT-M2", "DEPOT", "المستودع م2", "Depot M2", TRUSTEE),
        Site("ARMOURY-R", "ARMOURY", "مشجب الاستلام", "Armoury R (restitution)", TRUSTEE),
    )


def _official(number: int, role: str, party: str, site: str | None, team: int | None) -> Official:
    return Official(f"OFF-{number:03d}", tuple(role.split("+")), party, site, team)


_ROSTER: tuple[tuple[int, str, str, str | None, int | None], ...] = (
    (1, "committee_chair", COMMAND, None, None),
    (2, "committee_chair", TRUSTEE, None, None),  # the second approver
    (3, "weapons_clerk", WEAPONS, CROSSING_IN, 1),
    (4, "weapons_clerk", WEAPONS, CROSSING_IN, 1),
    (7, "weapons_clerk", WEAPONS, CROSSING_IN, 2),
    (8, "weapons_clerk", WEAPONS, CROSSING_IN, 2),
    (11, "weapons_clerk", WEAPONS, CROSSING_IN, 3),
    (12, "weapons_clerk", WEAPONS, CROSSING_IN, 3),
    (15, "intake_clerk", IDENTITY, CROSSING_IN, 1),
    (16, "intake_clerk", IDENTITY, CROSSING_IN, 1),
    (17, "intake_clerk", IDENTITY, CROSSING_IN, 2),
    (18, "intake_clerk", IDENTITY, CROSSING_IN, 2),
    (19, "intake_clerk", IDENTITY, CROSSING_IN, 3),
    (20, "intake_clerk", IDENTITY, CROSSING_IN, 3),
    (21, "intake_clerk", IDENTITY, CROSSING_IN, 4),
    (22, "intake_clerk", IDENTITY, CROSSING_IN, 4),
    (24, "welfare", WELFARE, "CAMP-R1", None),
    (25, "welfare", WELFARE, "CAMP-R2", None),
    (26, "welfare", WELFARE, "CAMP-R3", None),
    (27, "welfare", WELFARE, HOSPITAL, None),
    (31, "storekeeper", TRUSTEE, "DEPOT-M1", None),
    (32, "storekeeper", TRUSTEE, "DEPOT-M2", None),
    (33, "storekeeper", TRUSTEE, "ARMOURY-R", None),
    (34, "releasing_official", WEAPONS, CROSSING_IN, None),
    (35, "releasing_official", RETURN, CROSSING_IN, None),
    (36, "accepting_official", RECEIVING, CROSSING_OUT, None),
    (37, "accepting_official", RECEIVING, CROSSING_OUT, None),
    (41, "protection_interviewer", RETURN, None, 1),
    (42, "protection_interviewer", RETURN, None, 2),
    (43, "committee_chair", RETURN, None, None),
    (51, "liaison", LIAISON, CROSSING_IN, 1),
    (52, "liaison", LIAISON, CROSSING_IN, 2),
    (53, "liaison", LIAISON, CROSSING_IN, 3),
    (54, "liaison", LIAISON, CROSSING_IN, 4),
    (61, "analyst", COMMAND, None, None),
    (62, "auditor", RETURN, None, None),  # no member of a security body: reads all
    (63, "key_custodian", TRUSTEE, None, None),
)

OFFICIALS = tuple(_official(*row) for row in _ROSTER)

CHAIR, SECOND_APPROVER = "OFF-001", "OFF-002"


def team(role: str, number: int) -> tuple[str, ...]:
    """Return the codes of the officials with a role in one numbered team."""
    return tuple(o.code for o in OFFICIALS if role in o.roles and o.team == number)

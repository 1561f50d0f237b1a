"""Who may read and who may write what: one table, thing by thing and role by role. Pure.

An event class says which thing it writes (`Event.THING`); who may record it and from whom it is withheld
follow from the table. What is no event (opened values, a search, the access log) has its row, too.

    writers("intent")   → {WELFARE, PROTECTION_INTERVIEWER}
    readers("intent")   → {WELFARE, PROTECTION_INTERVIEWER, CHAIR, AUDITOR}, of no security body
    is_open("shelter")  → True: everybody reads it, also who holds no role and who is not named

That somebody seeks protection is an intent; that a family pledged is a pledge: they have no row of
their own because nothing is recorded about them apart.
"""

from __future__ import annotations

from typing import Literal

Role = Literal[
    "INTAKE_CLERK", "WEAPONS_CLERK", "STOREKEEPER", "RELEASING", "ACCEPTING", "WELFARE",
    "PROTECTION_INTERVIEWER", "CHAIR", "ANALYST", "AUDITOR", "KEY_CUSTODIAN",
]  # fmt: skip
Thing = Literal[
    "personal values", "search", "access log", "weapons sheet",
    "arrival", "entry", "identity", "shelter", "care", "effects", "intent", "pledge", "assurance",
    "other release", "manifest", "manifest removal", "handover",
    "weapon", "depositor", "store", "weapon decision", "release", "acceptance",
    "transfer", "line removal", "transfer end", "count",
    "directory", "correction", "irregularity", "erasure", "clock",
]  # fmt: skip
PEOPLE: dict[Role, str] = {
    "INTAKE_CLERK": "intake clerks", "WEAPONS_CLERK": "weapons clerks", "STOREKEEPER": "storekeepers",
    "RELEASING": "releasing officials", "ACCEPTING": "accepting officials", "WELFARE": "welfare",
    "PROTECTION_INTERVIEWER": "interviewers", "CHAIR": "chairs", "ANALYST": "analysts",
    "AUDITOR": "auditors", "KEY_CUSTODIAN": "key custodians",
}  # fmt: skip
"""The columns of the table, and what their holders are called."""

# r reads, w writes. "all": whoever asks, named or not. "sec": a member of a security body keeps the
# right that a role gives (y), or never reads it (n).
_TABLE: dict[Thing, str] = {
    #                    IC WC SK RE AC WE PI CH AN AU KC all sec
    "personal values":  "r  .  .  r  .  r  .  r  .  r  .   .  y",  # written with the identity
    "search":           "r  .  .  .  .  r  .  r  .  r  .   .  y",
    "access log":       ".  .  .  .  .  .  .  r  .  r  .   .  y",
    "weapons sheet":    "r  r  .  r  .  r  .  r  .  r  .   .  y",  # its rows as they were staged

    "arrival":          "w  .  .  .  .  .  .  .  .  .  .   r  y",
    "entry":            ".  .  .  .  .  .  .  w  .  .  .   r  y",
    "identity":         "w  .  .  .  .  .  .  .  .  .  .   r  y",
    "shelter":          "w  .  .  .  .  w  .  .  .  .  .   r  y",
    "care":             "w  .  .  .  .  w  .  .  .  .  .   r  y",
    "effects":          "w  .  .  .  .  w  .  .  .  .  .   r  y",
    "intent":           ".  .  .  .  .  rw rw r  .  r  .   .  n",
    "pledge":           "w  .  .  .  .  rw r  rw .  r  .   .  n",
    "assurance":        ".  .  .  .  .  .  .  w  .  .  .   r  y",
    "other release":    ".  .  .  .  .  .  .  w  .  .  .   r  y",
    "manifest":         ".  .  .  w  .  .  .  w  .  .  .   r  y",
    "manifest removal": "w  .  .  w  .  w  .  w  .  .  .   r  y",
    "handover":         ".  .  .  .  w  .  .  .  .  .  .   r  y",

    "weapon":           ".  w  .  .  .  .  .  .  .  .  .   r  y",
    "depositor":        ".  w  .  .  .  .  .  .  .  .  .   r  y",  # which weapon came from whom
    "store":            ".  w  w  .  .  .  .  .  .  .  .   r  y",
    "weapon decision":  ".  .  .  .  .  .  .  w  .  .  .   r  y",
    "release":          ".  .  w  w  .  .  .  .  .  .  .   r  y",
    "acceptance":       ".  .  w  .  w  .  .  .  .  .  .   r  y",

    "transfer":         ".  .  w  w  .  .  .  w  .  .  .   r  y",
    "line removal":     "w  .  w  w  .  w  .  w  .  .  .   r  y",
    "transfer end":     ".  .  w  w  w  .  .  w  .  .  .   r  y",
    "count":            "w  w  w  .  .  w  .  .  .  .  .   r  y",

    "directory":        ".  .  .  .  .  .  .  w  .  .  .   r  y",
    "correction":       "w  w  w  w  w  w  w  w  .  .  .   r  y",
    "irregularity":     ".  .  .  .  .  .  .  w  .  .  .   r  y",
    "erasure":          ".  .  .  .  .  .  .  .  .  .  w   r  y",
    "clock":            ".  .  .  .  .  .  .  w  .  .  .   r  y",
}  # fmt: skip

_SAID: dict[Thing, str] = {
    "personal values": "personal values are opened by",
    "search": "persons are searched for by",
    "access log": "who looked at whose values is read by",
    "weapons sheet": "rows of a weapons sheet are opened by",
    "intent": "intent and pledges are read by",
    "pledge": "intent and pledges are read by",
}
"""How a refusal to read begins."""

_CELLS = {thing: row.split() for thing, row in _TABLE.items()}


def _roles(thing: Thing, right: str) -> frozenset[Role]:
    cells = zip(PEOPLE, _CELLS[thing][: len(PEOPLE)], strict=True)
    return frozenset(role for role, cell in cells if right in cell)


_READERS = {thing: _roles(thing, "r") for thing in _CELLS}
_WRITERS = {thing: _roles(thing, "w") for thing in _CELLS}
_OPEN = frozenset(thing for thing, cells in _CELLS.items() if cells[-2] == "r")
NEVER_BY_SECURITY = frozenset(thing for thing, cells in _CELLS.items() if cells[-1] == "n")
"""What no member of a security body reads, whatever their role: protected things."""
THINGS = frozenset(_CELLS)


def writers(thing: Thing) -> frozenset[Role]:
    """Return the roles of which one is needed to record a thing."""
    return _WRITERS[thing]


def readers(thing: Thing) -> frozenset[Role]:
    """Return the roles of which one is needed to read a thing; none where it is open."""
    return _READERS[thing]


def is_open(thing: Thing) -> bool:
    """Return whether everybody reads a thing."""
    return thing in _OPEN


def refusal(thing: Thing) -> str:
    """Return the sentence for who may not read a thing."""
    *most, last = [PEOPLE[role] for role in PEOPLE if role in readers(thing)]
    end = ", never by members of a security body" if thing in NEVER_BY_SECURITY else ""
    return f"{_SAID[thing]} {', '.join(most)} and {last} only (--by){end}"

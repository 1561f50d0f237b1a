"""What facts are called and how a person reads them: the glossary's words, instants in the zone.

A fact is stored under its field's name for ever, and programs get it under that name. People read the
word of `docs/glossary.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from words import instants
from words.cells import cell

LABELS = {
    "container": "crate",
    "stock_take": "stock-take",
    "roles": "role",
    "keeper": "accountable",
    "seal_read": "another seal was read",
    "identity_fields": "identity sealed",
    "seals": "seals applied",
    "seen_at": "seen elsewhere at",
    "countersigned_by": "counter-signed by",
    "look_alikes": "look-alikes",
    "unlisted": "arrived unlisted",
}
"""What a fact is called where its stored name is not the glossary's word."""
OF_KIND = {"weapon": {"party": "kept by"}, "official": {"party": "belongs to"}}
"""The same, where it depends on the kind of subject."""
TOTALS = ("expected", "found", "missing", "unexpected")
"""What the totals of a closed count are of, in their order."""
STORED = {"ITEMS": "weapons", "PERSONS": "persons"}
"""The words for what a transfer or a count is of."""


def label(name: str, kind: str = "") -> str:
    """Return what a fact is called; its stored name in words unless the glossary has another."""
    return OF_KIND.get(kind, {}).get(name) or LABELS.get(name) or name.replace("_", " ")


def spoken(name: str, value: object, zone: ZoneInfo) -> object:
    """Return a fact as a person reads it: instants in the zone, wherever in it they stand.

    Args:
        name: its stored name, which tells an instant from a number. value: what it is.
    """
    if name == "kind" and isinstance(value, str):
        return STORED.get(value, value)
    if instants.is_instant(name) and isinstance(value, int) and not isinstance(value, bool):
        return instants.shown(value, zone)
    if name == "roles" and isinstance(value, Mapping):
        return [_role(str(role), end, zone) for role, end in value.items()]
    if isinstance(value, Mapping):  # subjects or fields, and what is so of each
        return {label(str(key)): spoken(str(key), one, zone) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_one_of(name, one, zone) for one in value]
    return value


def _role(role: str, end: object, zone: ZoneInfo) -> str:
    return f"{role} until {instants.shown(end, zone)}" if isinstance(end, int) else role


def _one_of(name: str, one: object, zone: ZoneInfo) -> object:
    fields = getattr(one, "_asdict", None)  # a receipt: which, for what, when
    if fields is None:
        return " ".join(map(str, one)) if isinstance(one, tuple) else spoken(name, one, zone)
    return " ".join(cell(spoken(field, value, zone)) for field, value in fields().items()).rstrip()

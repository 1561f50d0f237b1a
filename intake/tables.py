"""The words of the house as data: TOML in `intake/tables`, which a user's own file extends.

    ranks.toml  weapons.toml  serials.toml  columns.toml  dates.toml  rows.toml

A user's file has the same tables; its lists are added to ours, its new keys are new terms:

    [rank]
    "رقيب أول" = ["ر.أ"]

A form that would then mean two things is refused: a table that guesses is worse than none.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from intake.errors import IntakeError
from intake.fold import fold
from intake.readtext import decoded

NAMES = ("ranks", "weapons", "serials", "columns", "dates", "rows")


@dataclass(frozen=True, slots=True)
class Tables:
    """Every table, folded form to term."""

    ranks: dict[str, str]
    posts: frozenset[str]  # those of the ranks that are a civil post at the crossing
    categories: dict[str, str]
    conditions: dict[str, str]
    models: dict[str, str]
    calibres: dict[str, str]  # model to calibre
    serial_words: dict[str, str]  # to ABSENT | ILLEGIBLE | UNTRANSLATABLE | UNSAID
    unknown: frozenset[str]
    months: dict[str, int]
    hijri_months: dict[str, int]
    columns: dict[str, dict[str, str]]  # kind to folded title to field
    own_titles: frozenset[str]
    forbidden: frozenset[str]
    row_words: dict[str, str]  # first words to TOTAL | FOOTER | COMMENT
    titles: dict[str, dict[str, list[str]]]  # kind to field to its titles, for templates


def load(extra: bytes | None = None) -> Tables:
    """Return the tables of the package, extended by a user's TOML.

    Args:
        extra: UTF-8 bytes of a TOML file with the same tables, or None.

    Raises:
        IntakeError: the TOML cannot be read, or a form would mean two things.
    """
    return _ours() if extra is None else _built(_merged(_raw(), _parsed(extra)))


@cache
def _ours() -> Tables:
    return _built(_raw())


def _raw() -> dict[str, object]:
    raw: dict[str, object] = {}
    for name in NAMES:
        text = files("intake").joinpath("tables", f"{name}.toml").read_text("utf-8")
        raw |= tomllib.loads(text)
    return raw


def _parsed(extra: bytes) -> dict[str, object]:
    try:
        return tomllib.loads(decoded(extra))
    except ValueError as error:  # UnicodeDecodeError and TOMLDecodeError are both
        raise IntakeError("table", detail=str(error).splitlines()[0].rstrip(".")) from None


def _merged(ours: Any, theirs: Any) -> Any:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        shared = {key: _merged(ours[key], theirs[key]) for key in ours.keys() & theirs.keys()}
        return ours | theirs | shared
    if isinstance(ours, list) and isinstance(theirs, list):
        return ours + theirs
    if type(ours) is not type(theirs):
        raise IntakeError("table", detail=f"expected {_shape(ours)}, got {_shape(theirs)}")
    return theirs


def _shape(value: object) -> str:
    return (
        "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a text"
    )


def _built(raw: dict[str, object]) -> Tables:
    try:
        return _tables(raw)
    except (AttributeError, TypeError, ValueError):
        raise IntakeError("table", detail="a term has a list of forms, all of them texts") from None


def _tables(raw: dict[str, Any]) -> Tables:
    models = raw["model"]
    statuses = {name.upper(): raw[name] for name in ("absent", "illegible", "untranslatable")}
    kinds = ("persons", "weapons")
    return Tables(
        ranks=_forms(raw["rank"]) | _forms(raw["post"]),
        posts=frozenset(raw["post"]),
        categories=_forms(raw["category"], itself=False),
        conditions=_forms(raw["condition"], itself=False),
        models=_forms({name: model.get("names", []) for name, model in models.items()}),
        calibres={n: m["calibre"] for n, m in models.items() if "calibre" in m},
        serial_words=_forms(statuses | {"UNSAID": raw["unsaid"]}, itself=False),
        unknown=frozenset(map(fold, raw["unknown"])),
        months=_months(raw["gregorian"]),
        hijri_months=_months(raw["hijri"]),
        columns={kind: _forms(raw[kind], itself=False) for kind in kinds},
        own_titles=frozenset(map(fold, raw["rejects"]["own"])),
        forbidden=frozenset(map(fold, raw["forbidden"]["words"])),
        row_words=_forms({n.upper(): forms for n, forms in raw["rows"].items()}, itself=False),
        titles={kind: raw[kind] for kind in kinds},
    )


def _months(table: dict[str, list[str]]) -> dict[str, int]:
    return {form: int(month) for form, month in _forms(table, itself=False).items()}


def _forms(table: dict[str, list[str]], itself: bool = True) -> dict[str, str]:
    """Turn term → forms round; the term is a form of itself unless it is a code."""
    found: dict[str, str] = {}
    for term, forms in table.items():
        for form in [term, *forms] if itself else forms:
            if found.setdefault(fold(form), term) != term:
                detail = f"{form} would mean {found[fold(form)]} and {term}"
                raise IntakeError("table", detail=detail)
    return found

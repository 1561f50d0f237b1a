"""Given: somebody who asks reports of a real ledger; counts and roll calls as officials make them."""

from __future__ import annotations

from typing import Any

from tests.terminal import Terminal

STOREKEEPER, WELFARE, SECOND = "OFF-012", "OFF-015", "OFF-010"


def desk(house: Any) -> Terminal:
    """Return a terminal that asks of a house's ledger."""
    terminal = Terminal(house.path.parent)
    terminal.env |= {"AMANA_LEDGER": str(house.path), "AMANA_BY": "OFF-019"}
    terminal.env["AMANA_KEY_FILE"] = str(house.path.with_name("ledger.key"))
    return terminal


def count(house: Any, kind: str, site: str, *found: str, at: int, container: str = "") -> str:
    """Make a whole count that finds these, closed at an instant; return its number."""
    by = STOREKEEPER if kind == "ITEMS" else WELFARE
    facts = {"kind": kind, "site": site, "container": container}
    number: str = house.do("open_stocktake", by=by, at=at, **facts).subject
    for code in found:
        house.do("scan", number, by=by, at=at, code=code)
    house.do("countersign", number, by=SECOND, at=at)
    house.do("close_stocktake", number, by=by, at=at)
    return number

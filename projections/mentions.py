"""Who names whom, and which numbers of paper and metal: by what one stream is judged beside another."""

from __future__ import annotations

import unicodedata

from domain.event import Event
from domain.person import SameAs
from domain.rules import serial_key
from projections.row_codes import ORIGIN, Row, code_of

SERIAL, RECEIPT, CRATE, SEAL = "=s", "=r", "=c", "=m"
"""How a number of metal or paper begins in `mention`, where it is no stream."""
NUMBERS = {"seal": SEAL, "receipt": RECEIPT, "provisional_receipt": RECEIPT, "container": CRATE}


def mention_rows(event: Event) -> list[Row]:
    """Return which streams and numbers an event names that others are judged by."""
    kind = event.TOPIC.partition(".")[0]
    keys: list[int | str] = []
    if kind == "weapon":
        if key := serial_key(getattr(event, "serial", None) or ""):
            keys.append(SERIAL + key)
        keys += [
            kind_of_number + key
            for name, kind_of_number in NUMBERS.items()
            if (key := folded(getattr(event, name, None) or ""))
        ]
    elif kind == "transfer":
        subject = getattr(event, "subject", None)
        keys += [code_of(subject)] if subject else []
    elif event.TOPIC == SameAs.TOPIC:
        keys.append(code_of(event.survivor))  # type: ignore[attr-defined]  # it is a SameAs
    if kind in {"person", "weapon"}:
        named = (getattr(event, name, None) for name in ("transfer", "stock_take", "person"))
        keys += [code_of(one) for one in named if one]
        site = getattr(event, "site", None)
        keys += [f"SITE-{site}"] if site else []
    if kind == "person" and (receipt := getattr(event, "receipt", None)):
        keys.append(RECEIPT + folded(receipt))
    code, known = code_of(event.originator_id), event.recorded_at - ORIGIN
    return [(key, code, known) for key in keys]


def folded(number: str) -> str:
    """Return what candidates for an equal number of paper or metal are found by: no finer than any."""
    plain = (str(unicodedata.decimal(c, c)) for c in unicodedata.normalize("NFKC", number))
    return serial_key("".join(plain))

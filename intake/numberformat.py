"""What a spreadsheet shows of a whole number: its number format read back, the zeros with it.

    991207, "00000000"      → 00991207          4711, '"SYN-"000000' → SYN-004711
    99034718, "General"     → 99034718          99034718, "0.00E+00" → 99034718 (the value)

Only what places the digits of a whole number is understood; for any other format (fractions,
percent, dates, conditions) the digits of the value are the answer.

>>> shown(991207, "00000000")
'00991207'
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]|([0#?])|(,)|([-+/():!^&~{}<>= $€£A-DF-Z])|(.)'
)
_SCALED = re.compile(r",+(?=$|[^0#?,])")  # a comma behind the digits divides by a thousand


def shown(value: int, number_format: str) -> str:
    """Return the text a cell shows for a whole number.

    Args:
        value: the number, not negative.
        number_format: the cell's format code, e.g. "00000000".

    Source:
        ECMA-376 part 1 §18.8.30-31.
    """
    section = number_format.split(";", maxsplit=1)[0]
    parts = _parts(section)
    if parts is None or not any(part is None for part in parts):
        return str(value)
    slots = sum(part is None for part in parts)
    needed = sum(1 for kind in _slots(section) if kind == "0")
    digits = str(value).rjust(max(needed, 1), "0")
    return _filled(parts, digits, slots)


def _slots(section: str) -> list[str]:
    return [found.group(3) for found in _TOKEN.finditer(section) if found.group(3)]


def _parts(section: str) -> list[str | None] | None:
    """Literal texts and, as None, places of digits; None where the format says more than that."""
    if section in {"General", "@", ""} or _SCALED.search(section):
        return None
    parts: list[str | None] = []
    for found in _TOKEN.finditer(section):
        quoted, escaped, slot, comma, literal, other = found.groups()
        if other is not None:
            return None
        if slot:
            parts.append(None)
        elif not comma:  # a serial is shown without thousands separators
            parts.append(quoted or escaped or literal or "")
    return parts


def _filled(parts: list[str | None], digits: str, slots: int) -> str:
    """Fill the places from the right; the first place takes all digits left over."""
    spare, padded = max(0, len(digits) - slots), digits.rjust(slots, "\0")
    queue = iter([padded[: spare + 1], *padded[spare + 1 :]])
    text = "".join(next(queue) if part is None else part for part in parts)
    return text.replace("\0", "").strip()

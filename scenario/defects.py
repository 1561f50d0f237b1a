"""What keyboards, programs and hurried hands do to a text: pure functions, text to text.

>>> stretched("محمد")
'محـمد'
"""

from __future__ import annotations

import unicodedata

TATWEEL, FATHA, DAMMA = "\u0640", "\u064e", "\u064f"
RLM, ZWJ, BOM, OVERRIDE = "\u200f", "\u200d", "\ufeff", "\u202e"
ARABIC_DIGITS, PERSIAN_DIGITS = "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"
PERSIAN_LETTERS = str.maketrans({"ي": "ی", "ك": "ک"})
HAMZA_DROPPED = str.maketrans("أإآ", "ااا")
FIRST_FORM, LAST_FORM = 0xFE80, 0xFEF4  # single letters; the ligatures behind are left alone


def _forms() -> dict[str, dict[str, str]]:
    """Letter to its presentation forms: isolated, initial, medial, final."""
    forms: dict[str, dict[str, str]] = {}
    for code in range(FIRST_FORM, LAST_FORM + 1):
        shape, letter = unicodedata.decomposition(chr(code)).split()
        forms.setdefault(chr(int(letter, 16)), {})[shape.strip("<>")] = chr(code)
    return forms


FORMS = _forms()


def stretched(text: str) -> str:
    """Insert a tatweel in the first word, as justified headings have it."""
    return text[:2] + TATWEEL + text[2:]


def vowelled(text: str) -> str:
    """Set two vowel marks in the first word."""
    return text[0] + DAMMA + text[1] + FATHA + text[2:]


def persian_letters(text: str) -> str:
    """Type ي and ك with a Persian keyboard."""
    return text.translate(PERSIAN_LETTERS)


def presentation_forms(text: str) -> str:
    """Copy out of an old PDF: each letter as the shape it had on the page."""
    padded = f" {text} "
    return "".join(
        _shape(before, letter, after)
        for before, letter, after in zip(padded[:-2], text, padded[2:], strict=True)
    )


def _shape(before: str, letter: str, after: str) -> str:
    joins_before = "initial" in FORMS.get(before, {})
    joins_after = "initial" in FORMS.get(letter, {}) and after in FORMS
    shape = {(0, 0): "isolated", (0, 1): "initial", (1, 0): "final", (1, 1): "medial"}
    return FORMS.get(letter, {}).get(shape[joins_before, joins_after], letter)


def right_to_left_mark(text: str) -> str:
    """End with an invisible right-to-left mark."""
    return text + RLM


def joined(text: str) -> str:
    """Leave a zero width joiner behind the first letter."""
    return text[0] + ZWJ + text[1:]


def byte_order_mark(text: str) -> str:
    """Begin with a byte order mark from a pasted file."""
    return BOM + text


def overridden(text: str) -> str:
    """Hide a right-to-left override inside: the page shows another text than the data."""
    return text[:3] + OVERRIDE + text[3:]


def without_hamza(text: str) -> str:
    """Write each hamza form of alef as a bare alef."""
    return text.translate(HAMZA_DROPPED)


def ha_for_ta(text: str) -> str:
    """Write ه for ة."""
    return text.replace("ة", "ه")


def ya_for_maqsura(text: str) -> str:
    """Write ي for ى."""
    return text.replace("ى", "ي")


def without_gap(text: str) -> str:
    """Write عبدالله for عبد الله."""
    return text.replace("عبد ", "عبد")


def wide_spaces(text: str) -> str:
    """Double the inner spaces and leave one behind."""
    return text.replace(" ", "  ") + " "


def mojibake(text: str) -> str:
    """Read UTF-8 bytes as cp1256."""
    return text.encode().decode("cp1256")


def arabic_digits(text: str) -> str:
    """Write the figures as in Baghdad."""
    return text.translate(str.maketrans("0123456789", ARABIC_DIGITS))


def persian_digits(text: str) -> str:
    """Write the figures as in Tehran."""
    return text.translate(str.maketrans("0123456789", PERSIAN_DIGITS))

r"""Text as it was meant: what a keyboard or a program did to it is undone, and named.

`tidy` undoes only what carries no meaning; spelling is evidence and stays (أ or ا, ة or ه).

    hidden   U+200B-200F U+061C U+FEFF U+00AD dropped     tatweel  ـ dropped
    marks    vowel marks dropped (hamza marks compose)    forms    presentation forms to letters
    persian  ک ی to ك ي                                   digits   ٠-٩ ۰-۹ to 0-9, ٫ to a point
    space    white space collapsed and trimmed

`fold` goes on to what two clerks may spell differently; it serves comparison only and is never
stored: hamza forms, ة/ه, ى/ي, Persian and Kurdish letters, case, punctuation.

>>> tidy("  محـمد\u200f ")
Tidy(text='محمد', changes=('hidden', 'tatweel', 'space'))
>>> fold("الإسم الثُلاثي:")
'الاسم الثلاثي'
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

HIDDEN = "\u00ad\u061c\u200b-\u200f\ufeff"
MARKS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
FORMS = "\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc"
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫", "01234567890123456789.")
_PERSIAN = str.maketrans("کی", "كي")
_SPELT = {"ا": "أإآٱ", "و": "ؤ", "ي": "ئىیېۍ", "ك": "کڪگ", "ه": "ةەہۀھ", "ب": "پ", "ج": "چ"}
_FOLDED = {ord(char): to for to, chars in _SPELT.items() for char in chars} | {
    ord("ء"): "",
    ord("ژ"): "ز",
    ord("ڤ"): "ف",
}
_UNTIDY = re.compile(
    rf"[{HIDDEN}{MARKS}{FORMS}\u0640کی٠-٩۰-۹٫\u00a0\u2000-\u200a\u202f\u3000\t\r\n\v\f]|  |^ | $"
)
_FORM, _MARK, _HIDDEN = (re.compile(f"[{s}]+") for s in (FORMS, MARKS, HIDDEN))
_CONTROL = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u2028\u2029\u202a-\u202e\u2066-\u206f\ud800-\udfff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_WORDS = re.compile(r"[^\w]+|_+")
ARABIC = re.compile(f"[\u0621-\u064a\u066e-\u06d3{FORMS}]")
LATIN = re.compile("[A-Za-z\u00c0-\u024f]")


class Tidy(NamedTuple):
    """A text and the names of what was undone."""

    text: str
    changes: tuple[str, ...]


def hidden_control(text: str) -> str | None:
    """Return the first control or direction-override character as U+XXXX, or None.

    Source:
        UAX #9 §2.1-2.2 (overrides, embeddings, isolates); rule 24 of the rule book.
    """
    found = None if text.isascii() and text.isprintable() else _CONTROL.search(text)
    return f"U+{ord(found.group()):04X}" if found else None


def tidy(text: str) -> Tidy:
    """Undo what carries no meaning."""
    if not _UNTIDY.search(text):
        return Tidy(text, ())
    return _tidied(text)


@lru_cache(maxsize=8192)
def _tidied(text: str) -> Tidy:
    changes = []
    for name, change in _STEPS:
        changed = change(text)
        if changed != text:
            text = changed
            changes.append(name)
    return Tidy(text, tuple(changes))


def _letters(text: str) -> str:
    return _FORM.sub(lambda run: unicodedata.normalize("NFKC", run.group()), text)


def _unvowelled(text: str) -> str:
    if not _MARK.search(text):
        return text
    return _MARK.sub("", unicodedata.normalize("NFC", text))  # ا + hamza above is أ first


_STEPS = (
    ("hidden", lambda text: _HIDDEN.sub("", text)),
    ("tatweel", lambda text: text.replace("\u0640", "")),
    ("forms", _letters),
    ("marks", _unvowelled),
    ("persian", lambda text: text.translate(_PERSIAN)),
    ("digits", lambda text: text.translate(_DIGITS)),
    ("space", lambda text: " ".join(text.split())),
)


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return a text for comparison only: one form for what clerks spell in several."""
    text = _tidied(text).text.translate(_FOLDED).casefold()
    return " ".join(_WORDS.sub(" ", text).split())


def figures(text: str) -> str:
    """Return a text with Arabic and Persian digits as 0-9."""
    return text.translate(_DIGITS)


def has_arabic(text: str) -> bool:
    """Whether a text holds an Arabic letter."""
    return ARABIC.search(text) is not None


def has_latin(text: str) -> bool:
    """Whether a text holds a Latin letter."""
    return LATIN.search(text) is not None

"""Control numbers and codes: how persons, weapons, transfers and counts are named.

A control number is `PREFIX-DIGITS-CHECK`, for example `W-000418-Y`. The check character is
ISO 7064 MOD 37-2 over prefix and digits: every single wrong character and every swap of two
neighbours is noticed. Its alphabet ends in `*`, which shells and file names do not take well: the
ledger never assigns a number whose check character would be `*`.

What people type is folded before it is read: lower case, Arabic-Indic and Persian digits, missing
dashes, and the letters a label scanner produces while the Arabic keyboard layout is on
(`ص-000418-غ` is `W-000418-Y`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from domain.errors import BadInputError

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
MODULUS = 37
WIDTH = 6
KINDS = {"P": "person", "W": "weapon", "T": "transfer", "S": "stocktake"}
DIRECTORY = {"SITE": "site", "PARTY": "party", "OFF": "official"}
CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,39}")

# Arabic 101 layout, key by key: plain, then with shift; لا and its kin are one key, two letters.
_LAM_ALEF = {"لا": "B", "لآ": "B", "لإ": "T", "لأ": "G"}
_PLAIN = dict(zip("ضصثقفغعهخحشسيبلاتنمئءؤرىة", "QWERTYUIOPASDFGHJKLZXCVNM", strict=True))
_SHIFTED = dict(
    zip("\u064e\u064b\u064f\u064cإ‘÷×؛\u0650\u064dأـ،آ", "QWERYUIOPASHJKN", strict=True)
)
_DIGITS = {chr(base + n): str(n) for base in (0x0660, 0x06F0) for n in range(10)}
_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\u0640", "-")
_FOLD_LETTERS = str.maketrans("کی", "كي", "\u0640")
_FOLD_DIGITS = str.maketrans({**_DIGITS})
_UNSEEN = dict.fromkeys(
    [0x61C, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_FOLD = str.maketrans({**_PLAIN, **_SHIFTED, **_DIGITS, **_DASHES})


def check_character(body: str) -> str:
    """Return the check character of a control number's prefix and digits.

    Args:
        body: letters A–Z and digits, no dashes, e.g. `W000418`.

    Source: ISO 7064:2003, pure system MOD 37-2.
    """
    total = 0
    for character in body:
        total = (total + ALPHABET.index(character)) * 2 % MODULUS
    return ALPHABET[(1 - total) % MODULUS]


def control_number(prefix: str, number: int) -> str | None:
    """Return the control number, or None when its check character would be `*`."""
    digits = f"{number:0{WIDTH}d}"
    check = check_character(prefix + digits)
    return None if check == "*" else f"{prefix}-{digits}-{check}"


def control_numbers(prefix: str, after: int = 0) -> Iterator[tuple[int, str]]:
    """Yield (number, control number) one after another, from the first after `after`."""
    number = after
    while True:
        number += 1
        if text := control_number(prefix, number):
            yield number, text


def fold_digits(typed: str) -> str:
    """Fold Arabic-Indic and Persian digits back to 0–9."""
    return typed.translate(_FOLD_DIGITS)


@lru_cache(maxsize=65_536)
def serial_key(serial: str) -> str:
    """Return what two serials are compared by: letters and digits only, one case, digits as 0–9.

    Compatibility forms are one (NFKC), Persian letters are Arabic ones. Letters of two scripts that
    only look alike are two: a likeness is shown, see `intake/pairs.py`.
    """
    plain = unicodedata.normalize("NFKC", serial).casefold().translate(_FOLD_LETTERS)
    if plain.isascii():
        return "".join(filter(str.isalnum, plain))
    digits = (str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)
    return "".join(filter(str.isalnum, digits))


def fold(typed: str) -> str:
    """Fold digits, dashes, case and the Arabic keyboard layout back to A–Z, 0–9 and `-`."""
    typed = typed.translate(_UNSEEN)
    for pair, key in _LAM_ALEF.items():
        typed = typed.replace(pair, key)
    return typed.strip().translate(_FOLD).upper()


@lru_cache(maxsize=65_536)
def parse(typed: str, kind: str | None = None) -> str:
    """Read a control number as typed or scanned.

    Args:
        typed: what the user typed.
        kind: `person`, `weapon`, `transfer` or `stocktake` when only that one will do.

    Raises:
        BadInputError: a character is not possible, missing or wrong; the sentence says which.
    """
    text = fold(typed).replace("-", "").replace(" ", "")
    wanted = [p for p, k in KINDS.items() if kind in (None, k)]
    if not text or text[0] not in wanted:
        msg = f"'{typed}' is not a control number: it begins with {' or '.join(wanted)}"
        raise BadInputError(msg)
    prefix, digits, check = text[0], text[1 : 1 + WIDTH], text[1 + WIDTH :]
    if len(text) > WIDTH + 2:  # numbers past 999,999 grow to the left of the check character
        digits, check = text[1:-1], text[-1]
    for place, character in enumerate(digits, start=2):
        if not ("0" <= character <= "9"):
            msg = f"'{typed}': character {place} '{character}' is not a digit"
            raise BadInputError(msg)
    if len(digits) < WIDTH:
        msg = f"'{typed}': {len(digits)} digits, expected {WIDTH} and a check character"
        raise BadInputError(msg)
    expected = check_character(prefix + digits)
    if check != expected:
        got = f"is '{check}', expected '{expected}'" if check else f"is missing, '{expected}'"
        msg = f"'{typed}': the check character {got} if the digits {digits} are right"
        raise BadInputError(msg)
    return f"{prefix}-{digits}-{check}"


def parse_code(typed: str, kind: str) -> str:
    """Read the code of a site, party or official as it stands in events.

    Sites are written without their prefix (`CAMP-R1`), parties and officials with it
    (`PARTY-MOD`, `OFF-017`).

    Raises:
        BadInputError: it holds something other than letters, digits and dashes.
    """
    code = fold_digits(typed).strip().upper()
    if not CODE.fullmatch(code):
        article = "an" if kind == "official" else "a"
        msg = f"'{typed}' is not {article} {kind} code: letters, digits and dashes, 40 at most"
        raise BadInputError(msg)
    prefix = next(p for p, k in DIRECTORY.items() if k == kind) + "-"
    if kind == "site":
        return code.removeprefix(prefix)
    return code if code.startswith(prefix) or code == "UNIDENTIFIED" else prefix + code


def stream_of(code: str, kind: str) -> str:
    """Return the stream id behind a directory code: `SITE-CAMP-R1` behind `CAMP-R1`."""
    return f"SITE-{code}" if kind == "site" else code


def kind_of(stream_id: str) -> str:
    """Return the kind of a stream from its identifier.

    Raises:
        BadInputError: nothing here is named like that.
    """
    prefix, dash, _ = stream_id.partition("-")
    kind = KINDS.get(prefix) or DIRECTORY.get(prefix)
    if kind is None or not dash:
        wanted = ", ".join(f"{p}-" for p in (*KINDS, *DIRECTORY))
        msg = f"'{stream_id}' names nothing here: identifiers begin with {wanted}"
        raise BadInputError(msg)
    return kind

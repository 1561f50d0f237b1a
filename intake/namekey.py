"""One key for one name, in Arabic or Latin letters: consonants first, vowels as far as written.

    محمد يوسف الخطيب   · Mohamad Y. Elkhatib   → 0.93        عبد الرحمن · Abdurrahman   → 1.0
    سامر · Samer       → 1.0                                محمود · Mohamed            → 0.88

A token becomes consonants with the vowels written between them. Arabic writes long vowels only,
Latin all of them, so a short Latin vowel facing nothing costs nothing, a written Arabic one facing
another some. Letters that clerks render in several ways (ج j g · ق q k g · ذ dh z d · خ kh k h) are
near each other, any other two are as far apart as can be. `similar` adds the costs up.

`coarse` merges the near letters into one: names that may be the same share it, so it finds
candidates; rapidfuzz compares coarse keys to leave the hopeless out before the costs are added.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from intake.fold import ARABIC, fold, tidy

_ARABIC = {
    **dict(zip("بتثجحخدذرزسشصضطظغفقكلمنه", "btTjhxdDrzsSsdtZGfqklmnh", strict=True)),
    "پ": "b", "چ": "S", "ژ": "j", "گ": "g", "ڤ": "f",
    "ا": "a", "أ": "a", "إ": "a", "آ": "a", "ٱ": "a", "ى": "a", "و": "u", "ؤ": "u", "ي": "i",
    "ئ": "i", "ع": "*", "ء": "*", "ة": "",
}  # fmt: skip
_DIGRAPHS = re.compile("sch|tch|kh|gh|sh|ch|th|dh|ph|ck|dj|ou|oo|ee|ei|ey|ai|ay|ie|.")
_LATIN = {
    "sch": "S", "tch": "S", "kh": "x", "gh": "G", "sh": "S", "ch": "S", "th": "T", "dh": "D",
    "ph": "f", "ck": "k", "dj": "j", "ou": "uu", "oo": "uu", "ee": "ii", "ei": "i", "ey": "i",
    "ie": "i", "ai": "ai", "ay": "ai", "c": "k", "p": "b", "v": "f", "w": "u", "y": "i",
    "o": "u", "x": "ks", "7": "h", "5": "x", "3": "*", "9": "q", "2": "*",
    **{letter: letter for letter in "abdefghijklmnqrstuz"},
}  # fmt: skip
_NEAR = {
    frozenset(pair): cost
    for cost, pairs in (
        (0.0, "h~"),
        (0.15, "jg Gg qk qg Tt Ts DZ Dz Dd Zz SC"),
        (0.3, "kg xk xh Zd TD Tz xG jZ jz hG Gk Gr"),
        (0.5, "Ss sz dz Sj qG td"),
    )
    for pair in pairs.split()
}
_COARSE = str.maketrans("jgGqkxsSzZTDtd", "kkkkkksssssstd", "h~*aeiuwy")
_CANDIDATE = str.maketrans("std", "sss")  # ض dh z · ظ z d · ث th t s meet here
_WEAK = {
    "h": 0.35,
    "~": 0.05,
    "w": 0.3,
    "y": 0.3,
}  # what is often not heard; any other letter left out costs 1
_VOWELS = "aeiu*"
_PARTICLES = {"بن", "ابن", "bin", "ibn", "ben", "ould", "ولد"}
_ARTICLES = {"al", "el", "ar", "as", "ad", "an", "at", "az", "ash", "ul", "ed", "ud", "ال", "l"}
_ABD = re.compile(r"^a?b[eai]?d(?:[aeuio]{1,2}(?:l|([rsdtnz])(?=\1)))?(?=[b-df-hj-np-tv-z])")
_DIN = re.compile(r"[aeiu]?(?:l|d)?d(?:[ie]{1,2}|ei|y)ne?$")
_FITTING = {"a": "ae", "u": "u", "i": "ie"}  # a written vowel to the Latin ones that render it
_SERVANT, _FATHER_OF = re.compile("a?b[eai]?d[aeuio]?[lrsdtnz]?"), {"abu", "abou", "abo"}
_SECOND_HALF = re.compile(
    "(?:[aeu][dl])?d(?:in|een|ine|eine|yn)|[auo]llah"
)  # of Nur al-Din, Nasr Allah
_SHORT = {"mhd": "محمد", "mohd": "محمد", "md": "محمد", "mhmd": "محمد", "moh": "محمد", "abed": "عبد"}
_MIN_LETTERS, _MANY = 3, 6
NOT_THE_SAME = 0.25  # a token less alike is another name, and so is the whole


@dataclass(frozen=True, slots=True, eq=False)  # one object a word: compared and hashed as such
class Token:
    """Consonants, and the vowels written before the first and after each."""

    text: str  # folded, as written
    consonants: str
    vowels: tuple[str, ...]
    arabic: bool

    @property
    def initial(self) -> bool:
        """Whether this is a single Latin letter."""
        return len(self.text) == 1 and not self.arabic


@lru_cache(maxsize=4096)
def tokens(name: str) -> tuple[Token, ...]:
    """Return the tokens of a name: particles and articles left out, عبد الله one token."""
    arabic = ARABIC.search(name) is not None
    words = fold(tidy(name).text.replace("'", "").replace("’", "").replace("`", "")).split()
    joined = _joined_arabic(words) if arabic else _joined_latin(words)
    found = tuple(_token(word) for word in joined)
    return tuple(token for token in found if token.consonants or token.text)[:_MANY]


def _joined_arabic(words: list[str]) -> list[str]:
    joined: list[str] = []
    prefix = ""
    for word in words:
        if word in _PARTICLES and joined:
            continue
        if word in {"عبد", "ابو", "ام"} and not prefix:
            prefix = word
            continue
        if word in {"الدين", "الله"} and joined and not prefix:
            joined[-1] += word
            continue
        joined.append(prefix + word)
        prefix = ""
    return [*joined, prefix] if prefix else joined


def _joined_latin(words: list[str]) -> list[str]:
    joined: list[str] = []
    prefix = ""
    for word in words:
        if (word in _PARTICLES and joined) or (word in _ARTICLES and len(word) > 1):
            continue
        if not prefix and _SERVANT.fullmatch(word):
            prefix = "abd"
        elif not prefix and word in _FATHER_OF:
            prefix = "abu"
        elif not prefix and joined and _SECOND_HALF.fullmatch(word):
            joined[-1] += word
        else:
            joined.append(prefix + word)
            prefix = ""
    return [*joined, prefix] if prefix else joined


@lru_cache(maxsize=16384)
def _token(word: str) -> Token:
    written = _SHORT.get(word, word)
    arabic = ARABIC.search(written) is not None
    sounds = _arabic_sounds(written) if arabic else _latin_sounds(written)
    consonants, vowels = "", [""]
    for sound in sounds:
        if sound in _VOWELS:
            vowels[-1] += sound
        elif not consonants.endswith(sound) or vowels[-1]:
            consonants += sound
            vowels.append("")
    return Token(word, consonants, tuple(vowels), arabic)


def _arabic_sounds(word: str) -> str:
    if word.startswith("عبدال"):
        word = "عبد" + word[5:]
    elif word.startswith("ال") and len(word) > _MIN_LETTERS + 1:
        word = word[2:]
    word = re.sub("(?<=.)ال(?=دين$|له$)", "", word)
    if len(word) >= _MIN_LETTERS:
        word = word.removesuffix("ه")  # ة, which is seldom heard
    first = {"و": "w", "ي": "y"}.get(word[0], _ARABIC.get(word[0], ""))
    return first + "".join(_ARABIC.get(letter, "") for letter in word[1:])


def _latin_sounds(word: str) -> str:
    word = _plain(word)
    if len(word) > _MIN_LETTERS + 1:
        word = re.sub(r"^[ae]l(?=[b-df-hj-np-tv-z])", "", word)
        word = _DIN.sub("din", word) if len(word) > _MANY else word
        word = _ABD.sub("abd", word)
    first = word[:1] if word[:1] in {"w", "y"} else ""
    rest = word[len(first) :]
    sounds = first + "".join(_LATIN.get(part, "") for part in _DIGRAPHS.findall(rest))
    return re.sub("(?<=[aeiu])h$", "~", sounds)  # Talhah, Saleh: heard or not


def _plain(word: str) -> str:
    """Drop accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


@lru_cache(maxsize=16384)
def coarse(token: Token) -> str:
    """Return the consonants with near letters as one, no vowels, no h."""
    key = token.consonants.translate(_COARSE)
    return re.sub(r"(.)\1+", r"\1", key)


@lru_cache(maxsize=16384)
def shared(token: Token) -> str:
    """Return what a token shares with any it may be: coarser still, for finding candidates."""
    return re.sub(r"(.)\1+", r"\1", coarse(token).translate(_CANDIDATE))


@lru_cache(maxsize=65536)
def alike(one: Token, other: Token) -> float:
    """Compare two tokens: 1 the same, 0 nothing in common."""
    if one.text == other.text:
        return 1.0
    if one.initial or other.initial:
        return _initial(one, other)
    keys = coarse(one), coarse(other)
    longest = max(map(len, keys))
    if Levenshtein.distance(*keys) * 2 > max(longest, 2):
        return 0.0
    size = max(len(one.consonants), len(other.consonants), 2)
    return max(0.0, 1 - _cost(one, other) / size)


def _initial(one: Token, other: Token) -> float:
    first = [t.consonants[:1] if not t.vowels[0] else "" for t in (one, other)]
    fits = first[0] == first[1] or _apart(first[0], first[1]) < 1
    return 0.9 if fits else 0.0


def _apart(one: str, other: str) -> float:
    if one == other:
        return 0.0
    return _NEAR.get(frozenset((one, other)), 1.0)


def _cost(one: Token, other: Token) -> float:
    """Add up what it costs to turn one token's letters into the other's."""
    previous = [0.0]
    for letter in other.consonants:
        previous.append(previous[-1] + _WEAK.get(letter, 1.0))
    start = _between(one, 0, other, 0)
    for i, mine in enumerate(one.consonants):
        row = [previous[0] + _WEAK.get(mine, 1.0)]
        for j, theirs in enumerate(other.consonants):
            turned = previous[j] + _apart(mine, theirs) + _between(one, i + 1, other, j + 1)
            left_out = previous[j + 1] + _WEAK.get(mine, 1.0)
            added = row[j] + _WEAK.get(theirs, 1.0)
            row.append(min(turned, left_out, added))
        previous = row
    return start + previous[-1]


def _between(one: Token, i: int, other: Token, j: int) -> float:
    """Compare the vowels in one place."""
    mine, theirs = one.vowels[i], other.vowels[j]
    if mine == theirs or "*" in mine or "*" in theirs:
        return 0.0
    if i == 0:
        return 0.0 if mine and theirs else 0.3
    last = i == len(one.consonants) or j == len(other.consonants)
    if one.arabic == other.arabic:
        return 0.25 if _long(mine, one.arabic) != _long(theirs, other.arabic) else 0.0
    written, heard = (mine, theirs) if one.arabic else (theirs, mine)
    return _heard(written, heard, last)


def _long(vowels: str, arabic: bool) -> str:
    return vowels if arabic else vowels.replace("e", "a")[:1]


def _heard(written: str, heard: str, last: bool) -> float:
    """Compare Arabic long vowels with Latin vowels in one place."""
    cost = 0.0
    for vowel in written:
        if not any(sound in _FITTING[vowel] for sound in heard):
            cost += 0.1 if last else 0.45  # at the end ى is heard as a, ا may stand for ة
    if not written and not last:  # a Latin long vowel where Arabic writes none
        cost += (
            0.25 if heard in {"uu", "ii"} else 0.15 if len(heard) > 1 else 0.05 * (heard in "iu")
        )
    return min(cost, 0.5)


def similar(one: str, other: str) -> float:
    """Compare two names, in any script.

    Args:
        one: a name.
        other: a name.

    Returns:
        0 to 1. Tokens are matched in order, or with the family name first; a token that is only
        in one name costs a quarter of a mismatch; the worst token counts as much as the others
        together, because brothers share all but one.
    """
    return similar_tokens(tokens(one), tokens(other))


def similar_tokens(mine: tuple[Token, ...], theirs: tuple[Token, ...]) -> float:
    """Compare two names by their tokens, as `similar` does."""
    if len(mine) > len(theirs):
        mine, theirs = theirs, mine
    if not mine:
        return 0.0
    best = _in_order(mine, theirs)
    if best < 1 and len(mine) > 1:
        turned = ((*mine[1:], mine[0]), (mine[-1], *mine[:-1]))
        best = max(best, *(_in_order(order, theirs) - 0.03 for order in turned))
    return max(best, 0.0)


def _in_order(mine: tuple[Token, ...], theirs: tuple[Token, ...]) -> float:
    if len(mine) == len(theirs):
        return _pairwise(mine, theirs)
    matched = _matched(mine, theirs)
    worst, mean = min(matched), sum(matched) / len(matched)
    if worst < NOT_THE_SAME:
        return 0.0
    missing = len(theirs) - len(mine)
    return (mean + worst) / 2 - 0.04 * missing - (0.25 if len(mine) == 1 else 0.0)


def _pairwise(mine: tuple[Token, ...], theirs: tuple[Token, ...]) -> float:
    worst, total = 1.0, 0.0
    for one, other in zip(mine, theirs, strict=True):
        likeness = alike(one, other)
        if likeness < NOT_THE_SAME:
            return 0.0
        worst, total = min(worst, likeness), total + likeness
    return (total / len(mine) + worst) / 2


def _matched(few: tuple[Token, ...], many: tuple[Token, ...]) -> list[float]:
    """Return how alike each of the few tokens is to its partner, in the best order."""
    best: list[list[float]] = [[] for _ in range(len(many) - len(few) + 1)]
    for index, token in enumerate(few):  # slot k: k of the many were passed over so far
        longer: list[list[float]] = []
        for passed in range(len(best)):
            before = max(best[: passed + 1], key=sum) if index else []
            longer.append([*before, alike(token, many[index + passed])])
        best = longer
    return max(best, key=sum)

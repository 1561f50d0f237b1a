"""Names made by shuffling common given and father's tokens with *invented* family tokens.

A token knows its Arabic form and the Latin forms clerks really write, usual form first.
No family token is a family: each is put together from a root and an ending nobody bears.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

INITIALS = 0.4  # how often the father's name is an initial only


@dataclass(frozen=True, slots=True)
class Token:
    """One part of a name: Arabic, and its Latin spellings, usual one first."""

    arabic: str
    latin: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A person's declared name: given, father's and family token."""

    given: Token
    father: Token
    family: Token

    @property
    def arabic(self) -> str:
        """The three tokens in Arabic."""
        return f"{self.given.arabic} {self.father.arabic} {self.family.arabic}"

    @property
    def latin(self) -> str:
        """The three tokens in their usual Latin spelling."""
        return f"{self.given.latin[0]} {self.father.latin[0]} {self.family.latin[0]}"

    def latin_variant(self, rng: Random) -> str:
        """The same name as another clerk would spell it: other forms, father's initial."""
        given, family = rng.choice(self.given.latin), rng.choice(self.family.latin)
        father = rng.choice(self.father.latin)
        return (
            f"{given} {father[0]}. {family}"
            if rng.random() < INITIALS
            else f"{given} {father} {family}"
        )


def _tokens(table: str) -> tuple[Token, ...]:
    rows = (line.split() for line in table.strip().splitlines())
    return tuple(Token(row[0].replace("_", " "), tuple(_spaced(row[1:]))) for row in rows)


def _spaced(words: list[str]) -> list[str]:
    return [word.replace("_", " ") for word in words]


GIVEN = _tokens("""
محمد Muhammad Mohamed Mohammad Mhd Mohamad
أحمد Ahmad Ahmed
محمود Mahmoud Mahmud
علي Ali Aly
حسن Hassan Hasan
حسين Hussein Husain Hussain
عمر Omar Umar
خالد Khaled Khalid
يوسف Yousef Yusuf Youssef
إبراهيم Ibrahim Ebrahim
إسماعيل Ismail Esmail
عبد_الله Abdullah Abdallah Abd_Allah
عبد_الرحمن Abdulrahman Abd_al-Rahman
عبد_الكريم Abdulkarim Abd_al-Karim
مصطفى Mustafa Moustafa Mostafa
موسى Musa Moussa Mousa
عيسى Issa Isa Eissa
يحيى Yahya Yehia Yahia
سليمان Suleiman Sulaiman Soliman
سامر Samer Samir
ماهر Maher Mahir
فادي Fadi Fady
رامي Rami Ramy
هاني Hani Hany
نبيل Nabil Nabeel
جمال Jamal Gamal
كمال Kamal Kamel
طارق Tareq Tarek Tariq
زياد Ziad Ziyad
وائل Wael Wail
باسل Basel Basil
بلال Bilal Belal
أيمن Ayman Aiman
أسامة Osama Usama
حمزة Hamza Hamzeh
طلحة Talha Talhah
عبيدة Obaida Ubayda
معاذ Muaz Moaz Muath
أنس Anas Anass
قاسم Qasem Kassem Qassim
صالح Saleh Salih
ناصر Nasser Nasir
منصور Mansour Mansur
فارس Fares Faris
غسان Ghassan Gassan
عدنان Adnan Adnane
مروان Marwan Merwan
سعيد Saeed Said
فيصل Faisal Faysal
شادي Shadi Chadi
""")

ROOTS = _tokens("""
زرنو Zarno Zarnou
كمبار Kambar Kembar
طبرون Tabroun Tabrun
سنكور Sankour Sankur
مرشوف Marshouf Marchouf
دلبان Dalban Delban
خرموط Kharmout Kharmut
نوشار Noushar Nuchar
بلطون Baltoun Baltun
حرصوب Harsoub Harsub
قنبوش Qanboush Kanbush
عرنوط Arnout Arnut
شلبور Shalbour Chalbur
غزنوب Ghaznoub Gaznub
تركوف Tarkouf Tarkuf
فندور Fandour Fandur
جلموت Jalmout Galmut
هبرون Habroun Hebrun
وسنار Wasnar Wesnar
يمكور Yamkour Yamkur
ثلبان Thalban Salban
ذرنوق Dharnouq Zarnuk
صمغور Samghour Samgur
ضبروت Dabrout Dabrut
ظلمون Zalmoun Zelmun
أرشون Arshoun Archun
رمخود Ramkhoud Ramkhud
سفدوب Safdoub Sefdub
لنكوب Lankoub Lenkub
مهشور Mahshour Mehchur
""")

ENDINGS = _tokens("""
اني ani any
اوي awi aoui
ية iya iyeh
يان yan ian
اش ash ach
ين in een
""")

FAMILY = tuple(
    Token(
        root.arabic + ending.arabic,
        tuple(r + e for r, e in zip(root.latin, ending.latin, strict=False)),
    )
    for root in ROOTS
    for ending in ENDINGS
)


def names(count: int, pairs: int, rng: Random) -> tuple[list[Name], dict[int, int]]:
    """Draw names, all different but for some pairs of distinct people with one name.

    Args:
        count: how many names.
        pairs: how many pairs share theirs.
        rng: the dice of this part.

    Returns:
        The names, and index to index of each pair (both ways).
    """
    seen: dict[Name, None] = {}
    while len(seen) < count - pairs:
        seen[Name(rng.choice(GIVEN), rng.choice(GIVEN), rng.choice(FAMILY))] = None
    drawn = list(seen)
    firsts = rng.sample(range(len(drawn)), pairs)
    twins = {first: len(drawn) + turn for turn, first in enumerate(firsts)}
    drawn += [drawn[first] for first in firsts]
    return drawn, twins | {second: first for first, second in twins.items()}

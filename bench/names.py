"""How well names are matched across scripts: `python bench/names.py` prints the table.

1,200 labelled pairs: an Arabic name as one clerk wrote it, and the same person in Latin letters by
another. Each is looked for among about 3,600 Arabic names: the 1,200, for each a brother (same father,
same family) and a distractor drawn freely. Nobody here exists; no token is one of those the key
was tuned on (`scenario/names.py`), a test sees to that.

    rank-1    the right one scores highest, alone          wrongly    pairs proposed at the
    top-5     the right one is among the best five                    threshold that are not the
    found     right pairs proposed at the threshold                   same, in a hundred proposed

Beside it: rapidfuzz on the raw texts, and a letter-by-letter transliteration + rapidfuzz.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent))

from rapidfuzz import fuzz

from intake.namekey import similar
from intake.pairs import PROPOSED, look_alikes

PAIRS, SEED = 1200, "amana/bench/names"
INITIAL, NO_FATHER, FAMILY_FIRST, RESPELLED = 0.25, 0.08, 0.08, 0.3

GIVEN = """
إياد Iyad Eyad Ayad|نزار Nizar Nezar|رائد Raed Raid|جهاد Jihad Jehad Gihad|مازن Mazen Mazin
عماد Imad Emad|هيثم Haitham Haytham Haithem|بشار Bashar Bachar|منير Munir Mounir Moneer
وليد Walid Waleed Oualid|ياسر Yasser Yaser Yasir|ياسين Yassin Yaseen Yasin|عثمان Othman Osman Uthman
حاتم Hatem Hatim|ضياء Diaa Dia Dhia|ظافر Zafer Dhafer Zafir|لؤي Louay Luay Loay
معتز Moataz Mutaz Muataz
شريف Sharif Sherif Cherif|رشيد Rashid Rasheed Rachid|راشد Rashed Rashid|جابر Jaber Jabir Gaber
صلاح Salah Salaah|علاء Alaa Ala|بهاء Bahaa Baha|غازي Ghazi Gazi|فؤاد Fouad Fuad Foad
تيسير Taysir Tayseer Taisir|نضال Nidal Nedal Nidhal|ثائر Thaer Thair Saer|خليل Khalil Khaleel
عقيل Aqil Akeel Aqeel|قصي Qusay Kussay Qusai|جعفر Jaafar Jafar Gaafar|كاظم Kazem Kadhim Kathim
مهند Muhannad Mohanad Mohannad|أكرم Akram Ekrem|أشرف Ashraf Achraf|أمجد Amjad Amgad|أدهم Adham Adhem
رضوان Radwan Ridwan Redouane|سلمان Salman Selman|عاصم Assem Asim Aasem|حازم Hazem Hazim
عبد_القادر Abdulkader Abdelkader Abdul_Qadir|عبد_العزيز Abdulaziz Abdelaziz Abd_al-Aziz
عبد_الناصر Abdulnasser Abdelnasser Abdul_Nasir|نصر_الله Nasrallah Nasr_Allah
بدر_الدين Badreddine Badr_al-Din Badruddin
مروة Marwa Marwah|جمعة Jumaa Juma Gomaa|عطية Attia Atiya Atiyeh|زكريا Zakaria Zakariya Zakarya
إلياس Elias Ilyas Elyas|جورج George Jorj|ميشيل Michel Mishel|حنا Hanna Hana
توفيق Tawfiq Toufic Tawfik
عادل Adel Adil|عدي Uday Oday Udai|برهان Burhan Borhan|شعبان Shaaban Chaaban Shaban
رمضان Ramadan Ramazan
"""
FAMILY = """
الحلبي Halabi Alhalabi Al-Halaby|الشامي Shami Al-Shami Chami|البغدادي Baghdadi Al-Baghdadi Bagdadi
الجبوري Jubouri Al-Jabouri Jaburi|العبيدي Obeidi Al-Ubaidi Obaidi|الدليمي Dulaimi Al-Dulaymi Dleimi
الخفاجي Khafaji Al-Khafaji Khafagi|القاضي Qadi Al-Kadi Kadhi|النجار Najjar Al-Najar Naggar
الحداد Haddad Al-Hadad|الصباغ Sabbagh Al-Sabagh Sabbag|الخياط Khayat Al-Khayyat Khaiat
العطار Attar Al-Attar|الزعبي Zoubi Al-Zuabi Zoabi|الرفاعي Rifai Al-Refai Rifaie
الكيلاني Kilani Al-Kaylani Keilani|السباعي Sibai Al-Sebai Sibaie|الأتاسي Atassi Al-Atasi
الصفدي Safadi Al-Safady|الغزالي Ghazali Al-Gazali Ghazaly|القباني Qabbani Kabbani Al-Qabani
الترك Turk Al-Turk Tourk|الأسود Aswad Al-Aswad|الأشقر Ashkar Al-Ashqar Achkar
البيطار Bitar Al-Baitar Beitar
الجندي Jundi Al-Joundi Gindi|الحريري Hariri Al-Hareeri|الدباغ Dabbagh Al-Dabagh
الرشيد Rashid Al-Rasheed
الزين Zein Al-Zain Zeyn|السقا Sakka Al-Saqqa Saka|الشيخ Sheikh Al-Shaikh Cheikh
الصالح Saleh Al-Salih
الطحان Tahhan Al-Tahan|العمري Omari Al-Umari Omary|الفارس Fares Al-Faris|القصاب Kassab Al-Qassab
اللحام Lahham Al-Laham|المصري Masri Al-Masry Elmasri|النعيمي Nuaimi Al-Naimi Noaimi
الهاشمي Hashimi Al-Hashemi Hachemi|الورد Ward Al-Wared|اليوسف Yousef Al-Yusuf Youssef
بركات Barakat Baraket
جبران Jubran Gibran Joubran|حمدان Hamdan Hemdan|خضور Khaddour Khadour Khaddur|دياب Diab Dyab Deyab
زيدان Zidan Zeidan Zaydan|شحادة Shehadeh Chehade Shihada|طرابلسي Trabulsi Tarabulsi Trabelsi
عساف Assaf Asaf|غانم Ghanem Ganim|فرحات Farhat Ferhat|قنديل Qandil Kandil Qandeel
كنعان Kanaan Canaan Kenan
مقداد Mekdad Miqdad Mokdad|نوفل Nofal Nawfal Naufal|هنداوي Hindawi Hendawi|يعقوب Yaqoub Yacoub Jacob
ثابت Thabet Sabet Thabit|ذياب Dhiab Thiab Ziab|ظاهر Daher Zaher Dhaher|ضاهر Daher Dahir|عيد Eid Aid
"""
_TO_LATIN = "a b t th j h kh d dh r z s sh s d t z ' gh f q k l m n h w y ' a a i w y a a"
LETTERS = dict(zip("ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأإؤئىة", _TO_LATIN.split(" "), strict=True))


@dataclass(frozen=True, slots=True)
class Token:
    """One token in both scripts."""

    arabic: str
    latin: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as `look_alikes` reads it."""

    number: int
    clean: dict[str, str | None]
    accepted: bool = True


def _table(text: str) -> list[Token]:
    rows = [row.split() for line in text.strip().splitlines() for row in line.split("|")]
    return [
        Token(row[0].replace("_", " "), tuple(word.replace("_", " ") for word in row[1:]))
        for row in rows
    ]


def tokens() -> tuple[list[Token], list[Token]]:
    """Given and family tokens."""
    return _table(GIVEN), _table(FAMILY)


def _respelled(name: str, rng: Random) -> str:
    """Spell as a hurried hand: hamza dropped, ة as ه."""
    if rng.random() < RESPELLED:
        name = name.translate(str.maketrans("أإآة", "اااه"))
    return name


def _latin(parts: tuple[Token, Token, Token], rng: Random) -> str:
    given, father, family = (rng.choice(token.latin) for token in parts)
    drawn = rng.random()
    if drawn < INITIAL:
        father = f"{father[0]}."
    elif drawn < INITIAL + NO_FATHER:
        father = ""
    order = [family, given, father] if rng.random() < FAMILY_FIRST else [given, father, family]
    return " ".join(part for part in order if part)


def labelled() -> tuple[list[str], list[str]]:
    """Return the Latin names and the Arabic pool; number n of one is number n of the other."""
    rng = Random(SEED)  # noqa: S311 - repeatable on purpose, no secret
    given, family = tokens()
    people: dict[tuple[Token, Token, Token], None] = {}
    while len(people) < PAIRS:
        people[rng.choice(given), rng.choice(given), rng.choice(family)] = None
    pairs = list(people)
    others = dict.fromkeys((rng.choice(given), father, name) for _, father, name in pairs)
    while len(others) < 2 * PAIRS:
        others[rng.choice(given), rng.choice(given), rng.choice(family)] = None
    pool = pairs + [person for person in others if person not in people]
    arabic = [_respelled(" ".join(token.arabic for token in person), rng) for person in pool]
    return [_latin(person, rng) for person in pairs], arabic


def transliterated(name: str) -> str:
    """Letter by letter, as simple transliterators do."""
    return "".join(LETTERS.get(letter, letter) for letter in name)


def ranks(latin: list[str], scores: Callable[[str], list[float]]) -> list[int]:
    """Return for each Latin name how many of the pool score at least as high as the right one."""
    found = []
    for index, name in enumerate(latin):
        row = scores(name)
        found.append(sum(1 for score in row if score >= row[index]))
    return found


def proposals(latin: list[str], arabic: list[str], years: bool) -> tuple[int, int]:
    """Return right and wrong pairs that `look_alikes` proposes.

    Args:
        latin: second records of the first people of the pool.
        arabic: the pool.
        years: whether records carry a year of birth.
    """
    rng = Random(SEED)  # noqa: S311 - repeatable on purpose, no secret
    born = [str(rng.randint(1966, 2005)) if years else None for _ in arabic]
    rows = [
        Entry(n, {"declared_name": name, "birth_date": born[n]}) for n, name in enumerate(arabic)
    ]
    first = len(arabic)
    rows += [
        Entry(first + n, {"name_latin": name, "birth_date": born[n]})
        for n, name in enumerate(latin)
    ]
    cross = [p for p in look_alikes(rows, "persons") if p.row >= first and int(p.other) < first]
    right = sum(1 for pair in cross if pair.row - first == pair.other)
    return right, len(cross) - right


def main() -> None:
    """Print the table."""
    latin, arabic = labelled()
    naive = [transliterated(name) for name in arabic]

    def by_fuzz(pool: list[str]) -> Callable[[str], list[float]]:
        return lambda name: [fuzz.token_sort_ratio(name.lower(), other) for other in pool]

    methods = {
        "rapidfuzz alone": by_fuzz(arabic),
        "transliteration + rapidfuzz": by_fuzz(naive),
        "amana name key": lambda name: [similar(name, other) for other in arabic],
    }
    print(f"{len(latin)} pairs, a pool of {len(arabic)} names, nothing but the name known")
    print("| Method | rank-1 | top-5 | seconds |\n|---|---|---|---|")
    for method, scores in methods.items():
        began = time.perf_counter()
        found = ranks(latin, scores)
        first, five = (sum(1 for rank in found if rank <= n) / len(found) for n in (1, 5))
        print(f"| {method} | {first:.1%} | {five:.1%} | {time.perf_counter() - began:.1f} |")
    print(f"\nProposed for review (score {PROPOSED} and above)")
    print("| Known of each | found | wrongly proposed |\n|---|---|---|")
    for years in (False, True):
        right, wrong = proposals(latin, arabic, years)
        known = "name and year of birth" if years else "name only"
        share = wrong / max(1, right + wrong)
        print(f"| {known} | {right / len(latin):.1%} | {wrong} ({share:.1%} of those proposed) |")


if __name__ == "__main__":
    main()

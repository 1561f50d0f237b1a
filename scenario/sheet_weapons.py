"""The weapons sheet: serials that were eaten, doubled, guessed, or never there.

Of 1,947 rows at full size 88 are a second team's recount and 62 exact duplicates; six rows hide
60 items as a quantity.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from scenario import defects as d
from scenario.dice import dice
from scenario.people import Person
from scenario.places import PARTIES
from scenario.plan import Size, scaled
from scenario.population import population
from scenario.sheet_dates import (
    bad_first,
    day_number,
    event_date,
    future_second,
    in_persian_digits,
    midnight,
    short_year,
)
from scenario.sheet_files import Sheet
from scenario.sheet_rows import (
    Cell,
    Defect,
    SheetRow,
    duplicate,
    in_text,
    noise,
    numbered,
    shuffled_in,
    spread,
)
from scenario.terms import (
    ACCESSORIES,
    CALIBRES,
    CATEGORIES,
    CONDITIONS,
    COUNTRIES,
    MODEL_FORMS,
    WEAPON_COLUMNS,
)
from scenario.weapons import Weapon

QUANTITIES = (12, 8, 10, 12, 6, 12)  # 60 items in six rows
DUPLICATES, RECOUNTS, TEAMS = 62, 88, 3
NOISE = {"HEADER": 8, "TOTAL": 5, "FOOTER": 6, "BLANK": 8, "COMMENT": 4}
RANGES = (
    "أرقام محجوزة / reserved serial ranges: Щx 0000 · 990xxxxx · XZxxxxxx · 0099xxxx · persons SYN-"
)

UNIT_NAMES = {party.code: party.name_ar for party in PARTIES}
CATEGORY_WORDS = {code: word for word, code in CATEGORIES.items()}
CONDITION_WORDS = {code: word for word, code in CONDITIONS.items()}
SHORT_MODELS = {model: form for form, model in MODEL_FORMS.items()}
UNKNOWN = {"unknown": "غير معروف", "unidentified": "غير محدد"}
LOOKALIKES = str.maketrans("АВЕКМНОРСТХ", "ABEKMHOPCTX")  # Cyrillic to the Latin of the same look
ILLEGIBLE_WORDS = ("مطموس", "ممسوح", "غير مقروء")
ABSENT_WORDS = ("بدون رقم", "بلا رقم", "لا يوجد رقم")


def _base(weapon: Weapon, people: dict[int, Person], rng: Random) -> SheetRow:
    row = SheetRow("base", (weapon.n,))
    row.put("category", CATEGORY_WORDS[weapon.category], weapon.category)
    row.put("model", UNKNOWN.get(weapon.model, weapon.model))
    row.put("make", UNKNOWN.get(weapon.make, weapon.make))
    row.put("calibre", UNKNOWN.get(weapon.calibre, weapon.calibre))
    row.put("country", COUNTRIES[weapon.country])
    row.put("year", str(weapon.year or ""))
    row.put("serial", _serial_text(weapon, rng))
    row.clean["serial"] = weapon.serial
    row.clean["serial_status"] = weapon.serial_status
    row.put("condition", CONDITION_WORDS[weapon.condition], weapon.condition)
    row.put("accessories", "، ".join(ACCESSORIES[name] for name in weapon.accessories))
    row.put("depositor", _depositor(weapon, people))
    event_date(row, "received_at", weapon.received_at, rng)
    counted = weapon.inventoried_at
    row.put("inventoried_at", counted.strftime("%d/%m/%Y"), counted.strftime("%Y-%m-%d"))
    row.put("place", weapon.place)
    row.put("team", str(weapon.team))
    return row


def _serial_text(weapon: Weapon, rng: Random) -> str:
    words = {"ILLEGIBLE": ILLEGIBLE_WORDS, "ABSENT": ABSENT_WORDS}.get(weapon.serial_status)
    return rng.choice(words) if words else weapon.serial_raw


def _depositor(weapon: Weapon, people: dict[int, Person]) -> str:
    if weapon.holder:
        return people[weapon.holder].service_number
    return UNIT_NAMES[weapon.unit or ""]


# ── quarantined ─────────────────────────────────────────────────────────────
def _unreadable(
    text: Callable[[SheetRow, Weapon, Random], Cell],
) -> Callable[[SheetRow, Weapon, Random], None]:
    def apply(row: SheetRow, weapon: Weapon, rng: Random) -> None:
        row.put_cell("serial", text(row, weapon, rng), None)
        row.refuse("E-SERIAL")

    return apply


def _two(row: SheetRow, _weapon: Weapon, rng: Random) -> Cell:
    text = f"{row.text('serial')}{rng.choice((' / ', ' - ', ' و '))}990{rng.randrange(100_000):05d}"
    return Cell(text, text)


def _rack(row: SheetRow, _weapon: Weapon, _rng: Random) -> Cell:
    return row.cells["place"]


def _lost_digits(row: SheetRow, _weapon: Weapon, _rng: Random) -> Cell:
    text = f"{int(row.text('serial')):.2E}"
    return Cell(text, text)


def _too_long(row: SheetRow, _weapon: Weapon, _rng: Random) -> Cell:
    value = float(row.text("serial") + "0123456789")
    return Cell(value, f"{value:.5E}")


def _bad_receipt(name: str, count: int, text: str) -> Defect:
    return Defect(name, count, bad_first("received_at", "inventoried_at", text))


# ── with a warning ──────────────────────────────────────────────────────────
def _unsaid(row: SheetRow, _weapon: Weapon, rng: Random) -> None:
    row.put("serial", rng.choice(("", "-", "N/A")))
    row.clean |= {"serial": None, "serial_status": "ABSENT"}
    row.warnings.add("W-NOSERIAL")


def _homoglyph(row: SheetRow, _weapon: Weapon, _rng: Random) -> None:
    row.damage("serial", lambda text: text.translate(LOOKALIKES))
    row.warnings.add("W-HOMOGLYPH")


def _letter(row: SheetRow, _weapon: Weapon, rng: Random) -> None:
    text = row.text("serial")
    figure, letter = rng.choice([pair for pair in ("0O", "1I") if pair[0] in text[1:]])
    row.damage("serial", lambda text: text[0] + text[1:].replace(figure, letter, 1))
    row.warnings.add("W-LETTER")


def _number(row: SheetRow, number_format: str, shown: str, clean: str) -> None:
    row.put_cell("serial", Cell(int(row.text("serial")), shown, number_format), clean)
    row.xlsx_warnings.add("W-NUMBER")


def _zeros_kept(row: SheetRow, _weapon: Weapon, _rng: Random) -> None:
    _number(row, "00000000", row.text("serial"), row.text("serial"))


def _typed_number(row: SheetRow, _weapon: Weapon, _rng: Random) -> None:
    shown = str(int(row.text("serial")))
    _number(row, "General", shown, shown)


def _scientific(row: SheetRow, _weapon: Weapon, _rng: Random) -> None:
    """The cell shows 9.90E+07 and still holds the figures; a CSV has lost them."""
    value = int(row.text("serial"))
    _number(row, "0.00E+00", f"{value:.2E}", str(value))
    row.csv_quarantine = "E-SERIAL"


def _other_calibre(row: SheetRow, _weapon: Weapon, rng: Random) -> None:
    own = row.text("calibre")
    row.put("calibre", rng.choice([c for c in ("7.62×39", "5.45×39", "7.62×54R") if c != own]))
    row.warnings.add("W-CALIBRE")


def _nobody(row: SheetRow, _weapon: Weapon, rng: Random) -> None:
    row.put("depositor", rng.choice(("مجهول", "غير معروف", "؟")))
    row.clean["depositor"] = None
    row.warnings.add("W-DEPOSITOR")


# ── accepted as it is ───────────────────────────────────────────────────────
def _short_model(row: SheetRow, weapon: Weapon, _rng: Random) -> None:
    row.put("model", SHORT_MODELS[weapon.model], weapon.model)


def _plain_x(text: str) -> str:
    return text.replace("×", "x")


def _arabic_calibre(text: str) -> str:
    return d.arabic_digits(text.replace(".", "٫"))


def _reads(first: str = "", *, letters: str = "") -> Callable[[SheetRow], bool]:
    """Rows whose serial was read, begins so, and holds one of the letters behind that."""

    def fits(row: SheetRow) -> bool:
        text = row.text("serial")
        found = not letters or any(letter in text[1:] for letter in letters)
        return row.clean["serial_status"] == "READ" and text.startswith(first) and found

    return fits


DEFECTS = (
    # quarantined: 17 or, in CSV, 22 for the serial, and 12 for a date; quantities come on top
    Defect("digits lost", 4, _unreadable(_lost_digits), _reads("990")),
    Defect("more than 15 digits", 2, _unreadable(_too_long), _reads("990")),
    Defect("two serials", 5, _unreadable(_two), _reads()),
    Defect("rack number as serial", 6, _unreadable(_rack), _reads()),
    _bad_receipt("month before day", 6, "12/07/2024"),
    _bad_receipt("impossible date", 2, "31/11/2024"),
    _bad_receipt("year 1924", 2, "07/12/1924"),
    Defect("future date", 2, future_second("inventoried_at")),
    # with a warning
    Defect("letter for figure", 14, _letter, _reads("990", letters="01")),
    Defect("scientific format", 5, _scientific, _reads("990")),
    Defect("number typed", 12, _typed_number, _reads("990")),
    Defect("zeros kept by the format", 16, _zeros_kept, _reads("0099")),
    Defect("zeros lost", 8, _typed_number, _reads("0099")),
    Defect("homoglyph", 18, _homoglyph, _reads("Щ", letters="АВЕКМНОРСТХ")),
    Defect("serial not said", 21, _unsaid, _reads()),
    Defect("other calibre", 9, _other_calibre, lambda row: row.text("model") in CALIBRES),
    Defect("unknown depositor", 15, _nobody),
    Defect("two-digit year", 8, short_year("received_at")),
    Defect("24:00", 3, midnight("received_at")),
    Defect("day number", 4, day_number("received_at")),
    # accepted
    Defect("model alias", 60, _short_model, lambda row: row.text("model") in SHORT_MODELS),
    Defect(
        "plain x in the calibre",
        80,
        in_text("calibre", _plain_x),
        lambda r: "×" in r.text("calibre"),
    ),
    Defect(
        "arabic digits in the calibre",
        30,
        in_text("calibre", _arabic_calibre),
        lambda row: "×" in row.text("calibre"),
    ),
    Defect("arabic digits in the serial", 20, in_text("serial", d.arabic_digits), _reads("990")),
    Defect("lower case", 12, in_text("serial", str.lower), _reads("XZ")),
    Defect("persian digits", 10, in_persian_digits("received_at")),
)


# ── the sheet ───────────────────────────────────────────────────────────────
def _quantity(rows: list[SheetRow]) -> SheetRow:
    """One row that hides several rifles: كلاشنكوف ×12."""
    row = SheetRow("base", tuple(n for r in rows for n in r.entities), dict(rows[0].cells))
    row.put("model", f"كلاشنكوف ×{len(rows)}")
    row.put("serial", "")
    row.put("year", "")
    row.defect = "quantity"
    row.refuse("E-MANY")
    return row


def _hidden(rows: list[SheetRow], size: Size, rng: Random) -> list[list[SheetRow]]:
    """The rifles behind each quantity row."""
    quantities = QUANTITIES[-2:-1] if size == "small" else QUANTITIES
    repeated = quantities * (25 if size == "x25" else 1)
    rifles = [row for row in rows if row.text("model") == "AKM" and not row.distinct_from]
    drawn = iter(rng.sample(rifles, sum(repeated)))
    return [[next(drawn) for _ in range(quantity)] for quantity in repeated]


def _recount(row: SheetRow, weapon: Weapon, rng: Random) -> SheetRow:
    """The same item once more, by the next team: other words, and often a closed-up serial."""
    again = SheetRow("recount", row.entities, dict(row.cells), dict(row.clean), same_as=row)
    again.defect = "second-team recount"
    again.put("team", str(weapon.team % TEAMS + 1))
    if weapon.model in SHORT_MODELS:
        again.put("model", SHORT_MODELS[weapon.model], weapon.model)
    again.put("condition", *rng.choice(sorted(CONDITIONS.items())))
    again.put("accessories", "")
    if rng.choice((True, False)):
        again.put("serial", row.text("serial").replace(" ", ""))
    again.warnings.add("W-REPEAT")
    return again


def _repeats(rows: list[SheetRow]) -> None:
    """The later row of two distinct weapons with one serial carries the warning."""
    for row in rows:
        other = row.distinct_from
        if other and other.number < row.number and row.kind == "base":
            row.warnings.add("W-REPEAT")


def weapons_sheet(size: Size) -> Sheet:
    """Return the weapons sheet of k24 at a size."""

    def chance(part: str) -> Random:
        return dice("sheets", size, "weapons", part)

    def count(full: int) -> int:
        return scaled(full, size)

    story = population("k24", size)
    items = {weapon.n: weapon for weapon in story.weapons}
    people = {person.n: person for person in story.persons}
    clerk = chance("clerk")
    rows = [_base(weapon, people, clerk) for weapon in items.values()]
    for row in rows:
        twin = items[row.entities[0]].serial_twin
        if twin:
            row.distinct_from, row.defect = rows[twin - 1], "equal serial"
    groups = _hidden(rows, size, chance("quantities"))
    hidden = {id(row) for group in groups for row in group}
    rows = [row for row in rows if id(row) not in hidden]
    spread(rows, items, DEFECTS, count, chance)
    plain = [row for row in rows if row.plain and row.clean["serial_status"] == "READ"]
    drawn = chance("again").sample(plain, count(DUPLICATES) + count(RECOUNTS))
    copies = [duplicate(row) for row in drawn[: count(DUPLICATES)]]
    team = chance("recounts")
    recounts = [_recount(row, items[row.entities[0]], team) for row in drawn[count(DUPLICATES) :]]
    quantities = [_quantity(group) for group in groups]
    odd = noise(WEAPON_COLUMNS, {r: count(n) for r, n in NOISE.items()}, chance("noise"))
    end = next(row for row in odd if row.reason == "FOOTER")
    odd.remove(end)
    extra = [*quantities, *copies, *recounts, *odd]
    rows = shuffled_in([[row] for row in rows], extra, chance("order"), end)
    numbered(rows)
    _repeats(rows)
    return Sheet("weapons", RANGES, WEAPON_COLUMNS, rows, (), ";")

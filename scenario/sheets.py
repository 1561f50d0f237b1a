"""The messy intake sheets and what a careful clerk makes of each row.

`write_sheets(directory)` writes eight files; the bytes are the same on each run.

    persons.xlsx   persons.csv   (UTF-8 with BOM, comma)       and for each file X
    weapons.xlsx   weapons.csv   (UTF-8 with BOM, semicolon)   X.truth.jsonl

**Layout.** Row 1 says SYNTHETIC, row 2 the reserved ranges, row 3 is the header, records begin
in row 4. `row` is the number a spreadsheet shows (in CSV: the number of the record, a blank
line counting as one; a quoted cell may span lines). Rows 1 to 3 are no rows of the count. A CSV
cell holds what the spreadsheet displays.
At full size persons have 2,013 rows = 1,887 base + 31 exact duplicates + 44 the same person in
the other script + 51 noise; weapons 1,947 = 1,766 base + 62 duplicates + 88 recounts by a second
team + 31 noise. Nine base rows hold three people in one cell, six hide 60 items as a quantity.

**Truth file.** JSON lines. Line 1 describes the file, then one line a row:

    {"synthetic":"SYNTHETIC","file":"persons.xlsx","kind":"persons","sheet":"سجل","dates":"dmy",
     "header_row":3,"first_row":4,"rows":2013,"left_out":["طائفة"]}
    {"row":412,"kind":"base","entities":[873],"defect":"two-digit year","verdict":"WITH_WARNING",
     "codes":["W-YEAR2"],"clean":{"declared_name":"…","entered_at":"2024-12-07",…}}

- `kind`: base, duplicate, other_script, recount, noise. `entities`: `n` of persons or weapons.
- `defect`: what was done to the row, in words, or null.
- `verdict`: ACCEPTED | WITH_WARNING (`codes`) | QUARANTINED (`codes`: exactly one) |
  DUPLICATE_OF (`of_row`: the earlier row) | NOT_A_RECORD (`reason`: HEADER, TOTAL, FOOTER,
  BLANK, COMMENT).
- `same_as_row`: an earlier or later row about the same entity, which a reviewer should be shown.
  `distinct_from_row`: a row that looks alike and is someone or something else.
- `clean`: field to text or null, only where the row is ACCEPTED or WITH_WARNING.

**Fields.** persons: declared_name, name_latin, father_name, birth_date, service_number, rank,
unit, entered_at, registered_at, site. weapons: category, model, make, calibre, country, year,
serial, serial_status, condition, accessories, depositor, received_at, inventoried_at, place,
team. The running number (م) is no field; «طائفة» (sect) is left out and its values kept nowhere.

**Clean text.** Spelling is evidence and never changed: أ/ا, ة/ه, ى/ي, عبدالله/عبد الله, Mhd stay as
typed and are the matter of name matching. What the keyboard or the program did is undone: hidden
marks (U+200B-200F, U+061C, U+FEFF) and tatweel dropped, vowel marks dropped, presentation forms
and Persian ک ی to Arabic letters, Arabic and Persian digits to 0-9 (also ٫ to a point), white
space collapsed. Service numbers and serials are upper case. A rank's abbreviation becomes the
full Arabic term (`RANK_FORMS` in `terms.py`: only unmistakable ones); category and condition
become codes, model aliases the model (`terms.py`); calibre is written with ×. Everything else is
the cell's text. An empty cell is null.

**Dates.** Both files are declared `dmy`. Clean dates are ISO 8601 cut to what the cell says:
`1985`, `2024-12-07`, `2024-12-07T07:30`; no offset unless the cell has one
(`2024-12-07T04:30+00:00`). Two dates of one row belong together: the second (registered_at,
inventoried_at) is not before the first (entered_at, received_at) and at most 31 days after it, by
calendar day; birth is before entry. A row whose declared reading breaks this is quarantined:
in a `dmy` file `12/07/2024` beside a registration of `2024-12-08` is most likely 7 December
written by another hand, and that is not for a program to decide. A Hijri year in a file not
declared `hijri` is quarantined too (local sighting and calculation differ by a day), as is a
date without a year. A bare number of 20000-60000 in a date column is a spreadsheet's day number.

**Quarantine** (one code; where several fit, the first of this list)

    E-BIDI     an override, embedding or isolate (U+202A-202E, U+2066-2069) in any cell
    E-MANY     several people in one cell, or a quantity instead of an item (كلاشنكوف ×12)
    E-NAME     neither an Arabic nor a Latin name ("", -, ؟)
    E-DATE     contradicting, impossible (31/11), Hijri, without a year; entry or receipt empty
    E-SERIAL   two serials in a cell, a rack number, digits lost (1.23E+06 as text, more than 15)

**Warnings** (any number, in alphabetical order)

    W-CALIBRE    the calibre is not the model's; both are kept as typed
    W-DAYNUMBER  a date typed as a spreadsheet's day number (45633)
    W-DEPOSITOR  the depositor is said to be unknown (مجهول, غير معروف, ؟): null
    W-ENCODING   mojibake (UTF-8 read as cp1256) repaired
    W-HOMOGLYPH  Latin and Cyrillic letters in one serial: turned to the script that has a letter
                 which the other cannot spell (Щ Ж Л Ф are Cyrillic, Z is Latin)
    W-LETTER     O or I in a serial of otherwise nothing but figures, read as 0 or 1
    W-MIDNIGHT   24:00, read as 00:00 of the next day
    W-NOSERIAL   the serial cell is empty, - or N/A: ABSENT, though the sheet does not say why
    W-NUMBER     serial or service number in a number cell; the digits are those that the cell's
                 number format shows, in scientific format those of its value (xlsx only)
    W-REPEAT     the serial (clean, compared without spaces and dashes) stands in an earlier
                 accepted row too, READ in both
    W-SWAPPED    Arabic and Latin name stand in each other's column; swapped back
    W-YEAR2      a two-digit year: 24 is 2024 in an event, 85 is 1985 in a birth date

**Serial status**: بدون رقم, بلا رقم, لا يوجد رقم: ABSENT. مطموس, ممسوح, غير مقروء: ILLEGIBLE.
كتابة أجنبية: UNTRANSLATABLE. A serial with `?`: PARTIAL, kept with its question marks. Else READ.
Accepted without a warning: empty birth date, a bare year of birth, a merged unit cell (the value
holds for all merged rows; in CSV only the first row has it, the others are null).
"""

from __future__ import annotations

from pathlib import Path

from scenario.plan import Size
from scenario.sheet_files import write
from scenario.sheet_persons import persons_sheet
from scenario.sheet_weapons import weapons_sheet


def write_sheets(directory: Path, size: Size = "full") -> tuple[Path, ...]:
    """Write both sheets as xlsx and csv, each with its truth file.

    Args:
        directory: where to; made if it is not there.
        size: small (a tenth), full, or x25.

    Returns:
        The eight paths: each file followed by its truth.
    """
    directory.mkdir(parents=True, exist_ok=True)
    return (*write(persons_sheet(size), directory), *write(weapons_sheet(size), directory))

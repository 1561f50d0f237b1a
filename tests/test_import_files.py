"""Files as they come: any bytes end in outcomes or in one sentence, and nothing is half recorded."""

from __future__ import annotations

import io
import os
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from application.decisions.unit import Note
from application.imports import batches
from commands.intake import sheet_file
from domain.errors import CannotTellError
from intake import limits
from tests.intake_desk import CLERK, OWN_ROW, TITLES, WEAPONS, IntakeDesk, standing
from tests.terminal import AMANA, Terminal
from tests.test_import_pairs import STRANGER
from tests.test_import_rows import DMY, PERSON

HEAD = "الاسم الثلاثي,تاريخ الدخول,الموقع\n"
ROW = "سمير خالد زعبوط,07/12/2024,CAMP-R1\n"


@pytest.fixture
def desk(tmp_path: Path) -> IntakeDesk:
    return IntakeDesk(tmp_path, sheets=False)


def written(custody_file: Path) -> dict[str, bytes]:
    return {
        p.name: p.read_bytes() for p in custody_file.parent.glob("k.amana*") if "-shm" not in p.name
    }


def far_cell() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page["A1048576"] = "x"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return out.getvalue()


BAD = {
    "empty": (b"", "the file is empty"),
    "blank": (b" \r\n\t\n", "the file is empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "the file is a picture"),
    "a web page": (b"<!DOCTYPE html><table><tr><td>1</td></tr></table>", "a web page or XML"),
    "a password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        "protected by a password",
    ),
    "no workbook": (zipped(readme_txt=b"hello"), "a zip archive"),
    "a cut workbook": (far_cell()[:-900], "damaged"),
    "a million rows": (far_cell(), "more than 200,000 rows"),
    "an unknown header": (b"a,b,c\n1,2,3\n", "no header row for persons was recognised"),
    "no date": ("الاسم الثلاثي,الرتبة\nx,y\n".encode(), "no column was recognised for entered_at"),
    "not UTF-8": ((HEAD + ROW).encode("cp1256"), "is not UTF-8: name its encoding"),
    "half a letter": (HEAD.encode() + b"\xed\xa0\x80,07/12/2024,CAMP-R1\n", "the file is n"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_taken_in_is_one_sentence(desk: IntakeDesk, name: str) -> None:
    data, why = BAD[name]
    (desk.folder / "sheet.csv").write_bytes(data)
    before = written(desk.path)
    for words in (("check",), ("import", "--commit")):
        answer = desk("intake", *words, "sheet.csv", code=2)
        assert why in answer.sentence
        assert answer.sentence.startswith("sheet.csv: ")
        assert answer.out == ""
    assert written(desk.path) == before


def test_what_unpacks_to_more_than_is_allowed_is_not_opened(
    desk: IntakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNPACKED_BYTES", 1 << 20)
    bomb = zipped(xl__workbook_xml=b"<x/>", xl__worksheets__sheet1_xml=bytes(2 << 20))
    (desk.folder / "sheet.xlsx").write_bytes(bomb)
    assert "unpacks to more than" in desk("intake", "check", "sheet.xlsx", code=2).sentence


def test_a_file_that_changes_while_it_is_read_is_not_taken_in(
    desk: IntakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.folder / "sheet.csv"
    path.write_text(HEAD + ROW, "utf-8")
    fstat = os.fstat

    def another_hand(handle: int) -> Any:
        found = fstat(handle)
        with path.open("a", encoding="utf-8") as file:
            file.write(ROW)
        return found

    monkeypatch.setattr(sheet_file.os, "fstat", another_hand)
    assert "changed while it was read" in desk("intake", "check", "sheet.csv", code=2).sentence


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("سمير\u202eزعبوط", "E-BIDI"),
        ("سمير\0زعبوط", "E-BIDI"),
        ("سمير\x07زعبوط", "E-BIDI"),
        ("=HYPERLINK(1)", "E-FORMULA"),
        ("سمير؛ عادل؛ نزار", "E-MANY"),
    ],
)
def test_a_poisoned_cell_is_quarantined_and_its_rejects_are_harmless(
    desk: IntakeDesk, cell: str, code: str
) -> None:
    (desk.folder / "s.csv").write_text(HEAD + ROW + ROW.replace("سمير خالد زعبوط", cell), "utf-8")
    answer = desk.take_in("s.csv", *DMY, "--rejects", "r.xlsx", code=4)
    assert [(q["row"], q["code"]) for q in answer["quarantined"]] == [(3, code)]
    assert answer["recorded"] == 1
    page = openpyxl.load_workbook(desk.folder / "r.xlsx").active
    assert page is not None
    assert {one.data_type for line in page.iter_rows() for one in line} <= {"s", "n"}
    assert (desk.folder / "r.xlsx").stat().st_mode & 0o077 == 0


def test_standard_input_and_a_name_from_another_world(desk: IntakeDesk) -> None:
    data = (HEAD + ROW).encode()
    answer = desk("--json", "intake", "import", "-", *DMY, "--commit", stdin=data)
    assert (answer.document["file"], answer.document["recorded"]) == ("stdin", 1)
    name = "a\u202eb\n.csv"
    (desk.folder / name).write_bytes(data.replace("سمير".encode(), "عادل".encode()))
    assert desk.take_in(name, *DMY, code=0)["file"] == "a_b_.csv"
    custody = desk.open()
    assert len(standing(custody, "P-")) == 2
    custody.close()


def test_a_pipe_that_closes_early_is_no_fault(desk: IntakeDesk) -> None:
    (desk.folder / "s.csv").write_text(HEAD + ROW * 50, "utf-8")
    command = f"{' '.join(AMANA)} intake check s.csv --dates dmy | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=desk.folder,
        env=desk.env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() in {"0", "4"}
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("check", "nowhere.csv"), 5, "nowhere.csv cannot be read"),
        (("check", "."), 5, "cannot be read"),
        (("check", "s.csv", "--map", "nowhere.toml"), 5, "cannot be read"),
        (("check", "s.csv", "--sheet", "9"), 2, "there is no sheet 9"),
        (("check", "s.csv", "--kind", "weapons"), 2, "no header row for weapons"),
        (("check", "s.csv", "--encoding", "klingon"), 2, "there is no encoding named"),
        (("import", "s.csv", "--rejects", "nowhere/r.xlsx"), 2, "cannot be written"),
        (("import", "s.csv", "--rejects", "s.csv"), 2, "is the sheet itself"),
        (
            ("import", "s.csv", "--receiving-party", "PARTY-NOBODY"),
            5,
            "PARTY-NOBODY is not in this ledger",
        ),
    ],
)
def test_what_was_asked_wrongly_is_one_sentence(
    desk: IntakeDesk, words: tuple[str, ...], code: int, why: str
) -> None:
    (desk.folder / "s.csv").write_text(HEAD + ROW, "utf-8")
    assert why in desk("intake", *words, code=code).sentence


TERMINAL: list[Terminal] = []


@settings(max_examples=60)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=200).map(lambda text: (HEAD + text).encode("utf-8", "surrogatepass")),
        st.binary(max_size=100).map(lambda tail: b"PK\x03\x04" + tail),
        st.lists(st.lists(st.text(max_size=20), min_size=3, max_size=3), max_size=5).map(
            lambda rows: (
                HEAD + "".join(",".join(f'"{c}"' for c in r) + "\n" for r in rows)
            ).encode("utf-8", "surrogatepass")
        ),
    )
)
@example(HEAD.encode() + b"\x00")
@example(HEAD.encode() + b'"')
@example((HEAD + ROW).encode("utf-16"))
def test_any_bytes_end_in_verdicts_or_in_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    if not TERMINAL:
        TERMINAL.append(Terminal(tmp_path_factory.mktemp("any")))
    answer = TERMINAL[0]("--json", "intake", "check", "-", *DMY, stdin=data, code=None)
    assert answer.code in {0, 2, 4}
    if answer.code == 2:
        assert answer.sentence
        return
    found = answer.document
    assert sum(found["counts"].values()) == found["total"]
    assert (answer.code == 4) == bool(found["quarantined"])


# ── the ways around it ──────────────────────────────────────────────────────


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_a_template_that_was_filled_in_is_imported(desk: IntakeDesk, lang: str) -> None:
    desk("intake", "template", "persons", "-o", "t.xlsx", "--lang", lang)
    assert (
        "not overwritten" in desk("intake", "template", "persons", "-o", "t.xlsx", code=2).sentence
    )
    book = openpyxl.load_workbook(desk.folder / "t.xlsx")
    page = book.active
    assert page is not None
    page["B2"], page["I2"], page["K2"] = "سمير خالد زعبوط", "07/12/2024 07:30", "CAMP-R1"
    book.save(desk.folder / "t.xlsx")
    answer = desk.take_in("t.xlsx", *DMY, code=0)
    assert (answer["recorded"], answer["not_recognised"]) == (1, [])


def test_a_saved_map_reads_the_committees_next_sheet(desk: IntakeDesk) -> None:
    (desk.folder / "s.csv").write_text((HEAD + ROW).replace("الموقع", "المكان هنا"), "utf-8")
    shown = desk("intake", "check", "s.csv", *DMY, "--save-map", "m.toml")
    assert "«المكان هنا»: see --map" in shown.out
    saved = (desk.folder / "m.toml").read_text("utf-8")
    (desk.folder / "m.toml").write_text(saved.replace('هنا" = "-"', 'هنا" = "site"'), "utf-8")
    answer = desk.take_in("s.csv", *DMY, "--map", "m.toml", code=0)
    assert answer["recorded"] == 1


def test_words_of_the_house_are_read_from_its_own_table(desk: IntakeDesk) -> None:
    sheet = desk.sheet("p.xlsx", "persons", [PERSON | {"rank": "ر.أ"}])
    assert desk.document("intake", "check", sheet, *DMY)["counts"]["WITH_WARNING"] == 1
    (desk.folder / "terms.toml").write_text('[rank]\n"رقيب أول" = ["ر.أ"]\n', "utf-8")
    found = desk.document("intake", "check", sheet, *DMY, "--terms", "terms.toml")
    assert found["counts"]["ACCEPTED"] == 1


def test_rejected_rows_are_put_right_and_imported_as_a_file_of_their_own(desk: IntakeDesk) -> None:
    sheet = desk.sheet("p.xlsx", "persons", [PERSON, STRANGER | {"site": "CAMP-R9"}])
    first = desk.take_in(sheet, *DMY, "--rejects", "r.xlsx", code=4)
    book = openpyxl.load_workbook(desk.folder / "r.xlsx")
    page = book.active
    assert page is not None
    titles = {cell.value: cell.column for cell in page[1]}
    assert page.cell(2, titles[OWN_ROW]).value == "3"
    assert "CAMP-R9" in str(page.cell(2, titles["Reason"]).value)
    page.cell(2, titles[TITLES["persons"]["site"]]).value = "CAMP-R2"
    book.save(desk.folder / "r.xlsx")
    assert desk.take_in("r.xlsx", *DMY, code=0)["recorded"] == 1
    shown = desk("intake", "show", first["batch"]).out
    assert "quarantined" in shown
    (rejected,) = desk.document("intake", "show", first["batch"])["quarantined"]
    assert (rejected["row"], rejected["codes"]) == (3, "E-SITE")
    assert rejected["put_right_in"].startswith("B-")


def test_with_other_options_the_rest_of_a_file_goes_in(desk: IntakeDesk) -> None:
    sheet = desk.sheet("p.xlsx", "persons", [PERSON, STRANGER | {"site": ""}])
    first = desk.take_in(sheet, *DMY, code=4)
    again = desk.take_in(sheet, *DMY, "--site", "CP-AQ", code=0)
    assert (first["recorded"], again["recorded"], again["counts"]["ALREADY_IN"]) == (1, 1, 1)
    assert again["batch"] == first["batch"]
    assert desk.document("intake", "show", first["batch"])["quarantined"] == []


def test_one_row_is_opened_as_it_was_typed_by_whoever_may(desk: IntakeDesk) -> None:
    batch = desk.take_in(desk.sheet("p.xlsx", "persons", [PERSON]), *DMY, code=0)["batch"]
    row = ("intake", "show", batch, "--row", "2")
    assert "say why" in desk(*row, code=2).sentence
    found = desk.document(*row, "--reason", "as typed?")["cells"]
    assert found[TITLES["persons"]["rank"]] == PERSON["rank"]
    assert "are opened by intake clerks" in desk.by(WEAPONS)(*row, "--reason", "x", code=3).sentence
    desk.by(CLERK)
    assert (
        "has no row 9"
        in desk("intake", "show", batch, "--row", "9", "--reason", "x", code=5).sentence
    )


def test_erasing_a_person_destroys_every_row_they_were_typed_in(desk: IntakeDesk) -> None:
    rejected = STRANGER | {"site": "CAMP-R9"}
    sheet = desk.sheet("p.xlsx", "persons", [PERSON, PERSON, rejected])
    first = desk.take_in(sheet, *DMY, "--rejects", "r.xlsx", code=4)["batch"]
    mended = desk.sheet("r2.xlsx", "persons", [], OWN_ROW)
    book = openpyxl.load_workbook(desk.folder / mended)
    page = book.active
    assert page is not None
    right = STRANGER | {"site": "CAMP-R2"}
    page.append([*(right.get(f, "") for f in TITLES["persons"] if f != "sect"), "4"])
    book.save(desk.folder / mended)
    second = desk.take_in(mended, *DMY, "--mends", first, code=0)["batch"]
    custody = desk.open()
    people = {p.id: p for p in standing(custody, "P-")}
    assert len(people) == 2
    for person, rows in zip(
        people, ([(first, 2), (first, 3)], [(first, 4), (second, 2)]), strict=True
    ):
        for batch, row in rows:
            assert batches.raw(custody, CLERK, batch, row, "before")
        custody.erase(person, Note("OFF-063", authority="court order 12"))
        for batch, row in rows:
            with pytest.raises(CannotTellError):
                batches.raw(custody, CLERK, batch, row, "after")
    custody.close()
    assert desk.take_in(sheet, *DMY, code=4)["recorded"] == 0
    custody = desk.open()
    with pytest.raises(CannotTellError):  # importing the file again brings no erased row back
        batches.raw(custody, CLERK, first, 3, "after")
    custody.close()


def test_the_screen_adds_up_in_every_form(desk: IntakeDesk) -> None:
    rows = [PERSON, PERSON, STRANGER | {"declared_name": ""}]
    sheet = desk.sheet("p.xlsx", "persons", rows)
    text = desk("intake", "import", sheet, *DMY, "--commit", code=4).out
    lines = re.findall(r"^  (\w.*?|─+) +([\d,]+)   ", text, re.MULTILINE)
    *parts, (rule, total) = [line for line in lines if line[0] != "irregular"]
    assert [name for name, _ in parts] == ["recorded", "quarantined", "duplicate"]
    assert set(rule) == {"─"}
    assert sum(int(number) for _, number in parts) == int(total) == 3
    plain = desk("--plain", "intake", "import", sheet, *DMY, "--commit", code=4).out
    counts = dict(line.split("\t") for line in plain.splitlines()[1:])
    assert {k: int(v) for k, v in counts.items() if int(v)} == {
        "QUARANTINED": 1,
        "DUPLICATE_OF": 1,
        "ALREADY_IN": 1,
    }

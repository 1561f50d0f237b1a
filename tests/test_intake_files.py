"""Whatever bytes come: outcomes, or one sentence; never a traceback, never a runaway parser."""

from __future__ import annotations

import base64
import codecs
import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake import columns, tables
from intake.check import Report, check
from intake.errors import SENTENCES, IntakeError

HEAD = ["م", "الاسم", "تاريخ الدخول", "الرقم العسكري"]
LINE = ["1", "محمد علي حسن", "07/12/2024", "SYN-000001"]
XLS = (
    "c-rk)O-NKx6#nj;nd{6j>Wpcifeb=grj0WO<wB<{wS>%S(GNk5%`C!3V`yVgSvJccs7(=pV2d_Zn|`REb_Ib^iy#QJ"
    "maT$<7V7Jq^WNBK1rDTOyzg<(JwNxHd*A(k@6AMLa`b-H6c(TjF3g%f=scaG<jV;`kli$y&E;N7rh^p)pO*$wd+?<A"
    "brFvtkM|S|+;hJm3Vfn;1gFq5IFJf2Bif}63B_$_C8}_fG$p8%R+R}oE_9X9yHfJ0(5<4mEVPx%PO8J0i1*ZQv1jo?"
    "qeg5c;J6RP=YwdXsK85}#pkamtE>mxGA9xzSD2yN9l#i9K)X@{sSL}dxD7v$Oh(e_$Pi%?<uur1_-=-QZ@E?dJnZO~"
    "SFb?&AM^D^f6;qs5EtsN8g5`1<}q0$S(?;m-E48GX5FB7=xJP&joB;nLv_$vS9PSX)6Kd=2cYVSjp}Z_QHQ~X2yr_p"
    "FSg1>bvu=_OfBTIT?z*{QX?56WNIN(H|33F?$k8P_9xP*On6T^ks%=(i!^PH#F}E8*m9_+v567$^I;;JPjKGmQ!I-z"
    "Ks1R`;X|@CgY*W|cfP*e-PapGDw<(=C+k>R%e?>-7ubWGOT^+5%9eWZ*dX+xL|r3%mC$lpH<Z`*R@hAEh?Kb`)>^8k"
    "S@14im&dOoKKo_wqw4JE_<G{UyQa>RkH3$PqK1yiB=<HwBWO?!>c(}(<9IGt_7?V0XytF)nb!!~Z8z<+w-htHfC(X?"
    "mc+fI<|M=JD@$^b<g#O_1+mT<e$j=b&$+ykSln07sBMbkltI7Zh_`leERJIQA&MbU{B{&;ygYM~kynEuE#iT0Gs^IQ"
    "9cion1wR}(aNxj!0|yQqEIE{18?CD{U;aGyHN43FuQNkw*7;5H-(nvI={Zdwl^qzMJcFTv=Fe()R4$fUq)+aDA>#nm"
    "o<TqQq#gYQ&tLkCQu*(*Xvg5cTSA4_KU+vUm$?3)8X)8>"
)  # base85 of zlib of a workbook as Excel 97 wrote it

ODS = """<?xml version="1.0" encoding="UTF-8"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
<table:table table:name="س"><table:table-row>{head}</table:table-row>
<table:table-row{rows}>{line}<table:table-cell table:number-columns-repeated="16000"/>
</table:table-row><table:table-row table:number-rows-repeated="1048000"><table:table-cell
 table:number-columns-repeated="16384"/></table:table-row></table:table>
</office:spreadsheet></office:body></office:document-content>"""


def csv_bytes(*rows: list[str], encoding: str = "utf-8") -> bytes:
    return "\r\n".join(",".join(row) for row in rows).encode(encoding)


def xlsx(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    fill(book)
    book.close()
    return out.getvalue()


def sheet(*rows: list[object], name: str = "سجل") -> Callable[[xlsxwriter.Workbook], None]:
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet(name)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)

    return fill


def both(*fills: Callable[[xlsxwriter.Workbook], None]) -> Callable[[xlsxwriter.Workbook], None]:
    return lambda book: [fill(book) for fill in fills] and None


def ods(rows: str = "", **members: str) -> bytes:
    def cells(texts: list[str]) -> str:
        one = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
        return "".join(one.format(text) for text in texts)

    content = ODS.replace("\n", "").format(head=cells(HEAD), line=cells(LINE), rows=rows)
    return zipped(
        mimetype="application/vnd.oasis.opendocument.spreadsheet",
        **{"content.xml": content, "META-INF/manifest.xml": "<a/>"} | members,
    )


def zipped(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return out.getvalue()


def rewritten(data: bytes, part: str, change: Callable[[str], str]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name).decode() for name in archive.namelist()}
    return zipped(**members | {part: change(members[part])})


def persons(data: bytes, **said: object) -> Report:
    return check(data, "any.name", "persons", dates="dmy", **said)  # type: ignore[arg-type] # test


def refused(data: bytes, **said: object) -> str:
    with pytest.raises(IntakeError) as caught:
        persons(data, **said)
    assert str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value.code


PLAIN = xlsx(sheet(HEAD, LINE))
SHEET1 = "xl/worksheets/sheet1.xml"


# ── what is read ────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("data", "form"),
    [
        (PLAIN, "xlsx"),
        (ods(), "ods"),
        (csv_bytes(HEAD, LINE), "csv"),
        (csv_bytes(HEAD, LINE, encoding="utf-8-sig"), "csv"),
        (csv_bytes(HEAD, LINE, encoding="utf-16"), "csv"),
        (csv_bytes(HEAD, LINE).replace(b",", b";"), "csv"),
        (csv_bytes(HEAD, LINE).replace(b",", b"\t"), "csv"),
    ],
)
def test_a_file_is_known_by_its_content_not_its_name(data: bytes, form: str) -> None:
    report = persons(data)
    assert report.form == form
    assert [row.outcome for row in report.rows] == ["ACCEPTED"]
    assert report.rows[0].clean["declared_name"] == LINE[1]
    assert report.rows[0].clean["entered_at"] == "2024-12-07"


def test_an_old_xls_is_read_and_its_typed_numbers_are_warned_of() -> None:
    report = persons(zlib.decompress(base64.b85decode(XLS)))
    assert report.form == "xls"
    assert [row.codes for row in report.rows] == [("W-NUMBER",), ()]
    assert report.rows[0].clean["entered_at"] == "2024-12-07"


def test_another_encoding_is_proposed_and_only_a_named_one_is_taken() -> None:
    data = csv_bytes(HEAD, LINE, encoding="cp1256")
    with pytest.raises(IntakeError, match="most likely cp1256"):
        persons(data)
    report = persons(data, encoding="cp1256")
    assert report.rows[0].clean["declared_name"] == LINE[1]
    assert report.encoding == "cp1256"


def test_a_sheet_is_found_among_others_and_a_hidden_one_is_not_looked_at() -> None:
    def hidden(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet("lists")
        page.write_row(0, 0, HEAD)
        page.hide()

    data = xlsx(both(sheet(["notes"], name="n"), sheet(["SYNTHETIC"], [], HEAD, LINE), hidden))
    report = persons(data)
    assert (report.sheet, report.header_row, report.rows[0].number) == ("سجل", 3, 4)


def test_two_sheets_that_look_right_are_not_chosen_between() -> None:
    data = xlsx(both(sheet(HEAD, LINE, name="a"), sheet(HEAD, LINE, LINE, name="b")))
    assert refused(data) == "sheets"
    assert persons(data, sheet="b").total == 2
    assert persons(data, sheet=1).total == 1
    assert refused(data, sheet="c") == refused(data, sheet=3) == "sheet"


def test_a_merged_unit_holds_for_all_its_rows_and_a_merged_name_for_none() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet("x")
        page.write_row(0, 0, [*HEAD, "الوحدة"])
        for row, name in enumerate(("محمد علي", "", ""), 1):
            page.write_row(row, 0, [str(row), name, "07/12/2024", f"SYN-{row}"])
        page.merge_range(1, 4, 3, 4, "اللواء ك")
        page.merge_range(2, 1, 3, 1, "خالد عمر")

    rows = persons(xlsx(fill)).rows
    assert [row.clean.get("unit") for row in rows[:2]] == ["اللواء ك"] * 2
    assert rows[1].changes["unit"] == ("merged",)
    assert rows[2].codes == ("E-NAME",)


# ── what is refused ─────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"%PDF-1.7\n", "type"),
        (b"\x89PNG\r\n", "type"),
        (b"<html><table><tr><td>x", "type"),
        (b"\x00\x01\x02\xff" * 100, "type"),
        (zipped(**{"a.txt": "x"}), "type"),
        (zipped(**{"xl/workbook.bin": "x"}), "type"),
        (PLAIN[: len(PLAIN) // 2], "damaged"),
        (b"PK\x03\x04" + b"x" * 40, "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged"),
        (
            codecs.decode("d0cf11e0a1b11ae1", "hex") + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
        (ods(**{"META-INF/manifest.xml": "<manifest:encryption-data/>"}), "password"),
        (csv_bytes(["who", "knows"], ["a", "b"]), "header"),
        (csv_bytes(HEAD, LINE) + b'\n"' + b"x" * 140_000, "quotes"),
        (csv_bytes(["الاسم", "الرتبة"], ["محمد علي", "جندي"]), "missing"),
        (csv_bytes([*HEAD, "الاسم الثلاثي"], LINE), "twice"),
    ],
)
def test_a_file_that_cannot_be_taken_in_ends_with_one_sentence(data: bytes, code: str) -> None:
    assert refused(data) == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"encoding": "no-such"}, "encoding_unknown"),
        ({"encoding": "base64"}, "encoding_unknown"),
        ({"encoding": "ascii"}, "encoding_wrong"),
        ({"column_map": {"الاسم": "nothing"}}, "map"),
    ],
)
def test_what_the_user_says_wrongly_ends_with_one_sentence(
    said: dict[str, object], code: str
) -> None:
    assert refused(csv_bytes(HEAD, LINE), **said) == code


def test_a_cell_at_the_end_of_the_sheet_does_not_cost_a_rectangle() -> None:
    far = rewritten(PLAIN, SHEET1, lambda text: text.replace("D2", "XFD1048576"))
    deep = rewritten(PLAIN, SHEET1, lambda text: text.replace('r="2"', 'r="900000"'))
    assert refused(far) == "too_wide"
    assert refused(deep) == "too_many_rows"


def test_repeated_rows_of_an_ods_are_counted_before_they_are_made() -> None:
    assert persons(ods(' table:number-rows-repeated="3"')).total == 3
    assert refused(ods(' table:number-rows-repeated="900000"')) == "too_many_rows"


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(520):
                part.write(bytes(1 << 20))
    assert len(bomb.getvalue()) < 1_000_000
    assert refused(bomb.getvalue()) == "too_big_inside"


def test_one_long_text_shown_by_many_cells_is_not_multiplied() -> None:
    text = "x" * 30_000
    data = xlsx(sheet(HEAD, LINE, *([[text] * 100] * 60)))
    assert refused(data) == "too_long"


def test_broken_markup_is_refused_before_a_parser_loops_on_it() -> None:
    broken = ods().replace(b"x", b"x")
    assert (
        refused(rewritten(broken, "content.xml", lambda t: t.replace("</table:table>", "")))
        == "damaged"
    )
    assert refused(rewritten(PLAIN, SHEET1, lambda t: t.replace("</sheetData>", ""))) == "damaged"
    entity = '<!DOCTYPE a [<!ENTITY b "c">]><worksheet'
    assert (
        refused(rewritten(PLAIN, SHEET1, lambda t: t.replace("<worksheet", entity, 1))) == "damaged"
    )


def test_a_sector_chain_that_turns_back_is_refused() -> None:
    data = bytearray(zlib.decompress(base64.b85decode(XLS)))
    fat = 512 * (int.from_bytes(data[76:80], "little") + 1)
    data[fat + 4 : fat + 8] = (0).to_bytes(4, "little")
    assert refused(bytes(data)) == "damaged"


def test_a_record_that_claims_the_impossible_is_refused_before_room_is_made_for_it() -> None:
    data = zlib.decompress(base64.b85decode(XLS))
    begins = data.index(bytes.fromhex("00020e00") + bytes(4)) + 4
    label = data.index(bytes.fromhex("fd000a00")) + 6  # the column of the first text
    texts = data.index(bytes.fromhex("fc00")) + 8  # how many shared texts there are
    assert refused(data[:begins] + b"\xb3" + data[begins + 1 :]) == "damaged"
    assert refused(data[:label] + b"\xff\xff" + data[label + 2 :]) == "too_wide"
    assert refused(data[:texts] + b"\xff" * 4 + data[texts + 4 :]) == "damaged"


# ── columns ─────────────────────────────────────────────────────────────────
def test_a_column_that_is_never_collected_leaves_no_trace_of_its_values() -> None:
    for title in ("طائفة", "الديانة", "Religion / sect", "رقم الهاتف والعنوان", "Blood, DNA"):
        report = persons(csv_bytes([*HEAD, title.replace(",", "")], [*LINE, "SECRET"]))
        assert report.columns.left_out == (title.replace(",", ""),)
        assert "SECRET" not in repr(report)


def test_the_map_cannot_bring_a_forbidden_column_back() -> None:
    data = csv_bytes([*HEAD, "طائفة"], [*LINE, "SECRET"])
    assert refused(data, column_map={"طائفة": "unit"}) == "forbidden"


def test_a_saved_map_decides_before_our_names_do_and_survives_saving() -> None:
    data = csv_bytes(["اسم الجندي", "متى", 'a "b"\\'], ["محمد علي", "07/12/2024", "x"])
    assert refused(data) == "header"
    chosen = {"اسم الجندي": "declared_name", "متى": "entered_at"}
    report = persons(data, column_map=chosen)
    assert report.rows[0].accepted
    saved = columns.read_map(columns.write_map(report.columns))
    assert saved == chosen | {report.columns.titles[2]: "-"}


@pytest.mark.parametrize("data", [b"", b"[columns", b"[columns]\na = 1", b"\xff", b"columns = 3"])
def test_a_map_that_is_none_ends_with_one_sentence(data: bytes) -> None:
    with pytest.raises(IntakeError, match="column map"):
        columns.read_map(data)


def test_users_extend_the_tables_and_a_word_with_two_meanings_is_refused() -> None:
    words = tables.load('[rank]\n"رقيب أول" = ["ر.أ"]\n[model.X9]\nnames = ["س9"]'.encode())
    data = csv_bytes([*HEAD, "الرتبة"], [*LINE, "ر.أ"])
    assert persons(data).rows[0].codes == ("W-TERM",)
    assert persons(data, tables=words).rows[0].clean["rank"] == "رقيب أول"
    for bad in ('[rank]\n"رقيب أول" = ["Sgt"]', "[rank]\nx = 3", "rank = 3", "[rank"):
        with pytest.raises(IntakeError, match="table of terms"):
            tables.load(bad.encode())


# ── any bytes ───────────────────────────────────────────────────────────────
SEEDS = (PLAIN, ods(), csv_bytes(HEAD, LINE, LINE), zlib.decompress(base64.b85decode(XLS)))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=12)), max_size=6),
    st.sampled_from(["persons", "weapons"]),
    st.sampled_from([None, "dmy", "hijri"]),
    st.sampled_from([None, None, "cp1256", "utf-16"]),
)
def test_any_bytes_end_with_verdicts_or_one_sentence(
    seed: bytes,
    changes: list[tuple[float, int, bytes]],
    kind: str,
    dates: str | None,
    encoding: str | None,
) -> None:
    data = bytearray(seed)
    for place, length, put in changes:
        at = int(place * len(data))
        data[at : at + length] = put
    try:
        report = check(bytes(data), "x", kind, dates=dates, encoding=encoding)
        ended = sum(report.counts.values()) == report.total == len(report.rows)
    except IntakeError as error:
        ended = error.code in SENTENCES
    assert ended


@given(st.binary(max_size=300))
def test_random_bytes_end_with_verdicts_or_one_sentence(data: bytes) -> None:
    said = "verdicts"
    try:
        check(data, "x", "persons")
    except IntakeError as error:
        said = str(error)
    assert said.count("\n") == 0 < len(said)


# ── errors ──────────────────────────────────────────────────────────────────
CALCEXT = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"


@pytest.mark.parametrize("value", ['"string" office:string-value=""', '"float" office:value="0"'])
def test_an_error_in_an_ods_is_no_empty_cell(value: str) -> None:
    said = f'office:value-type={value} calcext:value-type="error"'
    old = '<table:table-cell office:value-type="string"><text:p>SYN-000001<'
    new = f'<table:table-cell table:formula="of:=NA()" {said}><text:p>#N/A<'

    def changed(text: str) -> str:
        assert old in text
        return text.replace(old, new).replace(
            "xmlns:text", f'xmlns:calcext="{CALCEXT}" xmlns:text', 1
        )

    (row,) = persons(rewritten(ods(), "content.xml", changed)).quarantined
    assert (row.notes[0].code, row.notes[0].field) == ("E-SERIAL", "service_number")
    assert "#N/A" in row.notes[0].words.en


@pytest.mark.parametrize(("code", "shown"), [(0x2A, "#N/A"), (0x17, "#REF!"), (0x07, "#DIV/0!")])
@pytest.mark.parametrize("as_formula", [False, True])
def test_an_error_in_an_xls_is_no_empty_cell(code: int, shown: str, as_formula: bool) -> None:
    data = zlib.decompress(base64.b85decode(XLS))
    at = data.index(struct.pack("<HHHHH", 0x00BD, 18, 1, 2, 0x12))  # date and number of row 2
    put = struct.pack("<HHHHHHHHHHBB", 0x0201, 6, 1, 2, 0x11, 0x0205, 8, 1, 3, 0x11, code, 1)
    if as_formula:  # a longer record, and one that nobody reads: the next one goes, too
        result = struct.pack("<BBBBBBH", 2, 0, code, 0, 0, 0, 0xFFFF)
        cell = struct.pack("<HHH", 1, 3, 0x11) + result + bytes(10)
        put = (
            struct.pack("<HH", 0x0006, len(cell))
            + cell
            + struct.pack("<HH", 0x0033, 10)
            + bytes(10)
        )
    row = persons(data[:at] + put + data[at + len(put) :]).quarantined[0]
    assert (row.number, row.notes[0].code, row.notes[0].field) == (2, "E-SERIAL", "service_number")
    assert shown in row.notes[0].words.en

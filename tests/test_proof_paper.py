"""Paper: what is printed can be read back, carries the proof, and names nobody unasked."""

from __future__ import annotations

import hashlib
import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.terminal import Terminal
from tests.test_proof_terminal import DEPOSIT, FILE, W, stick

pytest.importorskip("typst", reason="typst is not installed: amana[print]")
pytest.importorskip("segno", reason="segno is not installed: amana[print]")
pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed")
zxingcpp = pytest.importorskip("zxingcpp", reason="zxing-cpp is not installed")
NAME = "محمد SYNTHETIC يوسف"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A depot whose one weapon a person handed in, with texts a template might take amiss."""
    terminal = Terminal(tmp_path_factory.mktemp("depot")).begin_ledger()
    person = terminal.person()
    (terminal.folder / "values.json").write_text(json.dumps({"declared_name": NAME}))
    terminal("person", "register", person, "--category", "MILITARY", "--values", "values.json")
    lines = [line.replace("--unit PARTY-MOD", f"--person {person}") for line in DEPOSIT]
    lines[1] += ' --make "#panic(1) *x* $y$ مصنع" --serial "ГИ 3471"'
    for line in lines:
        terminal(*shlex.split(line))
    terminal("log", "checkpoint", "--origin", "depot.example/log", "--to", "usb")
    key = terminal("witness", "init", "north", "--name", "n.example", "--log", "usb/policy").out
    terminal("log", "add-witness", "north", key.strip())
    stick(terminal)
    terminal("proof", "make", W, "-o", FILE)
    terminal("print", "certificate", W, "--proof", FILE, "-o", "certificate.pdf")
    terminal("print", "receipt", W, "-o", "receipt.pdf", "--copies", "2")
    return terminal


def pages(path: Path) -> tuple[list[str], str, dict[str, bytes]]:
    """What a scanner reads off the pages at 150 dpi, their text, and what is attached."""
    document: Any = pdfium.PdfDocument(path)
    codes, text = [], ""
    for page in document:
        image = page.render(scale=150 / 72).to_pil()
        codes += [
            code.text
            for code in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
        ]
        text += page.get_textpage().get_text_range()
    attached = {
        one.get_name(): bytes(one.get_data())
        for one in map(document.get_attachment, range(document.count_attachments()))
    }
    document.close()
    return codes, text, attached


def test_a_certificate_carries_the_proof_and_the_qr_its_digest(made: Terminal) -> None:
    codes, text, attached = pages(made.folder / "certificate.pdf")
    data = (made.folder / FILE).read_bytes()
    assert attached == {FILE: data}
    assert codes == [f"CUSTODY-PROOF/1 {W} SHA256:{hashlib.sha256(data).hexdigest()}"]
    assert "#panic(1) *x* $y$" in text
    assert "depot.example/log" in text


def test_a_certificate_is_verified_like_the_proof_in_it(made: Terminal) -> None:
    (made.folder / "policy.txt").write_text(made("log", "policy").out)
    one, two = (
        made("proof", "verify", file, "--policy", "policy.txt").out
        for file in ("certificate.pdf", FILE)
    )
    assert one == two


def test_a_receipt_pins_the_one_book_of_its_weapon(made: Terminal) -> None:
    codes, text, _ = pages(made.folder / "receipt.pdf")
    assert len(codes) == 2
    label, weapon, number, commitment = codes[0].split(" ")
    assert (label, weapon, number) == ("CUSTODY-RECEIPT/1", W, "R-1")
    assert commitment in text
    (made.folder / "policy.txt").write_text(made("log", "policy").out)
    words = ("proof", "verify", FILE, "--policy", "policy.txt", "--receipt")
    assert "the subject is the one on the paper receipt" in made(*words, commitment).out
    assert "is not the one" in made(*words, "A" * 43 + "=", code=1).out


def test_nobodys_name_is_printed_unless_it_is_asked_for_and_that_is_recorded(
    made: Terminal,
) -> None:
    for file in ("receipt.pdf", "certificate.pdf"):
        assert "SYNTHETIC" not in pages(made.folder / file)[1]
    made(
        "print",
        "receipt",
        W,
        "-o",
        "named.pdf",
        "--with-depositor",
        "the depositor asks",
        "--by",
        "OFF-003",
    )
    assert "SYNTHETIC" in pages(made.folder / "named.pdf")[1]
    assert "the depositor asks" in made("audit", "access", "--by", "OFF-001").out


def test_equal_input_gives_equal_bytes_and_nothing_is_overwritten(made: Terminal) -> None:
    made("print", "certificate", W, "--proof", FILE, "-o", "again.pdf")
    first, again = (made.folder / name for name in ("certificate.pdf", "again.pdf"))
    assert first.read_bytes() == again.read_bytes()
    assert b"pdfaid:part>3<" in first.read_bytes()
    assert "is not overwritten" in made("print", "receipt", W, "-o", "again.pdf", code=2).sentence


def test_a_proof_of_another_weapon_is_not_printed(made: Terminal) -> None:
    done = made.document("weapon", "declare", "--as-described", "a pistol")
    other = done["recorded"][0]["subject"]
    answer = made("print", "certificate", other, "--proof", FILE, "-o", "other.pdf", code=1)
    assert answer.sentence == f"{FILE} is not a proof of {other}"

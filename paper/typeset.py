"""Typesetting: a template, its values and its attachments become one PDF, the same bytes each time.

    typeset("certificate", {"rows": […]}, {"proof.json": bundle}, made_at=1734000000)

Templates are Typst files beside this one and read their values as JSON, so that no text of the
ledger is ever taken for markup. Fonts are the two that lie in `fonts/` (OFL), never those of the
machine: a page looks alike everywhere. The PDF is PDF/A-3a and PDF/UA-1: tagged, readable aloud,
with the files attached.
"""

from __future__ import annotations

# Imports inside functions: typst and segno are of the extra `print` and may be missing.
import io
import json
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

HERE = Path(__file__).parent
STANDARDS: list[Literal["a-3a", "ua-1"]] = ["a-3a", "ua-1"]
QR_BORDER = 2  # modules of quiet zone; the page around it is white


class MissingToolError(Exception):
    """The packages that print are not installed. Its text is one sentence for a user."""

    exit_code = 2


def typeset(
    template: str, values: Mapping[str, Any], attached: Mapping[str, bytes], *, made_at: int
) -> bytes:
    """Return a PDF.

    Args:
        template: name of a template beside this file, without its ending.
        values: what it shows; JSON.
        attached: files that lie beside the template while it is set, by name.
        made_at: the document's date, POSIX seconds: equal input gives equal bytes.

    Raises:
        MissingToolError: the extra `print` is not installed.
    """
    try:
        import typst
    except ImportError:
        raise MissingToolError(_missing("typst")) from None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in (f"{template}.typ", "page.typ"):
            (folder / part).write_bytes((HERE / part).read_bytes())
        for file, data in attached.items():
            (folder / file).write_bytes(data)
        (folder / "values.json").write_text(json.dumps(values, ensure_ascii=False), "utf-8")
        made = typst.compile(
            str(folder / f"{template}.typ"),
            root=str(folder),
            font_paths=[str(HERE / "fonts")],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=[*STANDARDS],
            timestamp=datetime.fromtimestamp(made_at, UTC),
        )
    return bytes(made)


def qr(text: str) -> bytes:
    """Return a QR code as SVG, error correction M.

    Raises:
        MissingToolError: the extra `print` is not installed.
    """
    try:
        import segno
    except ImportError:
        raise MissingToolError(_missing("segno")) from None
    made = io.BytesIO()
    segno.make(text, error="m", micro=False).save(made, kind="svg", border=QR_BORDER, xmldecl=False)
    return made.getvalue()


def _missing(package: str) -> str:
    return f"printing needs the package {package}: install amana[print]"

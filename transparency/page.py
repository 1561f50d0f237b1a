"""The browser's verifier: one self-contained page that works without network.

`page()` puts the parts that lie beside this file into one HTML text. Its content security policy
allows exactly this script and this style, by their hashes, and no connection to anywhere.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from transparency.encoding import b64

HERE = Path(__file__).parent
PARTS = (
    "bytes",
    "crypto",
    "notes",
    "bundle",
    "questions",
    "view",
)  # in the order they need each other


def page() -> str:
    """Return the page as HTML, the same bytes each time."""
    style = _read("page.css")
    script = "".join(_read(f"page_{part}.js") for part in PARTS)
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}';"
        " base-uri 'none'; form-action 'none'"
    )
    html = _read("page.html")
    for name, text in (("policy", policy), ("style", style), ("script", script)):
        html = html.replace(f"{{{{{name}}}}}", text)
    return html


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64(hashlib.sha256(text.encode()).digest())}"

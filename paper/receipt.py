"""The deposit receipt: what was taken in trust, on which terms, and the commitment to its one book.

The commitment is SHA-256 of the value that stands for the weapon in the log of proofs: whoever keeps the
receipt can later see (`amana proof verify --receipt`) that a proof is of this weapon's only book.
No person's name stands on it unless the depositor's is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping

from paper.typeset import qr, typeset

TITLE = ("Receipt of deposit in trust", "إيصال إيداع أمانة")
ROWS: Mapping[str, tuple[str, str]] = {
    "receipt": ("Receipt", "رقم الإيصال"),
    "weapon": ("Control number", "رقم القيد"),
    "date": ("Date", "التاريخ"),
    "item": ("Item", "الصنف"),
    "serial": ("Serial", "الرقم التسلسلي"),
    "condition": ("Condition", "الحالة"),
    "place": ("Place", "المكان"),
    "seal": ("Seal", "الختم"),
    "trustee": ("Held in trust by", "الأمين"),
    "beneficiary": ("For", "لصالح"),
    "terms": ("Terms", "الشروط"),
    "depositor": ("Handed in by", "سلّمها"),
}
SIGNATURES = (("Depositor", "المودِع"), ("Official", "المسؤول"), ("Witness", "الشاهد"))
PINNED = (
    "Keep this value: it shows later that a proof is of this weapon's only book.",
    "احتفظ بهذه القيمة: بها يظهر لاحقًا أن الإثبات هو للسجل الوحيد لهذا السلاح.",
)
PROVISIONAL = ("PROVISIONAL: not yet deposited in trust", "مؤقت: لم تودع أمانةً بعد")


def text_of_qr(weapon: str, receipt: str, commitment: str) -> str:
    """Return what the QR says; never a name."""
    return f"CUSTODY-RECEIPT/1 {weapon} {receipt} {commitment}"


def receipt(
    facts: Mapping[str, str],
    commitment: str,
    *,
    made_at: int,
    copies: int = 3,
    provisional: bool = False,
    synthetic: bool = False,
) -> bytes:
    """Return a receipt as PDF, one copy a page.

    Args:
        facts: by the names of `ROWS`; what is absent is left out.
        commitment: base64 of the 32 bytes that pin the weapon's book.
        made_at: the document's date, POSIX seconds.
    """
    code = text_of_qr(facts["weapon"], facts.get("receipt", "-"), commitment)
    values = {
        "title": TITLE,
        "synthetic": synthetic,
        "footer": facts["weapon"],
        "copies": copies,
        "facts": [(en, facts[name], ar) for name, (en, ar) in ROWS.items() if facts.get(name)],
        "provisional": provisional,
        "provisional-words": PROVISIONAL,
        "pinned": PINNED,
        "commitment": commitment,
        "signatures": SIGNATURES,
        "qr": code,
    }
    return typeset("receipt", values, {"qr.svg": qr(code)}, made_at=made_at)

"""The custody certificate: a proof on paper, with the proof itself attached.

The page repeats what the bundle shows and how the issuer's own policy judges it; whoever doubts it reads
the attachment, never the page. The QR holds the SHA-256 of the attached file, so that a sheet of
paper and a file can be brought together. Nobody's name is on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from paper.typeset import qr, typeset
from transparency.bundle import Bundle
from transparency.report import Report, instant, span
from words.proofs import words_of

TITLE = ("Certificate of custody", "شهادة حيازة")
HOW = (
    "Keep the attached file; the QR code is its SHA-256.",
    "Compare the log's and the witnesses' keys with those you know; write them into your policy.",
    "python3 verify_custody.py FILE --policy POLICY, or the saved page verify.html: no network needed.",
)
HOW_AR = (
    "احفظ الملف المرفق؛ رمز الاستجابة السريعة هو بصمته.",
    "قارن مفاتيح السجل والشهود بما تعرفه، واكتبها في سياستك.",
    "تحقّق بالبرنامج ذي الملف الواحد أو بالصفحة المحفوظة، دون شبكة.",
)
NOT_SHOWN = (
    "Not shown: who handed it in, what was never recorded, where it is after the last event.",
    "لا تُظهر: من سلّمها، ولا ما لم يُقيَّد، ولا مكانها بعد آخر واقعة.",
)


def text_of_qr(weapon: str, data: bytes) -> str:
    """Return what the QR says: the weapon and the digest of the attached file."""
    return f"CUSTODY-PROOF/1 {weapon} SHA256:{hashlib.sha256(data).hexdigest()}"


def certificate(
    weapon: str,
    data: bytes,
    bundle: Bundle,
    report: Report,
    *,
    keys: Sequence[str],
    synthetic: bool = False,
) -> bytes:
    """Return a certificate as PDF.

    Args:
        weapon: control number.
        data: the bundle's file, attached as it is.
        bundle, report: the same, read and judged.
        keys: fingerprints of the log's and the witnesses' keys.
        synthetic: whether the ledger is a demo's.
    """
    claim, head = bundle.claim, bundle.checkpoint(bundle.sizes[-1])
    found = report["custody"]
    code = text_of_qr(weapon, data)
    values = {
        "title": TITLE,
        "synthetic": synthetic,
        "footer": f"{weapon}  {head.origin}  {head.size}",
        "facts": [
            ("Weapon", weapon, "السلاح"),
            ("From", instant(claim.since), "من"),
            ("To", instant(claim.until), "إلى"),
            ("Seen at least every", span(claim.max_gap), "شوهد مرة كل"),
            ("In custody", f"{found.state}: {found.text}", "في الحيازة"),
            ("Log", f"{head.origin}, {head.size:,} entries", "السجل"),
            ("Root", _grouped(head.root.hex()), "الجذر"),
            *(("Key", key, "مفتاح") for key in keys),
        ],
        "chain-title": ("Custody, event by event", "الحيازة واقعةً واقعة"),
        "chain": [
            (str(e.body.version), instant(e.body.occurred), *words_of(e)) for e in bundle.events
        ],
        "verdict-title": ("As the issuer's own policy judges", "كما تحكم سياسة المُصدِر"),
        "verdicts": [(str(v.state), v.name, v.text) for v in report.verdicts],
        "how-title": ("How to verify", "كيف تتحقق"),
        "how": HOW,
        "how-ar": HOW_AR,
        "not-shown": NOT_SHOWN,
        "qr": code,
        "attachment": f"{weapon}.custody-proof",
    }
    attached = {"proof.json": data, "qr.svg": qr(code)}
    return typeset("certificate", values, attached, made_at=claim.until)


def _grouped(digits: str) -> str:
    """Return long digits in groups of eight: they can be compared by eye, and break at a line's end."""
    return " ".join(digits[at : at + 8] for at in range(0, len(digits), 8))

"""Facts of every kind for histories that are judged: crates, equal numbers, transfers, merges."""

from __future__ import annotations

from domain import directory, person, record, stocktake, transfer, weapon
from tests.two_clocks import Fact

P1, P2, P3 = "P-000001-I", "P-000002-G", "P-0000003-C"  # the last is no number the ledger gives
W1, W2, W3 = "W-000001-5", "W-000002-3", "W-1000002-B"
T1, T2, S1 = "T-000001-A", "T-000002-8", "S-000001-A"
O1, O2 = "OFF-1", "OFF-2"
STREAMS = (P1, P2, P3, W1, W2, W3, T1, T2, S1, "SITE-A", "SITE-B", "PARTY-1", "PARTY-2", O1, O2)
RIFLE = {"category": "RIFLE", "model": "m", "serial_status": "READ"}
TRUST = {"trustee": "PARTY-1", "beneficiary": "b", "terms": "t"}


def _closed(*rules: int) -> list[Fact]:
    return [
        (record.IrregularityClosed, {"event": n, "rule": rule, "reason": "seen"})
        for n, rule in enumerate(rules, 1)
    ]


FACTS: dict[str, list[Fact]] = {
    "P": [
        (person.RefugeSought, {"site": "A"}),
        (person.EntryAuthorised, {"authority": "x"}),
        (person.Admitted, {"site": "A", "receiving_party": "PARTY-1"}),
        (person.Registered, {"category": "OTHER", "identity": {}}),
        (person.Housed, {"site": "A", "place": "1"}),
        (person.Housed, {"site": "B"}),
        (person.MovedTo, {"site": "B", "place": "2", "transfer": T2}),
        (person.MovedTo, {"site": "A"}),
        (person.ReferredToCare, {"site": "B"}),
        (person.AbsenceReported, {"stock_take": S1}),
        (person.Found, {"site": "A"}),
        (person.Sighted, {"site": "B", "stock_take": S1}),
        (person.IntentStated, {"intent": "RETURN", "interviewer": O1}),
        (person.IntentStated, {"intent": "STAY", "interviewer": O1}),
        (person.PledgeSigned, {"pledgor": "SELF", "document": "d"}),
        (person.PledgeWithdrawn, {"pledgor": "SELF"}),
        (person.AssuranceRecorded, {"giver": "PARTY-1", "kind": "amnesty", "status": "ISSUED"}),
        (person.AddedToManifest, {"transfer": T2}),
        (person.Departed, {"transfer": T2}),
        (person.HandedOver, {"receiving_party": "PARTY-2", "site": "B", "transfer": T2}),
        (person.ReleasedOtherwise, {"basis": "b", "destination": "d"}),
        (person.EffectsDeposited, {"receipt": "E-1", "items": 1}),
        (person.EffectsReturned, {"receipt": "e 1"}),
        (person.SameAs, {"survivor": P1}),
        (person.SameAs, {"survivor": P2}),
        (person.TookOver, {"other": P2, "effects": ("E-1",), "custody": "ABSENT", "site": "A"}),
        (person.WishTakenOver, {"other": P2, "intent": "STAY"}),
        (record.Erased, {"authority": "x"}),
        *_closed(6, 10),
    ],
    "W": [
        (weapon.Declared, {"as_described": "one"}),
        (weapon.ReceivedFromHolder, {"site": "A", "receiver": O1, "person": P1, "made_safe": True,
                                     "provisional_receipt": "R-1"}),
        (weapon.ReceivedFromHolder, {"site": "A", "receiver": O1, "unit": "PARTY-2"}),
        (weapon.Inventoried, {"serial": "1-1", "counted_with": O2, **RIFLE}),
        (weapon.Inventoried, {"serial": "1-2", **RIFLE}),
        (weapon.DescriptionCorrected, {"serial": "1-1"}),
        (weapon.DepositedInTrust, {"receipt": "R-1", **TRUST}),
        (weapon.DepositedInTrust, {"receipt": "r 1", **TRUST, "trustee": "PARTY-2"}),
        (weapon.Stored, {"site": "A", "place": "1", "container": "C1", "seal": "S1"}),
        (weapon.Stored, {"site": "B", "container": "c1", "seal": "s1"}),
        (weapon.Stored, {"site": "A", "container": "C2", "seal": "S1"}),
        (weapon.Stored, {"site": "B"}),
        (weapon.CrateMoved, {"container": "C1", "site": "B"}),
        (weapon.SealChecked, {"seal": "S1", "intact": True}),
        (weapon.SealBroken, {"seal": "S1", "authorised": False}),
        (weapon.ConditionAssessed, {"condition": "UNKNOWN"}),
        (weapon.Released, {"transfer": T1, "official": O1}),
        (weapon.Accepted, {"transfer": T1, "party": "PARTY-1", "site": "B", "official": O2,
                           "sealed": "S1"}),
        (weapon.Accepted, {"transfer": T1, "party": "PARTY-2", "site": "B", "official": O2,
                           "left": "C1"}),
        (weapon.Sighted, {"site": "B", "stock_take": S1}),
        (weapon.Missing, {"stock_take": S1}),
        (weapon.Located, {"site": "A", "stock_take": S1}),
        (weapon.HoldPlaced, {"hold": "COURT"}),
        (weapon.HoldLifted, {"hold": "COURT"}),
        (weapon.RestitutionAuthorised, {"recipient": "PARTY-2", "basis": "b", "authority": "x"}),
        (weapon.Returned, {"transfer": T1, "recipient": "PARTY-2", "site": "A", "official": O2}),
        (weapon.LossDeclared, {}),
        (weapon.Destroyed, {"method": "m", "witnesses": (O1, O2)}),
        *_closed(27, 29),
    ],
    "T": [
        (transfer.Planned, {"kind": "ITEMS", "from_party": "PARTY-1", "to_party": "PARTY-1",
                            "from_site": "A", "to_site": "B"}),
        (transfer.Planned, {"kind": "PERSONS", "from_party": "PARTY-1", "to_party": "PARTY-2",
                            "from_site": "A", "to_site": "B", "purpose": "RETURN"}),
        *[(transfer.LineAdded, {"subject": one}) for one in (W1, W2, P1, P2)],
        (transfer.LineRemoved, {"subject": W1}),
        (transfer.Frozen, {"count": 1, "digest": "0" * 64}),
        (transfer.Released, {"official": O1}),
        (transfer.Departed, {"transport": "t"}),
        (transfer.Arrived, {}),
        *[(transfer.LineAccepted, {"subject": one}) for one in (W1, W2, P1)],
        (transfer.LineRefused, {"subject": W1, "reason": "r"}),
        (transfer.LineMissing, {"subject": W2}),
        (transfer.UnlistedReceived, {"subject": W3}),
        (transfer.Accepted, {"official": O2, "party": "PARTY-2", "count": 1}),
        (transfer.Accepted, {"official": O1, "party": "PARTY-2", "count": 1}),
        (transfer.Voided, {"reason": "r"}),
        (transfer.Closed, {}),
    ],
    "S": [
        (stocktake.Opened, {"kind": "ITEMS", "site": "A", "expected_as_of": 0, "expected": (W1, W2)}),
        (stocktake.Scanned, {"code": "c", "subject": W1}),
        (stocktake.UnexpectedFound, {"code": W3}),
        (stocktake.CounterSigned, {"official": O1}),
        (stocktake.CounterSigned, {"official": O2}),
        (stocktake.Closed, {"expected": 1, "found": 1, "missing": 0, "unexpected": 0}),
        (stocktake.Reopened, {"reason": "again"}),
    ],
    "SITE": [
        (directory.SiteOpened, {"kind": "CAMP", "name": "A", "capacity": 1}),
        (directory.SiteOpened, {"kind": "DEPOT", "name": "B", "operator": "PARTY-1"}),
        (directory.SiteOpened, {"kind": "CROSSING", "name": "B", "crossing": "A"}),
        (directory.OperatorNamed, {"operator": "PARTY-2"}),
        (directory.CapacitySet, {"capacity": 0}),
        (directory.SiteClosed, {}),
    ],
    "PARTY": [
        (directory.PartyNamed, {"kind": "MINISTRY", "name": "x"}),
        (directory.PartyRecognised, {"authority": "d"}),
        (directory.RecognitionWithdrawn, {}),
    ],
    "OFF": [
        (directory.OfficialAppointed, {"party": "PARTY-1", "roles": ("RELEASING", "ACCEPTING")}),
        (directory.RoleGranted, {"role": "ACCEPTING", "valid_until": 20_001 * 86_400_000_000}),
        (directory.RoleEnded, {"role": "RELEASING"}),
        (directory.OfficialDismissed, {}),
    ],
}  # fmt: skip
"""By kind of stream: what may be said of it. Sites A and B, crates C1 and C2, one receipt, one seal."""

PACKING: dict[str, list[Fact]] = {
    "W": [
        (weapon.ReceivedFromHolder, {"site": "A", "receiver": O1, "unit": "PARTY-2"}),
        (weapon.DepositedInTrust, {"receipt": "R-1", **TRUST}),
        (weapon.Stored, {"site": "A", "container": "C1", "seal": "S1"}),
        (weapon.Stored, {"site": "A", "container": "C1"}),
        (weapon.Stored, {"site": "A", "container": "c 1", "seal": "s1"}),
        (weapon.Stored, {"site": "A", "container": "C1", "seal": "S2"}),
        (weapon.Stored, {"site": "B", "container": "C1", "seal": "S1"}),
        (weapon.Stored, {"site": "A", "container": "C2", "seal": "S1"}),
        (weapon.Stored, {"site": "A"}),
        (weapon.SealChecked, {"seal": "S1", "intact": True}),
        (weapon.SealBroken, {"seal": "S1", "authorised": True}),
        (weapon.Released, {"transfer": T1, "official": O1}),
    ]
}  # fmt: skip
"""A weapon's life up to the crate, and what is done with crates: the first two begin it."""

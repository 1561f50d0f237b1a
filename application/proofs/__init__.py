"""The ledger's own log of proofs: every stored event is committed to, signed for, and can be proven.

The room `transparency` knows formats and mathematics and nothing of ours; here a ledger meets it.
Read in this order:

    fact_of_event   a stored row as the log commits to it, a pure function
    proof_log       follow the ledger, sign checkpoints, know witnesses, make proofs
    audit           hash every stored event again; findings with kind, subject and version
    begin_anew      another log after a restored backup, which anchors the old one's last note
    received        a stranger's proof, out of a file or a PDF, and what a reader saw before

Example:
    proofs = ProofLog(custody)
    proofs.checkpoint()                                             everything recorded is signed for
    bundle = proofs.make("W-000418-Y", Claim(since, until, max_gap))
    verify(str(bundle).encode(), Policy.parse(text))["custody"].state   State.PROVEN, with a witness
    audit(proofs).findings                                          () while nothing was altered
"""

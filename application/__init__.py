"""Use cases, in five rooms; arrows run downwards only.

    imports/   rows of sheets become decisions: batches, pairs, undo
    answers/   every question: (views, log, clocks, reader) → plain values; the feeding of read models
    proofs/    the ledger's own log of proofs: checkpoints, bundles, audit
    decisions/ every command: one verb, one unit of work, judged by the rule book
    store/     the record: events, register, vault, and everything that knows which engine it is in

`imports` and `answers` stand side by side above `proofs`; read from the bottom.
"""

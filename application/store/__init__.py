"""The record: what cannot be rebuilt, and everything that knows which engine it lies in.

Read `interface` (what everybody else may ask of a store), `schema` (the tables, once), `sqlite` (one
file, one writer; `sqlite_file` opens it), then `mapper` (events to bytes), `streams` (histories read
back), `register` (who stands under a key now), `vault` (sealed values). Beside them `new_ledger` (made
whole, or recognised), `proof_file` (the log of proofs' own file) and `files` (whatever else is written).

    with store.writing():                                BEGIN IMMEDIATE … COMMIT, or nothing
        store.insert([("W-…", 3, "weapon.stored", b"{…}")])     → position 4,120
    streams.histories(["W-…"])["W-…"].state.custody             → "IN_TRUST"
"""

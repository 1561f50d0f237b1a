"""The record: what cannot be rebuilt, and everything that knows which engine it lies in.

Read `sqlite` (the file, its tables, the one writer), then `mapper` (events to bytes and back),
`streams` (histories read back), `register` (who stands under a key now), `vault` (sealed values).

    with store.writing():                                BEGIN IMMEDIATE … COMMIT, or nothing
        store.insert([("W-…", 3, "weapon.stored", b"{…}")])  → position 4,120
    streams.histories(connection, ["W-…"])["W-…"].state.custody             → "IN_TRUST"
"""

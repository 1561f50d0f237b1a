"""What doors and paper both say: instants, cells of tables, sentences. No rule, no SQL, no sum.

Read `instants` (a time for a person, and for a program), `cells` (a value in a table), `events` (what is
said of an event), `holdings` (who held a weapon when), `proofs` (what a proof of custody says, in
English and Arabic).

    instants.shown(1_734_000_600_000_000, zone)      → "12 Dec 2024 13:50"
    instants.iso(1_734_000_600_000_000, zone)        → "2024-12-12T13:50:00+03:00"
"""

"""The ledger's own log of proofs: what is committed to, signed, handed out and checked again.

Read `event_entry` (a stored event as the log commits to it), `log` (follow, sign, prove), `audit` (every
event hashed again), `read` (a stranger's bundle), `new_log` (begin another after a restored backup).
"""

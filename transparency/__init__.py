"""The log and its proofs: what an expert copies out to verify.

This room imports nothing of ours: the standard library and `cryptography` are enough.
`docs/proof-format.md` is its specification. Read in this order:

    tree signed_note checkpoint cosignature policy tlogproof    other people's standards
    disclosure entries body labelmap mapstore replay            what the log holds
    log_reader log files publish audit rebuild witness          who writes
    bundle_parts bundle make                                    what travels
    verify event_checks custody report page                     who reads

Versions of a stream are counted from 1, entries of the log from 0; a `position` is the stored event's.
"""

"""The log and its proofs: what an expert copies out to verify.

This room imports nothing of ours: the standard library and `cryptography` are enough.
`docs/proof-format.md` is its specification. Read in this order:

    tree note checkpoint cosignature policy tlogproof    other people's standards
    disclosure entries labelmap replay                   what the log holds
    files log publish audit witness                      who writes
    bundle make                                          what travels
    verify custody report page                           who reads
"""

"""The log and its proofs: what an expert copies out to verify.

This room imports nothing of ours: the standard library and `cryptography` are enough.
Read in this order: `tree`, `note`, `checkpoint`, `cosignature`, `policy`, `disclosure`,
`entries`, `labelmap`, then `log` and `witness` (who writes), `bundle` and `verify` (who reads).
"""

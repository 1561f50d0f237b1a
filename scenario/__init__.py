"""The synthetic scenario: one seeded generator, no real person in it.

`population` says who and what there is, `sheets` writes the messy intake sheets with their
truth. Both give the same bytes on each run; whatever is made here carries SYNTHETIC.
What is told knows the story, not the ledger; `replay` makes a ledger of it, `proofs` signs and proves
what it holds, and `forged` alters a row of it, for the audit to catch.
"""

SYNTHETIC = "SYNTHETIC"

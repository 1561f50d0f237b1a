"""The synthetic scenario: one seeded generator, no real person in it.

`population` says who and what there is, `sheets` writes the messy intake sheets with their
truth. Both give the same bytes on each run; whatever is made here carries SYNTHETIC.
The room imports nothing of ours: it knows the story, not the ledger.
"""

SYNTHETIC = "SYNTHETIC"

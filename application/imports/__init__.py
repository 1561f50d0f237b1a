"""Sheets taken in: a row becomes decisions through the same commands and rules as at the desk.

Read `batches` (which file, which row, what became of it), `rows` (a row becomes events), `pairs` (who
looks alike, decided by a person), `retract` (a whole batch taken back).
"""

"""Sheets taken in: a row becomes decisions through the same commands and rules as at the desk.

Read `from_report` (a judged file comes in, the ledger's answer goes back), `given` (what comes in),
`taking_in` (tried or recorded, row by row), `rows` and `clean_values` (a row becomes events), `batches`
(which file, which row, what became of it), `pairs` (who looks alike, decided by a person), `retract` (a
whole batch taken back), `listing` and `tally` (what is asked about them afterwards).

    sheet = sheet_of(custody, report, data, Said("OFF-015", zone))   compared, nothing recorded
    take_in(custody, sheet, said, commit=True).result.batch          → "B-3f9c0a1b2c3d"
"""

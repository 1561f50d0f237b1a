"""The intake room: bytes of a sheet to rows, rows to outcomes. Pure: no store, no clock.

    report = check(data, "persons_7dec.xlsx", "persons", dates="dmy")
    report.counts   {"ACCEPTED": 1842, "WITH_WARNING": 45, ...}   adds up to report.total

Nothing is guessed. What can be read in two ways is quarantined with a code and a reason in Arabic
and English; what was undone (a tatweel, a spreadsheet's day number) is named in the row's changes.
The way of a file: `readfile` (what it is, how big) → `layout` (which sheet, which row is the
header, what is no record) → `columns` (what each column means, what is never collected) →
`persons` / `weapons` (each cell) → `judge` (each row, counts) → `pairs` (who looks alike).
Before a parser sees a file, `limits`, `compound` and `records` refuse what would burst or loop.
"""

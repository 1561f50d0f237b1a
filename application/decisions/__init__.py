"""Every command: judged by the rule book inside the transaction that records it. Reads no read model.

Read `custody` (the table of commands), then `verb` (what a command is), `ledger` (units and batches),
`unit` (load, judge, record), and one file for each kind of command that records several events.

    custody = open_ledger(Path("ledger.amana"))
    custody.deposit("W-000417-…", Note(by="OFF-012"), receipt="R-391", trustee="PARTY-MOD", …)
        Verb.run → Unit.record → rules.judge → the event staged → Unit.flush → COMMIT
        → Recorded(subject="W-000417-…", version=4, irregularities=())
"""

"""Use cases: every command, the ledger's file, the vault, the pull loop."""

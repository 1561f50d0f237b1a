"""The terminal's door, one file a group. Each maps options to one command of `Custody`."""

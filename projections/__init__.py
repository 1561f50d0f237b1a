"""Read models: what the log says, laid out for questions. May be deleted at any time."""

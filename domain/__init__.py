"""Facts, states and rules. Imports pydantic and eventsourcing.domain, nothing of ours."""

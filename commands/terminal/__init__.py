"""What every command of the terminal shares: one invocation, its options, its output."""

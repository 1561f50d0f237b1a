"""`amana proof …`: proofs of custody made, verified and shown."""

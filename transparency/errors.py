"""What this room refuses: few errors, each one sentence.

ProofError
├── MalformedError     bytes that are not what they claim to be
├── MismatchError      well-formed, but a hash or a signature does not hold
├── StaleError         a witness was shown an older tree than it knows
└── UnsafeToSignError  signing now could contradict what was signed before
"""


class ProofError(Exception):
    """What the room of proofs refuses; its text is one sentence for a user."""


class MalformedError(ProofError):
    """The bytes are not in the format they claim."""


class MismatchError(ProofError):
    """The bytes are in the format, but a hash or a signature does not hold."""


class StaleError(ProofError):
    """The caller's idea of the tree is not the newest.

    Args:
        size: number of entries the refusing side knows; ask again from there.
    """

    def __init__(self, size: int) -> None:
        super().__init__(f"the log is known up to size {size}: ask again from there")
        self.size = size


class UnsafeToSignError(ProofError):
    """A signature now could contradict an earlier one: nothing was signed."""

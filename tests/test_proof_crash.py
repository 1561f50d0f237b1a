"""A power cut anywhere in a checkpoint, and two processes at once: one history, whatever happens."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from application.decisions.open import open_ledger
from application.proofs.audit import audit
from application.proofs.proof_log import ProofLog
from tests.conftest import House
from tests.terminal import ROOT
from transparency.checkpoint import Checkpoint
from transparency.signed_note import SignedNote
from transparency.tree import EMPTY_ROOT

STEPS = {
    "reading an event": "transparency.log.Log.append_entry",
    "the position is kept": "transparency.log.Log.advance",
    "the keys are made": "application.decisions.signing.replace_key_file",
    "the map entry": "transparency.publish.Publisher.prepare",
    "the check": "transparency.publish.Publisher.check",
    "signing": "transparency.publish.Publisher.sign",
    "the copy outside": "transparency.publish.Publisher.keep",
    "publishing": "transparency.publish.Publisher.publish",
}
RUN = """
import os, pkgutil, signal, sys
from pathlib import Path
from application.decisions.open import open_ledger
from application.proofs.proof_log import ProofLog
where, path, after = sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "after"
owner, _, name = where.rpartition(".")
owner = pkgutil.resolve_name(owner)
real = getattr(owner, name)
def cut(*args, **named):
    if after:
        real(*args, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, name, cut)
proofs = ProofLog(open_ledger(path))
print(proofs.checkpoint())
"""


def known(note: Path) -> Checkpoint:
    if not note.exists():
        return Checkpoint("", 0, EMPTY_ROOT)
    return Checkpoint.parse(SignedNote.parse(note.read_text()).text)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_kill_9_at_any_step_of_a_checkpoint_leaves_one_history(
    house: House, step: str, when: str
) -> None:
    if step != "the keys are made":
        with closing(ProofLog(house.custody)) as proofs:
            proofs.checkpoint()
    house.in_trust()
    house.custody.close()
    done = subprocess.run(
        [sys.executable, "-c", RUN, STEPS[step], str(house.path), when],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()

    outside = known(house.path.with_name("ledger.amana.log.note"))
    house.custody = open_ledger(house.path)
    with closing(ProofLog(house.custody)) as proofs:
        note = Checkpoint.parse(SignedNote.parse(proofs.checkpoint()).text)
        assert note.size >= outside.size
        if outside.size:
            assert proofs.log.root(outside.size) == outside.root
        assert proofs.progress().unread == 0
        assert audit(proofs).findings == ()


def test_two_processes_never_sign_two_views(house: House) -> None:
    with closing(ProofLog(house.custody)) as proofs:
        proofs.checkpoint()
    house.in_trust()
    house.custody.close()
    run = RUN.replace("setattr(owner, name, cut)", "")
    command = [sys.executable, "-c", run, STEPS["signing"], str(house.path), "before"]
    both = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    notes = [process.communicate(timeout=60) for process in both]
    signed = {SignedNote.parse(out.decode()[:-1]).text for out, err in notes if out}
    assert signed
    assert len({Checkpoint.parse(text).size for text in signed}) == len(signed)
    house.custody = open_ledger(house.path)
    with closing(ProofLog(house.custody)) as proofs:
        for text in signed:
            checkpoint = Checkpoint.parse(text)
            assert proofs.log.root(checkpoint.size) == checkpoint.root
        assert audit(proofs).findings == ()

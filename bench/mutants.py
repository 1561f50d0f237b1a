"""Mutants: one small change of the code at a time, and whether a test fails: `make mutants`.

    python -m bench.mutants                       300 mutants, spread evenly over the files below
    python -m bench.mutants --count 50 --out X domain/times.py
    python -m bench.mutants --again X --out Y     those that lived in X, tried on today's tree

The tree is copied, the tests are run once to learn which of them reaches which line, then each mutant
is put into the copy and tried in a forked process with the tests that reach its line, the quickest
first. The answers to those that lived stand in `docs/mutations.md`, which also says why this is no
library. One process; a mutant takes about five seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from bench.mutations import Mutation, mutations

ROOT = Path(__file__).parent.parent
FILES = ("domain", "application/decisions", "application/store", "application/answers/reader.py")
NO_DECISION = {"application/decisions/make_stub.py"}
"""Writes a file for the type checker; what it does wrong, the type checker says."""
TESTS = """
rules review event_nature transfers stocktakes custody history events edges edges_answers exactly
exactly_kept access access_reading mapper recorder store vault times ids library foresight
foreseen judged crates merge slips effects clock one_standard no_way_round desk_answers statements
views proof_ledger answers_status judged_oracle
"""
"""Test files that reach these rooms from close by; the whole suite would need minutes for a mutant."""
FEWEST = 10
"""Tests for each mutant, however long they take."""
TIMEOUT = 120
PYTEST = ["-q", "-n0", "--tb=no", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
PYTEST += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # hypothesis is imported before
THIRD_PARTIES = """
pytest hypothesis hypothesis.stateful pydantic eventsourcing.sqlite eventsourcing.application
click.testing orjson cryptography.hazmat.primitives.ciphers.aead rich.table openpyxl immutables
"""

Reach = dict[str, dict[int, list[str]]]
"""file → line → the tests that reach it, the quickest first. Line 0: every test, for what is read once
when the module is imported, a table or an attribute of a class: no test reaches that by itself."""


def learn(tests: list[str]) -> tuple[Reach, dict[str, float]]:
    """Run the tests once under coverage; return which reaches which line, and each one's seconds."""
    import coverage
    import pytest

    measured = coverage.Coverage(
        data_file=None, config_file=False, source=["domain", "application"]
    )
    seconds: dict[str, float] = defaultdict(float)
    failing: set[str] = set()  # without any mutant: they say nothing about one

    class Learning:
        def pytest_runtest_setup(self, item: pytest.Item) -> None:
            measured.switch_context(item.nodeid.partition("[")[0])

        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            seconds[report.nodeid.partition("[")[0]] += report.duration
            if report.failed:
                failing.add(report.nodeid.partition("[")[0])

    measured.start()
    ended = pytest.main([*PYTEST, *tests], plugins=[Learning()])
    measured.stop()
    if ended not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        sys.exit("the tests did not run to their end")
    data, reach = measured.get_data(), {}
    for name in data.measured_files():
        file = str(Path(name).relative_to(Path.cwd()))
        lines = {
            n: {c for c in cs if "::" in c} - failing
            for n, cs in data.contexts_by_lineno(name).items()
        }
        lines[0] = seconds.keys() - failing
        reach[file] = {n: sorted(cs, key=lambda test: seconds[test]) for n, cs in lines.items()}
    return reach, dict(seconds)


def chosen(reaching: list[str], seconds: dict[str, float], left: float) -> list[str]:
    """Return as many tests as the time for one mutant has room for."""
    taken: list[str] = []
    for test in reaching:
        left -= seconds[test]
        if left < 0 and len(taken) >= FEWEST:
            break
        taken.append(test)
    return taken


def forked(tests: list[str], said: Path) -> tuple[int | None, str]:
    """Run tests in a process of its own; return its exit code, None after TIMEOUT, and who failed."""
    child = os.fork()
    if not child:
        os.setpgid(0, 0)
        sink = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        code = 99
        try:
            import pytest

            code = int(pytest.main([*PYTEST, "-x", *tests]))
        finally:
            os._exit(code)
    until = time.monotonic() + TIMEOUT
    code = None
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            break
        time.sleep(0.02)
    with suppress(ProcessLookupError):  # what it started itself ends with it
        os.killpg(child, signal.SIGKILL)
    if code is None:
        os.waitpid(child, 0)
    failed = [line for line in said.read_text("utf-8", "replace").splitlines() if "FAILED" in line]
    return code, failed[0].removeprefix("FAILED ").partition(" - ")[0] if failed else ""


def tried(found: Mutation, tests: list[str], said: Path) -> dict[str, object]:
    """Put one mutant in its place in the copy, run tests on it, take it out again."""
    began, path = time.monotonic(), Path(found.file)
    whole, stamp = path.read_bytes(), path.stat()
    path.write_bytes(found.applied(whole))
    try:
        code, by = forked(tests, said) if tests else (0, "")
    finally:
        path.write_bytes(whole)
        os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    result = "not reached" if not tests else "lived" if code == 0 else "killed"
    took = round(time.monotonic() - began, 1)
    return {**found._asdict(), "result": result, "by": by, "tests": len(tests), "seconds": took}


def spread(all_of: list[Mutation], count: int) -> list[Mutation]:
    """Return `count` of them, evenly spaced, so that each file and kind has its share."""
    if count >= len(all_of):
        return all_of
    return [all_of[(2 * n + 1) * len(all_of) // (2 * count)] for n in range(count)]


def of_files(names: Iterable[str]) -> Iterator[Mutation]:
    """Yield every mutant of files and folders."""
    for name in names:
        path = Path(name)
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if str(file) not in NO_DECISION:
                yield from mutations(str(file), file.read_text("utf-8"))


def lived_before(path: Path, today: list[Mutation]) -> list[Mutation]:
    """Return those of today that are the same change of the same line as one that lived then."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    lived = Counter(
        (r["file"], r["text"], r["old"], r["new"]) for r in rows if r["result"] != "killed"
    )
    found = [m for m in today if lived[m.file, m.text, m.old, m.new]]
    print(f"{len(lived)} lived then, {len(found)} of them are there today", file=sys.stderr)
    return found


def table(rows: list[dict[str, object]]) -> Iterator[str]:
    """Yield the numbers and the survivors, as Markdown."""
    results = Counter(str(r["result"]) for r in rows)
    yield f"{len(rows)} mutants: " + ", ".join(f"{n} {what}" for what, n in results.items())
    yield "| File | Line | Mutation |"
    yield "|---|---|---|"
    for row in rows:
        if row["result"] != "killed":
            change = f"`{row['old']}` → `{row['new'] or 'nothing'}`".replace("|", "\\|")
            yield f"| `{row['file']}` | `{row['text']}` | {change} |"


def main() -> None:
    """Try the mutants asked for and print which lived."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", default=FILES)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--out", type=Path, default=Path("mutants.jsonl"), help="one line for each")
    parser.add_argument("--seconds", type=float, default=12, help="of tests for each mutant")
    parser.add_argument("--again", type=Path, help="the --out of a run whose survivors are tried")
    parser.add_argument("--tests", nargs="+", default=[f"tests/test_{t}.py" for t in TESTS.split()])
    asked = parser.parse_args()
    out, again = asked.out.absolute(), asked.again and asked.again.absolute()
    with tempfile.TemporaryDirectory() as at:
        copy, said = Path(at, "tree"), Path(at, "said")
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True
        )
        for name in listed.stdout.decode().split("\0")[:-1]:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
        os.environ.update(TMPDIR=at, PYTHONDONTWRITEBYTECODE="1")
        os.chdir(copy)
        sys.path.insert(0, str(copy))
        sys.dont_write_bytecode = True
        for name in THIRD_PARTIES.split():  # imported once; every forked process has them
            __import__(name)
        today = list(of_files(asked.files))
        todo = lived_before(again, today) if again else spread(today, asked.count)
        reach, seconds = in_a_process(asked.tests, Path(at, "reach.json"))
        rows = []
        with out.open("w", encoding="utf-8") as file:
            for found in todo:
                lines = reach.get(found.file, {})
                reaching = lines.get(found.line) or lines.get(0, [])
                rows.append(tried(found, chosen(reaching, seconds, asked.seconds), said))
                print(json.dumps(rows[-1], ensure_ascii=False), file=file, flush=True)
    print(f"of {len(today):,} possible", *table(rows), sep="\n")


def in_a_process(tests: list[str], path: Path) -> tuple[Reach, dict[str, float]]:
    """Return what `learn` returns without importing any module of ours here."""
    child = os.fork()
    if not child:
        code = 1
        try:
            path.write_text(json.dumps(learn(tests)), "utf-8")
            code = 0
        except BaseException:  # whatever it is, this process ends here
            traceback.print_exc()
        sys.stdout.flush()
        os._exit(code)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        sys.exit("the tests could not be run on the tree as it is")
    reach, seconds = json.loads(path.read_text("utf-8"))
    return {f: {int(n): tests for n, tests in lines.items()} for f, lines in reach.items()}, seconds


if __name__ == "__main__":
    main()

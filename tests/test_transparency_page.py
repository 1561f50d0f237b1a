"""The page in a real browser: no network, separate verdicts, and the other verifiers' report.

Needs Playwright's Python package and a Chromium, on Debian: apt install chromium
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import verify_custody
from tests.vectors.world import CLAIM, World, custody_world, fact
from transparency.page import page
from transparency.signed_note import KeyKind

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return custody_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    if not CHROMIUM:
        pytest.skip("chromium is not installed")
    file = tmp_path_factory.mktemp("page") / "verify.html"
    file.write_text(page(), encoding="utf-8")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.wrong = []
        tab.on("console", lambda message: tab.wrong.append(message.text))
        tab.on("pageerror", lambda error: tab.wrong.append(str(error)))
        tab.goto(file.as_uri())
        yield tab
        browser.close()


def ask(tab: Any, data: bytes, policy: str) -> Any:
    script = "([data, policy]) => verifyCustody(Uint8Array.from(data), policy)"
    return tab.evaluate(script, [list(data), policy])


def states(report: Any) -> list[tuple[str, str]]:
    return [(found["name"], found["state"]) for found in report["verdicts"]]


def test_page_gives_the_one_files_report_sentence_for_sentence(tab: Any, world: World) -> None:
    data = str(world.bundle(CLAIM)).encode()
    for quorum in ("both", "one", "none"):
        policy = world.policy_text(quorum)
        assert ask(tab, data, policy) == verify_custody.verify(data, policy)


def test_page_agrees_on_damaged_bundles(tab: Any, world: World) -> None:
    chance, policy = random.Random(5), world.policy_text()  # noqa: S311  # damage, not a secret
    data = str(world.bundle(CLAIM)).encode()
    for _ in range(40):
        at = chance.randrange(len(data))
        damaged = data[:at] + bytes([data[at] ^ chance.randrange(1, 128)]) + data[at + 1 :]
        mine = verify_custody.verify(damaged, policy)
        theirs = ask(tab, damaged, policy)
        assert states(theirs) == states(mine)
        assert theirs["events"] == mine["events"]


def test_page_agrees_on_a_return_and_a_retraction(tab: Any, tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    world.record(fact(8, "returned", 19, fields={"acceptance": world.acceptance(8), "n": 1.5}))
    world.record(fact(9, "retracted", 19.5, fields={"version": 7}))
    world.record(fact(10, "melted", 19.5, fields={"recorded_at": "2024-02-30T00:00:00Z"}))
    world.checkpoint(21)
    data, policy = str(world.bundle(CLAIM)).encode(), world.policy_text()
    assert ask(tab, data, policy) == verify_custody.verify(data, policy)


def test_plain_ed25519_of_the_page_judges_as_the_browsers_own(tab: Any) -> None:
    key, signature = (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    )
    script = """([key, signature, message]) => {
        const read = (text) => Uint8Array.from(text.match(/../g), (two) => parseInt(two, 16));
        return plainEd25519(read(key), read(message), read(signature));
    }"""
    assert tab.evaluate(script, [key, signature, "72"]) is True
    assert tab.evaluate(script, [key, signature, "73"]) is False


def test_ml_dsa_is_said_not_to_be_checked(tab: Any, tmp_path: Path) -> None:
    world = custody_world(tmp_path, cosigning=KeyKind.ML_DSA_44_COSIGNATURE)
    report = ask(tab, str(world.bundle(CLAIM)).encode(), world.policy_text())
    assert dict(states(report))["witnesses"] == "not proven"
    assert "were not checked" in report["verdicts"][1]["details"][0]


def test_page_can_reach_nothing(tab: Any) -> None:
    script = "() => fetch('https://a.example/').then(() => 'out', () => 'kept in')"
    assert tab.evaluate(script) == "kept in"
    assert any("Content Security Policy" in text for text in tab.wrong)
    tab.wrong.clear()


def test_user_sees_separate_verdicts_in_both_languages(
    tab: Any, world: World, tmp_path: Path
) -> None:
    (tmp_path / "policy.txt").write_text(world.policy_text("none"))
    (tmp_path / "w.custody-proof").write_text(str(world.bundle(CLAIM)), encoding="utf-8")
    tab.click("#check")
    assert tab.text_content("#trouble") == "choose a policy and a proof"
    tab.set_input_files("#policy", tmp_path / "policy.txt")
    tab.set_input_files("#bundle", tmp_path / "w.custody-proof")
    tab.click("#check")
    tab.wait_for_selector("[data-verdict=custody]")
    assert tab.get_attribute("[data-verdict=events]", "data-state") == "proven"
    assert tab.get_attribute("[data-verdict=custody]", "data-state") == "not proven"
    tab.click("#language")
    assert tab.get_attribute("html", "dir") == "rtl"
    assert tab.text_content("[data-verdict=events]") == "✔ ثبت"
    assert tab.get_attribute("#report td bdi", "dir") == "ltr"
    tab.click("#language")
    assert tab.wrong == []


def test_page_is_the_same_bytes_each_time_and_names_no_address() -> None:
    html = page()
    assert html == page()
    assert "{{" not in html.replace("${", "")
    assert "http://" not in html
    assert "https://" not in html


def test_policy_of_the_page_is_refused_as_by_the_others(tab: Any) -> None:
    for text in ("", "log x\n", "quorum none\nquorum none\n", "toString x\n"):
        script = (
            "(text) => { try { readPolicy(text); return ''; } catch (e) { return e.message; } }"
        )
        with pytest.raises(verify_custody.Fault) as refusal:
            verify_custody.Policy(text)
        assert tab.evaluate(script, text) == str(refusal.value)

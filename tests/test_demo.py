"""`make demo`: the shipped pair is compared, and its review is offered."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import REPOSITORY
from terminals import Terminal

FOLDER = "outputs/demo"

pytestmark = pytest.mark.skipif(
    shutil.which("make") is None or not (Path(sys.executable).parent / "grader").exists(),
    reason="needs make, and grader installed",
)


@pytest.fixture
def demo(tmp_path: Path) -> tuple[str, ...]:
    """`make demo` with this Python's programs and a folder of its own for what it writes."""
    ready = tmp_path / "ready"
    ready.touch()
    programs = Path(sys.executable).parent
    made = f"GRADER_OUTPUTS={tmp_path}/outputs"
    return ("make", "-C", str(REPOSITORY), "demo", f"BIN={programs}", f"RUN={ready}", made)


def environment(tmp_path: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k != "MAKEFLAGS"}
    return kept | {"GRADER_OUTPUTS": f"{tmp_path}/outputs"}


def test_without_a_terminal_the_command_is_only_printed(
    demo: tuple[str, ...], tmp_path: Path
) -> None:
    done = subprocess.run(
        demo, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment(tmp_path)
    )
    assert done.returncode == 0, done.stderr
    assert "Open the review" not in done.stdout
    lines = [line for line in done.stdout.splitlines() if not line.startswith("make")]
    [offer] = [line for line in lines if line.startswith("To review it: ")]
    assert offer.endswith(f"grader review {tmp_path}/{FOLDER}")
    assert "a language model (Claude), through `files:`" in done.stdout
    assert lines[-1].startswith("Found afterwards")


@pytest.mark.parametrize("answer", ["\n", "n\n", "\x04"], ids=["Enter", "no", "end of input"])
def test_review_is_offered_at_a_terminal_and_may_be_declined(
    demo: tuple[str, ...], tmp_path: Path, answer: str
) -> None:
    terminal = Terminal(*demo, env=environment(tmp_path))
    terminal.until("Open the review now? [y/N] ")
    terminal.type(answer)
    terminal.until("To review it: ")
    assert terminal.close() == 0
    assert not (tmp_path / FOLDER / "reviews.jsonl").exists()


def test_yes_opens_the_review_of_the_comparison_just_made(
    demo: tuple[str, ...], tmp_path: Path
) -> None:
    terminal = Terminal(*demo, env=environment(tmp_path))
    terminal.until("Open the review now? [y/N] ")
    terminal.type("y\n")
    terminal.until("Decision 1 ")
    terminal.until("q quit")
    terminal.type("q")
    terminal.until(f"Next: grader review {tmp_path}/{FOLDER}")
    assert terminal.close() == 0

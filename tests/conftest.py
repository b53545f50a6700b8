"""What all tests share: an empty environment, the examples, and the command line in-process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from grader.cli import main
from grader.testing import ScriptedJudge

# A busy machine is slow; no property depends on how fast inputs are made.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

REPOSITORY = Path(__file__).resolve().parents[1]
EXAMPLES = REPOSITORY / "examples" / "transcripts"
RUBRICS = REPOSITORY / "rubrics"


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Grader = Callable[..., Ran]


@pytest.fixture(autouse=True)
def empty_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No keys, no settings, no colour, and a folder of its own to work in."""
    import os

    for name in list(os.environ):
        if name.startswith("GRADER_") or name.endswith("_API_KEY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def grader(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Grader:
    """Run a command in this process, as `grader ARGUMENTS` would."""

    def run(*arguments: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["grader", *map(str, arguments)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


@pytest.fixture
def judge() -> Iterator[ScriptedJudge]:
    """A scripted judge on a real socket."""
    with ScriptedJudge() as server:
        yield server


def pair(task: str, replicate: int = 1) -> tuple[Path, Path, str, Path]:
    """Arguments of `grader compare` for one of the example pairs."""
    return (
        EXAMPLES / f"c-{task}-{replicate}.json",
        EXAMPLES / f"p-{task}-{replicate}.json",
        "--rubric",
        RUBRICS / f"{task}.yaml",
    )


PACKAGES = {
    "Chromium": "chromium",
    "pandoc": "pandoc",
    "openssl": "openssl",
    "PostgreSQL's server": "postgresql faketime",
}
"""What tests need from the system, and Debian's packages for it."""


def written(folder: Path) -> str:
    """Text and evidence of a comparison, one after the other."""
    names = ("comparison.md", "evidence.md")
    return "\n".join((folder / name).read_text("utf-8") for name in names)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say in one line what was skipped for want of a program, and how to have it."""
    reasons = {str(report.longrepr) for report in terminalreporter.stats.get("skipped", ())}
    missing = [
        name for name in PACKAGES if any(f"{name} is not installed" in why for why in reasons)
    ]
    if missing:
        packages = " ".join(PACKAGES[name] for name in missing)
        terminalreporter.write_line(
            f"Skipped for want of {', '.join(missing)}. On Debian: apt-get install {packages}"
        )

"""Every check there is: its code, how bad what it finds is, and what that is, in a sentence.

Each module of checks declares its own in `CHECKS`. SARIF's rules and the tables of docs/checking.md
come from here. Packages, and the wing `archive`, add checks of other files by the entry point
`grader.checks`, which names a `Checker`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from grader.check.findings import Finding, Severity

if TYPE_CHECKING:
    from grader.judge.options import JudgeOptions

ENTRY_POINTS = "grader.checks"
ROOMS = {
    "A comparison's folder": "grader.check.folder.checking",
    "A rubric": "grader.check.rubric.checking",
    "A study's folder": "grader.check.study",
    "Any path": "grader.check.paths",
}


@dataclass(frozen=True)
class Check:
    """One thing that is looked for."""

    code: str
    """Short and stable, such as 'quotation-altered'."""
    severity: Severity
    """How bad it is at worst."""
    title: str
    """What is wrong where it is found, in a sentence."""


class FileChecks(Protocol):
    """Checks files that are no folder, rubric or study, all that were named at once."""

    def __call__(
        self,
        pages: Sequence[str | Path],
        *,
        sources: Sequence[str | Path] = (),
        judge: str | None = None,
        options: JudgeOptions | None = None,
        outputs: str | Path = "outputs",
    ) -> list[Finding]:
        """What is wrong with these files."""
        ...


@dataclass(frozen=True)
class Checker:
    """Checks of one sort of file, to be named by an entry point."""

    about: str
    """The heading of its table in the docs, such as 'A published page'."""
    checks: tuple[Check, ...]
    run: FileChecks


def checkers() -> tuple[Checker, ...]:
    """What installed packages add, in the order of their names."""
    found = sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name)
    return tuple(entry.load() for entry in found)


@cache
def all_checks() -> dict[str, Check]:
    """All checks by their codes."""
    return {check.code: check for _, checks in _by_room() for check in checks}


def _by_room() -> Iterator[tuple[str, tuple[Check, ...]]]:
    for about, module in ROOMS.items():
        try:
            yield about, import_module(module).CHECKS
        except ImportError:
            continue  # the checks of a study need libraries of their own
    for checker in checkers():
        yield checker.about, checker.checks


def tables() -> str:
    """All checks as tables in Markdown, for docs/checking.md."""
    parts = []
    for about, checks in _by_room():
        rows = [f"| `{each.code}` | {each.severity} | {each.title} |" for each in checks]
        heads = [f"### {about}", "", "| code | severity | what |", "|---|---|---|"]
        parts.append("\n".join([*heads, *rows]))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    print(tables(), end="")

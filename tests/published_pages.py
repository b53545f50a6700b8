"""Labelled pages for `grader check PAGE`, and what is found on them.

In `fixtures/published` each planted statement has its code before it: `⟦count-differs⟧ P lists …`.
Every other sentence of an analysis is meant to be right. `⟦meaning⟧` marks a false statement that
no rule is expected to find. `python tests/published_pages.py` prints precision and recall.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from grader.archive.checks.checking import check_page
from grader.archive.checks.pages import read_pages
from grader.check import Finding

HERE = Path(__file__).resolve().parent
FIXTURES = HERE / "fixtures" / "published"
EXAMPLES = HERE.parent / "examples" / "transcripts"
MARK = re.compile(r"⟦([a-z-]+)⟧\s?")

PAGES: dict[str, tuple[str, ...]] = {
    "p-garden.txt": ("c-garden.txt",),
    "f-ferry.txt": (),
    "p-choir.txt": ("c-choir.txt",),
    "endpoint.md": ("c-export-endpoint-1.json", "p-export-endpoint-1.json"),
    "clinic.md": ("c-clinic-postmortem-1.json", "p-clinic-postmortem-1.json"),
}
"""Each page with the sources at hand."""


@dataclass(frozen=True)
class Planted:
    """A false statement."""

    page: str
    line: int
    code: str
    starts: str
    """How it begins."""


@dataclass
class Measured:
    """What was found on the pages."""

    statements: int = 0
    planted: list[Planted] = field(default_factory=list)
    found: set[Planted] = field(default_factory=set)
    right: int = 0
    """Errors and warnings that speak of a planted statement."""
    false_alarms: list[Finding] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Right findings among all errors and warnings."""
        return self.right / (self.right + len(self.false_alarms))

    @property
    def recall(self) -> float:
        """Planted statements that were found, among all."""
        return len(self.found) / len(self.planted)


def measure(folder: Path) -> Measured:
    """Check all labelled pages, written without their labels into `folder`."""
    measured = Measured()
    for path in FIXTURES.iterdir():
        (folder / path.name).write_text(MARK.sub("", path.read_text("utf-8")), "utf-8")
    for name, sources in PAGES.items():
        planted = list(_planted(name))
        measured.planted += planted
        at_hand = [folder / s if (folder / s).exists() else EXAMPLES / s for s in sources]
        page = read_pages([folder / name], at_hand)[0]
        measured.statements += len(page.sentences)
        for finding in check_page(page):
            if finding.severity == "note":
                continue
            told = [plant for plant in planted if _speaks_of(finding, plant, name)]
            if told:
                measured.right += 1
                measured.found.update(told)
            else:
                measured.false_alarms.append(finding)
    return measured


def _planted(name: str) -> list[Planted]:
    found = []
    for number, line in enumerate((FIXTURES / name).read_text("utf-8").split("\n"), 1):
        for match in MARK.finditer(line):
            rest = MARK.split(line[match.end() :])[0].replace("`", "").strip()
            found.append(Planted(name, number, match[1], rest[:60]))
    return found


def _speaks_of(finding: Finding, plant: Planted, name: str) -> bool:
    if _family(finding.code) != _family(plant.code):
        return False
    places = (finding.place, *finding.against)
    return any(
        Path(place.file).name == name
        and place.line == plant.line
        and (place.quote or "").startswith(plant.starts[: len(place.quote or "")])
        for place in places
    )


def _family(code: str) -> str:
    """'counts-contradict' and 'count-differs' are told of the same kind of mistake."""
    return code.split("-")[0].rstrip("s")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(Path(folder))
    rules = [plant for plant in measured.planted if plant.code != "meaning"]
    print(f"{measured.statements} statements, {len(measured.planted)} of them false")
    print(f"precision {measured.precision:.3f} ({len(measured.false_alarms)} false alarms)")
    print(f"recall {measured.recall:.3f} ({len(measured.found)} of {len(measured.planted)})")
    print(f"recall without ⟦meaning⟧ {len(measured.found) / len(rules):.3f}")
    for plant in measured.planted:
        if plant not in measured.found:
            print(f"  missed {plant.page}:{plant.line} {plant.code}: {plant.starts}")
    for finding in measured.false_alarms:
        print(f"  false  {finding.place} {finding.code}: {finding.place.quote} | {finding.message}")


if __name__ == "__main__":
    main()

"""Every level of a study with what the judge rests it on, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence

from grader.study.design import Design
from grader.study.levels import LevelLine
from grader.study.report.blocks import Folded, Level, Para, Quote, Section
from grader.study.runs import Run


def levels_section(design: Design, lines: Sequence[LevelLine]) -> Section | None:
    """All levels by cell and criterion; None where there is no evidence to show."""
    if not any(line.rationale or line.evidence or line.detail for line in lines):
        return None
    runs = {run.transcript: run for run in design.runs}
    blocks = []
    for task, rubric in design.rubrics.items():
        for criterion in rubric.criteria:
            own = [
                line
                for line in lines
                if (line.task, line.criterion) == (task, criterion.id) and line.transcript in runs
            ]
            own.sort(
                key=lambda line: (
                    runs[line.transcript].condition,
                    runs[line.transcript].id,
                    line.judge,
                    line.sample,
                )
            )
            if own:
                levels = tuple(_level(runs[line.transcript], line) for line in own)
                blocks.append(Folded(f"{criterion.title} ({task})", levels))
    note = Para(
        "Each level with the judge's reason and its quotations. A quotation that was not "
        "found in the run is left out and counted.",
        "note",
    )
    return Section("levels", "Levels and their evidence", (note, *blocks))


def anchor(run: Run, criterion: str, judge: str, sample: int) -> str:
    """The name of a level on the page."""
    return f"level-{run.transcript[:12]}-{criterion}-{abs(hash_of(judge)) % 10_000}-{sample}"


def hash_of(text: str) -> int:
    """A small number for a text, the same on every machine."""
    total = 0
    for character in text:
        total = (total * 131 + ord(character)) % 1_000_003
    return total


def _level(run: Run, line: LevelLine) -> Level:
    found = [each for each in line.evidence if each.span is not None]
    lost = len(line.evidence) - len(found)
    notes = []
    if lost:
        notes.append(f"{lost} quotations were not found in the run and are left out")
    if line.looked_for_in_vain:
        notes.append(f"looked for in vain: {'; '.join(line.looked_for_in_vain)}")
    if line.detail:
        notes.append(line.detail)
    sample = f", asked again ({line.sample})" if line.sample > 1 else ""
    counts = "" if run.counts else f" – doesn't count: {run.why_not}"
    return Level(
        anchor=anchor(run, line.criterion, line.judge, line.sample),
        title=f"{run.condition}: {run.id}, {run.model} ({line.judge}{sample}){counts}",
        level=(line.level or line.outcome).replace("_", " "),
        rationale=line.rationale,
        quotes=tuple(
            Quote(each.quote, f"turn {each.span.turn}" if each.span else "") for each in found
        ),
        notes=tuple(notes),
    )

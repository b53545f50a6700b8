"""People's levels on drawn runs: `gold.jsonl`, chained, each given before any level was shown.

Pairs are drawn by the lock; each half comes up by itself, runs of both conditions mixed, and
nothing on the screen tells the condition: two people who see a pair judge the pair.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from grader.errors import InputError, RecordError
from grader.files.json_lines import append_lines, numbered_lines
from grader.files.problems import first_problem
from grader.files.text import read_text
from grader.files.writers import one_writer
from grader.records import Record, canonical_json, content_hash
from grader.study.calibration import person_differences
from grader.study.design import Design, drawn_pairs
from grader.study.estimate import Numbers
from grader.study.levels import ContrastTable
from grader.study.plan import Contrast
from grader.study.runs import Run, draw_key
from grader.study.scales import ranks_of

GOLD = "gold.jsonl"
START = "0" * 64
BLOCK = 4
"""So many pairs are mixed with each other: their eight runs come in an order of their own."""


class GoldLine(Record):
    """One level that a person gave."""

    at: str
    reviewer: str
    transcript: str
    task: str
    criterion: str
    level: str | None
    """None: the person gave none."""
    comment: str | None = None
    previous: str


@dataclass(frozen=True)
class GoldItem:
    """One run that a person gives levels to."""

    run: Run
    raters: int
    """How many people are to give it levels."""


def read_gold(folder: Path) -> list[GoldLine]:
    """People's levels in the order in which they were given.

    Raises:
        RecordError: a line is no level, or the line before it was changed or taken out.
    """
    path = folder / GOLD
    if not path.is_file():
        return []
    lines: list[GoldLine] = []
    previous = START
    for number, text in numbered_lines(read_text(path)):
        place = f"{path}:{number}"
        try:
            line = GoldLine.model_validate_json(text)
        except ValidationError as error:
            raise RecordError(
                f"this line is no level: {first_problem(error)}",
                place=place,
                mend="Restore the file; what people gave is nowhere else.",
            ) from None
        if line.previous != previous:
            raise RecordError(
                "the line before this one was changed or taken out",
                place=place,
                mend="Restore the file; what people gave is nowhere else.",
            )
        previous = content_hash(json.loads(text))
        lines.append(line)
    return lines


def give_levels(
    folder: Path, *, at: str, reviewer: str, run: Run, levels: Mapping[str, str | None]
) -> None:
    """Append a person's levels on one run, all or none; they are on the disk when this returns.

    Several people may give levels at once: they are written one after the other.

    Args:
        folder: of the study.
        at: when.
        reviewer: who gives them.
        run: what they are given to.
        levels: by criterion; None: the person gave none.

    Raises:
        RecordError: as `read_gold`.
        StorageError: they can't be written.
    """
    with one_writer(folder / GOLD):
        before = read_gold(folder)
        previous = content_hash(before[-1]) if before else START
        lines = []
        for criterion, level in levels.items():
            line = GoldLine(
                at=at,
                reviewer=reviewer,
                transcript=run.transcript,
                task=run.task,
                criterion=criterion,
                level=level,
                previous=previous,
            )
            previous = content_hash(line)
            lines.append(canonical_json(line.model_dump(mode="json")))
        append_lines(folder / GOLD, lines)


def gold_pairs(design: Design) -> tuple[tuple[Run, Run], ...]:
    """The pairs of the primary contrast that people are given."""
    if design.plan.gold is None:
        return ()
    pairs = drawn_pairs(design.counting, design.plan.primary, design.seed)
    return pairs[: design.plan.gold.pairs]


def gold_items(design: Design) -> list[GoldItem]:
    """The drawn runs in the order in which they come up."""
    pairs = gold_pairs(design)
    shared = design.plan.gold.shared if design.plan.gold else 0
    items = [
        (
            number // BLOCK,
            draw_key(f"gold {design.seed}", run.transcript),
            GoldItem(run, 2 if number < shared else 1),
        )
        for number, pair in enumerate(pairs)
        for run in pair
    ]
    return [item for _, _, item in sorted(items, key=lambda each: each[:2])]


def open_items(design: Design, lines: Sequence[GoldLine], reviewer: str) -> list[GoldItem]:
    """What this person can still give levels to: not what they did, nor what others finished."""
    done = finished(design, lines)
    found = []
    for item in gold_items(design):
        by = done.get(item.run.transcript, set())
        if reviewer not in by and len(by) < item.raters:
            found.append(item)
    return found


def finished(design: Design, lines: Sequence[GoldLine]) -> dict[str, set[str]]:
    """For each run who gave a level, or none on purpose, for all of its criteria."""
    given: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for line in lines:
        given[line.transcript, line.reviewer].add(line.criterion)
    tasks = {run.transcript: run.task for run in design.runs}
    done: defaultdict[str, set[str]] = defaultdict(set)
    for (transcript, reviewer), criteria in given.items():
        task = tasks.get(transcript)
        if task and {c.id for c in design.rubrics[task].criteria} <= criteria:
            done[transcript].add(reviewer)
    return dict(done)


def counting_levels(
    design: Design, lines: Sequence[GoldLine], first_look: str | None
) -> tuple[dict[tuple[str, str], dict[str, str]], int, int]:
    """What counts for a correction: levels on drawn runs, given before any report.

    Returns:
        By transcript and criterion the level of each person; how many levels were given after a
        report, and how many on runs that were not drawn.
    """
    drawn = {run.transcript for pair in gold_pairs(design) for run in pair}
    levels: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    late = own_choice = 0
    for line in lines:
        if first_look is not None and line.at > first_look:
            late += 1
        elif line.transcript not in drawn:
            own_choice += 1
        elif line.level is None:
            levels[line.transcript, line.criterion].pop(line.reviewer, None)
        else:
            levels[line.transcript, line.criterion][line.reviewer] = line.level
    return {key: by for key, by in levels.items() if by}, late, own_choice


def check_open(design: Design, looks: int, place: Path) -> None:
    """Refuse gold that could not be blind. Raises InputError."""
    if design.plan.gold is None:
        raise InputError(
            "the study plans no levels by people",
            place=place,
            mend="Write `gold: {pairs: 12, shared: 4}` into the study file before it is locked.",
        )
    if looks:
        raise InputError(
            "a report was made already, and it shows the judge's levels",
            place=place,
            mend="Levels by people count only when given before any report. Plan them in a new "
            "study on new runs.",
        )


def people_differences(
    design: Design,
    contrast: Contrast,
    table: ContrastTable,
    gold: Mapping[tuple[str, str], Mapping[str, str]],
) -> list[Numbers]:
    """Each cell's differences by people; NaN for pairs that were not drawn or not given."""
    drawn = {(one.transcript, other.transcript) for one, other in gold_pairs(design)}
    ranks = {
        (transcript, criterion): {
            who: float(_rank(design, criterion, level)) for who, level in by.items()
        }
        for (transcript, criterion), by in gold.items()
    }
    found = []
    for cell, before, after in zip(table.cells, table.before, table.after, strict=True):
        values = np.full(cell.pairs, math.nan)
        for number, pair in enumerate(zip(before, after, strict=False)):
            if contrast.primary and (pair[0].transcript, pair[1].transcript) in drawn:
                values[number] = person_differences(
                    *(_given(ranks, run, cell.criteria) for run in pair)
                )
        found.append(values)
    return found


def _rank(design: Design, criterion: str, level: str) -> float:
    for rubric in design.rubrics.values():
        ranks = ranks_of(rubric).get(criterion)
        if ranks is not None and level in ranks:
            return float(ranks[level])
    return -1.0


def _given(
    ranks: Mapping[tuple[str, str], Mapping[str, float]], run: Run, criteria: Sequence[str]
) -> list[list[float]]:
    """For each criterion the ranks that people gave a run."""
    return [
        [rank for rank in ranks.get((run.transcript, criterion), {}).values() if rank >= 0]
        for criterion in criteria
    ]

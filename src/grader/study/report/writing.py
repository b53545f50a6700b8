"""Writes the report of a study into its folder: results, texts, page, figures, table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from grader.errors import InputError
from grader.files.text import write_atomically
from grader.records import canonical_json
from grader.study.computing import Inputs, results_of, runs_a_cell, seen_hash
from grader.study.design import Design, read_design
from grader.study.elsewhere import read_elsewhere
from grader.study.gold import finished, gold_items, read_gold
from grader.study.levels import LevelLine, read_levels
from grader.study.looks import note_look
from grader.study.report.blocks import Picture, Section
from grader.study.report.html import html_of
from grader.study.report.markdown import markdown_of
from grader.study.report.material import Material
from grader.study.report.sections import sections_of
from grader.study.results import RESULTS, StudyResult, plain
from grader.study.scales import ranks_of

COLUMNS = (
    *("study", "transcript", "file", "condition", "model", "task", "replicate", "counts"),
    *("why_not", "criterion", "judge", "sample", "outcome", "level", "rank", "source"),
)


@dataclass(frozen=True)
class Reported:
    """A report that was written."""

    result: StudyResult
    files: tuple[Path, ...]
    notes: tuple[str, ...]


def report_study(
    folder: Path, *, grader_version: str, partial: bool = False, at: datetime | None = None
) -> Reported:
    """Compute the results of a study and write its report. Notes a look.

    Args:
        folder: of the study.
        grader_version: of this package.
        partial: report though not everything was asked, or people are not done.
        at: when; None: now.

    Raises:
        InputError: not everything was asked or people are not done, and `partial` is False.
        RecordError: a file of the folder was changed.
        StorageError: it can't be written.
    """
    design, levels, gold = read_design(folder), read_levels(folder), read_gold(folder)
    open_ = _open(design, levels)
    waiting = _waiting(design, gold)
    can_say = _has_fresh_runs(design)
    if can_say and not partial:
        _refuse_incomplete(folder, open_, waiting)
    looks = (
        note_look(
            folder,
            at=(at or datetime.now(UTC)).isoformat(timespec="milliseconds"),
            seen=seen_hash(levels, gold),
            runs=runs_a_cell(design, levels),
            partial=bool(open_ or waiting),
            planned=design.plan.planned_looks(runs_a_cell(design, levels)),
        )
        if can_say
        else []
    )
    result = results_of(Inputs(design, levels, gold, looks, grader_version, read_elsewhere(folder)))
    return write_report(folder, design, levels, result)


def write_report(
    folder: Path, design: Design, levels: Sequence[LevelLine], result: StudyResult
) -> Reported:
    """Write what a report consists of. Same results, same bytes."""
    notes = [] if figures_there() else ["No figures: they need `pip install '.[study]'`."]
    texts = {RESULTS: results_text(result), **report_texts(design, levels, result)}
    for name, text in texts.items():
        write_atomically(folder / name, text)
    written = [folder / name for name in texts]
    if (parquet := _write_parquet(folder, design, levels)) is not None:
        written.append(parquet)
    return Reported(result, tuple(written), tuple(notes))


def report_texts(
    design: Design, levels: Sequence[LevelLine], result: StudyResult
) -> dict[str, str]:
    """Every text of a report but the results, by its name in the folder."""
    names = {c.id: c.title for rubric in design.rubrics.values() for c in rubric.criteria}
    specs = _figures(result, names)
    sections = sections_of(Material(result, design, levels, specs))
    svgs = _svgs(specs, sections)
    primary = result.primary()
    texts = {
        "report.md": markdown_of(design.plan.title, sections),
        "report.html": html_of(
            design.plan.title,
            primary.sentence.text,
            sections,
            svgs,
            exploratory=primary.sentence.exploratory or result.simulated,
            version=result.versions["grader"],
        ),
        "levels.csv": levels_table(design, levels),
    }
    for name, spec in specs.items():
        text = json.dumps(spec, indent=1, sort_keys=True, ensure_ascii=False)
        texts[f"figures/{name}.vl.json"] = text + "\n"
        texts[f"figures/{name}.svg"] = svgs[name]
    return texts


def figures_there() -> bool:
    """Whether the libraries that draw figures are installed."""
    return all(find_spec(name) is not None for name in ("altair", "vl_convert"))


def results_text(result: StudyResult) -> str:
    """`results.json`: canonical, numbers to nine significant digits."""
    return canonical_json(plain(result.model_dump(mode="json"))) + "\n"


def level_rows(design: Design, levels: Sequence[LevelLine]) -> list[tuple[Any, ...]]:
    """One row a level, in the order of `COLUMNS`."""
    runs = {run.transcript: run for run in design.runs}
    scales = {task: ranks_of(rubric) for task, rubric in design.rubrics.items()}
    rows = []
    for line in levels:
        run = runs.get(line.transcript)
        if run is None:
            continue
        rank = scales[line.task].get(line.criterion, {}).get(line.level or "")
        rows.append(
            (
                design.plan.id,
                run.id,
                run.file,
                run.condition,
                run.model,
                run.task,
                run.replicate,
                run.counts,
                run.why_not,
                line.criterion,
                line.judge,
                line.sample,
                line.outcome,
                line.level,
                rank,
                line.source,
            )
        )
    return rows


def levels_table(design: Design, levels: Sequence[LevelLine]) -> str:
    """`levels.csv`, in long form for pandas and R."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(tuple(map(_cell, row)) for row in level_rows(design, levels))
    return out.getvalue()


def _cell(value: Any) -> Any:
    """A spreadsheet takes a text that begins so for a formula."""
    text = isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t")
    return f"'{value}" if text else value


def _write_parquet(folder: Path, design: Design, levels: Sequence[LevelLine]) -> Path | None:
    try:
        import pyarrow  # type: ignore[import-untyped,import-not-found,unused-ignore]
        from pyarrow import parquet  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError:
        return None
    rows = level_rows(design, levels)
    columns = {name: [row[at] for row in rows] for at, name in enumerate(COLUMNS)}
    path = folder / "levels.parquet"
    parquet.write_table(pyarrow.table(columns), path)
    return path


def _figures(result: StudyResult, names: dict[str, str]) -> dict[str, dict[str, Any]]:
    if result.primary().sentence.kind == "nothing" or not figures_there():
        return {}
    from grader.study.report.figures import figures_of

    return figures_of(result, names)


def _svgs(specs: dict[str, dict[str, Any]], sections: Sequence[Section]) -> dict[str, str]:
    if not specs:
        return {}
    from grader.study.report.figures import svg_of

    alts = {
        block.name: block.alt
        for section in sections
        for block in section.blocks
        if isinstance(block, Picture)
    }
    return {name: svg_of(spec, alts.get(name, "")) for name, spec in specs.items()}


def _has_fresh_runs(design: Design) -> bool:
    counting = {run.condition for run in design.counting}
    return {design.plan.primary.before, design.plan.primary.after} <= counting


def _open(design: Design, levels: Sequence[LevelLine]) -> int:
    judges = design.plan.judges or tuple(sorted({line.judge for line in levels})) or ("",)
    there = {(line.transcript, line.criterion, line.judge) for line in levels if line.sample == 1}
    return sum(
        (run.transcript, criterion.id, judge) not in there
        for judge in judges
        for run in design.counting
        for criterion in design.rubrics[run.task].criteria
    )


def _waiting(design: Design, gold: Sequence[Any]) -> int:
    done = finished(design, gold)
    return sum(len(done.get(item.run.transcript, ())) < item.raters for item in gold_items(design))


def _refuse_incomplete(folder: Path, open_: int, waiting: int) -> None:
    if open_:
        raise InputError(
            f"{open_:,} verdicts were not asked yet",
            place=folder,
            mend="Run `grader study run` again until all are asked, or report what is there with "
            "--partial: that is a look that was not planned.",
        )
    if waiting:
        raise InputError(
            f"people have not given their levels on {waiting} drawn runs",
            place=folder,
            mend="Go on with `grader study gold`: after a report no level by people counts. "
            "--partial reports without them.",
        )

"""What `grader study` prints of designs, plans and results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from grader.cli.output import err, out, print_json

if TYPE_CHECKING:
    from grader.judge.options import JudgeOptions
    from grader.study.design import Design, OpenStudy
    from grader.study.report.writing import Reported

RUNS = (1, 2, 3, 5, 10)


def show_runs(design: Design) -> None:
    """Print how many runs count in each cell, and which are left out."""
    from rich.table import Table

    conditions = tuple(design.plan.conditions)
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("task", "model", *conditions):
        table.add_column(name, overflow="fold")
    for task, model in sorted({(run.task, run.model) for run in design.runs}):
        counts = [
            sum(
                (run.task, run.model, run.condition) == (task, model, name)
                for run in design.counting
            )
            for name in conditions
        ]
        table.add_row(task, model, *map(str, counts))
    out().print(table)
    for run in design.runs:
        if not run.counts:
            err().print(f"! {run.file} doesn't count: {run.why_not}", markup=False, soft_wrap=True)
    for note in design.notes:
        err().print(f"! {note}", markup=False, soft_wrap=True)


def show_plan(
    opened: OpenStudy, judges: Sequence[str], options: JudgeOptions, as_json: bool
) -> None:
    """Print cost, what can be detected with how many runs, and what people's levels would give."""
    from grader.study.asking import cost_of
    from grader.study.looks import alpha_of
    from grader.study.planning import SPREAD, detectable, gold_widths
    from grader.study.sentence import DIRECTION_SHARE

    design = opened.design
    cells = {run.cell for run in design.counting}
    tasks = len({task for _, task in cells})
    models = max((len({m for m, t in cells if t == task}) for _, task in cells), default=0)
    criteria = sum(len(rubric.criteria) for rubric in design.rubrics.values())
    alpha = DIRECTION_SHARE * alpha_of(design.plan.alpha, design.plan.looks)
    rows = (
        [
            detectable(tasks=tasks, models=models, runs=runs, criteria=criteria, alpha=alpha)
            for runs in RUNS
        ]
        if cells
        else []
    )
    planned = design.plan.runs or 1
    gold = gold_widths(tasks * models * planned, alpha=alpha)
    cost = cost_of(opened, judges, options) if cells else None
    if as_json:
        print_json(
            {
                "tasks": tasks,
                "models": models,
                "criteria": criteria,
                "alpha": alpha,
                "spread": SPREAD,
                "questions": cost.questions if cost else 0,
                "usd": cost.usd if cost else None,
                "detectable": [row.model_dump(mode="json") for row in rows],
                "gold": [width.model_dump(mode="json") for width in gold],
            }
        )
        return
    show_runs(design)
    if cost:
        usd = "not known" if cost.usd is None else f"about ${cost.usd:.2f}"
        out().print(f"\nAsking: {cost.questions:,} verdicts, cost {usd}.")
    _show_detectable(rows, alpha, planned)
    _show_gold(gold, tasks * models * planned)
    out().print("\nNothing was asked.")


def show_reported(reported: Reported, as_json: bool) -> None:
    """Print the sentence, the four figures, and where the report lies."""
    from grader.study.report.wording import bare_share, points, share
    from grader.study.report.writing import results_text

    result = reported.result
    if as_json:
        import json

        print_json(json.loads(results_text(result)))
        return
    primary = result.primary()
    console = out()
    console.print(primary.sentence.text, markup=False, style="bold", soft_wrap=True)
    if primary.sentence.kind == "nothing":
        for each in result.left_out:
            console.print(f"  {each.id} ({each.condition}): {each.reason}", markup=False)
    else:
        floor = primary.floor
        console.print(f"\nfloor {primary.before}    {share(floor.before)}", markup=False)
        console.print(f"floor {primary.after}    {share(floor.after)}", markup=False)
        console.print(f"difference {share(floor.difference)}", markup=False)
        console.print(f"excess     {bare_share(floor.excess)}", markup=False)
        console.print(f"net shift  these tasks: {points(primary.these)}", markup=False)
        console.print(f"           tasks like these: {points(primary.like)}", markup=False)
    pages = [path for path in reported.files if path.name == "report.html"]
    for page in pages:
        console.print(f"\nReport   {page}", markup=False, soft_wrap=True)


def _show_detectable(rows: Sequence[Any], alpha: float, planned: int) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), title_justify="left")
    names = ("runs a cell", "verdicts", "these tasks", "tasks like these", "least p, one criterion")
    for name in names:
        table.add_column(name)
    for row in rows:
        like = [_points(each) for each in row.tasks_like_these]
        table.add_row(
            f"{row.runs}{' (planned)' if row.runs == planned else ''}",
            f"{row.questions:,}",
            _points(row.these_tasks) if row.these_tasks is not None else "no floor",
            like[0] if like[0] == like[1] else f"{like[0]} to {like[1]}",
            f"{row.least_p_criterion:.2g}",
        )
    out().print(f"\nNet shift, in points, that is found with 80% power (two-sided {alpha:.3g}):")
    out().print(table)
    out().print(
        "Assumed: a pair's difference spreads by 0.41; effects differ from task to task by 0 to "
        "0.1.",
        soft_wrap=True,
    )


def _show_gold(widths: Sequence[Any], pairs: int) -> None:
    parts = [
        f"{width.pairs}: {_points(width.corrected)} (people alone {_points(width.people_alone)})"
        for width in widths
        if width.corrected is not None
    ]
    if parts:
        out().print(
            f"\nWidth of the corrected interval, in points, by how many of the {pairs} pairs "
            f"people give levels to: {'; '.join(parts)}.",
            soft_wrap=True,
            markup=False,
        )


def _points(value: float | None) -> str:
    return "–" if value is None else f"{round(100 * value)}"

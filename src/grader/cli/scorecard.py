"""The scorecard as a table for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.cli.output import shown
from grader.comparison.comparison import Comparison, Scorecard
from grader.comparison.kinds.verdict import spread
from grader.rubric import Criterion, Rubric
from grader.rubric.scale import NOT_APPLICABLE, Level, level_name
from grader.text.quotation import Side

_SIGNS = {"up": "↑", "down": "↓", "same": "=", None: "–"}
_ARROWS = {"up": "↑ up", "down": "↓ down", "same": "= same", "not_applicable": "none", None: "–"}


def scorecard_table(draft: Comparison, scorecard: Scorecard) -> Table:
    """Levels of both sides and the shift, a row a criterion.

    Args:
        draft: the comparison.
        scorecard: the judge's or the reviewed one.
    """
    sides = _sides(draft)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Criterion", *sides.values(), "Shift"):
        table.add_column(heading)
    split = draft.split if scorecard == draft.scorecard else frozenset()
    for row in scorecard.rows:
        table.add_row(
            escape(draft.rubric.criterion(row.criterion).title),
            level_name(row.control),
            level_name(row.treatment),
            f"{row.shift}, split" if row.criterion in split else _ARROWS[row.shift],
        )
    return table


def print_draft(draft: Comparison, console: Console) -> None:
    """The judge's scorecard, and under it what each judge of a panel gave where they differ."""
    console.print(scorecard_table(draft, draft.scorecard))
    if lines := list(differing_judges(draft)):
        console.print("\nWhere the judges differ:")
    for line in lines:
        console.print(shown(f"  {line}"), soft_wrap=True)


def differing_judges(draft: Comparison) -> Iterator[str]:
    """A line for each verdict on which the judges of a panel differ: who gave which level."""
    sides = _sides(draft)
    for verdict in draft.verdicts:
        answers = {(s.judge, s.level) for s in verdict.samples if s.level is not None}
        if len({judge for judge, _ in answers}) > 1 and len({level for _, level in answers}) > 1:
            criterion = draft.rubric.criterion(verdict.criterion)
            given = spread(criterion, verdict.samples)
            yield f"{criterion.title}, {sides[verdict.side]}: {given}"


def _sides(draft: Comparison) -> dict[Side, str]:
    if draft.same_condition:
        return {"control": "Run 1", "treatment": "Run 2"}
    return {"control": "Control", "treatment": "Treatment"}


def pairs_tables(drafts: Sequence[Comparison]) -> list[Table]:
    """One table a rubric: a row for each pair, a column for each criterion.

    A cell has the control's level, the sign of the shift, and the treatment's level, each level
    by its rank on the criterion's scale, from 0: `0 ↑ 2`.
    """
    by_rubric: dict[str, list[Comparison]] = {}
    for draft in drafts:
        by_rubric.setdefault(draft.rubric_hash, []).append(draft)
    return [_pairs_table(of_one) for of_one in by_rubric.values()]


def _pairs_table(drafts: Sequence[Comparison]) -> Table:
    rubric = drafts[0].rubric
    table = Table(
        box=None,
        pad_edge=False,
        header_style="bold",
        title=escape(rubric.title),
        title_justify="left",
        title_style="bold",
        caption=escape(_caption(rubric)),
        caption_justify="left",
    )
    table.add_column("Pair", overflow="fold")
    for number, _ in enumerate(rubric.criteria, 1):
        table.add_column(str(number), no_wrap=True)
    for draft in drafts:
        cells = []
        for row, criterion in zip(draft.scorecard.rows, rubric.criteria, strict=True):
            ranks = [_rank(criterion, level) for level in (row.control, row.treatment)]
            sign = "split" if row.criterion in draft.split else _SIGNS.get(row.shift, "–")
            cells.append(f"{ranks[0]} {sign} {ranks[1]}")
        table.add_row(escape(f"{draft.control.id}, {draft.treatment.id}"), *cells)
    return table


def _rank(criterion: Criterion, level: Level | None) -> str:
    if level is None:
        return "?"
    return "n/a" if level == NOT_APPLICABLE else str(criterion.scale.rank(level))


def _caption(rubric: Rubric) -> str:
    titles = (f"{number} {each.title}" for number, each in enumerate(rubric.criteria, 1))
    return f"{'; '.join(titles)}. Levels are numbered from the lowest, 0; ? is no level."

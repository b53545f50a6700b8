"""The scorecard as a table for the terminal."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from grader.comparison.comparison import Scorecard
from grader.rubric import Rubric
from grader.rubric.scale import level_name

_ARROWS = {"up": "↑ up", "down": "↓ down", "same": "= same", "not_applicable": "none", None: "–"}


def scorecard_table(rubric: Rubric, scorecard: Scorecard) -> Table:
    """Levels of both sides and the shift, a row a criterion."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Criterion", "Control", "Treatment", "Shift"):
        table.add_column(heading)
    for row in scorecard.rows:
        table.add_row(
            escape(rubric.criterion(row.criterion).title),
            level_name(row.control),
            level_name(row.treatment),
            _ARROWS[row.shift],
        )
    return table

"""The scorecard: levels side by side, shifts and tallies. Computed, never asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from grader.comparison.comparison import Scorecard, ScorecardRow
from grader.evidence import Side
from grader.levels import LEVELS, Level, shift


def scorecard(
    criteria: Sequence[str], levels: Mapping[tuple[str, Side], Level | None]
) -> Scorecard:
    """The scorecard of these criteria, in their order.

    Args:
        criteria: criterion ids.
        levels: the level by criterion and side; missing keys count as no level.
    """
    rows = []
    for criterion in criteria:
        control = levels.get((criterion, "control"))
        treatment = levels.get((criterion, "treatment"))
        rows.append(
            ScorecardRow(
                criterion=criterion,
                control=control,
                treatment=treatment,
                shift=shift(control, treatment),
            )
        )
    return Scorecard(
        rows=tuple(rows),
        control_tally=_tally((row.control for row in rows), LEVELS),
        treatment_tally=_tally((row.treatment for row in rows), LEVELS),
        shift_tally=_tally((row.shift for row in rows), ("up", "down", "same")),
    )


def _tally(values: Iterable[str | None], names: Iterable[str]) -> dict[str, int]:
    counts = Counter(value or "missing" for value in values)
    return {name: counts[name] for name in (*names, "missing")}

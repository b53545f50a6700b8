"""The scorecard: levels side by side, shifts and tallies. Computed, never asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from grader.comparison.comparison import Scorecard, ScorecardRow
from grader.records import Record
from grader.rubric.scale import LEVELS, Level, shift
from grader.text.quotation import Side


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
                shift=shift(LEVELS, control, treatment),
            )
        )
    return Scorecard(
        rows=tuple(rows),
        control_tally=_tally((row.control for row in rows), LEVELS),
        treatment_tally=_tally((row.treatment for row in rows), LEVELS),
        shift_tally=_tally((row.shift for row in rows), ("up", "down", "same")),
    )


class Bounds(Record):
    """How low and how high a count can be, however the missing levels would have been."""

    least: int
    most: int


class TallyBounds(Record):
    """Bounds of each tally, by the names of the tally; 'missing' is left out."""

    control: dict[str, Bounds]
    treatment: dict[str, Bounds]
    shift: dict[str, Bounds]


def tally_bounds(card: Scorecard) -> TallyBounds:
    """What the tallies could be had each missing level gone either way.

    A known level on one side limits the shift: where the control is not_met, no missing
    treatment level makes it fall. Bounds hold for each count by itself, not for all at once.
    """
    return TallyBounds(
        control=_bounds(_possible(row.control) for row in card.rows),
        treatment=_bounds(_possible(row.treatment) for row in card.rows),
        shift=_bounds(
            (
                {
                    shift(LEVELS, c, t)
                    for c in _possible(row.control)
                    for t in _possible(row.treatment)
                }
                for row in card.rows
            ),
            ("up", "down", "same"),
        ),
    )


def _possible(level: Level | None) -> set[Level]:
    return set(LEVELS) if level is None else {level}


def _bounds(
    rows: Iterable[Collection[str | None]], names: Iterable[str] = LEVELS
) -> dict[str, Bounds]:
    rows = list(rows)
    return {
        name: Bounds(
            least=sum(1 for row in rows if set(row) == {name}),
            most=sum(1 for row in rows if name in row),
        )
        for name in names
    }


def _tally(values: Iterable[str | None], names: Iterable[str]) -> dict[str, int]:
    counts = Counter(value or "missing" for value in values)
    return {name: counts[name] for name in (*names, "missing")}

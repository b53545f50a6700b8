"""The scorecard: levels side by side, shifts and tallies. Computed, never asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from grader.comparison.comparison import Scorecard, ScorecardRow
from grader.records import Record
from grader.rubric.criteria import Criterion
from grader.rubric.scale import NOT_APPLICABLE, SHIFTS, Level
from grader.text.quotation import Side


def scorecard(
    criteria: Sequence[Criterion], levels: Mapping[tuple[str, Side], Level | None]
) -> Scorecard:
    """The scorecard of these criteria, in their order.

    Args:
        criteria: of the rubric.
        levels: the level by criterion and side; missing keys count as no level.
    """
    rows = []
    for criterion in criteria:
        control = levels.get((criterion.id, "control"))
        treatment = levels.get((criterion.id, "treatment"))
        rows.append(
            ScorecardRow(
                criterion=criterion.id,
                control=control,
                treatment=treatment,
                shift=criterion.scale.shift(control, treatment),
            )
        )
    answers = _answers(criteria)
    return Scorecard(
        rows=tuple(rows),
        control_tally=_tally((row.control for row in rows), answers),
        treatment_tally=_tally((row.treatment for row in rows), answers),
        shift_tally=_tally((row.shift for row in rows), _shifts(criteria)),
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


def tally_bounds(criteria: Sequence[Criterion], card: Scorecard) -> TallyBounds:
    """What the tallies could be had each missing level gone any way that its criterion allows.

    A known level on one side limits the shift: where the control has the lowest, no missing
    treatment level makes it fall. Bounds hold for each count by itself, not for all at once.
    """
    pairs = list(zip(criteria, card.rows, strict=True))
    answers = _answers(criteria)
    return TallyBounds(
        control=_bounds((each.possible(row.control) for each, row in pairs), answers),
        treatment=_bounds((each.possible(row.treatment) for each, row in pairs), answers),
        shift=_bounds(
            (
                {
                    each.scale.shift(control, treatment)
                    for control in each.possible(row.control)
                    for treatment in each.possible(row.treatment)
                }
                for each, row in pairs
            ),
            _shifts(criteria),
        ),
    )


def _answers(criteria: Iterable[Criterion]) -> tuple[str, ...]:
    """All answers that can be counted: levels of one name are one; `not_applicable` comes last."""
    names = dict.fromkeys(name for each in criteria for name in each.answers)
    return tuple(sorted(names, key=lambda name: name == NOT_APPLICABLE))


def _shifts(criteria: Iterable[Criterion]) -> tuple[str, ...]:
    beside = any(each.not_applicable is not None for each in criteria)
    return (*SHIFTS, NOT_APPLICABLE) if beside else SHIFTS


def _bounds(rows: Iterable[Collection[str | None]], names: Iterable[str]) -> dict[str, Bounds]:
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

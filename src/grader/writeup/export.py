"""Comparisons in long form, for pandas and R: one row a fact.

A fact is one answer to a verdict question, a contrast, a marker of a signature on one transcript,
or one thing counted in one transcript; `fact` says which. A comparison without a judge has one row
for each criterion and side, with the level left empty. Levels are words; they are ordered and have
no distances, so no number is given for them. `scale` has their order. `not_applicable` in place of
a level is an answer, and no level.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from grader.comparison.comparison import Comparison
from grader.comparison.kinds.contrast import Contrast
from grader.errors import InputError
from grader.files.text import replacing, write_atomically
from grader.review.reviewed import Decision, Reviewed
from grader.text.quotation import SIDES, Side


@dataclass(frozen=True, kw_only=True)
class Row:
    """One fact. What a kind of fact doesn't have is None."""

    fact: Literal["verdict", "contrast", "marker", "measurement"]
    comparison: str
    rubric: str
    rubric_hash: str
    lock: str
    """The state of the rubric's lock: 'before', 'later', 'changed' or 'never'."""
    signed: bool
    task: str | None
    side: str | None = None
    """'control' or 'treatment'; None: both, as in a contrast."""
    condition: str | None = None
    session: str | None = None
    replicate: int | None = None
    model: str | None = None
    criterion: str | None = None
    scale: str | None = None
    """The levels of the criterion, lowest first: 'no < yes'."""
    direction: str | None = None
    """What was expected beforehand: 'up', 'down' or 'same'."""
    hypothesis: str | None = None
    """The hypothesis that the criterion tests."""
    judge: str | None = None
    """None: no judge was asked."""
    sample: int | None = None
    outcome: str | None = None
    level: str | None = None
    """This answer's level; None: it failed, or nobody was asked."""
    draft_level: str | None = None
    """What the judge's answers together came to."""
    shift: str | None = None
    """Treatment against control by the draft."""
    reviewed_level: str | None = None
    """What holds after review; None while it is undecided or rejected."""
    reviewed_shift: str | None = None
    signature: str | None = None
    name: str | None = None
    """Of a marker or measurement."""
    value: str | None = None
    """Which side a contrast says shows more, the presence of a marker, or what was counted."""
    reviewed_value: str | None = None
    """The same after review; None while it is undecided or rejected, and for what was counted."""
    size: str | None = None
    """How large the difference is side by side: 'clear', 'slight' or 'none'."""
    state: str | None = None
    """'undecided', 'accepted', 'edited' or 'rejected'; None: nothing to decide."""
    reviewer: str | None = None


COLUMNS = tuple(field.name for field in fields(Row))


def rows_of(comparisons: Iterable[Reviewed]) -> Iterator[Row]:
    """The rows of these comparisons, in the order given: verdicts, contrasts, markers, counts."""
    for reviewed in comparisons:
        yield from _verdicts(reviewed)
        yield from _contrasts(reviewed)
        yield from _markers(reviewed)
        yield from _measurements(reviewed)


def csv_text(comparisons: Iterable[Reviewed]) -> str:
    """The rows as CSV (RFC 4180, UTF-8), with a header line.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows_of(comparisons):
        writer.writerow(_cell(value) for value in asdict(row).values())
    return file.getvalue()


def write_csv(path: Path, comparisons: Iterable[Reviewed]) -> None:
    """Write the rows as a CSV file. Raises StorageError."""
    write_atomically(path, csv_text(comparisons))


def write_parquet(path: Path, comparisons: Iterable[Reviewed]) -> None:
    """Write the rows as a Parquet file.

    Raises:
        InputError: pyarrow is not installed.
        StorageError: the file can't be written.
    """
    try:
        import pyarrow  # type: ignore[import-untyped,import-not-found,unused-ignore]
        from pyarrow import parquet  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError:
        raise InputError(
            "Parquet needs the library pyarrow, which is not installed",
            mend="pip install '.[parquet]', or export CSV.",
        ) from None
    kinds = {
        "sample": pyarrow.int64(),
        "replicate": pyarrow.int64(),
        "signed": pyarrow.bool_(),
    }
    schema = pyarrow.schema([(name, kinds.get(name, pyarrow.string())) for name in COLUMNS])
    table = pyarrow.Table.from_pylist([asdict(row) for row in rows_of(comparisons)], schema=schema)
    with replacing(path) as temporary:
        parquet.write_table(table, temporary)


def _verdicts(reviewed: Reviewed) -> Iterator[Row]:
    draft = reviewed.draft
    shifts = {row.criterion: row.shift for row in draft.scorecard.rows}
    final = {row.criterion: row.shift for row in reviewed.scorecard.rows}
    for verdict in draft.verdicts:
        decision = reviewed.decision(verdict.item)
        for sample in verdict.samples or (None,):
            yield Row(
                fact="verdict",
                **_of(reviewed),
                **_of_side(draft, verdict.side),
                **_of_criterion(draft, verdict.criterion),
                judge=sample.judge if sample else None,
                sample=sample.sample if sample else None,
                outcome=sample.outcome if sample else None,
                level=sample.level if sample else None,
                draft_level=verdict.level,
                shift=shifts.get(verdict.criterion),
                reviewed_level=decision.level if _holds(decision) else None,
                reviewed_shift=final.get(verdict.criterion),
                state=decision.state,
                reviewer=decision.reviewer,
            )


def _contrasts(reviewed: Reviewed) -> Iterator[Row]:
    for contrast in reviewed.draft.contrasts:
        decision = reviewed.decision(contrast.item)
        yield Row(
            fact="contrast",
            **_of(reviewed),
            **_of_criterion(reviewed.draft, contrast.criterion),
            judge=contrast.orders[0].judge if contrast.orders else None,
            outcome=_outcome(contrast),
            value=contrast.shows_more,
            reviewed_value=decision.shows_more if _holds(decision) else None,
            size=contrast.size,
            state=decision.state,
            reviewer=decision.reviewer,
        )


def _outcome(contrast: Contrast) -> str | None:
    """How its two orders came out; a failed one first. None: it was not asked."""
    outcomes = [order.outcome for order in contrast.orders]
    if contrast.order_sensitive:
        return "order_sensitive"
    return next((each for each in outcomes if each != "answered"), next(iter(outcomes), None))


def _markers(reviewed: Reviewed) -> Iterator[Row]:
    for note in reviewed.draft.signatures:
        decision = reviewed.decision(note.item)
        for place, marker in enumerate(note.markers):
            kept = decision.presences[place : place + 1] if _holds(decision) else ()
            yield Row(
                fact="marker",
                **_of(reviewed),
                **_of_side(reviewed.draft, note.side),
                judge=note.judge,
                outcome=note.outcome,
                signature=note.signature,
                name=marker.marker,
                value=marker.presence,
                reviewed_value=kept[0] if kept else None,
                state=decision.state,
                reviewer=decision.reviewer,
            )


def _measurements(reviewed: Reviewed) -> Iterator[Row]:
    draft = reviewed.draft
    for side in SIDES:
        counted = {**draft.measurements[side].model_dump(), **draft.named_measures.get(side, {})}
        for name, value in counted.items():
            yield Row(
                fact="measurement",
                **_of(reviewed),
                **_of_side(draft, side),
                name=name,
                value=str(value),
            )


def _of(reviewed: Reviewed) -> dict[str, Any]:
    draft = reviewed.draft
    return {
        "comparison": draft.slug,
        "rubric": draft.rubric.id,
        "rubric_hash": draft.rubric_hash,
        "lock": draft.registration.state,
        "signed": reviewed.sign_off is not None,
        "task": draft.control.task or draft.treatment.task,
    }


def _of_side(draft: Comparison, side: Side) -> dict[str, Any]:
    transcript = draft.transcript(side)
    return {
        "side": side,
        "condition": transcript.condition,
        "session": transcript.id,
        "replicate": transcript.replicate,
        "model": transcript.model.version or transcript.model.name,
    }


def _of_criterion(draft: Comparison, id: str) -> dict[str, Any]:
    criterion = draft.rubric.criterion(id)
    return {
        "criterion": id,
        "scale": " < ".join(criterion.scale.levels),
        "direction": criterion.direction,
        "hypothesis": criterion.hypothesis,
    }


def _holds(decision: Decision) -> bool:
    return decision.state in ("accepted", "edited")


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text

"""Scorecards in long form, for pandas and R: one row for each answer to a verdict question.

A comparison without a judge has one row for each criterion and side, with the level left empty.
Levels are words; they are ordered and have no distances, so no number is given for them. `scale`
has their order. `not_applicable` in place of a level is an answer, and no level.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from grader.comparison.kinds.verdict import Verdict, VerdictSample
from grader.errors import InputError
from grader.files.text import replacing, write_atomically
from grader.review.reviewed import Reviewed


@dataclass(frozen=True)
class Row:
    """One answer to one verdict question, or the place of one."""

    comparison: str
    rubric: str
    rubric_hash: str
    criterion: str
    side: str
    condition: str | None
    session: str
    model: str | None
    judge: str | None
    """None: no judge was asked."""
    sample: int | None
    outcome: str | None
    level: str | None
    """This answer's level; None: it failed, or nobody was asked."""
    draft_level: str | None
    """What the judge's answers together came to."""
    state: str
    """'undecided', 'accepted', 'edited' or 'rejected'."""
    reviewed_level: str | None
    """What holds after review; None while it is undecided or rejected."""
    reviewer: str | None
    signed: bool
    scale: str
    """The levels of the criterion, lowest first: 'no < yes'."""


COLUMNS = tuple(field.name for field in fields(Row))


def rows_of(comparisons: Iterable[Reviewed]) -> Iterator[Row]:
    """The rows of these comparisons, in the order given and then in the rubric's."""
    for reviewed in comparisons:
        for verdict in reviewed.draft.verdicts:
            for sample in verdict.samples or (None,):
                yield _row(reviewed, verdict, sample)


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
    kinds = {"sample": pyarrow.int64(), "signed": pyarrow.bool_()}
    schema = pyarrow.schema([(name, kinds.get(name, pyarrow.string())) for name in COLUMNS])
    table = pyarrow.Table.from_pylist([asdict(row) for row in rows_of(comparisons)], schema=schema)
    with replacing(path) as temporary:
        parquet.write_table(table, temporary)


def _row(reviewed: Reviewed, verdict: Verdict, sample: VerdictSample | None) -> Row:
    draft = reviewed.draft
    transcript = draft.transcript(verdict.side)
    decision = reviewed.decision(verdict.item)
    return Row(
        comparison=draft.slug,
        rubric=draft.rubric.id,
        rubric_hash=draft.rubric_hash,
        criterion=verdict.criterion,
        side=verdict.side,
        condition=transcript.condition,
        session=transcript.id,
        model=transcript.model.version or transcript.model.name,
        judge=sample.judge if sample else None,
        sample=sample.sample if sample else None,
        outcome=sample.outcome if sample else None,
        level=sample.level if sample else None,
        draft_level=verdict.level,
        state=decision.state,
        reviewed_level=decision.level if decision.state in ("accepted", "edited") else None,
        reviewer=decision.reviewer,
        signed=reviewed.sign_off is not None,
        scale=" < ".join(draft.rubric.criterion(verdict.criterion).scale.levels),
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text

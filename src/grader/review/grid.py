"""The grid of signatures: markers in rows, the two transcripts in columns. Pure.

All signatures of a comparison are one decision, given cell by cell. What is hidden from a reviewer
is not in the grid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from grader.comparison.items import Field
from grader.review.items import ReviewItem
from grader.review.reviewed import Reviewed
from grader.review.rules import is_hidden, is_open_for, shown_content


@dataclass(frozen=True)
class Cell:
    """One marker in one transcript."""

    item: ReviewItem
    place: int
    """The marker's place in its signature, from 0."""
    field: Field
    own: str | None
    """What the reviewer gave before the judge's was shown."""
    judge: str | None
    """None while it is hidden, and where the judge gave none."""
    decided: str | None
    """What holds for this reviewer; None while the item is undecided or was rejected."""
    open: bool = True
    """Whether the item still waits for this reviewer."""

    @property
    def now(self) -> str | None:
        """What the cell shows as the reviewer's."""
        return self.decided or self.own

    @property
    def differs(self) -> bool:
        """Whether the reviewer's is another than the judge's."""
        return None not in (self.now, self.judge) and self.now != self.judge


@dataclass(frozen=True)
class Row:
    """One marker."""

    id: str
    """Of its signature: two may have one title."""
    signature: str
    """Title of its signature."""
    description: str
    marker: str
    cells: tuple[Cell, ...]
    """One a transcript, Transcript 1 first."""


@dataclass(frozen=True)
class Grid:
    """All markers of a comparison."""

    rows: tuple[Row, ...]
    hidden: bool
    """Whether the judge's are not shown yet."""
    undecided: int
    """Signatures in a transcript that wait for this reviewer."""

    @property
    def signatures(self) -> tuple[tuple[Row, ...], ...]:
        """The rows of each signature."""
        return tuple(tuple(rows) for _, rows in groupby(self.rows, key=lambda row: row.id))

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells, row by row."""
        return tuple(cell for row in self.rows for cell in row.cells)


def grid_of(reviewed: Reviewed, reviewer: str, items: Mapping[str, ReviewItem]) -> Grid:
    """The grid as a reviewer may see it.

    Args:
        reviewed: the comparison.
        reviewer: who looks.
        items: from `review_items`.
    """
    record = reviewed.reviewer(reviewer)
    notes: dict[str, list[ReviewItem]] = {}
    for item in items.values():
        if item.kind == "signature":
            notes.setdefault(item.asked.id if item.asked else item.title, []).append(item)
    rows = []
    for id, both in notes.items():
        both.sort(key=lambda item: item.number or 0)
        for place, field in enumerate(f for f in both[0].fields if f.name == "presences"):
            rows.append(
                Row(
                    id=id,
                    signature=both[0].title,
                    description=both[0].asked.description if both[0].asked else "",  # type: ignore[union-attr]
                    marker=field.label,
                    cells=tuple(_cell(reviewed, reviewer, item, place) for item in both),
                )
            )
    every = [item for both in notes.values() for item in both]
    return Grid(
        rows=tuple(rows),
        hidden=any(is_hidden(record, item) for item in every),
        undecided=sum(is_open_for(record, reviewed, item.id) for item in every),
    )


def _cell(reviewed: Reviewed, reviewer: str, item: ReviewItem, place: int) -> Cell:
    record = reviewed.reviewer(reviewer)
    review = record.item(item.id)
    field = [each for each in item.fields if each.name == "presences"][place]
    shown = None if is_hidden(record, item) or not item.judged else shown_content(record, item)
    decided = review.decision.content
    return Cell(
        item=item,
        place=place,
        field=field,
        own=field.value(review.own) if review.own else None,
        judge=field.value(shown) if shown else None,
        decided=field.value(decided) if decided else None,
        open=is_open_for(record, reviewed, item.id),
    )

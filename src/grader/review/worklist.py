"""What is a reviewer's to decide over many comparisons, and in which order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.review.assignments import read_assignments
from grader.review.folder import ReviewFolder
from grader.review.item_view import queue
from grader.review.items import ReviewItem
from grader.review.reviewed import Reviewed


@dataclass(frozen=True)
class Work:
    """One comparison that waits for a reviewer."""

    folder: Path
    asked: bool
    """Whether this reviewer was asked by name."""
    begun: bool
    left: int
    """Decisions of theirs that are open."""

    @property
    def rank(self) -> tuple[bool, bool, str]:
        """What comes first: what they were asked for, then what they have begun."""
        return not self.asked, not self.begun, self.folder.name


def decisions_left(
    reviewed: Reviewed, reviewer: str, items: dict[str, ReviewItem] | None = None
) -> int:
    """How many decisions of a comparison this reviewer still has to make.

    What others decided plays no part until it is settled, so that it can be told before that. As in
    the queue, what comes again after a planted verdict isn't counted while others wait.

    Args:
        reviewed: the comparison.
        reviewer: by name.
        items: from `review_items`, where the caller has them.
    """
    if reviewed.sign_off is not None or reviewed.reviewer(reviewer).settles:
        return 0
    at = queue(reviewed, reviewer, "rubric", items)
    return at.total - at.decided + at.locked


def worklist(folders: Iterable[Path], reviewer: str) -> list[Work]:
    """The comparisons that wait for a reviewer, first what they were asked for.

    Args:
        folders: comparisons' folders.
        reviewer: by name.

    Raises:
        RecordError: a draft, its events or the list of assignments can't be used.
    """
    found = []
    for folder in folders:
        assignments = read_assignments(folder.resolve().parent)
        name = folder.resolve().name
        if not assignments.is_for(name, reviewer):
            continue
        reviewed = ReviewFolder(folder).reviewed()
        if left := decisions_left(reviewed, reviewer):
            asked = reviewer in assignments.of(name)
            found.append(Work(folder, asked, reviewed.reviewer(reviewer).began, left))
    return sorted(found, key=lambda work: work.rank)

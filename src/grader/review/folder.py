"""The review in a comparison's folder: read it, add to it.

Draft and events are read once and again only when their files change, and what was added to the
events is folded onto what was known, so that a server can keep many folders open. What actions
mean is in `actions`; what the file looks like, in `events`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from grader.comparison.comparison import Comparison
from grader.comparison.folder import DRAFT, REVIEWS, read_draft
from grader.files.stamp import Stamp, stamp_of
from grader.review.events import (
    Clock,
    Entry,
    EventFile,
    ReviewEvent,
    append_events,
    read_event_file,
    utc_now,
)
from grader.review.fold import Fold
from grader.review.items import ReviewItem, review_items
from grader.review.reviewed import Reviewed


class ReviewFolder:
    """One comparison's folder under review. Safe for several threads and processes.

    Args:
        path: the folder.
        wait_s: how long an action waits for another process that writes to the review.
    """

    def __init__(self, path: str | Path, *, wait_s: float = 30.0) -> None:
        self.path = Path(path)
        self._wait_s = wait_s
        self._guard = threading.RLock()
        self._draft: tuple[Stamp | None, Comparison, str, dict[str, ReviewItem]] | None = None
        self._file: EventFile | None = None
        self._fold: Fold | None = None
        self._reviewed: Reviewed | None = None

    @property
    def items(self) -> dict[str, ReviewItem]:
        """All items of the draft. Raises as `read_draft`."""
        return self._read_draft()[2]

    @property
    def events(self) -> tuple[ReviewEvent, ...]:
        """All events in order. Raises RecordError as `read_events`."""
        self.reviewed()
        assert self._file is not None
        return self._file.events

    def reviewed(self) -> Reviewed:
        """The comparison with what was decided so far.

        Raises:
            InputError: there is no draft.
            RecordError: draft or events cannot be used.
        """
        with self._guard:
            _, draft_hash, _ = self._read_draft()
            return self._known(read_event_file(self.path / REVIEWS, draft_hash, self._file))

    def add(
        self,
        reviewer: str,
        decide: Callable[[Reviewed, tuple[ReviewEvent, ...]], Sequence[Entry]],
        clock: Clock = utc_now,
    ) -> Reviewed:
        """Add what `decide` makes of the present state; on disk when this returns.

        Raises:
            InputError: there is no draft, or `decide` refused.
            RecordError: draft or events cannot be used.
            StorageError: the events could not be written.
        """
        with self._guard:
            _, draft_hash, _ = self._read_draft()
            self.reviewed()

            def entries(file: EventFile) -> Sequence[Entry]:
                return decide(self._known(file), file.events)

            return self._known(
                append_events(
                    self.path / REVIEWS,
                    draft_hash,
                    reviewer,
                    entries,
                    clock=clock,
                    wait_s=self._wait_s,
                    known=self._file,
                )
            )

    def _known(self, file: EventFile) -> Reviewed:
        """What holds after these events, folded on from what was known where they go on from it."""
        if self._reviewed is None or self._file is None or file is not self._file:
            draft, draft_hash, items = self._read_draft()
            known = self._file.events if self._file else ()
            fold = self._fold if file.events[: len(known)] == known else None
            self._file = self._fold = self._reviewed = None  # nothing is kept of a fold that fails
            fold = fold or Fold(draft, draft_hash, items)
            self._reviewed = fold.through(file.events)
            self._file, self._fold = file, fold
        return self._reviewed

    def _read_draft(self) -> tuple[Comparison, str, dict[str, ReviewItem]]:
        stamp = stamp_of(self.path / DRAFT)
        with self._guard:
            if self._draft is None or stamp is None or self._draft[0] != stamp:
                draft, draft_hash = read_draft(self.path)
                self._draft = (stamp, draft, draft_hash, review_items(draft))
                self._file = self._fold = self._reviewed = None
            return self._draft[1:]


def read_reviewed(folder: str | Path) -> Reviewed:
    """The comparison in a folder with what reviewers decided.

    Raises:
        InputError: there is no draft.
        RecordError: the draft or a review event was changed.
    """
    return ReviewFolder(folder).reviewed()

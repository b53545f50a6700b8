"""The review in a comparison's folder: read it, add to it.

Draft and events are read once and again only when their files change, so that a server can keep
many folders open. What actions mean is in `actions`; what the file looks like, in `events`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from grader.comparison.comparison import Comparison
from grader.comparison.folder import DRAFT, REVIEWS, read_draft
from grader.review.events import (
    Clock,
    Entry,
    EventFile,
    ReviewEvent,
    append_events,
    read_event_file,
    utc_now,
)
from grader.review.fold import fold
from grader.review.items import ReviewItem, review_items
from grader.review.reviewed import Reviewed


class ReviewFolder:
    """One comparison's folder under review. Safe for several threads and processes.

    Args:
        path: the folder.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._guard = threading.RLock()
        self._draft: tuple[object, Comparison, str, dict[str, ReviewItem]] | None = None
        self._file: EventFile | None = None
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
            draft, draft_hash, _ = self._read_draft()
            file = read_event_file(self.path / REVIEWS, draft_hash, self._file)
            if file is not self._file or self._reviewed is None:
                self._file, self._reviewed = file, fold(draft, draft_hash, file.events)
            return self._reviewed

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
            draft, draft_hash, _ = self._read_draft()
            self.reviewed()

            def entries(events: tuple[ReviewEvent, ...]) -> Sequence[Entry]:
                known = self._file is not None and self._file.events is events
                now = self._reviewed if known else None
                return decide(now or fold(draft, draft_hash, events), events)

            file = append_events(
                self.path / REVIEWS, draft_hash, reviewer, entries, clock=clock, known=self._file
            )
            if file is not self._file:
                self._file, self._reviewed = file, fold(draft, draft_hash, file.events)
            assert self._reviewed is not None
            return self._reviewed

    def _read_draft(self) -> tuple[Comparison, str, dict[str, ReviewItem]]:
        try:
            found = (self.path / DRAFT).stat()
            stamp: object = (found.st_ino, found.st_size, found.st_mtime_ns)
        except OSError:
            stamp = None
        with self._guard:
            if self._draft is None or stamp is None or self._draft[0] != stamp:
                draft, draft_hash = read_draft(self.path)
                self._draft = (stamp, draft, draft_hash, review_items(draft))
                self._file = self._reviewed = None
            return self._draft[1:]


def read_reviewed(folder: str | Path) -> Reviewed:
    """The comparison in a folder with what reviewers decided.

    Raises:
        InputError: there is no draft.
        RecordError: the draft or a review event was changed.
    """
    return ReviewFolder(folder).reviewed()

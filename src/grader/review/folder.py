"""The review in a comparison's folder: read it, add to it.

Draft and events are read again only when their files change, and new events are folded onto what
was known, so that a server can keep many folders open. What actions mean is in `actions`; the
format of the file is in `events`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.comparison.comparison import Comparison
from grader.comparison.folder import DRAFT, REVIEWS, read_draft
from grader.errors import InputError, RecordError
from grader.files.stamp import Stamp, stamp_of
from grader.review.events import (
    Clock,
    Entry,
    EventFile,
    ReviewEvent,
    locked_events,
    read_event_file,
    utc_now,
)
from grader.review.fold import Fold
from grader.review.items import ReviewItem, review_items
from grader.review.noted import note_review
from grader.review.reviewed import Reviewed
from grader.review.reviewer import normalised_name, refuse_other_spelling


class ReviewWriter:
    """A review under its lock, for one reviewer's action.

    Args:
        reviewed: the comparison as it is now.
        events: all events so far.
        items: from `review_items`.
        reviewer: whose action it is.
        clock: gives the time.
    """

    def __init__(
        self,
        reviewed: Reviewed,
        events: tuple[ReviewEvent, ...],
        items: dict[str, ReviewItem],
        reviewer: str,
        clock: Clock,
    ) -> None:
        self.reviewed, self.events, self.items = reviewed, events, items
        self.reviewer, self.clock = reviewer, clock
        self.record = reviewed.reviewer(reviewer)
        self.entries: list[Entry] = []
        """What is written when the block ends."""

    def add(self, entry: Entry) -> None:
        """Add an action, or one more part of it: all that a block adds is one action."""
        self.entries.append(entry)

    def batched(self) -> list[Entry]:
        """What was added, each part with the number of the first where there are several."""
        if len(self.entries) < 2:
            return self.entries
        first = len(self.events) + 1
        return [entry.model_copy(update={"batch": first}) for entry in self.entries]


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

    @contextmanager
    def writing(self, reviewer: str, clock: Clock = utc_now) -> Iterator[ReviewWriter]:
        """The review as it is now, with nobody else writing to it until the block ends.

        What the block adds is on disk once it has ended, and `ReviewWriter.reviewed` is then the
        comparison with it. Nothing is written where the block raises.

        Args:
            reviewer: whose actions they are.
            clock: gives the time of the events.

        Raises:
            InputError: there is no draft, the reviewer has no name or one that differs from
                another's by capitals alone, a text can't be written, or the record of the review
                could not be read with what the block adds.
            RecordError: draft or events cannot be used.
            StorageError: the events could not be written.
        """
        name = normalised_name(reviewer)
        with self._guard:
            _, draft_hash, items = self._read_draft()
            self.reviewed()
            events = self.path / REVIEWS
            with locked_events(
                events, draft_hash, wait_s=self._wait_s, known=self._file
            ) as written:
                reviewed = self._known(written.file)
                refuse_other_spelling(reviewed.reviewers, name)
                review = ReviewWriter(reviewed, written.file.events, items, name, clock)
                yield review
                if review.entries:
                    assert self._fold is not None
                    try:
                        written.append(name, review.batched(), clock, self._fold.through)
                    except BaseException as error:
                        self._forget()  # the fold may be ahead of the file
                        if isinstance(error, RecordError):
                            raise _misfit(error) from None
                        raise
                    note_review(self.path, draft_hash, written.file.events)
                review.reviewed = self._known(written.file)

    def _known(self, file: EventFile) -> Reviewed:
        """The review after these events, folded from where the last fold ended if they go on."""
        if self._reviewed is None or self._file is None or file is not self._file:
            draft, draft_hash, items = self._read_draft()
            known = self._file.events if self._file else ()
            fold = self._fold if file.events[: len(known)] == known else None
            self._forget()  # a fold that fails is not kept
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
                self._forget()
            return self._draft[1:]

    def _forget(self) -> None:
        self._file = self._fold = self._reviewed = None


def _misfit(error: RecordError) -> InputError:
    """For an action that the record of the review has no place for, so that it isn't written."""
    return InputError(
        f"this can't be done now: {error.problem}",
        mend="Nothing was saved. Look at the item as it is now, then decide again.",
    )


def read_reviewed(folder: str | Path) -> Reviewed:
    """The comparison in a folder with what reviewers decided.

    Raises:
        InputError: there is no draft.
        RecordError: the draft or a review event was changed.
    """
    return ReviewFolder(folder).reviewed()

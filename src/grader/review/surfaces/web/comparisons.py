"""The comparisons that a server offers: found once in one folder, kept open while they are used.

A page names a comparison by its folder's name, which is looked up here and never made into a
path: what is not offered can't be reached.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.comparison.folder import DRAFT, MARKDOWN, REVIEWS
from grader.errors import GraderError
from grader.files.stamp import Stamp, stamp_of
from grader.review.folder import ReviewFolder
from grader.review.items import ReviewItem, decisions_of
from grader.review.reviewed import ReviewerRecord
from grader.review.rules import sees_all
from grader.review.worklist import decisions_left
from grader.rubric.scale import level_name

_OPEN_FOLDERS = 64
"""Drafts kept in memory at once: many more than there are reviewers at work, and few enough that
the garbage collector, which looks at every object, never holds the server up."""

WAIT_S = 3.0
"""An action waits no longer for another process's write: it would hold up everybody's pages."""

Stamps = tuple[Stamp | None, Stamp | None]
"""Of a draft and of its events."""


@dataclass(frozen=True)
class Summary:
    """One line of the queue of comparisons."""

    slug: str
    title: str
    items: int
    attention: int
    decided: dict[str, int]
    """By reviewer, with what was settled for all."""
    assisted: frozenset[str]
    """Who reviews it with the judge's verdicts in sight."""
    signed_by: str | None
    problem: str | None = None
    """Why it cannot be reviewed."""
    rubric: str = ""
    criteria: tuple[tuple[str, str], ...] = ()
    """Id and title of each criterion."""
    settles: frozenset[str] = frozenset()
    """Who settles it, and so decides nothing of it."""
    settled: int = 0
    """Decisions that somebody settled: they wait for nobody."""
    own: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    """By reviewer and criterion what they decided, an entry an item, in blind words."""
    held: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """By criterion what holds: the control's level, the treatment's, the shift."""
    sees: frozenset[str] = frozenset()
    """Who may be shown what holds."""

    def left(self, reviewer: str) -> int:
        """Decisions that this reviewer still has to make."""
        if self.problem or self.signed_by or reviewer in self.settles:
            return 0
        return self.items - self.decided.get(reviewer, self.settled)

    def attention_for(self, reviewer: str, assisted: bool) -> int | None:
        """How many items need attention; None where that would tell a blind reviewer something.

        Args:
            reviewer: who asks.
            assisted: whether every review of this server goes with the verdicts in sight.
        """
        if assisted or reviewer in self.assisted or self.signed_by is not None:
            return self.attention
        return None


class Comparisons:
    """All comparisons directly under a folder, or a single one.

    Args:
        root: a comparison's folder, or the folder of many.
        scan_s: how long the list of folders is used before it is read again.
        read_s: for how long files may be read for one page.
    """

    def __init__(self, root: Path, scan_s: float = 1.0, read_s: float = 0.1) -> None:
        self.root = root.resolve()
        self.scan_s, self.read_s = scan_s, read_s
        self.single = (self.root / DRAFT).is_file()
        self._open: OrderedDict[str, ReviewFolder] = OrderedDict()
        self._summaries: dict[str, tuple[Stamps, Summary]] = {}
        self._guard = threading.Lock()
        self._scanned: tuple[float, list[tuple[str, Stamps]]] = 0.0, []
        """Until when it holds, and what was found."""
        self._scanning = threading.Lock()

    def reviewed_since_rendered(self) -> list[Path]:
        """Folders whose writeup is older than their last review event."""
        paths = [self._path(name) for name, _ in self._found()]
        return [path for path in paths if _time(path / REVIEWS) > _time(path / MARKDOWN)]

    def get(self, slug: str) -> ReviewFolder | None:
        """A comparison by its name; None where there is none of that name."""
        with self._guard:
            if slug in self._open:
                self._open.move_to_end(slug)
                return self._open[slug]
        if not self._has(slug):
            return None
        with self._guard:
            folder = self._open.setdefault(slug, ReviewFolder(self._path(slug), wait_s=WAIT_S))
            while len(self._open) > _OPEN_FOLDERS:
                self._open.popitem(last=False)
            return folder

    def summaries(self) -> tuple[list[Summary], int]:
        """The comparisons in a line each, sorted by name; read anew only where files changed.

        Returns:
            Those that are read, and how many are not read yet.
        """
        end, read, unread = time.monotonic() + self.read_s, [], 0
        for name, stamps in self._found():
            known = self._summaries.get(name)
            if known is not None and known[0] == stamps:
                read.append(known[1])
            elif time.monotonic() < end:
                read.append(self._read(name, stamps))
            else:
                unread += 1
        return read, unread

    def read_ahead(self) -> None:
        """Read all summaries, leaving as much time to other work as it takes."""
        for name, stamps in self._found():
            begun = time.monotonic()
            known = self._summaries.get(name)
            if known is None or known[0] != stamps:
                self._read(name, stamps)
                time.sleep(time.monotonic() - begun)

    def _read(self, name: str, stamps: Stamps) -> Summary:
        # The stamps were taken before: what is written meanwhile is read the next time.
        summary = _summarized(name, self._open.get(name) or ReviewFolder(self._path(name)))
        self._summaries[name] = stamps, summary
        return summary

    def _found(self) -> list[tuple[str, Stamps]]:
        """Names and stamps, sorted. Links out of the root are not followed.

        What this server's reviewers do is seen at once, what other programs write within
        `scan_s`: thousands of files are not looked at for each page.
        """
        if self._scanning.acquire(blocking=not self._scanned[0]):
            try:
                if time.monotonic() > self._scanned[0]:
                    found = self._scan()
                    self._scanned = time.monotonic() + self.scan_s, found
            finally:
                self._scanning.release()
        now = {name: _stamps(self._path(name)) for name in list(self._open)}
        return [(name, now.get(name, stamps)) for name, stamps in self._scanned[1]]

    def _scan(self) -> list[tuple[str, Stamps]]:
        if self.single:
            return [(self.root.name, _stamps(self.root))]
        try:
            with os.scandir(self.root) as entries:
                names = [e.name for e in entries if e.name[0] != "." and not e.is_symlink()]
        except OSError:
            return []
        # A name that is no UTF-8 can stand in no page.
        names = sorted(name for name in names if name == name.encode(errors="ignore").decode())
        found = ((name, _stamps(f"{self.root}/{name}")) for name in names)
        return [(name, stamps) for name, stamps in found if stamps[0] is not None]

    def _has(self, slug: str) -> bool:
        # The name must be one of a directory entry: never a path, never a link out.
        if self.single:
            return slug == self.root.name
        if "/" in slug or "\\" in slug or "\x00" in slug or slug.startswith("."):
            return False
        path = self.root / slug
        try:
            return path.name == slug and not path.is_symlink() and (path / DRAFT).is_file()
        except (OSError, ValueError):
            return False

    def _path(self, slug: str) -> Path:
        return self.root if self.single else self.root / slug


def _time(path: Path) -> int:
    found = stamp_of(path)
    return found[2] if found else 0


def _summarized(slug: str, folder: ReviewFolder) -> Summary:
    try:
        reviewed = folder.reviewed()
        items = folder.items
    except GraderError as error:
        return Summary(slug, slug, 0, 0, {}, frozenset(), None, error.problem)
    decisions = decisions_of(items.values()).values()
    return Summary(
        slug=slug,
        title=reviewed.draft.rubric.title,
        items=len(decisions),
        attention=sum(bool(item.attention) for item in items.values()),
        decided={
            name: len(decisions) - decisions_left(reviewed, name, items)
            for name in reviewed.reviewers
        },
        assisted=frozenset(
            name
            for name, record in reviewed.reviewers.items()
            if record.began and record.mode == "assisted"
        ),
        signed_by=reviewed.sign_off.reviewer if reviewed.sign_off else None,
        rubric=reviewed.draft.rubric.id,
        criteria=tuple((each.id, each.title) for each in reviewed.draft.rubric.criteria),
        settled=sum(
            all(reviewed.decisions[item.id].adjudicated for item in decision)
            for decision in decisions
        ),
        settles=frozenset(name for name, each in reviewed.reviewers.items() if each.settles),
        own={name: _own(record, items) for name, record in reviewed.reviewers.items()},
        held={
            row.criterion: (level_name(row.control), level_name(row.treatment), row.shift or "")
            for row in reviewed.scorecard.rows
        },
        sees=frozenset(
            name for name, record in reviewed.reviewers.items() if sees_all(record, reviewed)
        ),
    )


def _own(record: ReviewerRecord, items: Mapping[str, ReviewItem]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for id, item in items.items():
        kind, _, criterion = item.card.partition(":")
        if kind == "criterion":
            decision = record.shown_decision(id)
            word = "" if decision.state == "undecided" else item.words(decision.content)
            found[criterion] = (*found.get(criterion, ()), word)
    return found


def _stamps(folder: str | Path) -> Stamps:
    return stamp_of(f"{folder}/{DRAFT}"), stamp_of(f"{folder}/{REVIEWS}")

"""The comparisons that a server offers: found once in one folder, kept open while they are used.

A page names a comparison by its folder's name, which is looked up here and never made into a
path: what is not on the shelf can't be reached.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from grader.comparison.folder import DRAFT, REVIEWS
from grader.errors import GraderError
from grader.review.folder import ReviewFolder

_OPEN_FOLDERS = 600
"""Drafts kept in memory at once: about 1 MB each."""


@dataclass(frozen=True)
class Summary:
    """One line of the queue of comparisons."""

    slug: str
    title: str
    items: int
    attention: int
    decided: dict[str, int]
    """By reviewer."""
    held: int
    """Items that are decided for the comparison."""
    disputed: int
    signed_by: str | None
    problem: str | None = None
    """Why it cannot be reviewed."""


class Shelf:
    """All comparisons directly under a folder, or a single one.

    Args:
        root: a comparison's folder, or the folder of many.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.single = (self.root / DRAFT).is_file()
        self._open: OrderedDict[str, ReviewFolder] = OrderedDict()
        self._summaries: dict[str, tuple[object, Summary]] = {}
        self._guard = threading.Lock()

    def names(self) -> list[str]:
        """The folders' names, sorted. Links out of the root are not followed."""
        if self.single:
            return [self.root.name]
        try:
            found = sorted(self.root.iterdir())
        except OSError:
            return []
        return [
            each.name
            for each in found
            if not each.name.startswith(".") and not each.is_symlink() and (each / DRAFT).is_file()
        ]

    def get(self, slug: str) -> ReviewFolder | None:
        """A comparison by its name; None where there is none of that name."""
        with self._guard:
            if slug in self._open:
                self._open.move_to_end(slug)
                return self._open[slug]
        if not self._has(slug):
            return None
        with self._guard:
            folder = self._open.setdefault(slug, ReviewFolder(self._path(slug)))
            while len(self._open) > _OPEN_FOLDERS:
                self._open.popitem(last=False)
            return folder

    def summary(self, slug: str) -> Summary:
        """One comparison in a line; read anew only when its files changed."""
        path = self._path(slug)
        stamp = (_stamp(path / DRAFT), _stamp(path / REVIEWS))
        known = self._summaries.get(slug)
        if known is not None and known[0] == stamp:
            return known[1]
        summary = self._summarized(slug, path)
        self._summaries[slug] = (stamp, summary)
        return summary

    def _summarized(self, slug: str, path: Path) -> Summary:
        try:
            folder = self._open.get(slug) or ReviewFolder(path)
            reviewed = folder.reviewed()
        except GraderError as error:
            return Summary(slug, slug, 0, 0, {}, 0, 0, None, error.problem)
        total = len(reviewed.decisions)
        return Summary(
            slug=slug,
            title=reviewed.draft.rubric.title,
            items=total,
            attention=sum(bool(item.attention) for item in folder.items.values()),
            decided={name: len(record.decided) for name, record in reviewed.reviewers.items()},
            held=total - len(reviewed.undecided),
            disputed=len(reviewed.disputed),
            signed_by=reviewed.sign_off.reviewer if reviewed.sign_off else None,
        )

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


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns

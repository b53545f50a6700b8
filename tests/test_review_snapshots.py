"""Pictures of the terminal app at 80 by 24, held against those in `__snapshots__`.

After a change of the look, run `pytest tests/test_review_snapshots.py --snapshot-update` and look
at the pictures before you keep them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from builders import comparison, write_folder
from grader.review import actions
from grader.review.folder import read_reviewed
from grader.review.surfaces.textual.app import ReviewApp

Compare = Callable[..., bool]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(comparison(), tmp_path / "pair")


@pytest.fixture(autouse=True)
def colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("EDITOR", "vim")


def typed(words: str) -> list[str]:
    return [*("space" if c == " " else c for c in words), "enter"]


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param((), id="item"),
        pytest.param(("?",), id="help"),
        pytest.param(("a", "r", "d", "l"), id="list"),
        pytest.param(("e", "2", "enter"), id="typing-a-rationale"),
        pytest.param(
            ("t", "s", "down", "down", "space", "right", "right", "right", "down"),
            id="selecting-words",
        ),
    ],
)
def test_terminal_app_looks_as_before(
    folder: Path, snap_compare: Compare, keys: Iterable[str]
) -> None:
    assert snap_compare(ReviewApp(folder, "Ada"), press=keys)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param((), id="before-the-reveal"),
        pytest.param(("s", "right", "space", "right", "enter", "3"), id="after-the-reveal"),
    ],
)
def test_blind_first_review_looks_as_before(
    folder: Path, snap_compare: Compare, keys: Iterable[str]
) -> None:
    actions.begin(folder, "Ada", mode="blind-first")
    assert snap_compare(ReviewApp(folder, "Ada"), press=keys)


def test_without_colour_everything_is_told_by_words_and_signs(
    folder: Path, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(ReviewApp(folder, "Ada"), press=("right", "n"))


def test_whole_review_ends_by_saying_so_to_every_key(folder: Path, snap_compare: Compare) -> None:
    # One item has no level to accept; everything else is accepted, the signatures as a whole.
    keys = ["a", "a", "a", "a", "2", "a", "a", "a", "y", *typed("Families are named."), "a"]
    assert snap_compare(ReviewApp(folder, "Ada"), press=keys)
    reviewed = read_reviewed(folder)
    assert not reviewed.undecided
    assert "Families are named." in {d.reason for d in reviewed.decisions.values()}

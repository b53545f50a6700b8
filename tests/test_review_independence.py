"""Nothing that a reviewer is shown before adjudication depends on what another one decided."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from builders import comparison, write_folder
from conftest import Grader
from grader.review import actions
from grader.review.events import Content
from grader.review.folder import ReviewFolder
from grader.review.surfaces.plain import terminal
from webserver import Visitor, served

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
DONE = "verdict:owned-decision:treatment"
WORLDS = ("apart", "apart the other way", "both accept", "both reject")


def clock() -> datetime:
    return NOW


def world(root: Path, name: str, mode: str, done: bool) -> Path:
    """One comparison that Ben and Cem decided, and Ada has begun or decided, too."""
    folder = write_folder(comparison(), root / "outputs" / "pair")
    at = ReviewFolder(folder)
    how = {"apart": (0, 1), "apart the other way": (1, 0), "both accept": (0, 0),
           "both reject": (1, 1)}[name]  # fmt: skip
    acts: tuple[Callable[[str, str], object], ...] = (
        lambda who, item: actions.edit(at, who, item, content(at, item), "a reason", clock=clock),
        lambda who, item: actions.reject(at, who, item, "a reason", clock=clock),
    )
    for who, which in zip(("Ben", "Cem"), how, strict=True):
        actions.begin(at, who, clock=clock)
        for item in at.items.values():
            if item.required:
                actions.open_item(at, who, item.id, clock=clock)
                acts[which](who, item.id)
        actions.comment(at, who, DONE, f"as {name}", clock=clock)
    actions.begin(at, "Ada", mode=mode, clock=clock)  # type: ignore[arg-type]
    for item in at.items.values():
        if not item.required or (not done and item.id != DONE):
            continue
        actions.open_item(at, "Ada", item.id, clock=clock)
        if mode == "blind-first" and not item.named:
            actions.give_own(at, "Ada", item.id, content(at, item.id), clock=clock)
        actions.reject(at, "Ada", item.id, clock=clock)
    return folder


def content(at: ReviewFolder, item: str) -> Content:
    found = at.items[item].drafted
    return found.model_copy(update={"level": "met"}) if found.level is None else found


def seen(folder: Path) -> dict[str, str]:
    """All that Ada is shown in the browser: pages and headers, without tokens, ports and dates."""
    pages = {}
    with served(folder.parent) as server:
        ada = Visitor(server, "Ada")
        keys = [item.key for item in ReviewFolder(folder).items.values() if not item.named]
        for path in (
            "/", "/?show=for+me", "/?show=undecided", "/next", "/pairs", "/agreement", "/c/pair",
            "/c/pair?show=mine", "/c/pair/history", "/c/pair/sign", "/c/pair/adjudicate",
            "/c/pair/writeup", f"/c/pair/adjudicate/{keys[0]}",
            *(f"/c/pair/i/{key}" for key in keys),
        ):  # fmt: skip
            answer = ada.get(path)
            told = "\n".join(f"{k}: {v}" for k, v in answer.headers.items() if k != "date")
            text = re.sub(r'name="csrf" value="[^"]*"', "", answer.text)
            pages[path] = f"{answer.status_code}\n{told}\n{text}".replace(str(server.port), "PORT")
        answer = ada.post("/c/pair/sign", {"last": str(len(ReviewFolder(folder).events))})
        pages["sign"] = f"{answer.status_code}\n{answer.text}".replace(str(folder.parent), "HERE")
    return {path: re.sub(r'name="csrf" value="[^"]*"', "", text) for path, text in pages.items()}


@pytest.mark.parametrize("mode", ["blind-first", "assisted", "mixed"])
def test_pages_headers_and_refusals_are_the_same_byte_by_byte(tmp_path: Path, mode: str) -> None:
    shown = [
        seen(world(tmp_path / str(number), name, mode, done=False))
        for number, name in enumerate(WORLDS)
    ]
    for other in shown[1:]:
        for path, text in shown[0].items():
            assert other[path] == text, path


def test_commands_of_a_reviewer_print_the_same(
    tmp_path: Path, grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = set()
    for number, name in enumerate(WORLDS):
        folder = world(tmp_path / str(number), name, "blind-first", done=False)
        monkeypatch.setattr("sys.stdin", io.StringIO("l\nw\nb\nd\nd\n"))
        console = Console(file=io.StringIO(), width=100)
        terminal.review_in_terminal(folder, "Ada", console, clock=clock)
        assert isinstance(console.file, io.StringIO)
        refused = grader("sign", folder, "--reviewer", "Ada")
        assert refused.code == 2
        text = console.file.getvalue() + refused.out + refused.err
        printed.add(text.replace(str(tmp_path / str(number)), "HERE"))
    assert len(printed) == 1


def test_who_has_decided_everything_is_told_what_is_disputed(tmp_path: Path) -> None:
    """The other side of the rule: after one's own decisions the page for signing says it."""
    folder = world(tmp_path, "both accept", "assisted", done=True)
    with served(folder.parent) as server:
        ada = Visitor(server, "Ada")
        assert "reviewers differ" in ada.get("/c/pair/sign").text

"""A running server and files that others change under it: nothing stale is shown or built upon."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builders import comparison, write_folder
from grader.comparison.folder import DRAFT, REVIEWS
from grader.review.folder import read_reviewed
from webserver import Served, Visitor, served

CONTROL = "verdict:owned-decision:control"
KEY = "verdict:owned-decision:2"
OTHER = "verdict:owned-decision:1"
PAGE = f"/c/memo/i/{KEY}"


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    write_folder(comparison(), tmp_path / "outputs" / "memo")
    write_folder(comparison("other"), tmp_path / "outputs" / "other")
    return tmp_path / "outputs"


@pytest.fixture
def server(outputs: Path) -> Iterator[Served]:
    with served(outputs) as running:
        yield running


def elsewhere(folder: Path, call: str) -> None:
    """Act in a process of its own."""
    code = f"from pathlib import Path; from grader.review import actions; actions.{call}"
    subprocess.run([sys.executable, "-c", code.replace("FOLDER", f"Path({str(folder)!r})")],
                   check=True)  # fmt: skip


def in_place(path: Path, old: bytes, new: bytes) -> None:
    """Change a file by hand and hide it: same inode, same size, same time of the last write."""
    assert len(old) == len(new)
    found, data = path.stat(), path.read_bytes()
    assert old in data
    with path.open("r+b") as file:
        file.write(data.replace(old, new, 1))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def listed(visitor: Visitor, words: str) -> bool:
    """Whether the page of all comparisons says so; tests have it read anew each time."""
    return words in visitor.get("/").text


def test_what_another_process_did_is_shown_and_built_upon(server: Served, outputs: Path) -> None:
    ada, memo = Visitor(server, "Ada"), outputs / "memo"
    assert ada.act("memo", KEY, "accept").status_code == 303
    assert "<td>1/8</td>" in ada.get("/").text
    stale = ada.last(PAGE)
    elsewhere(memo, f"reject(FOLDER, 'Ada', {CONTROL!r}, 'misread')")
    assert ada.post(f"{PAGE}/comment", {"last": stale, "text": "late"}).status_code == 409
    assert "Reason: misread" in ada.get(PAGE).text
    assert ada.act("memo", OTHER, "accept").status_code == 303
    elsewhere(memo, "undo(FOLDER, 'Ada')")
    assert "Decided: " not in ada.get(f"/c/memo/i/{OTHER}").text
    elsewhere(memo, f"reject(FOLDER, 'Ben', {CONTROL!r}, 'too')")
    assert "Ben" not in ada.get("/c/memo").text
    decision = read_reviewed(memo).decisions[CONTROL]
    assert (decision.state, decision.reviewers) == ("rejected", ("Ada", "Ben"))


def test_list_of_comparisons_shows_what_others_wrote(server: Served, outputs: Path) -> None:
    ada = Visitor(server, "Ada")
    assert "2 of 2" in ada.get("/").text
    elsewhere(outputs / "other", f"accept(FOLDER, 'Ada', {CONTROL!r})")
    assert listed(ada, "<td>1/8</td>")
    write_folder(comparison("third"), outputs / "third")
    assert listed(ada, "3 of 3") and ada.get("/c/third").status_code == 200
    (outputs / "third" / DRAFT).unlink()
    assert listed(ada, "2 of 2") and ada.get("/c/third").status_code in (404, 409)


def test_folder_whose_name_is_no_text_hides_no_other(server: Served, outputs: Path) -> None:
    odd = os.fsdecode(b"odd\xff")
    try:
        write_folder(comparison("odd"), outputs / odd)
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    write_folder(comparison("third"), outputs / "third")
    assert listed(Visitor(server, "Ada"), "3 of 3")


@pytest.mark.parametrize("begun", [False, True])
def test_draft_changed_by_hand_is_refused(server: Served, outputs: Path, begun: bool) -> None:
    ada, draft = Visitor(server, "Ada"), outputs / "memo" / DRAFT
    if begun:
        assert ada.act("memo", OTHER, "accept").status_code == 303
    assert ada.get("/c/memo").status_code == 200  # it is known to the server
    events = outputs / "memo" / REVIEWS
    before = events.read_bytes() if begun else None
    in_place(draft, b"nobody decides it", b"someone decides it"[:17])
    for answer in (ada.get(PAGE), ada.post(f"{PAGE}/accept", {"last": "0"}, csrf=ada.csrf())):
        assert answer.status_code == 409
        assert "not the one that was written" in answer.text or "another draft" in answer.text
    assert (events.read_bytes() if events.exists() else None) == before
    in_place(draft, b"someone decides it"[:17], b"nobody decides it")
    assert ada.act("memo", KEY, "accept").status_code == 303


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def take_last_away(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def replace_by_copy(path: Path) -> None:
    take_last_away(path)
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)


@pytest.mark.parametrize("change", [cut_off, take_last_away, replace_by_copy, Path.unlink])
def test_action_that_is_gone_from_the_file_is_gone_from_the_page(
    server: Served, outputs: Path, change: Callable[[Path], object]
) -> None:
    ada, events = Visitor(server, "Ada"), outputs / "memo" / REVIEWS
    ada.act("memo", OTHER, "accept")
    ada.act("memo", KEY, "accept")
    assert "Decided: " in ada.get(PAGE).text
    take_last_away(events)  # the opening of the item, noted just now
    change(events)
    page = ada.get(PAGE)
    assert page.status_code == 200 and "Decided: " not in page.text
    assert ada.act("memo", KEY, "reject", reason="after all").status_code == 303
    mine = read_reviewed(outputs / "memo").reviewer("Ada")
    assert mine.item(CONTROL).decision.state == "rejected"
    assert len(mine.decided) == (1 if change is Path.unlink else 2)


def test_line_changed_by_hand_is_refused_until_it_is_put_back(
    server: Served, outputs: Path
) -> None:
    ada, events = Visitor(server, "Ada"), outputs / "memo" / REVIEWS
    ada.act("memo", OTHER, "comment", comment="misread")
    ada.get(PAGE)
    in_place(events, b'"misread"', b'"correct"')
    refused = [ada.get(PAGE), ada.get("/c/memo"), ada.post(f"{PAGE}/accept", {"last": "0"})]
    assert {answer.status_code for answer in refused} == {409}
    assert all("chain of review events is broken" in answer.text for answer in refused)
    assert listed(ada, "chain of review events is broken")
    size = events.stat().st_size
    in_place(events, b'"correct"', b'"misread"')
    assert ada.act("memo", KEY, "accept").status_code == 303
    assert events.stat().st_size > size

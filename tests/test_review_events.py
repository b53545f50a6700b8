"""The file of review events: what is on disk, what is noticed, what is mended."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builders import comparison, forge, write_folder
from grader.comparison.folder import REVIEWS, read_draft
from grader.errors import InputError, RecordError, StorageError
from grader.review import actions
from grader.review.events import (
    Content,
    Entry,
    ReviewEvent,
    read_events,
)
from grader.review.folder import ReviewFolder, read_reviewed
from grader.text.quotation import Evidence

CONTROL = "verdict:owned-decision:control"
TREATMENT = "verdict:owned-decision:treatment"


def clock() -> datetime:
    return datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(comparison(), tmp_path / "pair")


def events(folder: Path) -> tuple[ReviewEvent, ...]:
    return read_events(folder / REVIEWS, read_draft(folder)[1])


def three_events(folder: Path) -> list[bytes]:
    actions.accept(folder, "Ada", CONTROL, clock=clock)
    actions.comment(folder, "Ben", CONTROL, "I wonder – really?", clock=clock)
    actions.reject(folder, "Ada", TREATMENT, "not its own words", clock=clock)
    return (folder / REVIEWS).read_bytes().splitlines(keepends=True)


def test_each_action_is_one_line_that_names_the_one_before_and_the_draft(folder: Path) -> None:
    lines = [json.loads(line) for line in three_events(folder)]
    assert [line["action"] for line in lines] == ["accept", "comment", "reject"]
    assert [line["sequence"] for line in lines] == [1, 2, 3]
    assert [line["previous"] for line in lines] == [None, lines[0]["hash"], lines[1]["hash"]]
    assert {line["draft"] for line in lines} == {read_draft(folder)[1]}
    assert {line["time"] for line in lines} == {"2026-11-23T09:30:00Z"}
    assert [line["reviewer"] for line in lines] == ["Ada", "Ben", "Ada"]
    assert lines[0]["after"]["level"] == "not_met"
    assert lines[1]["text"] == "I wonder – really?"
    assert (lines[2]["before"]["level"], lines[2]["after"]) == ("met", None)


def test_what_was_written_is_read_back(folder: Path) -> None:
    three_events(folder)
    assert [event.hash for event in events(folder)] == [
        json.loads(line)["hash"] for line in (folder / REVIEWS).read_bytes().splitlines()
    ]


def test_folder_without_events_has_none(folder: Path) -> None:
    assert events(folder) == ()


def test_the_same_actions_at_the_same_time_give_the_same_bytes(
    folder: Path, tmp_path: Path
) -> None:
    other = write_folder(comparison(), tmp_path / "other")
    assert three_events(folder) == three_events(other)


def test_later_versions_may_add_fields_without_breaking_the_chain(folder: Path) -> None:
    first, *_ = three_events(folder)
    values = json.loads(first)
    # The hash is over the line, in any order of keys and with any blanks.
    line = json.dumps(dict(reversed(values.items())), indent=None, separators=(" , ", " : "))
    (folder / REVIEWS).write_text(line + "\n", encoding="utf-8")
    assert len(events(folder)) == 1


# --- tampering ------------------------------------------------------------------------------


def changed(line: bytes, **fields: object) -> bytes:
    return (json.dumps(json.loads(line) | fields) + "\n").encode()


@pytest.mark.parametrize(
    ("tamper", "line", "problem"),
    [
        pytest.param(lambda a, b, c: [changed(a, reviewer="Eve"), b, c], 1, "was changed after",
                     id="a reviewer exchanged"),
        pytest.param(lambda a, b, c: [a, changed(b, text="fine"), c], 2, "was changed after",
                     id="a comment reworded"),
        pytest.param(lambda a, b, c: [a, c], 2, "taken out, put in or moved", id="one taken out"),
        pytest.param(lambda a, b, c: [b, c], 1, "taken out, put in or moved", id="first out"),
        pytest.param(lambda a, b, c: [a, b, b, c], 3, "taken out, put in or moved", id="doubled"),
        pytest.param(lambda a, b, c: [b, a, c], 1, "taken out, put in or moved", id="exchanged"),
        pytest.param(lambda a, b, c: [a, b"\n", b, c], 2, "not an event", id="empty line"),
        pytest.param(lambda a, b, c: [a, b[:40] + b"\n", c], 2, "not an event", id="cut inside"),
        pytest.param(lambda a, b, c: [a, b"[1]\n", c], 2, "not an event", id="no object"),
        pytest.param(lambda a, b, c: [a, b"\xff\xfe\n", c], 2, "not an event", id="no text"),
        pytest.param(lambda a, b, c: [b"[" * 100_000 + b"\n"], 1, "not an event", id="too deep"),
    ],
)  # fmt: skip
def test_broken_chain_is_told_with_line_and_mend(
    folder: Path, tamper: Callable[..., list[bytes]], line: int, problem: str
) -> None:
    lines = three_events(folder)
    (folder / REVIEWS).write_bytes(b"".join(tamper(*lines)))
    before = (folder / REVIEWS).read_bytes()
    with pytest.raises(RecordError) as error:
        events(folder)
    assert error.value.place == f"{folder / REVIEWS}:{line}"
    assert problem in error.value.problem
    assert "Restore reviews.jsonl" in error.value.mend
    with pytest.raises(RecordError):
        actions.accept(folder, "Ada", TREATMENT)
    assert (folder / REVIEWS).read_bytes() == before


def test_events_for_another_draft_are_refused(folder: Path) -> None:
    three_events(folder)
    draft = folder / "comparison.json"
    draft.write_bytes(draft.read_bytes() + b"\n")
    with pytest.raises(RecordError, match="another draft"):
        events(folder)
    with pytest.raises(RecordError, match="another draft"):
        actions.accept(folder, "Ada", TREATMENT)


def test_event_of_a_newer_version_is_not_guessed_at(folder: Path) -> None:
    lines = three_events(folder)
    (folder / REVIEWS).write_bytes(lines[0] + changed(lines[1], schema_version=2))
    with pytest.raises(RecordError, match="version 2"):
        events(folder)


# --- torn lines and full disks --------------------------------------------------------------


@pytest.mark.parametrize("kept", [1, 60, -2])
def test_torn_last_line_is_left_out_and_taken_away_with_a_message(
    folder: Path, kept: int, caplog: pytest.LogCaptureFixture
) -> None:
    first, second, third = three_events(folder)
    (folder / REVIEWS).write_bytes(first + second + third[:kept])
    assert len(events(folder)) == 2
    assert (folder / REVIEWS).read_bytes() == first + second + third[:kept]  # reading mends nothing
    with caplog.at_level(logging.WARNING):
        actions.accept(folder, "Ada", TREATMENT, clock=clock)
    assert "was cut off while it was written" in caplog.text
    assert [event.action for event in events(folder)] == ["accept", "comment", "accept"]
    assert (folder / REVIEWS).read_bytes().startswith(first + second)


def test_whole_last_line_without_its_end_is_kept(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole = b"".join(three_events(folder))
    (folder / REVIEWS).write_bytes(whole[:-1])
    assert len(events(folder)) == 3
    actions.accept(folder, "Ada", TREATMENT)
    assert len(events(folder)) == 4
    assert (folder / REVIEWS).read_bytes().startswith(whole)
    assert not caplog.text


def test_full_disk_leaves_the_file_as_it_was(folder: Path) -> None:
    before = b"".join(three_events(folder))
    script = f"""
import resource, sys
from pathlib import Path
from grader.errors import StorageError
from grader.review import actions
resource.setrlimit(resource.RLIMIT_FSIZE, ({len(before)} + 100, {len(before)} + 100))
try:
    actions.reject(Path({str(folder)!r}), "Ada", {TREATMENT!r}, "no")
except StorageError as error:
    sys.exit(str(error))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "cannot be written" in done.stderr and "everything up to here is saved" in done.stderr
    assert (folder / REVIEWS).read_bytes() == before


def test_file_that_cannot_be_made_is_one_clear_message(folder: Path) -> None:
    (folder / REVIEWS).symlink_to(folder / "nowhere" / REVIEWS)
    with pytest.raises(StorageError, match="cannot be written") as error:
        actions.accept(folder, "Ada", CONTROL)
    assert error.value.place == str(folder / REVIEWS)


def test_writers_in_several_processes_lose_and_double_nothing(folder: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from grader.review import actions
for number in range(15):
    actions.comment(Path({str(folder)!r}), sys.argv[1], {CONTROL!r}, str(number))
"""
    writers = [
        subprocess.Popen([sys.executable, "-c", script, name]) for name in ("Ada", "Ben", "Cem")
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    found = events(folder)
    assert len(found) == 45
    for name in ("Ada", "Ben", "Cem"):
        assert [e.text for e in found if e.reviewer == name] == [str(n) for n in range(15)]


def test_refusal_inside_the_lock_writes_nothing(folder: Path) -> None:
    with (
        pytest.raises(InputError, match="no"),
        ReviewFolder(folder).writing("Ada") as review,
    ):
        review.add(Entry(action="comment", item=CONTROL, text="half done"))
        raise InputError("no")
    assert not (folder / REVIEWS).exists()


def test_action_of_a_later_version_is_told_with_its_line(folder: Path) -> None:
    forge(folder, "Ada", Entry(action="praise", item=CONTROL))
    with pytest.raises(RecordError, match=r"(?s)reviews.jsonl:1.*newer grader"):
        read_reviewed(folder)


def test_text_that_is_no_utf_8_is_refused_and_nothing_written(folder: Path) -> None:
    with pytest.raises(InputError, match="can't be written"):
        actions.comment(folder, "Ada", CONTROL, "no\udcff")
    assert not (folder / REVIEWS).exists()


def test_content_of_a_verdict_and_of_a_note_have_one_form() -> None:
    content = Content(level="met", evidence=(Evidence(quote="x", side="control"),))
    assert Content.model_validate_json(content.model_dump_json()) == content

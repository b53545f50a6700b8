"""A line counts when its end is on the disk, whatever a killed program left behind."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import StorageError
from grader.files.json_lines import LineAppender, append_lines, numbered_lines

VALUES = st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=9), max_size=2), max_size=5)


def as_lines(values: list[dict[str, str]]) -> list[str]:
    return [json.dumps(value, ensure_ascii=False) for value in values]


def test_lines_are_added_behind_those_that_are_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lines.jsonl"
    with LineAppender(path) as file:
        assert file.append(b'{"a": 1}', b'{"b": 2}') == b'{"a": 1}\n{"b": 2}\n'
    with LineAppender(path) as file:
        file.append(b'{"c": 3}')
    assert path.read_text() == '{"a": 1}\n{"b": 2}\n{"c": 3}\n'


@given(VALUES, st.data())
def test_a_file_cut_anywhere_keeps_its_whole_lines_and_goes_on(
    tmp_path_factory: pytest.TempPathFactory,
    values: list[dict[str, str]],
    data: st.DataObject,
) -> None:
    path = tmp_path_factory.mktemp("cut") / "lines.jsonl"
    whole = "".join(f"{line}\n" for line in as_lines(values)).encode(errors="replace")
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    with LineAppender(path) as file:
        file.append(b'"after"')
    kept = whole[: whole[:cut].rfind(b"\n") + 1]
    assert path.read_bytes() == kept + b'"after"\n'


def test_a_torn_line_longer_than_a_block_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'"whole"\n"' + b"x" * 200_000)
    LineAppender(path).close()
    assert path.read_bytes() == b'"whole"\n'


def test_a_last_line_whose_end_is_missing_is_kept_where_the_caller_has_read_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'"one"\n"two"tor')
    append_lines(path, ['"three"'], kept=11)
    assert path.read_bytes() == b'"one"\n"two"\n"three"\n'


def test_a_full_disk_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'"one"\n')
    write = os.write

    def half(file: int, data: bytes) -> int:
        if len(data) < 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data[: len(data) // 2])

    with LineAppender(path, mend="Free some space.") as file:
        monkeypatch.setattr(os, "write", half)
        with pytest.raises(StorageError, match="No space left") as refused:
            file.append(b'"a longer line"')
    assert path.read_bytes() == b'"one"\n'
    assert refused.value.mend == "Free some space."


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        LineAppender(tmp_path)


def test_a_text_that_no_file_can_hold_leaves_the_file_alone(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        append_lines(tmp_path / "lines.jsonl", ['"\ud800"'])
    assert not (tmp_path / "lines.jsonl").exists()


def test_only_a_line_feed_ends_a_line() -> None:
    text = '"a\u2028b\u0085c"\n\n  \n"d"'
    assert list(numbered_lines(text)) == [(1, '"a\u2028b\u0085c"'), (4, '"d"')]

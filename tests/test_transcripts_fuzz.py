"""Damaged files of every format: refused with a place, never a traceback.

Each example of docs/transcripts.md is damaged: fields dropped, moved, given values of other kinds,
lists nested and emptied, bytes cut, doubled and exchanged.
"""

from __future__ import annotations

import copy
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import GraderError
from grader.transcripts import (
    all_readers,
    deliverable,
    documents,
    how_chosen,
    measure,
    read_transcripts,
)
from test_transcripts_docs import EXAMPLES

ODD: list[Any] = [
    None, True, False, 0, -1, 3.5, "", " ", "x", "user", "assistant", "a b", [], {}, [[]], [None],
    [{}], {"a": None}, {"parts": [None]}, {"text": 7}, ["x", 1], 10**20, "\ud7ff", "<think>",
]  # fmt: skip
NAMES = ["text", "content", "parts", "x", "messages", "type", "role"]
PUT = [b"", b"\n", b"\x00", b"\xff", b'"', b"{", b"]", b"## User\n", b"\n\n---\n", b"[HUMAN] "]
JSON = {name: text for name, text in EXAMPLES if text.lstrip().startswith(("{", "["))}
TEXT = {name: text for name, text in EXAMPLES if name not in JSON}
SETTINGS = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    found = [here]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += places(inner, (*here, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += places(inner, (*here, index))
    return found


def damaged(value: Any, data: st.DataObject) -> Any:
    """The value with one thing changed."""
    where = data.draw(st.sampled_from(places(value)))
    how = data.draw(st.sampled_from(["drop", "odd", "wrap", "double", "move"]))
    odd = data.draw(st.sampled_from(ODD))
    if not where:
        return [value] if how == "wrap" else value
    value = copy.deepcopy(value)
    parent = value
    for step in where[:-1]:
        parent = parent[step]
    key = where[-1]
    if how == "drop":
        del parent[key]
    elif how == "odd":
        parent[key] = odd
    elif how == "wrap":
        parent[key] = [parent[key]]
    elif how == "double" and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[key]))
    elif isinstance(parent, dict):
        parent[
            data.draw(st.sampled_from(["text", "content", "parts", "x", "messages", "type"]))
        ] = parent.pop(key)
    return value


def read_all(content: bytes) -> None:
    """Read the content and do with it what `grader show` does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        try:
            found = read_transcripts(path)
        except GraderError as error:
            assert error.place is not None
            return
        for transcript in found:
            measure([turn.text for turn in deliverable(transcript)])
            documents(transcript)
            how_chosen(transcript)


@pytest.mark.parametrize("name", JSON)
@SETTINGS
@given(data=st.data())
def test_a_damaged_json_file_is_read_or_refused(name: str, data: st.DataObject) -> None:
    text = JSON[name]
    lines = text.strip().split("\n")
    as_lines = name in ("json-lines", "claude-code", "codex-cli")
    values = [json.loads(line) for line in lines] if as_lines else [json.loads(text)]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(values) - 1))
        values[at] = damaged(values[at], data)
    read_all("\n".join(map(json.dumps, values)).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("name", [*JSON, *TEXT])
@SETTINGS
@given(data=st.data())
def test_a_file_with_damaged_bytes_is_read_or_refused(name: str, data: st.DataObject) -> None:
    content = (JSON | TEXT)[name].encode()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    put = data.draw(st.sampled_from([*PUT, content[start:end] * 2]))
    read_all(content[:start] + put + content[end:])


def test_every_format_with_an_example_is_damaged() -> None:
    without = {"inspect-log", "grader-json", "grader-markdown"}
    assert {*JSON, *TEXT} == {reader.name for reader in all_readers()} - without


@pytest.mark.parametrize("name", ["pipe.json", "pipe.meta.yaml"])
def test_a_pipe_is_refused_at_once(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    session = tmp_path / "pipe.json"
    if not session.exists():
        session.write_text('[{"role": "user", "content": "a"}, {"role": "model", "content": "b"}]')
    with pytest.raises(GraderError, match="pipe"):
        read_transcripts(session)


def test_a_device_is_refused_at_once() -> None:
    with pytest.raises(GraderError, match="device"):
        read_transcripts("/dev/zero")


def test_a_sidecar_is_read_up_to_its_limit(tmp_path: Path) -> None:
    session = tmp_path / "s.json"
    session.write_text('[{"role": "user", "content": "a"}, {"role": "model", "content": "b"}]')
    (tmp_path / "s.meta.yaml").write_text("note: " + "x" * 3_000_000)
    with pytest.raises(GraderError, match="at most 2,000,000"):
        read_transcripts(session)

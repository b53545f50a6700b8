"""Files that are no transcript: the message names what they seem to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import InputError
from grader.transcripts import read_transcript

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("content", "seems"),
    [
        pytest.param(b"<!DOCTYPE html><p>Hello</p>", "HTML page", id="html"),
        pytest.param(b"%PDF-1.7 ...", "PDF", id="pdf"),
        pytest.param(b"PK\x03\x04....", "zip archive", id="zip"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "picture", id="picture"),
        pytest.param(b"a,b,c\n1,2,3\n4,5,6\n", "table", id="table"),
        pytest.param(b'{"control": {}, "treatment": {}}', "comparison.json", id="comparison"),
        pytest.param(b"Methodology\n\nHow sessions are run.\n", "methodology page", id="method"),
        pytest.param(b"Just a few words.\n", "text without speakers", id="text"),
        pytest.param(b"PAR1\x15\x04", "Parquet table", id="parquet"),
        pytest.param(b"{\\rtf1 Hello}", "RTF document", id="rtf"),
        pytest.param(b'{"cells": [], "nbformat": 4}', "Jupyter notebook", id="notebook"),
        pytest.param(
            b'{"question_id": 1, "category": "a", "turns": ["b"]}\n' * 2,
            "questions of MT-bench, without answers",
            id="questions",
        ),
        pytest.param(
            b'{"display": "a", "pastedContents": {}, "project": "/b"}\n' * 2,
            "list of prompts that Claude Code keeps",
            id="prompt history",
        ),
        pytest.param(
            b'{"custom_id": "a", "method": "POST", "url": "/v1", "body": {"model": "m"}}\n' * 2,
            "requests of OpenAI's Batch API",
            id="batch requests",
        ),
        pytest.param(b'[{"run_type": "llm", "inputs": {}}]', "trace of LangSmith", id="trace"),
        pytest.param(b'{"a": 1}\n{"a": 2}\n', r"JSON Lines without messages \(.*a\)", id="lines"),
        pytest.param(b'[{"a": 1}]', r"JSON list without messages \(.*a\)", id="list"),
        pytest.param(
            b'{"question": "v", "attempt": 1, "outcome": "answered"}\n' * 2,
            "calls.jsonl",
            id="calls",
        ),
    ],
)
def test_a_file_that_is_no_session_is_named(tmp_path: Path, content: bytes, seems: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"seems to be .*{seems}"):
        read_transcript(path)


def test_a_rubric_is_named() -> None:
    with pytest.raises(InputError, match="seems to be a rubric"):
        read_transcript(ROOT / "rubrics" / "clinic-postmortem.yaml")


def test_missing_empty_and_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_transcript(tmp_path / "missing.json")
    with pytest.raises(InputError, match="folder"):
        read_transcript(tmp_path)
    (tmp_path / "empty.json").write_text(" \n")
    with pytest.raises(InputError, match="the file is empty"):
        read_transcript(tmp_path / "empty.json")


def test_an_unknown_format_lists_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    with pytest.raises(InputError, match="archive-page"):
        try:
            read_transcript(tmp_path / "a", format="nonsense")
        except InputError as error:
            raise InputError(str(error)) from None

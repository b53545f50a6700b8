"""Whatever a file, a name or a server's reply contains, no terminal is steered by it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.text.visible import hidden_places
from grader.transcripts import read_transcript

STEERING = "\x1b[2J\x1b]0;gone\x07\x08\r\x9b31m\u202egnp.exe\u202c\U000e0041\x0b\x7f"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grader", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def chat(folder: Path) -> Path:
    path = folder / "chat.json"
    messages = [
        {"role": "system", "content": f"Be {STEERING} kind."},
        {"role": "user", "content": f"Write {STEERING} a memo."},
        {"role": "assistant", "content": f"We lost {STEERING} the hour."},
    ]
    facts = {"id": f"c-{STEERING}-1", "model": f"m{STEERING}", "date": STEERING}
    path.write_text(json.dumps({"messages": messages, **facts}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "chat.json"),
        ("show", "chat.json", "--json"),
        ("transcript", "read", "chat.json"),
        ("transcript", "read", "chat.json", "--json"),
        ("transcript", "convert", "chat.json"),
        ("show", f"no{STEERING}.json"),
        ("show", "chat.json", "--format", STEERING),
        ("show", "chat.json", STEERING),
        (f"sh{STEERING}w",),
        ("rubric", "check", "rubric.yaml"),
        ("rubric", "check", "rubric.yaml", "--format", "sarif"),
        ("rubric", "check", "rubric.yaml", "--format", "junit"),
        ("show", "rubric.yaml"),
        ("check", "page.md"),
    ],
    ids=lambda arguments: ascii(" ".join(arguments[:2]))[:40],
)
def test_no_command_prints_a_hidden_character(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    chat(tmp_path)
    (tmp_path / "rubric.yaml").write_text(
        json.dumps({"id": "r", "title": STEERING, "version": 1, "criteria": [{"id": STEERING}]})
    )
    (tmp_path / "page.md").write_text(
        f'# Page\n\nC says that "we lost {STEERING} all of it now".\n'
    )
    ran = run(tmp_path, *arguments)
    for stream in (ran.stdout, ran.stderr):
        assert not [hex(ord(stream[at])) for at in hidden_places(stream)]
    assert "Traceback" not in ran.stderr


def test_what_was_there_is_shown_by_its_number(tmp_path: Path) -> None:
    chat(tmp_path)
    shown = run(tmp_path, "show", "chat.json").stdout
    for number in ("001B", "0007", "0008", "009B", "202E", "E0041", "000B", "007F"):
        assert f"⟨U+{number}⟩" in shown.replace("\n", "")


def test_a_json_document_on_stdout_keeps_every_character(tmp_path: Path) -> None:
    transcript = read_transcript(chat(tmp_path))
    printed = json.loads(run(tmp_path, "show", "chat.json", "--json").stdout)
    assert printed["turns"][-1]["text"] == transcript.turns[-1].text
    converted = json.loads(run(tmp_path, "transcript", "convert", "chat.json").stdout)
    assert converted["turns"][-1]["text"] == transcript.turns[-1].text

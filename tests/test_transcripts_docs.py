"""docs/transcripts.md: its examples are read as it says, and it leaves no format or code out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.transcripts import all_readers, deliverable, read_transcripts

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "transcripts.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^### (\S+)\n\n```\w+\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
WITHOUT_EXAMPLE = {"inspect-log", "grader-json", "grader-markdown"}


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_an_example_is_read_by_the_reader_it_stands_under(
    tmp_path: Path, name: str, example: str
) -> None:
    (tmp_path / "file").write_text(example, encoding="utf-8")
    (transcript,) = read_transcripts(tmp_path / "file")
    assert transcript.provenance.format == name
    assert transcript.task_prompt == "Write a note about the lift."
    assert [turn.text for turn in deliverable(transcript)] == ["The lift rests on Monday."]
    assert {warning.code for warning in transcript.warnings} <= {
        "reasoning_left_out",
        "interface_words",
    }


def test_every_format_is_listed_in_the_order_of_trying_and_has_an_example() -> None:
    names = [reader.name for reader in all_readers()]
    assert re.findall(r"^\| `([a-z-]+)` \| (?!what)", DOCUMENT, re.MULTILINE)[: len(names)] == names
    assert {name for name, _ in EXAMPLES} | WITHOUT_EXAMPLE == set(names)


def test_the_facts_beside_a_file_are_read_as_shown(tmp_path: Path) -> None:
    facts = re.search(r"^```yaml\n(condition: P\n.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert facts is not None
    (tmp_path / "run.meta.yaml").write_text(facts[1], encoding="utf-8")
    (tmp_path / "run.txt").write_text(
        "User: Nobody grades what you write here.\nWrite a note about the lift.\n\n"
        "Assistant: The lift rests on Monday.\n"
    )
    (transcript,) = read_transcripts(tmp_path / "run.txt")
    assert (transcript.condition, transcript.task, transcript.replicate) == ("P", "lift", 2)
    assert transcript.model.version == "gpt-5.4"
    assert transcript.turns[0].text == "Write a note about the lift."
    assert transcript.warnings == ()


def test_every_code_of_a_warning_is_explained() -> None:
    rooms = [ROOT / "src" / "grader" / room for room in ("transcripts", "archive/readers")]
    written = re.compile(r'code=(?:")([a-z_]+)"|yield\s*\(?\s*"([a-z_]+)",')
    codes = {
        found[1] or found[2]
        for room in rooms
        for path in room.rglob("*.py")
        if path.name != "pair.py"
        for found in written.finditer(path.read_text(encoding="utf-8"))
    }
    table = set(re.findall(r"`([a-z_]+)`", DOCUMENT.split("## Warnings")[1].split("\n## ")[0]))
    assert codes == table

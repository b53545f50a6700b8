"""The project's JSON form: messages with metadata, and what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.errors import InputError
from grader.transcripts import deliverable, read_transcript
from grader.transcripts.preamble import without_preamble

EXAMPLES = Path(__file__).parent.parent / "examples" / "transcripts"


def written(tmp_path: Path, value: Any) -> Path:
    path = tmp_path / "session.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def test_a_treatment_is_read_with_its_preamble_apart_from_the_task() -> None:
    transcript = read_transcript(EXAMPLES / "p-clinic-postmortem-1.json")
    given = json.loads((EXAMPLES / "p-clinic-postmortem-1.json").read_text(encoding="utf-8"))
    assert (transcript.id, transcript.condition) == ("p-clinic-postmortem-1", "P")
    assert (transcript.task, transcript.replicate) == ("clinic-postmortem", 1)
    assert (transcript.model.name, transcript.model.provider) == ("claude", "Anthropic")
    assert transcript.date == "2026-11-22"
    assert transcript.preamble == given["preamble"]
    assert transcript.system_prompt == given["system_prompt"]
    assert transcript.task_prompt == transcript.turns[0].text == given["prompt"]
    assert transcript.task_turn == 1
    assert [turn.text for turn in deliverable(transcript)] == [given["messages"][-1]["content"]]
    assert transcript.provenance.note == given["provenance"]
    assert transcript.warnings == ()


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_example_is_read_without_a_warning(path: Path) -> None:
    transcript = read_transcript(path)
    assert transcript.id == path.stem
    assert transcript.warnings == ()
    assert [turn.role for turn in transcript.turns] == ["human", "model"]


def test_a_preamble_never_stands_in_a_turn(tmp_path: Path) -> None:
    preamble = "Be at ease."
    messages = [
        {"role": "user", "content": "Hello. Be at ease. Write a poem."},
        {"role": "assistant", "content": "A poem."},
    ]
    path = written(tmp_path, {"preamble": preamble, "messages": messages})
    transcript = read_transcript(path)
    assert all(preamble not in turn.text for turn in transcript.turns)
    assert "preamble_not_first" in [warning.code for warning in transcript.warnings]


def test_a_preamble_sent_alone_is_no_turn_and_what_it_got_is_not_judged(tmp_path: Path) -> None:
    messages = [
        {"role": "user", "content": "Be at ease."},
        {"role": "assistant", "content": "Thank you."},
        {"role": "user", "content": "Write a poem."},
        {"role": "assistant", "content": "A poem."},
    ]
    path = written(tmp_path, {"preamble": "Be at ease.", "messages": messages})
    transcript = read_transcript(path)
    assert [turn.text for turn in transcript.turns] == ["Thank you.", "Write a poem.", "A poem."]
    assert transcript.task_prompt == "Write a poem."
    assert [turn.text for turn in deliverable(transcript)] == ["A poem."]


def test_a_transcript_record_of_this_program_is_read_back(tmp_path: Path) -> None:
    transcript = read_transcript(EXAMPLES / "p-clinic-postmortem-1.json")
    path = written(tmp_path, transcript.model_dump_json())
    assert read_transcript(path) == transcript


HELLO = {"role": "user", "content": "Hello"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param('{"messages": [}', "not valid JSON.*column 15", id="bad JSON"),
        pytest.param('{"a": 1,\n "a": 2}', "session.json:2: .*'a' is given twice", id="twice"),
        pytest.param("[" * 5000 + "]" * 5000, "nested deeper", id="deep nesting"),
        pytest.param('{"messages": [], "x": NaN}', "NaN", id="not a number"),
        pytest.param('{"messages": ["\\ud83d"]}', "lone surrogate", id="half a character"),
        pytest.param({"a": 1}, r"JSON without messages \(its fields: a\)", id="no messages"),
        pytest.param({"messages": []}, "list of messages is empty", id="empty"),
        pytest.param({"messages": [HELLO]}, "model says nothing", id="nothing said"),
        pytest.param({"messages": ["Hello"]}, r"messages\[1\]: an object", id="no object"),
        pytest.param(
            {"messages": [HELLO, {"role": "narrator", "content": "x"}]},
            r"messages\[2\].role: 'narrator'",
            id="unknown role",
        ),
        pytest.param(
            {"messages": [{"role": "user", "content": 7}]},
            r"messages\[1\].content: text was expected, found 7",
            id="content",
        ),
        pytest.param(
            {"messages": [HELLO], "replicate": "one"},
            "replicate: a whole number was expected, found 'one'",
            id="metadata",
        ),
        pytest.param({"schema_version": 9, "turns": [], "provenance": {}}, "version 9", id="newer"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_transcript(written(tmp_path, content))
    assert caught.value.place is not None
    assert caught.match(message)


@pytest.mark.parametrize(
    ("text", "rest", "place"),
    [
        ("Be at ease.\n\nWrite.", "Write.", "start"),
        (" Be\n at  ease. Write.\n", "Write.\n", "start"),
        ("Hello. Be at ease. Write.", "Hello.\n\nWrite.", "inside"),
        ("Be at ease. Be at ease. Write.", "Write.", "start"),
        ("Be at ease. Write. Be at ease.", "Write.", "inside"),
        ("Be at ease.", "", "start"),
        ("Maybe at ease.", "Maybe at ease.", None),
        ("Write.", "Write.", None),
    ],
)
def test_a_preamble_is_taken_off_wherever_it_stands(
    text: str, rest: str, place: str | None
) -> None:
    assert without_preamble(text, "Be at ease.") == (rest, place)
    assert without_preamble(text, " \n") == (text, None)
    assert without_preamble(text, None) == (text, None)


def test_a_stated_prompt_that_holds_the_preamble_loses_it(tmp_path: Path) -> None:
    messages = [
        {"role": "user", "content": "Be at ease.\n\nWrite a poem."},
        {"role": "assistant", "content": "A poem."},
    ]
    value = {"preamble": "Be at ease.", "prompt": "Be at ease. Write a poem.", "messages": messages}
    transcript = read_transcript(written(tmp_path, value))
    assert (transcript.task_prompt, transcript.task_turn) == ("Write a poem.", 1)


def test_a_stated_prompt_that_stands_in_no_turn_is_told(tmp_path: Path) -> None:
    messages = [HELLO, {"role": "assistant", "content": "A poem."}]
    path = written(tmp_path, {"prompt": "Write a poem.", "messages": messages})
    transcript = read_transcript(path)
    assert transcript.task_turn is None
    assert transcript.task_prompt == "Write a poem."
    assert [warning.code for warning in transcript.warnings] == ["prompt_not_in_transcript"]

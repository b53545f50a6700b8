"""Which turns are judged: by rule, by hand, and said in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.errors import InputError
from grader.transcripts import (
    Transcript,
    choose_turns,
    deliverable,
    how_chosen,
    read_transcript,
    with_task_prompt,
)

TASK = "Write a notice."


@pytest.fixture
def transcript(tmp_path: Path) -> Transcript:
    texts = ["Hello", "Hi", TASK, "No lift.", "Shorter?", "No."]
    roles = ["user", "assistant"] * 3
    messages = [{"role": r, "content": t} for r, t in zip(roles, texts, strict=True)]
    path = tmp_path / "file.json"
    path.write_text(json.dumps({"prompt": TASK, "messages": messages}))
    return read_transcript(path)


def test_by_rule_the_model_is_judged_from_the_task_prompt_on(transcript: Transcript) -> None:
    assert [turn.number for turn in deliverable(transcript)] == [4, 6]
    assert how_chosen(transcript) == (
        "Turns 4, 6 are judged: the model's, from the task prompt in turn 3 on; 1 before it is "
        "not judged."
    )


@pytest.mark.parametrize(
    ("choice", "numbers"), [("4", [4]), ("2,6", [2, 6]), ("2-5", [2, 4]), (" 6 , 2-4 ", [2, 4, 6])]
)
def test_turns_can_be_chosen_by_hand(
    transcript: Transcript, choice: str, numbers: list[int]
) -> None:
    chosen = choose_turns(transcript, choice)
    assert [turn.number for turn in deliverable(chosen)] == numbers
    assert how_chosen(chosen).endswith("chosen by hand.")


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("", "'' is no choice of turns"),
        ("two", "is no choice of turns"),
        ("9", "there is no turn 9"),
        ("4-9", "there is no turn 9"),
        ("6-4", "there is no turn 4"),
        ("3", "turn 3 is the human's"),
        ("4,,6", "is no choice of turns"),
    ],
)
def test_a_choice_that_cannot_be_followed_is_refused(
    transcript: Transcript, choice: str, message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        choose_turns(transcript, choice)
    assert caught.value.mend == "The model's turns are 2, 4, 6."


def test_without_the_prompt_all_turns_are_judged_and_that_is_said(transcript: Transcript) -> None:
    lost = transcript.model_copy(update={"task_turn": None, "task_prompt": None})
    assert [turn.number for turn in deliverable(lost)] == [2, 4, 6]
    assert "because no turn carries the task prompt" in how_chosen(lost)


def test_a_prompt_from_the_other_side_counts_only_where_it_stands(transcript: Transcript) -> None:
    assert with_task_prompt(transcript, "Hello").task_turn == 1
    assert with_task_prompt(transcript, "Write a sonnet.") == transcript

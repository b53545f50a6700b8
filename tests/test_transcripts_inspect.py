"""Inspect AI logs: one transcript for each sample and epoch in which the model speaks."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from grader.errors import InputError
from grader.transcripts import deliverable, read_transcripts

LOGS = Path(__file__).parent / "fixtures" / "inspect"
BOTH = ["notices.eval", "notices.json"]

installed = pytest.mark.skipif(find_spec("inspect_ai") is None, reason="needs inspect_ai")
missing = pytest.mark.skipif(find_spec("inspect_ai") is not None, reason="inspect_ai is there")


@missing
@pytest.mark.parametrize("name", BOTH)
def test_without_the_package_the_message_says_how_to_get_it(name: str) -> None:
    with pytest.raises(InputError, match="an Inspect AI log") as caught:
        read_transcripts(LOGS / name)
    assert caught.value.mend == "pip install 'grader[inspect]'"


@installed
@pytest.mark.parametrize("name", BOTH)
def test_each_sample_and_epoch_is_a_transcript(name: str) -> None:
    found = {transcript.id: transcript for transcript in read_transcripts(LOGS / name)}
    assert sorted(found) == ["notices-7-1", "notices-lift-1", "notices-lift-2"]
    first = found["notices-lift-1"]
    assert (first.condition, first.task, first.replicate) == ("P", "lift", 1)
    assert first.date == "2026-04-02T09:00:00+00:00"
    assert first.system_prompt == "Answer plainly."
    assert first.preamble == "Nobody grades what you write here."
    assert first.task_prompt == "Write a note to the tenants about the lift."
    assert (first.model.name, first.model.provider) == ("gpt-5.4", "openai")
    assert (first.model.temperature, first.model.max_tokens) == (0.5, 4096)
    assert [turn.text for turn in first.turns] == [
        "Write a note to the tenants about the lift.",
        "One moment.",
        "free",
        "The lift rests on Monday.",
    ]
    assert [call.name for call in first.turns[1].calls] == ["calendar"]
    assert [turn.number for turn in deliverable(first)] == [2, 4]
    assert len(found["notices-lift-2"].turns[3].text) > 1000  # kept in the log as an attachment


@installed
@pytest.mark.parametrize("name", BOTH)
def test_samples_that_failed_or_were_stopped_say_so(name: str) -> None:
    found = {transcript.id: transcript for transcript in read_transcripts(LOGS / name)}
    codes = {id: [warning.code for warning in found[id].warnings] for id in found}
    assert codes == {
        "notices-lift-1": ["reasoning_left_out"],
        "notices-lift-2": ["reasoning_left_out", "sample_limited"],
        "notices-7-1": ["reasoning_left_out", "sample_failed"],
    }


@installed
def test_a_damaged_log_is_told(tmp_path: Path) -> None:
    data = (LOGS / "notices.eval").read_bytes()
    path = tmp_path / "log.eval"
    middle = data.index(b"samples/lift_epoch_1.json") + 60
    for damaged in (data[: len(data) // 2], data[:middle] + b"\xff" * 20 + data[middle + 20 :]):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"damaged Inspect AI log|seems to be a zip"):
            read_transcripts(path)

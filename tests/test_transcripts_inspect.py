"""Inspect AI logs: one transcript for each sample and epoch in which the model speaks."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from grader.errors import InputError
from grader.transcripts import check_pair, deliverable, read_transcripts

LOGS = Path(__file__).parent / "fixtures" / "inspect"
BOTH = ["notices.eval", "notices.json"]

installed = pytest.mark.skipif(find_spec("inspect_ai") is None, reason="needs inspect_ai")
missing = pytest.mark.skipif(find_spec("inspect_ai") is not None, reason="inspect_ai is there")


@missing
@pytest.mark.parametrize("name", BOTH)
def test_without_the_package_the_message_says_how_to_get_it(name: str) -> None:
    with pytest.raises(InputError, match="an Inspect AI log") as caught:
        read_transcripts(LOGS / name)
    assert caught.value.mend == "pip install '.[inspect]'"


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


def log(*samples: dict[str, Any], value: float = 1.0) -> str:
    """An Inspect log as its program writes it, with a score that may be NaN."""
    whole = {
        "version": 2,
        "status": "success",
        "eval": {"task": "pool", "task_id": "t", "run_id": "r", "created": "2026-04-02T09:00:00",
                 "dataset": {"name": "d", "location": "d"}, "model": "acme/m-1", "config": {}},
        "plan": {"name": "plan", "steps": [], "config": {}},
        "results": {"total_samples": 1, "completed_samples": 1, "scores": [
            {"name": "s", "scorer": "s", "params": {},
             "metrics": {"accuracy": {"name": "accuracy", "value": value}}}]},
        "stats": {"started_at": "", "completed_at": "", "model_usage": {}},
        "samples": [
            {"id": number, "epoch": 1, "input": "Write.", "target": "x", "scores": {},
             "metadata": {}, "store": {}, "events": [], "attachments": {}, **sample}
            for number, sample in enumerate(samples, start=1)
        ],
    }  # fmt: skip
    return json.dumps(whole)


def sample(reply: str, stop: str = "stop", *, examples: bool = False) -> dict[str, Any]:
    """A sample with one reply, after an example of the study if asked for."""
    given = [("user", "Write about the sauna."), ("assistant", "Warm.")] if examples else []
    messages = [{"role": role, "content": text, "source": "input"} for role, text in given]
    messages.append({"role": "user", "content": "Write.", "source": "input"})
    said = {"role": "assistant", "content": reply, "source": "generate"}
    choice = {"message": {"role": "assistant", "content": reply}, "stop_reason": stop}
    return {"messages": [*messages, said], "output": {"model": "m-1", "choices": [choice]}}


@installed
def test_examples_of_the_study_are_neither_judged_nor_the_task(tmp_path: Path) -> None:
    (tmp_path / "log.json").write_text(log(sample("It rests.", examples=True)))
    (transcript,) = read_transcripts(tmp_path / "log.json")
    assert (transcript.task_prompt, transcript.task_turn) == ("Write.", 3)
    assert [turn.text for turn in deliverable(transcript)] == ["It rests."]
    assert [warning.code for warning in transcript.warnings] == ["scripted_turn"]


@installed
@pytest.mark.parametrize(
    ("stop", "reply", "code"),
    [
        ("max_tokens", "It res", "reply_cut_off"),
        ("model_length", "It res", "reply_cut_off"),
        ("content_filter", "", "reply_filtered"),
        ("stop", "", "reply_empty"),
    ],
)
def test_a_sample_that_did_not_end_by_itself_is_a_confound(
    tmp_path: Path, stop: str, reply: str, code: str
) -> None:
    (tmp_path / "log.json").write_text(log(sample("It rests."), sample(reply, stop)))
    whole, other = read_transcripts(tmp_path / "log.json")
    assert [warning.code for warning in other.warnings] == [code]
    assert code in [each.code for each in check_pair(whole, other) if each.kind == "confound"]


@installed
def test_a_log_that_holds_nan_is_read_as_inspect_reads_it(tmp_path: Path) -> None:
    (tmp_path / "log.json").write_text(log(sample("It rests."), value=float("nan")))
    (transcript,) = read_transcripts(tmp_path / "log.json")
    assert deliverable(transcript)[0].text == "It rests."

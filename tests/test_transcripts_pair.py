"""What differs between two transcripts beyond the treatment they declare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.transcripts import (
    ModelInfo,
    Provenance,
    ToolCall,
    Transcript,
    Turn,
    check_pair,
    choose_turns,
    read_transcript,
)

ROOT = Path(__file__).parent
TASK = "Write the notice for the tenants."
MODEL = ModelInfo(
    name="GPT", version="gpt-5.4", provider="OpenAI", temperature=1.0, top_p=1.0, max_tokens=4096
)


def session(condition: str | None, /, **changes: Any) -> Transcript:
    """A session; `said` are texts in turn, `about` fields of its provenance."""
    said = changes.pop("said", (TASK, "No lift."))
    about = changes.pop("about", {})
    fields = {
        "id": f"{condition}-1",
        "condition": condition,
        "model": MODEL,
        "date": "2026-04-02 09:14",
        "system_prompt": "Answer plainly.",
        "preamble": "Be at ease." if condition in ("P", "F+P") else None,
        "task_prompt": TASK,
        "task_turn": 1,
        "turns": tuple(
            Turn(
                number=number,
                role="human" if number % 2 else "model",
                speaker="a",
                text=text,
                calls=changes.pop("calls", ()) if number == 2 else (),
            )
            for number, text in enumerate(said, 1)
        ),
        "provenance": Provenance(
            **{"source": "a.txt", "format": "chat-json", "sha256": f"{condition}", **about}
        ),
    }
    return Transcript(**{**fields, **changes})


def codes(control: Transcript, treatment: Transcript, kind: str = "confound") -> list[str]:
    return [f.code for f in check_pair(control, treatment) if f.kind == kind]


@pytest.mark.parametrize("condition", ["P", "F+P"])
def test_a_preamble_is_the_treatment_and_no_confound(condition: str) -> None:
    assert check_pair(session("C"), session(condition)) == ()


def test_a_live_opening_is_the_treatment_and_no_confound() -> None:
    facilitated = session(
        "F",
        said=("How are you?", "Well.", TASK, "No lift.", "And?", "No."),
        task_turn=3,
        about={"mode": "Facilitated"},
    )
    assert check_pair(session("C", about={"mode": "Conversation"}), facilitated) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"task_prompt": "Write the memo.", "said": ("Write the memo.", "x")}, "task_differs"),
        ({"said": (f"Thank you. {TASK}", "x")}, "prompt_framed"),
        ({"model": MODEL.model_copy(update={"name": "Claude"})}, "model_differs"),
        ({"model": MODEL.model_copy(update={"version": "gpt-5.5"})}, "model_version_differs"),
        ({"model": MODEL.model_copy(update={"temperature": 0.2})}, "temperature_differs"),
        ({"model": MODEL.model_copy(update={"top_p": 0.5})}, "top_p_differs"),
        ({"model": MODEL.model_copy(update={"max_tokens": 99})}, "token_limit_differs"),
        ({"models": (MODEL, MODEL)}, "several_models"),
        ({"system_prompt": "Answer at length."}, "system_prompt_differs"),
        ({"system_prompt": None}, "system_prompt_differs"),
        ({"preamble": None}, "preamble_missing"),
        ({"said": (TASK, "x", "Go on.", "y")}, "rounds_differ"),
        ({"date": "April 20, 2026"}, "dates_apart"),
        ({"about": {"clean_context": "Certified"}}, "clean_context_differs"),
        ({"about": {"format": "archive-page"}}, "markup_differs"),
        ({"calls": (ToolCall(name="search", arguments=""),)}, "tools_differ"),
        ({"id": "C-1", "about": {"sha256": "C"}}, "same_session"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_any_other_difference_is_a_confound(changes: dict[str, Any], code: str) -> None:
    treatment = session("P", **changes)
    assert code in codes(session("C"), treatment)


@pytest.mark.parametrize(
    ("ours", "theirs", "code"),
    [
        ({"mode": "Conversation"}, {"mode": "Interview"}, "mode_differs"),
        ({"session_code": "X-1"}, {"session_code": "X-1"}, "same_session"),
        ({"session_number": 7}, {"session_number": 7}, "same_number"),
        (
            {"stated": {"Prior Transcripts": "None"}},
            {"stated": {"Prior Transcripts": "Two"}},
            "clean_context_differs",
        ),
    ],
)
def test_what_the_sources_state_of_themselves_is_compared(
    ours: dict[str, Any], theirs: dict[str, Any], code: str
) -> None:
    assert code in codes(session("C", about=ours), session("P", about=theirs))


def test_a_control_with_a_preamble_is_a_confound() -> None:
    control = session("C", preamble="Be brave.")
    assert codes(control, session("P")) == ["preamble_unexpected", "preamble_differs"]


def test_the_differing_words_are_shown() -> None:
    prompt = TASK.replace("notice", "long letter")
    treatment = session("P", task_prompt=prompt, said=(prompt, "x"))
    (finding,) = check_pair(session("C"), treatment)
    assert finding.message == "The task prompts differ: 'notice' against 'long letter'."
    assert (finding.control, finding.treatment) == (TASK, prompt)


def test_white_space_is_no_difference() -> None:
    assert check_pair(session("C"), session("P", task_prompt=TASK.replace(" ", "\n"))) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"task_prompt": None, "task_turn": None}, "task_unknown"),
        ({"task_turn": None}, "prompt_not_in_transcript"),
        ({"condition": None, "preamble": None}, "condition_unknown"),
        ({"model": MODEL.model_copy(update={"version": None})}, "model_version_unknown"),
        ({"model": MODEL.model_copy(update={"temperature": None})}, "temperature_unknown"),
        ({"date": "some day"}, "date_unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_known_is_a_note(changes: dict[str, Any], code: str) -> None:
    control, treatment = session("C"), session("P", **changes)
    assert codes(control, treatment, "note") == [code]


def test_turns_chosen_by_hand_and_a_swapped_pair_are_noted() -> None:
    chosen = choose_turns(session("P"), "2")
    assert codes(session("C"), chosen, "note") == ["turns_chosen"]
    assert "sides_swapped" in codes(session("P"), session("C"), "note")


def test_warnings_of_the_readers_that_bear_on_the_result_are_noted() -> None:
    page = read_transcript(ROOT / "fixtures" / "pages" / "layout-b.txt")
    notes = [f for f in check_pair(page, session("P")) if f.code == "end_uncertain"]
    assert notes[0].message.startswith("In the control, line 25: the transcript was taken to end")


@pytest.mark.parametrize("name", ["clinic-postmortem-1", "export-endpoint-1", "library-memo-2"])
def test_the_example_pairs_have_no_confound(name: str) -> None:
    folder = ROOT.parent / "examples" / "transcripts"
    control = read_transcript(folder / f"c-{name}.json")
    treatment = read_transcript(folder / f"p-{name}.json")
    assert codes(control, treatment) == []
    assert codes(control, treatment, "note") == ["model_version_unknown"]
